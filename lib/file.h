/* Whole files. Layer 0. */
#ifndef BX_FILE_H
#define BX_FILE_H

#include "err.h"
#include "str.h"

/* Appends the file, or standard input for "-", to out. BX_USAGE naming the file when it cannot be
 * opened or passes out's ceiling; BX_LOCAL when reading fails. */
bool bx_file_read(struct bx_str *out, const char *path, struct bx_err *err);

#endif
