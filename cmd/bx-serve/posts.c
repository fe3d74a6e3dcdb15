/* A frame's bundles by post, where no WebSocket passes, and what it posts beside its line. */
#include "frames_impl.h"

#include <string.h>
#include "clock.h"
#include "frame_log.h"
#include "loads.h"
#include "page.h"
#include "presence.h"
#include "banned.h"

#define ACTIVE_MS  60000
#define LEADS_MS   2000 /* between two posts of a client to which nothing happens, where it may be sent to */
#define FOLLOWS_MS 10000 /* and where it is not: what happens there by itself it tells at once */

static void reply_json(struct bx_request *req, int status, cJSON *item)
{
	auto_json cJSON *owned = item;
	auto_free char *text = bx_json_print(owned);
	bx_reply_header(req, "Cache-Control", "no-store");
	bx_reply(req, status, "application/json", text, strlen(text));
}

static void reply_token(struct serve *serve, struct bx_request *req, const struct token *token)
{
	char room[TOKEN_SIZE];
	struct bx_str text = BX_STR_IN(room, sizeof room);
	token_write(&text, serve->frame_key, token);
	cJSON *down = cJSON_CreateObject();
	bx_json_set_str(down, "t", text.buf);
	reply_json(req, 200, down);
}

static int pause_of(const struct frame *frame, bool idle)
{
	if (!frame->client || !idle)
		return 0;
	return frame->leads || frame->asks ? LEADS_MS : FOLLOWS_MS;
}

static cJSON *answer_of(struct frame *frame)
{
	cJSON *down = cJSON_CreateObject(), *list = cJSON_CreateArray();
	for (const struct command *c = frame->commands; c; c = c->next)
		cJSON_AddItemToArray(list, cJSON_CreateRaw(c->text));
	bx_json_set_int(down, "a", (int64_t)frame->acked);
	bx_json_set(down, "c", list);
	if (frame->keep_new) {
		auto_str struct bx_str kept = BX_STR_INIT(SIZE_MAX / 2);
		frame_add_kept(&kept, frame);
		bx_json_set(down, "k", cJSON_CreateRaw(kept.buf));
	}
	frame->keep_new = false;
	if (frame->lead_new)
		bx_json_set_bool(down, "l", frame->leads);
	frame->lead_new = false;
	bool idle = !frame->active_ms || bx_mono_ms() - frame->active_ms > ACTIVE_MS;
	if (!frame->client && idle)
		bx_json_set_bool(down, "z", true);
	frame->pause_ms = pause_of(frame, idle);
	if (frame->pause_ms)
		bx_json_set_int(down, "w", frame->pause_ms);
	return down;
}

/* A post that was under way when its page said goodbye may come behind it, with nothing that was
 * not in there. A page out of the browser's cache posts the same, so its answer is another token,
 * which only a page that is there can show. It lives no longer than the goodbye's. */
static void take_late(struct serve *serve, struct bx_request *req, const struct token *token)
{
	struct token other = *token;
	other.expires_ms--;
	reply_token(serve, req, &other);
}

static void take_post(struct serve *serve, struct bx_request *req, const struct token *token,
	const cJSON *bundle)
{
	struct frame *frame = frames_get(serve->frames, token);
	bool bye = cJSON_HasObjectItem(bundle, "bye");
	struct bx_err err = {0};
	if (frame && !bye && frame->left && frame->left_expires_ms == token->expires_ms) {
		take_late(serve, req, token);
		return;
	}
	if (frame)
		frame_unlink(frame, LINE_REPLACED);
	if (!frame || !frame_open(serve->frames, frame, bundle, &err)) {
		serve->figures.busy++;
		page_plain(req, 503, "Too many frames.");
		return;
	}
	bundle_take(serve->frames, frame, bundle);
	if (bye) {
		frame_lost(serve->frames, frame, true);
		frame->left_expires_ms = token->expires_ms;
	}
	reply_json(req, 200, answer_of(frame));
}

struct renewal {
	struct serve *serve;
	struct bx_request *req;
	struct token token;
};

