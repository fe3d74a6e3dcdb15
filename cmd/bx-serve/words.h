/* A command line taken apart without a shell: words, 'single' and "double" quotes, \ before any
 * character. Nothing is expanded. */
#ifndef BX_SERVE_WORDS_H
#define BX_SERVE_WORDS_H

#include "err.h"

char **words_split(const char *text, struct bx_err *err); /* NULL: BX_USAGE; free with words_free */
void words_free(char **words);

#endif
