/* Files of records, before they go to the portal. */
#ifndef BX_CALL_AUDIO_H
#define BX_CALL_AUDIO_H

#include <stdint.h>
#include "err.h"
#include "str.h"

/* What the portal takes: ".wav" or ".mp3" by the file's own first bytes. NULL: BX_USAGE, with what
 * is wrong with it. */
const char *audio_extension(const char *path, struct bx_err *err);

/* Waits until nobody has the file open for writing any more, or, where that cannot be known, until
 * it has not grown for two seconds. BX_TIMEOUT at deadline (bx_mono_ms). first is called once when
 * there is something to wait for. */
bool audio_wait_stable(const char *path, int64_t deadline, void (*first)(void *arg), void *arg,
	struct bx_err *err);

/* The last part of path with that extension, exactly, in place of another one. The caller frees. */
char *audio_name(const char *path, const char *extension);

#endif
