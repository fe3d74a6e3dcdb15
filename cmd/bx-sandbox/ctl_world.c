/* ctl: people, their pages and calls, and looking inside. */
#include <string.h>
#include "access.h"
#include "apps.h"
#include "ctl.h"
#include "demo.h"
#include "external_call.h"
#include "httpd.h"
#include "pages.h"
#include "state.h"
#include "trace.h"
#include "banned.h"

static int64_t wanted_user(const cJSON *params, int64_t fallback)
{
	int64_t user = fallback;
	bx_json_int(params, "user", &user);
	return user;
}

/* The app the foreign calls come from. */
static int64_t other_app(struct sandbox *sb)
{
	static const char *const scopes[] = {"telephony", NULL};
	cJSON *app = sb_app_named(sb, "Other");
	int64_t id = 0;
	if (!app)
		app = sb_app_new(sb, "Other", scopes);
	bx_json_set_bool(app, "ADDED", true);
	bx_json_set_bool(app, "INSTALLED", true);
	bx_json_int(app, "ID", &id);
	return id;
}

static cJSON *end_foreign(struct sandbox *sb, const char *call_id, struct bx_err *err)
{
	cJSON *live = sb_find(&sb->tables[SB_CALLS], call_id);
	int64_t user = 0;
	if (!live) {
		bx_fail(err, BX_ABSENT, "", "there is no live call '%s'", call_id);
		return NULL;
	}
	bx_json_int(live, "USER_ID", &user);
	sb_card_hide(sb, live, user);
	sb_remove(&sb->tables[SB_CALLS], live);
	return cJSON_CreateObject();
}

static cJSON *foreign(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	const char *phone = bx_json_str(params, "phone"), *finish = bx_json_str(params, "finish");
	auto_free char *number = sb_phone(phone ? phone : "+15550100177");
	int64_t lead = 0, user = wanted_user(params, 1);
	struct sb_new_call n = {.app = other_app(sb), .user = user, .type = 2, .number = number,
		.line = "", .start_ms = sandbox_now_ms(sb)};
	if (finish)
		return end_foreign(sb, finish, err);
	bx_json_int(params, "type", &n.type);
	const cJSON *live = sb_call_begin(sb, &n, &lead);
	sb_card_show(sb, live, &user, 1);
	cJSON *answer = cJSON_CreateObject();
	bx_json_set_str(answer, "CALL_ID", bx_json_str(live, "CALL_ID"));
	return answer;
}

static cJSON *dial(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	const char *number = bx_json_str(params, "number");
	struct sb_dial how = {wanted_user(params, 1), number ? number : "", bx_json_str(params, "line"),
		bx_json_bool(params, "lead", false)};
	return sandbox_dial(sb, &how, err);
}

static cJSON *callback(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	const char *number = bx_json_str(params, "number");
	bool ok = sb_callback(sb, number ? number : "", bx_json_str(params, "text"), err);
	return ok ? cJSON_CreateObject() : NULL;
}

static cJSON *click(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	bool ok = pages_click(sb, wanted_user(params, 1), bx_json_str(params, "button"), err);
	return ok ? cJSON_CreateObject() : NULL;
}

static cJSON *tabs(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	static const char *const modes[] = {[PAGES_FIRST] = "first", [PAGES_ALL] = "all",
		[PAGES_RACE] = "race"};
	const char *mode = bx_json_str(params, "mode");
	for (size_t i = 0; i < BX_COUNT(modes); i++) {
		if (bx_streq(mode, modes[i])) {
			pages_tabs(sb, (enum pages_tabs)i);
			return cJSON_CreateObject();
		}
	}
	bx_fail(err, BX_USAGE, "", "the mode is first, all or race");
	return NULL;
}

static cJSON *join(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	const char *call_id = bx_json_str(params, "call");
	const cJSON *live = sb_find(&sb->tables[SB_CALLS], call_id);
	if (!live) {
		bx_fail(err, BX_ABSENT, "", "there is no live call '%s'", call_id ? call_id : "");
		return NULL;
	}
	auto_json cJSON *card = sb_card_of(sb, live, 1);
	cJSON *answer = cJSON_CreateObject();
	bx_json_set_int(answer, "count", pages_join(sb, wanted_user(params, 1), card));
	return answer;
}

