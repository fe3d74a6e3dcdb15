/* Files of cmd/TOOL/ (HTML, CSS, JavaScript) that the build links in, byte for byte. Layer 0.
 * BX_EMBED(page_html) declares page.html, BX_EMBED_TEXT and BX_EMBED_LEN name its bytes (no final NUL). */
#ifndef BX_EMBED_H
#define BX_EMBED_H

#include <stddef.h>

#define BX_EMBED(name) extern const char _binary_##name##_start[], _binary_##name##_end[]
#define BX_EMBED_TEXT(name) (_binary_##name##_start)
#define BX_EMBED_LEN(name) ((size_t)(_binary_##name##_end - _binary_##name##_start))

#endif
