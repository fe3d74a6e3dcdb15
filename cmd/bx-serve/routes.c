#include "routes.h"

#include <string.h>
#include "client.h"
#include "clock.h"
#include "frames.h"
#include "heal.h"
#include "install.h"
#include "listeners.h"
#include "page.h"
#include "portal_event.h"
#include "request.h"
#include "worker.h"
#include "banned.h"

#define DISABLED_TEXT_MAX 500

static void health(struct serve *serve, struct bx_request *req)
{
	struct journal_figures journal;
	journal_figures(serve->journal, &journal);
	bool ready = !serve->draining && !journal.failing;
	const char *text = ready ? "ok\n" : serve->draining ? "draining\n" : "the journal cannot be written\n";
	bx_reply_header(req, "Cache-Control", "no-store");
	bx_reply(req, ready ? 200 : 503, "text/plain", text, strlen(text));
}

static void worker_page(struct serve *serve, struct bx_request *req)
{
	serve->figures.plain_pages++;
	page_plain(req, 200, "bx-serve: the background worker of a telephony app. "
			     "A Bitrix24 portal posts here for its hidden frames.");
}

static void install_page(struct serve *serve, struct bx_request *req)
{
	serve->figures.plain_pages++;
	page_plain(req, 200, "bx-serve: the installation address of a telephony app.");
}

static void event_page(struct serve *serve, struct bx_request *req)
{
	serve->figures.plain_pages++;
	page_plain(req, 200, "bx-serve: a portal posts its events here.");
}

static void mic_page(struct serve *serve, struct bx_request *req)
{
	serve->figures.plain_pages++;
	page_mic(serve, req, NULL);
}

static const struct route {
	const char *path, *method;
	void (*fn)(struct serve *serve, struct bx_request *req);
} routes[] = {
	{"/worker", "POST", worker_request},
	{"/worker", "GET", worker_page},
	{"/frame", "GET", frames_upgrade},
	{"/frame", "POST", frames_post},
	{"/event", "POST", portal_event_request},
	{"/event", "GET", event_page},
	{"/install", "POST", install_request},
	{"/install", "GET", install_page},
	{"/oauth", "GET", oauth_request},
	{"/client.js", "GET", client_request},
	{"/mic", "GET", mic_page},
	{"/mic", "POST", worker_mic},
	{"/healthz", "GET", health},
};

static void disabled_noted(void *arg)
{
	bx_reply(arg, 200, "text/plain", "ok\n", 3);
}

static void set_short(cJSON *data, const cJSON *body, const char *key)
{
	const char *text = text_of(body, key);
	auto_free char *cut = bx_xstrndup(text ? text : "", DISABLED_TEXT_MAX);
	bx_json_set_str(data, key, text ? cut : NULL);
}

/* The portal says that it has removed the worker. The address is the only proof, so what follows
 * is a question to the portal (portal.md 8.5). */
static void disabled(struct serve *serve, struct bx_request *req, const char *secret)
{
	const struct bx_profile *profile = portals_by_error(serve->portals, secret);
	auto_post struct post post = {0};
	if (!profile || !post_read(req, &post, NULL)) {
		serve->figures.refused_token++;
		page_plain(req, 404, "There is nothing here.");
		return;
	}
	auto_json cJSON *data = cJSON_CreateObject();
	set_short(data, post.body, "error");
	set_short(data, post.body, "error_description");
	if (heal_signal(serve->heal, profile->name))
		serve_note(serve, profile->name, BX_TOLD_WORKER_DISABLED, data);
	journal_after(serve->journal, disabled_noted, req);
}

static const struct route *find(const char *path, const char *method, bool *known)
{
	if (!strcmp(method, "HEAD"))
		method = "GET";
	for (size_t i = 0; i < BX_COUNT(routes); i++) {
		if (strcmp(routes[i].path, path) != 0)
			continue;
		*known = true;
		if (!strcmp(routes[i].method, method))
			return &routes[i];
	}
	return NULL;
}

void routes_request(void *arg, struct bx_request *req)
{
	struct serve *serve = arg;
	const char *path = bx_request_path(req), *method = bx_request_method(req);
	bool known = false;
	listeners_log(serve, req);
	if (!bx_starts(path, serve->url.prefix)) {
		page_plain(req, 404, "There is nothing here.");
		return;
	}
	path += strlen(serve->url.prefix);
	const struct route *route = find(path, method, &known);
	if (route)
		route->fn(serve, req);
	else if (bx_starts(path, ROUTES_ERROR) && !strcmp(method, "POST"))
		disabled(serve, req, path + strlen(ROUTES_ERROR));
	else
		page_plain(req, known ? 405 : 404, "There is nothing here.");
}
