#ifndef BX_SANDBOX_BASE64_H
#define BX_SANDBOX_BASE64_H

#include <stddef.h>

/* Decodes strictly (white space allowed, padding optional); NULL when it is not base64. The
 * caller frees. */
char *sb_base64_decode(const char *text, size_t *len);

#endif
