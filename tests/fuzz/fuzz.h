/* What the fuzzers share. Each is one LLVMFuzzerTestOneInput: clang's libFuzzer drives it in
 * `make fuzz`, replay.c feeds it files in `make check`. */
#ifndef BX_FUZZ_H
#define BX_FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What holds however odd the input was. */
static inline void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz: it does not hold that %s\n", what);
	abort();
}

/* The next line of the input, without its end; NULL after the last one. */
static inline char *next_line(char **rest)
{
	return *rest ? strsep(rest, "\n") : NULL;
}

/* The same text after being printed and read once more. */
static inline void must_print(const cJSON *item)
{
	auto_free char *text = bx_json_print(item);
	auto_json cJSON *again = bx_json_parse(text, strlen(text), NULL);
	must(again, "what was printed can be read");
	auto_free char *twice = bx_json_print(again);
	must(!strcmp(text, twice), "it is printed as before once read");
}

#endif
