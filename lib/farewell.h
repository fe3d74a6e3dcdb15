/* The last bytes of a connection: sent as they are, then what the other side still sends is read
 * and thrown away for a short while, so that the end does not overtake them. Layer 3. */
#ifndef BX_FAREWELL_H
#define BX_FAREWELL_H

#include <stddef.h>
#include "loop.h"

struct bx_farewell;

/* fd stays the caller's and is out of the loop again when done is called, from the loop and never
 * from bx_farewell itself. The bytes are copied. drain: read on, at most a second and a mebibyte. */
struct bx_farewell *bx_farewell(struct bx_loop *loop, int fd, const void *bytes, size_t len,
	int within_ms, bool drain, bx_loop_fn *done, void *arg);
/* From now on it sends a byte at a time, with pause_ms between two. */
void bx_farewell_trickle(struct bx_farewell *farewell, int pause_ms);
void bx_farewell_free(struct bx_farewell *farewell); /* without done being called; NULL allowed */

#endif
