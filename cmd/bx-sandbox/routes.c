#include "routes.h"

#include <string.h>
#include "ctl.h"
#include "entrance.h"
#include "httpd.h"
#include "oauth.h"
#include "pages.h"
#include "portals.h"
#include "trace.h"
#include "banned.h"

static const char *below(const char *path, const char *prefix)
{
	size_t len = strlen(prefix);
	bool is = bx_starts(path, prefix) && (!path[len] || path[len] == '/');
	return is ? path + len : NULL;
}

/* What a browser asks before it posts across origins; only simple headers are allowed (2.4). */
static bool preflight(struct bx_request *req)
{
	if (strcmp(bx_request_method(req), "OPTIONS") != 0)
		return false;
	bx_reply_header(req, "Access-Control-Allow-Origin", "*");
	bx_reply_header(req, "Access-Control-Allow-Headers", "origin, content-type, accept");
	bx_reply(req, 200, "text/plain", "", 0);
	return true;
}

void sb_route(void *arg, struct bx_request *req)
{
	struct sandbox *sb = sb_portal_of(arg, bx_request_header(req, "Host"));
	auto_free char *path = sb_clean_path(bx_request_path(req));
	const char *rest = below(path, "/rest"), *sink = below(path, "/sandbox/sink");
	const char *ctl = below(path, "/sandbox");
	if (rest && !preflight(req))
		sb_rest(sb, req, path);
	else if (below(path, "/oauth/token"))
		sb_oauth_token(sb, req);
	else if (below(path, "/oauth/authorize"))
		sb_oauth_authorize(sb, req);
	else if (sink && *sink)
		sb_sink_request(sb, req, sink + 1);
	else if (rest || pages_request(sb, req))
		return;
	else if (ctl && *ctl)
		sb_ctl_request(sb, req, ctl + 1);
	else
		bx_reply(req, 404, "text/plain", "not found\n", 10);
}
