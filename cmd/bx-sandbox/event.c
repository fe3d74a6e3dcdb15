/* Binding handlers to events (portal.md 10.1-10.4). */
#include "event.h"

#include <ctype.h>
#include <string.h>
#include "access.h"
#include "call.h"
#include "handler.h"
#include "banned.h"

/* What event.bind and event.unbind are asked about. */
struct wanted {
	char *name, *handler, *type;
	const char *connector;
	bool offline, has_user;
	int64_t user;
};

static void wanted_release(struct wanted *w)
{
	free(w->name);
	free(w->handler);
	free(w->type);
}

static struct wanted read_wanted(const struct sb_call *call)
{
	const cJSON *user = sb_param(call, "AUTH_TYPE");
	struct wanted w = {.name = sb_param_text(call, "EVENT"),
		.handler = sb_param_text(call, "HANDLER"), .type = sb_param_text(call, "EVENT_TYPE"),
		.connector = call->connector ? call->connector : "", .has_user = user != NULL,
		.user = sb_php_int(user)};
	for (char *p = w.name; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	w.offline = !strcmp(w.type, "offline");
	return w;
}

static struct sb_table *handlers(const struct sb_call *call)
{
	return &call->sb->tables[SB_HANDLERS];
}

static bool missing(struct sb_call *call, const char *key)
{
	return sb_argument(call, key, "Argument '%s' is null or empty", key);
}

static bool check_type(struct sb_call *call, const struct wanted *w)
{
	if (*w->type && !w->offline && strcmp(w->type, "online") != 0)
		return sb_argument(call, "EVENT_TYPE", "Value must be one of {online|offline}");
	return true;
}

/* The events of the rows within the scopes of the caller. */
static const struct bx_op *known_event(const struct sb_call *call, const char *name)
{
	const struct bx_op *op = bx_op_by_wire(BX_PORTAL_EVENT, name);
	return op && sb_in_scope(call, op) ? op : NULL;
}

static bool check_event(struct sb_call *call, const struct wanted *w)
{
	const struct bx_op *op = known_event(call, w->name);
	if (!op)
		return sb_refuse(call, "ERROR_EVENT_NOT_FOUND", NULL);
	if (w->offline && (!op->scope || !*op->scope))
		return sb_argument(call, "EVENT_TYPE", "Offline event cannot be registered for this event.");
	return true;
}

static bool is_same(const struct sb_call *call, const cJSON *row, const struct wanted *w)
{
	int64_t app = 0;
	bx_json_int(row, "app", &app);
	return app == call->app_id && bx_streq(bx_json_str(row, "event"), w->name) &&
	       bx_json_bool(row, "offline", false) == w->offline &&
	       (w->offline ? bx_streq(bx_json_str(row, "connector"), w->connector)
			   : bx_streq(bx_json_str(row, "handler"), w->handler));
}

static bool has_user(const cJSON *row, int64_t user)
{
	int64_t owner = 0;
	bx_json_int(row, "auth_type", &owner);
	return owner == user;
}

static bool is_free(struct sb_call *call, const struct wanted *w)
{
	for (struct sb_row *r = handlers(call)->first; r; r = r->next) {
		if (is_same(call, r->data, w) && has_user(r->data, w->user))
			return sb_core(call, "Unable to set event handler: Handler already binded");
	}
	return true;
}

static bool check_bind(struct sb_call *call, const struct wanted *w)
{
	if (!call->admin && w->has_user && w->user != call->user_id)
		return sb_deny(call, "Event binding with AUTH_TYPE requires administrator access rights");
	if (!*w->name)
		return missing(call, "EVENT");
	if (!check_type(call, w))
		return false;
	if (w->offline && !call->admin)
		return sb_deny(call, "Offline events binding requires administrator access rights");
	if (!w->offline && !*w->handler)
		return missing(call, "HANDLER");
	if (*w->connector && call->sb->opts.variants & SB_PLAIN_QUEUE)
		return sb_refuse(call, "WRONG_LICENSE",
			"This feature is not enabled for the current license: rest_auth_connector");
	return (w->offline || sb_check_handler(call, w->handler)) && check_event(call, w) &&
	       is_free(call, w);
}

static void add_handler(struct sb_call *call, const struct wanted *w)
{
	const cJSON *options = sb_param(call, "OPTIONS");
	cJSON *row = cJSON_CreateObject();
	bx_json_set_int(row, "app", call->app_id);
	bx_json_set_str(row, "event", w->name);
	bx_json_set_str(row, "handler", w->offline ? "" : w->handler);
	bx_json_set_int(row, "auth_type", w->user);
	bx_json_set_bool(row, "offline", w->offline);
	bx_json_set_str(row, "connector", w->connector);
	if (cJSON_IsObject(options))
		bx_json_set(row, "options", cJSON_Duplicate(options, true));
	sb_add(handlers(call), row);
}

static bool bind(struct sb_call *call)
{
	BX_CLEANUP(wanted_release) struct wanted w = read_wanted(call);
	if (!call->admin && !w.has_user)
		w.user = call->user_id;
	if (!sb_want_app(call) || !check_bind(call, &w))
		return false;
	add_handler(call, &w);
	return sb_ok(call, cJSON_CreateTrue());
}

/* An employee may name himself, but only as a number: the portal compares exactly (10.2). */
static bool names_himself(const struct sb_call *call)
{
	const cJSON *user = sb_param(call, "AUTH_TYPE");
	return cJSON_IsNumber(user) && sb_php_int(user) == call->user_id;
}

static bool check_unbind(struct sb_call *call, const struct wanted *w)
{
	bool wide = call->sb->opts.variants & SB_WIDE_UNBIND;
	if (!*w->name && !wide)
		return missing(call, "EVENT");
	if (!check_type(call, w))
		return false;
	if (w->offline && !call->admin)
		return sb_deny(call, "Offline events unbinding requires administrator access rights");
	if (!w->offline && !*w->handler && !wide)
		return missing(call, "HANDLER");
	if (!call->admin && w->has_user && !names_himself(call))
		return sb_deny(call, "Event unbinding with AUTH_TYPE requires administrator access rights");
	return true;
}

/* What is not given stands for everything; the checks let it be so where the portal does. */
static bool is_meant(const struct sb_call *call, const cJSON *row, const struct wanted *w)
{
	struct wanted all = *w;
	if (!*w->name)
		all.name = (char *)bx_json_str(row, "event");
	if (!w->offline && !*w->handler)
		all.handler = (char *)bx_json_str(row, "handler");
	return is_same(call, row, &all);
}

static bool unbind(struct sb_call *call)
{
	BX_CLEANUP(wanted_release) struct wanted w = read_wanted(call);
	if (!sb_want_app(call) || !check_unbind(call, &w))
		return false;
	bool one_user = w.has_user || !call->admin;
	int64_t user = w.has_user ? w.user : call->user_id, count = 0;
	for (struct sb_row *r = handlers(call)->first, *next; r; r = next) {
		next = r->next;
		if (!is_meant(call, r->data, &w) || (one_user && !has_user(r->data, user)))
			continue;
		sb_remove(handlers(call), r->data);
		count++;
	}
	cJSON *answer = cJSON_CreateObject();
	bx_json_set_int(answer, "count", count);
	return sb_ok(call, answer);
}

static cJSON *public_handler(const cJSON *row)
{
	cJSON *out = cJSON_CreateObject();
	bool offline = bx_json_bool(row, "offline", false);
	auto_free char *user = sb_php_text(bx_json_get(row, "auth_type"));
	bx_json_set_str(out, "event", bx_json_str(row, "event"));
	if (offline) {
		bx_json_set_str(out, "connector_id", bx_json_str(row, "connector"));
	} else {
		bx_json_set_str(out, "handler", bx_json_str(row, "handler"));
		bx_json_set_str(out, "auth_type", user);
	}
	bx_json_set_int(out, "offline", offline);
	return out;
}

static bool get(struct sb_call *call)
{
	cJSON *list = cJSON_CreateArray();
	for (struct sb_row *r = handlers(call)->first; r; r = r->next) {
		int64_t app = 0;
		bx_json_int(r->data, "app", &app);
		if (app == call->app_id && (call->admin || has_user(r->data, call->user_id)))
			cJSON_AddItemToArray(list, public_handler(r->data));
	}
	return sb_ok(call, list);
}

static bool is_listed(const struct sb_call *call, const struct bx_op *op)
{
	const cJSON *scope = sb_param(call, "SCOPE");
	auto_free char *only = sb_php_text(scope);
	if (scope)
		return !strcmp(op->scope ? op->scope : "", only);
	return bx_json_truthy(sb_param(call, "FULL")) || known_event(call, op->wire);
}

static bool events(struct sb_call *call)
{
	cJSON *list = cJSON_CreateArray();
	for (const struct bx_op *const *t = bx_op_tables; *t; t++) {
		for (const struct bx_op *op = *t; op->wire; op++) {
			if (op->kind == BX_PORTAL_EVENT && is_listed(call, op))
				cJSON_AddItemToArray(list, cJSON_CreateString(op->wire));
		}
	}
	return sb_ok(call, list);
}

static bool test(struct sb_call *call)
{
	if (!sb_want_app(call))
		return false;
	auto_json cJSON *data = cJSON_CreateObject();
	bx_json_set(data, "QUERY", cJSON_Duplicate(call->params, true));
	struct sb_cause cause = {call->user_id, call->app_id, sb_call_depth(call)};
	sb_event(call->sb, "ONAPPTEST", &cause, data);
	return sb_ok(call, bx_json_int_item(1));
}

const struct sb_method sb_event_methods[] = {{"event add", bind}, {"event rm", unbind},
	{"event ls", get}, {"event available", events}, {"event test", test}, {0}};
