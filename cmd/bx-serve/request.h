/* What a portal or a portal's page sends, taken apart. (portal.md 7.2, 8.1, 10.5) */
#ifndef BX_SERVE_REQUEST_H
#define BX_SERVE_REQUEST_H

#include "httpd.h"
#include "json.h"

/* The query and the urlencoded body as trees; never NULL after true. */
struct post {
	cJSON *query, *body;
};
bool post_read(struct bx_request *req, struct post *post, struct bx_err *err);
void post_release(struct post *post);
#define auto_post BX_CLEANUP(post_release)

/* A text of a tree; NULL when missing, empty or no text. */
const char *text_of(const cJSON *tree, const char *key);

#endif
