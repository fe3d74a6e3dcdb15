/* Which part of the sandbox answers a request. */
#ifndef BX_SANDBOX_ROUTES_H
#define BX_SANDBOX_ROUTES_H

struct bx_request;

/* What the server calls for every request; sandbox: the first portal. */
void sb_route(void *sandbox, struct bx_request *req);

#endif