static void renewed(void *arg, enum proof_answer answer, const struct bx_profile *profile)
{
	struct renewal *renewal = arg;
	struct serve *serve = renewal->serve;
	if (answer == PROOF_GOOD && bx_streq(profile->member_id, renewal->token.member_id)) {
		renewal->token.expires_ms = bx_now_ms() + TOKEN_LIFE_MS;
		reply_token(serve, renewal->req, &renewal->token);
	} else {
		serve->figures.refused_token++;
		page_plain(renewal->req, answer == PROOF_BUSY ? 503 : 403, "No.");
	}
	free(renewal);
}

/* An expired token is renewed for whoever shows a live access token of the same portal. */
static void renew(struct serve *serve, struct bx_request *req, const struct token *token,
	const char *access_token)
{
	struct renewal *renewal = bx_xcalloc(1, sizeof *renewal);
	*renewal = (struct renewal){.serve = serve, .req = req, .token = *token};
	struct proof_claim claim = {.member_id = token->member_id, .access_token = access_token};
	proof_ask(serve->proof, &claim, renewed, renewal);
}

/* A browser's fractions have more digits than our JSON takes for a number. */
static int64_t rounded(const cJSON *item)
{
	double ms = cJSON_IsNumber(item) ? item->valuedouble
		: cJSON_IsRaw(item)	 ? strtod(item->valuestring, NULL)
					 : -1;
	return ms >= 0 && ms < 1e9 ? (int64_t)(ms + 0.5) : -1;
}

/* [end of the document, end of the answer, our own share] in milliseconds. */
static void take_load(struct serve *serve, const struct token *token, const cJSON *times)
{
	struct load load = {.ms = rounded(cJSON_GetArrayItem(times, 0)),
		.server_ms = rounded(cJSON_GetArrayItem(times, 2))};
	int64_t answered_ms = rounded(cJSON_GetArrayItem(times, 1));
	load.network_ms = answered_ms > load.server_ms ? answered_ms - load.server_ms : 0;
	if (load.ms < 0 || answered_ms < 0 || load.server_ms < 0)
		serve->figures.refused_request++;
	else
		loads_note(serve->loads, token->portal, &load);
}

/* The number of the user; one is left out of the list only by a goodbye. */
static void take_presence(struct serve *serve, const struct token *token, const cJSON *bundle)
{
	int64_t user;
	if (!bx_json_as_int(bx_json_get(bundle, "here"), &user) || user < 1)
		serve->figures.refused_request++;
	else if (serve->presence && cJSON_HasObjectItem(bundle, "bye"))
		presence_left(serve->presence, token->frame);
	else if (serve->presence)
		presence_here(serve->presence, token->frame, token->portal, user, bx_mono_ms());
}

static void take_known(struct serve *serve, struct bx_request *req, enum token_state state,
	const struct token *token, const cJSON *bundle)
{
	const cJSON *load = bx_json_get(bundle, "load"), *log = bx_json_get(bundle, "log");
	const char *auth = bx_json_str(bundle, "auth");
	if (auth) {
		renew(serve, req, token, auth);
	} else if (state == TOKEN_EXPIRED) {
		serve->figures.refused_expired++;
		reply_json(req, 401, cJSON_CreateObject());
	} else if (load) {
		take_load(serve, token, load);
		reply_json(req, 200, cJSON_CreateObject());
	} else if (log) {
		serve->figures.refused_request += !frame_logs_take(serve->frame_logs, token, log, bx_mono_ms());
		reply_json(req, 200, cJSON_CreateObject());
	} else if (bx_json_get(bundle, "here")) {
		take_presence(serve, token, bundle);
		reply_json(req, 200, cJSON_CreateObject());
	} else {
		take_post(serve, req, token, bundle);
	}
}

void frames_post(struct serve *serve, struct bx_request *req)
{
	size_t len = 0;
	const char *body = bx_request_body(req, &len);
	auto_json cJSON *bundle = body && len ? bx_json_parse(body, len, NULL) : NULL;
	struct token token;
	serve->figures.beacons++;
	if (!cJSON_IsObject(bundle)) {
		serve->figures.refused_request++;
		page_plain(req, 400, "This is the line of a hidden frame.");
		return;
	}
	bool ours = frame_origin_ok(serve, req, false);
	enum token_state state = ours ? bundle_token(serve, bundle, &token) : TOKEN_FORGED;
	if (state == TOKEN_FORGED)
		reply_json(req, 403, cJSON_CreateObject());
	else
		take_known(serve, req, state, &token, bundle);
}
