/* The public addresses. */
#ifndef BX_SERVE_ROUTES_H
#define BX_SERVE_ROUTES_H

#include "serve.h"

/* Before a profile's secret: where its portal tells that it has removed the worker. */
#define ROUTES_ERROR "/error/"

/* For bx_httpd_new; arg is the struct serve. */
void routes_request(void *arg, struct bx_request *req);

#endif
