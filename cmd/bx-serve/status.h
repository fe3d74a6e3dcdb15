/* GET /status on the admin address: a page for browsers, JSON for programs. */
#ifndef BX_SERVE_STATUS_H
#define BX_SERVE_STATUS_H

#include "serve.h"

void status_request(struct serve *serve, struct bx_request *req);

#endif
