/* Scoped cleanup: `auto_free char *p = …;` is freed wherever the scope ends. Layer 0. */
#ifndef BX_AUTO_H
#define BX_AUTO_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BX_CLEANUP(f) __attribute__((cleanup(f)))
#define BX_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define BX_COUNT(array) (sizeof(array) / sizeof *(array))

static inline void bx_auto_free(void *p)
{
	free(*(void **)p);
}

static inline void bx_auto_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void bx_auto_file(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline void bx_auto_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

#define auto_free BX_CLEANUP(bx_auto_free)
#define auto_fd BX_CLEANUP(bx_auto_fd)
#define auto_file BX_CLEANUP(bx_auto_file)
#define auto_dir BX_CLEANUP(bx_auto_dir)

#endif
