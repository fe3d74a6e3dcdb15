/* Takes the connections that come to a listening socket. Layer 3. */
#ifndef BX_ACCEPT_H
#define BX_ACCEPT_H

#include <sys/socket.h>
#include "err.h"
#include "loop.h"

struct bx_accept;

/* fd is the callback's own: non-blocking, closed on exec. addr lasts for the call. */
typedef void bx_accept_fn(void *arg, int fd, const struct sockaddr *addr);

/* Until bx_accept_stop, which is not to be called from fn. While no descriptor is left it looks away
 * for a moment at a time, and who comes meanwhile waits. name begins its log lines and must last;
 * the socket, non-blocking, stays the caller's. NULL: BX_LOCAL. */
struct bx_accept *bx_accept_start(struct bx_loop *loop, int listener, const char *name, bx_accept_fn *fn,
	void *arg, struct bx_err *err);
void bx_accept_stop(struct bx_accept *accept); /* NULL allowed */

#endif
