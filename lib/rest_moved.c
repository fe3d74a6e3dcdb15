/* The portal's address changed (portal.md 2.6). */
#include "rest_impl.h"

#include <strings.h>
#include "clock.h"
#include "log.h"
#include "banned.h"

#define HOPS_MAX 5

/* A redirect to a licence or maintenance page is no move: a move keeps the call's own path. */
static bool is_call(const struct bx_url *to, const char *method)
{
	size_t path = strlen(to->path), len = strlen(method);
	while (path && to->path[path - 1] == '/')
		path--;
	if (path >= 5 && !strncasecmp(to->path + path - 5, ".json", 5) && strcasecmp(method, ".json"))
		path -= 5;
	return path > len && to->path[path - len - 1] == '/' &&
		!strncasecmp(to->path + path - len, method, len) && strstr(to->path, "/rest/");
}

bool bx_rest_same_place(const struct bx_rest *rest, const struct bx_url *to)
{
	const char *base = rest->profile.webhook ? rest->profile.webhook_url : rest->profile.client_endpoint;
	auto_url struct bx_url from;
	if (!bx_url_parse(base, &from, NULL))
		return false;
	/* From http to https of the same host is the same place too, made better. */
	bool upgrade = !from.https && to->https && from.port == 80 && to->port == 443;
	return !strcmp(from.host, to->host) && (from.port == to->port || upgrade) &&
		(to->https || !from.https);
}

/* Asks the authorization server, which never moved, where the portal is now; unless another
 * process has just done so. A pair that is merely newer than ours was perhaps given before the
 * move, so it is read first. */
static bool ask_address(struct bx_attempt *a, const struct bx_url *to, struct bx_err *err)
{
	struct bx_rest *rest = a->rest;
	auto_url struct bx_url now = {0};
	if (!bx_profile_load(rest->store, rest->profile.name, &rest->profile, err))
		return false;
	if (bx_url_parse(rest->profile.client_endpoint, &now, NULL) && !strcmp(now.domain, to->domain) &&
		now.https == to->https)
		return true;
	return bx_auth_refresh(rest->store, rest->http, &rest->profile, a->deadline, err);
}

static bool confirmed(struct bx_attempt *a, const struct bx_url *to, struct bx_err *err)
{
	struct bx_rest *rest = a->rest;
	auto_url struct bx_url now = {0};
	if (rest->profile.webhook)
		return bx_fail(err, BX_REFUSED, "",
			"the portal redirects to %s; nothing was sent there. If it has moved, give the new address"
			" with bx-auth set %s --webhook", to->domain, rest->profile.name);
	if (!ask_address(a, to, err))
		return false;
	if (!bx_url_parse(rest->profile.client_endpoint, &now, err))
		return false;
	if (strcmp(now.domain, to->domain) != 0 || now.https != to->https)
		return bx_fail(err, BX_REFUSED, "",
			"the portal redirects to %s, but by the authorization server it is at %s; nothing was sent"
			" there", to->domain, now.domain);
	bx_log(BX_LOG_INFO, "%s has moved to %s", rest->profile.name, now.domain);
	return true;
}

enum bx_next bx_rest_moved(struct bx_attempt *a, const struct bx_http_reply *reply, struct bx_err *err)
{
	auto_url struct bx_url to = {0};
	if (!reply->location || !bx_url_parse(reply->location, &to, NULL)) {
		bx_fail(err, BX_REFUSED, "", "the portal redirects to nowhere (HTTP %d)", reply->status);
		return BX_NEXT_FAIL;
	}
	if (!is_call(&to, a->method)) {
		bx_fail(err, BX_REFUSED, "",
			"the portal redirects to a page of %s that is not REST: look at it in a browser"
			" (licence or maintenance?)", to.domain);
		err->http = reply->status;
		return BX_NEXT_FAIL;
	}
	if (++a->hops > HOPS_MAX) {
		bx_fail(err, BX_REFUSED, "", "the portal redirects more than %d times", HOPS_MAX);
		return BX_NEXT_FAIL;
	}
	if (!bx_url_private(&to, a->rest->profile.insecure_http)) {
		bx_fail(err, BX_REFUSED, "", "the portal redirects to %s without TLS; nothing was sent there",
			to.domain);
		return BX_NEXT_FAIL;
	}
	if (bx_rest_same_place(a->rest, &to)) {
		bx_set_str(&a->url, reply->location);
		return BX_NEXT_AGAIN;
	}
	if (!confirmed(a, &to, err))
		return BX_NEXT_FAIL;
	bx_set_str(&a->url, NULL);
	return BX_NEXT_AGAIN;
}
