#include "commands.h"

#include "asked.h"
#include "bridge.h"
#include "calls.h"
#include "clock.h"
#include "follows.h"
#include "frames.h"
#include "heal.h"
#include "hooks.h"
#include "loads.h"
#include "presence.h"
#include "waits.h"
#include "banned.h"

typedef void command_fn(struct serve *serve, struct bx_peer *peer, int64_t id, const cJSON *request);

static void refuse(struct bx_peer *peer, int64_t id, enum bx_exit status, const char *text)
{
	struct bx_err err = {0};
	bx_fail(&err, status, "", "%s", text);
	bx_peer_error(peer, id, &err);
}

static void ping(struct serve *serve, struct bx_peer *peer, int64_t id, const cJSON *request)
{
	(void)serve, (void)request;
	bx_peer_done(peer, id, NULL);
}

static bool wanted_card(const cJSON *card, const cJSON *request)
{
	const char *call = bx_json_str(request, "call"), *portal = bx_json_str(request, "portal");
	int64_t user = 0, of = 0;
	bx_json_int(card, "user", &of);
	return (!call || bx_streq(call, bx_json_str(card, "CALL_ID"))) &&
	       (!portal || bx_streq(portal, bx_json_str(card, "portal"))) &&
	       (!bx_json_int(request, "user", &user) || user == of);
}

/* Pages of before the start have told of themselves by the time the list is complete. */
static bool knows_all(const struct serve *serve)
{
	return bx_mono_ms() - serve->started_ms > PRESENCE_TELL_MS;
}

cJSON *commands_online(struct serve *serve, const char *portal, int64_t user)
{
	cJSON *list = presence_list(serve->presence, portal, user, bx_mono_ms(), bx_now_ms()), *item;
	cJSON_ArrayForEach(item, list)
		bx_json_set_bool(item, "complete", knows_all(serve));
	return list;
}

static void ls_online(struct serve *serve, struct bx_peer *peer, int64_t id, const cJSON *request)
{
	int64_t user = 0;
	if (!serve->presence) {
		refuse(peer, id, BX_LOCAL, "bx-serve runs without --presence, and does not know whose pages are open");
		return;
	}
	bx_json_int(request, "user", &user);
	auto_json cJSON *list = commands_online(serve, bx_json_str(request, "portal"), user);
	cJSON *item, *done = cJSON_CreateObject();
	while ((item = cJSON_DetachItemFromArray(list, 0))) {
		cJSON *answer = cJSON_CreateObject();
		bx_json_set(answer, "operator", item);
		bx_peer_answer(peer, id, answer);
	}
	bx_json_set_bool(done, "complete", knows_all(serve));
	bx_peer_done(peer, id, done);
}

static void ls(struct serve *serve, struct bx_peer *peer, int64_t id, const cJSON *request)
{
	if (bx_json_bool(request, "online", false)) {
		ls_online(serve, peer, id, request);
		return;
	}
	auto_json cJSON *cards = bridge_list(serve->bridge);
	cJSON *card;
	while ((card = cJSON_DetachItemFromArray(cards, 0))) {
		if (!wanted_card(card, request)) {
			cJSON_Delete(card);
			continue;
		}
		cJSON *answer = cJSON_CreateObject();
		bx_json_set(answer, "card", card);
		bx_peer_answer(peer, id, answer);
	}
	bx_peer_done(peer, id, NULL);
}

static void add_url(const struct serve *serve, cJSON *urls, const char *key, const char *path)
{
	auto_free char *url = bx_xprintf("%s%s/%s", serve->url.origin, serve->url.prefix, path);
	bx_json_set_str(urls, key, url);
}

cJSON *commands_urls(const struct serve *serve, const struct bx_profile *profile)
{
	cJSON *urls = cJSON_CreateObject();
	add_url(serve, urls, "worker", "worker");
	add_url(serve, urls, "install", "install");
	add_url(serve, urls, "event", "event");
	add_url(serve, urls, "oauth", "oauth");
	if (profile && *profile->error_secret) {
		auto_free char *path = bx_xprintf("error/%s", profile->error_secret);
		add_url(serve, urls, "error_handler", path); /* "error" would be a failed request */
	}
	return urls;
}

static void urls_answer(void *arg)
{
	struct asked *asked = arg;
	const struct bx_profile *profile = portals_by_name(asked->serve->portals, asked->portal);
	struct bx_err err = {0};
	if (profile || !asked->portal) {
		asked_done(asked, commands_urls(asked->serve, profile));
		return;
	}
	bx_fail(&err, BX_ABSENT, "", "there is no profile %s", asked->portal);
	asked_error(asked, &err);
}

/* A profile may be younger than what we have read. */
static void urls(struct serve *serve, struct bx_peer *peer, int64_t id, const cJSON *request)
{
	struct asked *asked = asked_new(serve, peer, id);
	asked->portal = bx_xstrdup(bx_json_str(request, "portal"));
	if (asked->portal && !portals_by_name(serve->portals, asked->portal))
		portals_reload(serve->portals, urls_answer, asked);
	else
		urls_answer(asked);
}

