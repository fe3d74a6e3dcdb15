/* Listening sockets by their texts: "ADDR:PORT", "[V6]:PORT" or a path. Layer 3. */
#ifndef BX_LISTEN_H
#define BX_LISTEN_H

#include <sys/socket.h>
#include "err.h"

/* Non-blocking and listening, or -1: BX_USAGE for a text that is no address, BX_LOCAL for one that
 * cannot be had. A path left by a server that died is taken over, a living one's is not. The
 * socket is open to those who may enter its directory, never to others. */
int bx_listen(const char *where, struct bx_err *err);

/* "ADDR:PORT" or the path as really bound; the caller frees it. */
char *bx_listen_address(int fd);

/* The address without the port, "" for a Unix socket's. */
#define BX_PEER_SIZE 64
void bx_peer_text(char out[BX_PEER_SIZE], const struct sockaddr *addr);

#endif
