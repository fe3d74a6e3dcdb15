/* The public addresses. */
#ifndef BX_SERVE_ROUTES_H
#define BX_SERVE_ROUTES_H

#include "serve.h"

/* For bx_httpd_new; arg is the struct serve. */
void routes_request(void *arg, struct bx_request *req);

#endif