cJSON *commands_status(struct serve *serve)
{
	struct journal_figures journal;
	struct cards_figures cards;
	struct bx_httpd_figures http;
	size_t portals;
	portals_all(serve->portals, &portals);
	journal_figures(serve->journal, &journal);
	bridge_figures(serve->bridge, &cards);
	bx_httpd_figures(serve->public, &http);
	cJSON *o = cJSON_CreateObject();
	bx_json_set_str(o, "listening", bx_httpd_address(serve->public));
	bx_json_set_str(o, "public_url", serve->url.origin);
	bx_json_set_int(o, "uptime_ms", bx_mono_ms() - serve->started_ms);
	bx_json_set_int(o, "portals", (int64_t)portals);
	bx_json_set_int(o, "cards", cards.cards_open);
	bx_json_set_int(o, "frames", frames_lines(serve->frames));
	bx_json_set_int(o, "waits", waits_count(serve->waits));
	bx_json_set_int(o, "seq", journal.last);
	bx_json_set_bool(o, "journal_failing", journal.failing);
	bx_json_set_int(o, "requests", (int64_t)http.requests);
	bx_json_set(o, "urls", commands_urls(serve, NULL));
	bx_json_set(o, "healing", heal_list(serve->heal));
	bx_json_set(o, "slow_loads", loads_list(serve->loads));
	return o;
}

static void status(struct serve *serve, struct bx_peer *peer, int64_t id, const cJSON *request)
{
	(void)request;
	bx_peer_done(peer, id, commands_status(serve));
}

static void reloaded(void *arg)
{
	asked_done(arg, NULL);
}

static void reload(struct serve *serve, struct bx_peer *peer, int64_t id, const cJSON *request)
{
	(void)request;
	portals_reload(serve->portals, reloaded, asked_new(serve, peer, id));
}

static void own(struct serve *serve, struct bx_peer *peer, int64_t id, const cJSON *request)
{
	const char *portal = bx_json_str(request, "portal"), *call = bx_json_str(request, "CALL_ID");
	int64_t user = 0;
	bx_json_int(request, "user", &user);
	if (!portal || !call) {
		refuse(peer, id, BX_USAGE, "\"portal\" and \"CALL_ID\" are texts");
		return;
	}
	if (bx_json_bool(request, "finished", false))
		bridge_finished(serve->bridge, portal, call);
	else
		calls_own(serve->calls, portal, call, user);
	bx_peer_done(peer, id, NULL);
}

static void bound(struct serve *serve, struct bx_peer *peer, int64_t id, const cJSON *request)
{
	const char *portal = bx_json_str(request, "portal");
	if (!portal) {
		refuse(peer, id, BX_USAGE, "\"portal\" is a text");
		return;
	}
	heal_seen(serve->heal, portal);
	bx_peer_done(peer, id, NULL);
}

static void wait_for(struct serve *serve, struct bx_peer *peer, int64_t id, const cJSON *request)
{
	waits_request(serve->waits, peer, id, request);
}

static void taken(struct serve *serve, struct bx_peer *peer, int64_t id, const cJSON *request)
{
	waits_taken(serve->waits, peer, id, request);
}

static void events(struct serve *serve, struct bx_peer *peer, int64_t id, const cJSON *request)
{
	follows_request(serve->follows, peer, id, request);
}

static void hooks_ls(struct serve *serve, struct bx_peer *peer, int64_t id, const cJSON *request)
{
	(void)request;
	hooks_list(serve->hooks, peer, id);
}

static void hooks_again(struct serve *serve, struct bx_peer *peer, int64_t id, const cJSON *request)
{
	hooks_retry(serve->hooks, peer, id, request);
}

static const struct {
	const char *name;
	command_fn *fn;
} commands[] = {
	{"bound", bound},
	{"card", card_command},
	{"events", events},
	{"hooks", hooks_ls},
	{"hooks retry", hooks_again},
	{"ls", ls},
	{"own", own},
	{"ping", ping},
	{"reload", reload},
	{"status", status},
	{"taken", taken},
	{"urls", urls},
	{"wait", wait_for},
};

static void request_in(void *arg, struct bx_peer *peer, int64_t id, const cJSON *request)
{
	const char *name = bx_json_str(request, "cmd");
	for (size_t i = 0; i < BX_COUNT(commands); i++) {
		if (!bx_streq(commands[i].name, name))
			continue;
		commands[i].fn(arg, peer, id, request);
		return;
	}
	refuse(peer, id, BX_USAGE, "bx-serve knows no such command");
}

static void peer_gone(void *arg, struct bx_peer *peer)
{
	struct serve *serve = arg;
	waits_gone(serve->waits, peer);
	follows_gone(serve->follows, peer);
	asked_gone(serve, peer);
}

static void peer_drained(void *arg, struct bx_peer *peer)
{
	follows_drained(((struct serve *)arg)->follows, peer);
}

const struct bx_control_ops commands_ops = {
	.request = request_in, .gone = peer_gone, .drained = peer_drained};
