/* What a piece of code writes to standard error. */
#ifndef BX_TEST_CAPTURE_H
#define BX_TEST_CAPTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "str.h"

struct capture {
	int saved, file;
};

static inline struct capture capture_start(void)
{
	FILE *file = tmpfile();
	struct capture capture = {dup(STDERR_FILENO), dup(fileno(file))};
	dup2(fileno(file), STDERR_FILENO);
	fclose(file);
	return capture;
}

/* The caller frees. */
static inline char *capture_end(struct capture capture)
{
	struct bx_str text = BX_STR_INIT(1 << 20);
	char part[4096];
	ssize_t got;
	dup2(capture.saved, STDERR_FILENO);
	close(capture.saved);
	lseek(capture.file, 0, SEEK_SET);
	while ((got = read(capture.file, part, sizeof part)) > 0)
		bx_str_add(&text, part, (size_t)got);
	close(capture.file);
	return bx_str_take(&text);
}

#endif
