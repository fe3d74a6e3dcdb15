/* POST /install and GET /oauth: whoever installs the app is believed once `bx-auth` has proved it
 * with our own client_id and secret. */
#ifndef BX_SERVE_INSTALL_H
#define BX_SERVE_INSTALL_H

#include "request.h"
#include "serve.h"

void install_request(struct serve *serve, struct bx_request *req);
/* The same for a post that was read elsewhere; takes what post holds. */
void install_post(struct serve *serve, struct bx_request *req, struct post *post);
void oauth_request(struct serve *serve, struct bx_request *req);

#endif
