/* /metrics and /status, on an address of their own: behind a proxy everything looks local. */
#ifndef BX_SERVE_ADMIN_H
#define BX_SERVE_ADMIN_H

#include "serve.h"

/* For bx_httpd_new; arg is the struct serve. */
void admin_request(void *arg, struct bx_request *req);

#endif
