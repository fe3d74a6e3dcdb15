/* What pages.c (lines and pushes), pages_http.c (documents) and pages_ask.c share. */
#ifndef BX_SANDBOX_PAGES_IMPL_H
#define BX_SANDBOX_PAGES_IMPL_H

#include "httpd.h"
#include "pages.h"

/* Takes the request for an upgrade; query as decoded. Always answers. */
void pages_line(struct sandbox *sb, struct bx_request *req, const cJSON *query);
/* A question of a page; its body is JSON. Always answers. */
void pages_ask(struct sandbox *sb, struct bx_request *req, const char *verb);

#endif
