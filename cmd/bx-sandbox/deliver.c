/* From an event to the posts its handlers get (portal.md 10.5). */
#include <string.h>
#include "access.h"
#include "event.h"
#include "form.h"
#include "offline.h"
#include "sender.h"
#include "banned.h"

#define POST_MAX (1024 * 1024)

/* Events that carry a refresh token (10.5). */
static bool has_refresh(const struct bx_op *op)
{
	static const char *const verbs[] = {"ONAPPINSTALL", "ONAPPUPDATE", "ONAPPTEST",
		"ONOFFLINEEVENT"};
	for (size_t i = 0; i < BX_COUNT(verbs); i++) {
		if (!strcmp(op->verb, verbs[i]))
			return true;
	}
	return false;
}

static bool tells_expiry(const struct bx_op *op)
{
	return !strcmp(op->verb, "ONAPPINSTALL") || !strcmp(op->verb, "ONAPPUPDATE");
}

static void put_tokens(cJSON *auth, const cJSON *app, const struct sb_pair *pair, bool expiry)
{
	auto_free char *scope = sb_scope_text(app);
	bx_json_set_str(auth, "access_token", pair->access);
	if (expiry)
		bx_json_set_int(auth, "expires", pair->expires);
	bx_json_set_int(auth, "expires_in", SB_ACCESS_SECONDS);
	bx_json_set_str(auth, "scope", scope);
}

cJSON *sb_event_auth(struct sandbox *sb, const cJSON *app, const struct bx_op *op, int64_t user,
	int depth)
{
	cJSON *auth = cJSON_CreateObject();
	bool tokens = user && !(op->flags & BX_TOKENLESS);
	struct sb_pair pair = {0};
	auto_free char *endpoint = sb_endpoint(sb), *auth_endpoint = sb_auth_endpoint(sb);
	if (tokens) {
		pair = sb_issue(sb, app, user, has_refresh(op), depth);
		put_tokens(auth, app, &pair, tells_expiry(op));
	}
	bx_json_set_str(auth, "domain", sb->domain);
	if (tokens) {
		bx_json_set_str(auth, "server_endpoint", auth_endpoint);
		bx_json_set_str(auth, "status", bx_json_str(app, "STATUS"));
	}
	bx_json_set_str(auth, "client_endpoint", endpoint);
	bx_json_set_str(auth, "server_endpoint", auth_endpoint);
	bx_json_set_str(auth, "member_id", sb->member_id);
	if (tokens)
		bx_json_set_int(auth, "user_id", user);
	if (pair.refresh)
		bx_json_set_str(auth, "refresh_token", pair.refresh);
	bx_json_set_str(auth, "application_token", bx_json_str(app, "application_token"));
	return auth;
}

void sb_event_post(struct sandbox *sb, const char *url, const struct bx_op *op, int64_t handler_id,
	const cJSON *data, cJSON *auth)
{
	auto_json cJSON *form = cJSON_CreateObject();
	auto_str struct bx_str body = BX_STR_INIT(POST_MAX);
	bx_json_set_str(form, "event", op->wire);
	if (handler_id)
		bx_json_set_int(form, "event_handler_id", handler_id);
	if (data && data->child)
		bx_json_set(form, "data", cJSON_Duplicate(data, true));
	bx_json_set_int(form, "ts", sandbox_now_ms(sb) / 1000);
	bx_json_set(form, "auth", auth);
	if (bx_form_encode(&body, form))
		sb_send(sb, url, body.buf);
}

/* One level below that of the token that caused the event; 0: the chain ends here. */
static int depth_below(int depth)
{
	return depth ? depth - 1 : SB_EVENT_DEPTH;
}

void sb_deliver(struct sandbox *sb, const cJSON *handler, const struct bx_op *op,
	const struct sb_cause *cause, const cJSON *data)
{
	int64_t app_id = 0, as_user = 0, id = 0;
	bx_json_int(handler, "app", &app_id);
	bx_json_int(handler, "auth_type", &as_user);
	bx_json_int(handler, "ID", &id);
	const cJSON *app = sb_find_id(&sb->tables[SB_APPS], app_id);
	int depth = depth_below(cause->depth);
	if (!sb_app_runs(app) || bx_json_bool(app, "EXPIRED", false) || (cause->app && cause->app != app_id) || !depth)
		return;
	int64_t user = as_user ? as_user : cause->user;
	if (bx_json_bool(handler, "offline", false))
		sb_offline_add(sb, handler, op, cause, data);
	else
		sb_event_post(sb, bx_json_str(handler, "handler"), op, id, data,
			sb_event_auth(sb, app, op, user, depth));
}

void sb_event(struct sandbox *sb, const char *verb, const struct sb_cause *cause, const cJSON *data)
{
	const struct bx_op *op = bx_op_by_verb(BX_PORTAL_EVENT, verb);
	struct sb_table *t = &sb->tables[SB_HANDLERS];
	for (struct sb_row *r = t->first, *next; op && r; r = next) {
		next = r->next;
		if (bx_streq(bx_json_str(r->data, "event"), op->wire))
			sb_deliver(sb, r->data, op, cause, data);
	}
}
