/* A command line taken apart without a shell: words, 'single' and "double" quotes, \ before any
 * character. Nothing is expanded. Layer 0. */
#ifndef BX_WORDS_H
#define BX_WORDS_H

#include "err.h"

char **bx_words_split(const char *text, struct bx_err *err); /* NULL: BX_USAGE; free with bx_words_free */
void bx_words_free(char **words);

#endif
