/* The authorization server and the portal's side of it (portal.md 6). */
#ifndef BX_SANDBOX_OAUTH_H
#define BX_SANDBOX_OAUTH_H

#include "sandbox.h"

struct bx_request;

void sb_oauth_token(struct sandbox *sb, struct bx_request *req);
void sb_oauth_authorize(struct sandbox *sb, struct bx_request *req);

#endif