static cJSON *reload(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	(void)err;
	pages_reload(sb, wanted_user(params, 0));
	return cJSON_CreateObject();
}

static cJSON *open_pages(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	(void)params;
	(void)err;
	return pages_dump(sb);
}

static cJSON *users(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	(void)params;
	(void)err;
	return sb_table_dump(&sb->tables[SB_USERS]);
}

static cJSON *change_user(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	int64_t id = 0;
	bool given = bx_json_int(params, "ID", &id);
	cJSON *row = given ? sb_find_id(&sb->tables[SB_USERS], id) : sb_user_new(sb, "New", "Colleague", "");
	if (!row) {
		bx_fail(err, BX_ABSENT, "", "there is no employee %lld", (long long)id);
		return NULL;
	}
	if (sb_row_change(SB_USERS, row, params, err))
		return cJSON_Duplicate(row, true);
	if (!given)
		sb_remove(&sb->tables[SB_USERS], row);
	return NULL;
}

static cJSON *entity(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	const char *call_id = bx_json_str(params, "call"), *type = bx_json_str(params, "type");
	cJSON *live = sb_find(&sb->tables[SB_CALLS], call_id), *change = cJSON_CreateObject();
	int64_t id = 0, user = 0;
	bx_json_int(params, "id", &id);
	bx_json_int(live, "USER_ID", &user);
	bx_json_set_str(change, "CRM_ENTITY_TYPE", type ? type : "");
	bx_json_set_int(change, "CRM_ENTITY_ID", id);
	if (live) {
		bx_json_set_str(live, "CRM_ENTITY_TYPE", type ? type : "");
		bx_json_set_int(live, "CRM_ENTITY_ID", id);
		pages_entity(sb, user, call_id, change);
	} else {
		bx_fail(err, BX_ABSENT, "", "there is no live call '%s'", call_id ? call_id : "");
		cJSON_Delete(change);
		change = NULL;
	}
	return change;
}

static cJSON *list_log(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	int64_t since = 0;
	(void)err;
	bx_json_int(params, "since", &since);
	return sb_trace_list(sb, since, bx_json_bool(params, "mask", false));
}

static cJSON *dump(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	(void)params;
	(void)err;
	return sb_state_dump(sb);
}

/* Rows are held by calls under way, so that they end first. */
static cJSON *restore(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	if (sb->calls) {
		bx_fail(err, BX_REFUSED, "", "calls are under way");
		return NULL;
	}
	return sb_state_load(sb, params, err) ? cJSON_CreateObject() : NULL;
}

static cJSON *figures(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	struct bx_httpd_figures f;
	cJSON *answer = cJSON_CreateObject();
	(void)params;
	(void)err;
	bx_httpd_figures(sb->httpd, &f);
	bx_json_set_int(answer, "requests", (int64_t)f.requests);
	bx_json_set_int(answer, "refused_malformed", (int64_t)f.refused_malformed);
	bx_json_set_int(answer, "refused_body", (int64_t)f.refused_body);
	bx_json_set_int(answer, "refused_headers", (int64_t)f.refused_headers);
	bx_json_set_int(answer, "cut_deadline", (int64_t)f.cut_deadline);
	bx_json_set_int(answer, "connections_open", (int64_t)f.connections_open);
	return answer;
}

const struct sb_ctl sb_ctl_world[] = {{"foreign", foreign}, {"builtin", sb_ctl_builtin}, {"dial", dial}, {"callback", callback},
	{"click", click}, {"tabs", tabs}, {"join", join}, {"reload", reload}, {"pages", open_pages},
	{"users", users}, {"user", change_user}, {"entity", entity}, {"sink", sb_ctl_sink},
	{"serve", sb_ctl_serve}, {"portals", sb_ctl_portals},
	{"log", list_log}, {"dump", dump}, {"restore", restore}, {"figures", figures}, {0}};
