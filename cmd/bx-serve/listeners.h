/* The public listener and the administrator's: addresses, limits, certificate, and who is behind a
 * proxy. */
#ifndef BX_SERVE_LISTENERS_H
#define BX_SERVE_LISTENERS_H

#include "serve.h"

/* Opens both and settles what our own address is. */
bool listeners_open(struct serve *serve, const char *dir, struct bx_err *err);
/* Reads the certificate again; the old one stays when that fails. */
void listeners_renew(struct serve *serve);
/* With -v: who asks for what. */
void listeners_log(const struct serve *serve, const struct bx_request *req);

#endif
