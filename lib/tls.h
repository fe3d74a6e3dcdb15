/* TLS in front of plain sockets: what is behind them needs to know nothing of it. Layer 3.
 *
 * Each connection has a pump that moves its bytes between the client and one end of a socket pair,
 * both ways and half-closings too; the other end takes the place of the client's socket. */
#ifndef BX_TLS_H
#define BX_TLS_H

#include <stdint.h>
#include "loop.h"

struct bx_tls;

/* PEM texts. NULL: BX_LOCAL. A client that takes less than 16 KiB of what is ready for him within
 * slow_ms is cut and added to *cut_slow, which outlives it. */
struct bx_tls *bx_tls_new(struct bx_loop *loop, const char *cert, const char *key, int slow_ms,
	uint64_t *cut_slow, struct bx_err *err);
/* Another certificate for the connections from here on. False: BX_LOCAL, and the old one stays. */
bool bx_tls_renew(struct bx_tls *tls, const char *cert, const char *key, struct bx_err *err);
/* Ends what is still under way; NULL allowed. */
void bx_tls_free(struct bx_tls *tls);

/* Takes the client's non-blocking socket over and returns the end to be served, also non-blocking,
 * which is the caller's to close. -1, and fd is closed: no descriptor or memory is left. */
int bx_tls_serve(struct bx_tls *tls, int fd);

#endif
