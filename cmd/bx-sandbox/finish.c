/* telephony.externalCall.finish (portal.md 11.3). */
#include <string.h>
#include "access.h"
#include "clock.h"
#include "event.h"
#include "external_call.h"
#include "banned.h"

/* What the request says about the finished call. */
struct ending {
	int64_t user, duration, vote;
	double cost;
	char *currency, *code, *reason, *record_url;
	bool has_url;
};

static void ending_release(struct ending *e)
{
	free(e->currency);
	free(e->code);
	free(e->reason);
	free(e->record_url);
}

static struct ending read_ending(const struct sb_call *call)
{
	struct ending e = {.user = sb_call_user(call), .duration = sb_param_int(call, "DURATION"),
		.vote = sb_param_int(call, "VOTE"), .cost = sb_php_num(sb_param(call, "COST")),
		.currency = sb_param_text(call, "COST_CURRENCY"),
		.code = sb_param_text(call, "STATUS_CODE"),
		.reason = sb_param_text(call, "FAILED_REASON"),
		.record_url = sb_param_text(call, "RECORD_URL")};
	e.has_url = *e.record_url != 0;
	if (e.duration < 0)
		e.duration = 0;
	if (!*e.code) {
		free(e.code);
		e.code = bx_xstrdup(e.duration > 0 ? "200" : "304");
	}
	return e;
}

static cJSON *check(struct sb_call *call, const struct ending *e)
{
	const char *id = sb_param_str(call, "CALL_ID");
	unsigned variants = call->sb->opts.variants;
	cJSON *live = sb_find(&call->sb->tables[SB_CALLS], id);
	if (!(variants & SB_WEBHOOK_CALLS) && !sb_want_app(call))
		return NULL;
	if (!e->user)
		sb_core(call, "USER_ID or USER_PHONE_INNER should be set");
	else if (!id)
		sb_refuse(call, "INVALID_ARGUMENT", "CALL_ID must be a string");
	else if (!live)
		sb_core(call, "Call is not found (call should be registered prior to finishing%s",
			variants & SB_OLD_TEXTS ? "" : ")");
	else if (!sb_user(call->sb, e->user))
		sb_core(call, "User is not found or is not active");
	else
		return live;
	return NULL;
}

static void put_int_text(cJSON *row, const char *key, int64_t value)
{
	auto_free char *text = bx_xprintf("%lld", (long long)value);
	bx_json_set_str(row, key, text);
}

static void copy(cJSON *to, const cJSON *from, const char *key)
{
	const cJSON *item = bx_json_get(from, key);
	bx_json_set(to, key, item ? cJSON_Duplicate(item, true) : cJSON_CreateNull());
}

static int64_t app_of(const cJSON *live)
{
	int64_t app = 0;
	bx_json_int(live, "app", &app);
	return app;
}

static void put_line(cJSON *row, const cJSON *live)
{
	const char *line = bx_json_str(live, "LINE_NUMBER");
	auto_free char *none = bx_xprintf("REST_APP:%lld", (long long)app_of(live));
	bx_json_set_str(row, "PORTAL_NUMBER", line && *line ? line : none);
}

static bool is_bound(const cJSON *live)
{
	const char *type = bx_json_str(live, "CRM_ENTITY_TYPE");
	return type && *type;
}

static int64_t new_activity(struct sandbox *sb, const cJSON *live)
{
	struct sb_table *t = &sb->tables[SB_ACTIVITIES];
	cJSON *row = cJSON_CreateObject();
	int64_t id = t->next_id;
	copy(row, live, "CALL_ID");
	copy(row, live, "CRM_ENTITY_TYPE");
	copy(row, live, "CRM_ENTITY_ID");
	sb_trim(t, (size_t)sb->opts.keep);
	sb_add(t, row);
	return id;
}

/* The names statistics uses for what the call and its ending know; the rest is not known. */
static cJSON *history_row(struct sb_call *call, const cJSON *live, const struct ending *e)
{
	static const char *const unknown[] = {"CALL_LOG", "TRANSCRIPT_ID", "SESSION_ID",
		"REDIAL_ATTEMPT", "RECORD_DURATION", "RECORD_FILE_ID"};
	struct sandbox *sb = call->sb;
	const cJSON *app = sb_find_id(&sb->tables[SB_APPS], app_of(live));
	auto_free char *cost = bx_xprintf("%.4f", e->cost), *type = sb_php_text(bx_json_get(live, "TYPE"));
	auto_free char *entity = sb_php_text(bx_json_get(live, "CRM_ENTITY_ID"));
	int64_t start = 0, id = sb->tables[SB_HISTORY].next_id++;
	char date[BX_ISO_SIZE];
	cJSON *row = cJSON_CreateObject();
	bx_json_int(live, "START_MS", &start);
	bx_time_iso(date, start, sb->opts.zone_minutes);
	put_int_text(row, "ID", id);
	copy(row, live, "CALL_ID");
	copy(row, live, "EXTERNAL_CALL_ID");
	bx_json_set_str(row, "CALL_CATEGORY", "external");
	put_int_text(row, "PORTAL_USER_ID", e->user);
	put_line(row, live);
	copy(row, live, "PHONE_NUMBER");
	bx_json_set_str(row, "CALL_TYPE", type);
	put_int_text(row, "CALL_DURATION", e->duration);
	bx_json_set_str(row, "CALL_START_DATE", date);
	bx_json_set_str(row, "CALL_RECORD_URL", e->has_url ? e->record_url : NULL);
	put_int_text(row, "CALL_VOTE", e->vote);
	bx_json_set_str(row, "COST", cost);
	bx_json_set_str(row, "COST_CURRENCY", e->currency);
	bx_json_set_str(row, "CALL_FAILED_CODE", e->code);
	bx_json_set_str(row, "CALL_FAILED_REASON", e->reason);
	bx_json_set_str(row, "CRM_ENTITY_TYPE", is_bound(live) ? bx_json_str(live, "CRM_ENTITY_TYPE") : NULL);
	bx_json_set_str(row, "CRM_ENTITY_ID", is_bound(live) ? entity : NULL);
	bx_json_set_str(row, "CRM_ACTIVITY_ID", NULL);
	if (is_bound(live))
		put_int_text(row, "CRM_ACTIVITY_ID", new_activity(sb, live));
	put_int_text(row, "REST_APP_ID", app_of(live));
	bx_json_set_str(row, "REST_APP_NAME", bx_json_str(app, "NAME"));
	bx_json_set_str(row, "TRANSCRIPT_PENDING", "N");
	copy(row, live, "COMMENT");
	for (size_t i = 0; i < BX_COUNT(unknown); i++)
		bx_json_set_str(row, unknown[i], NULL);
	return row;
}

static void put_int(cJSON *to, const char *key, const cJSON *from, const char *from_key)
{
	int64_t value;
	bool known = bx_json_int(from, from_key, &value);
	bx_json_set(to, key, known ? bx_json_int_item(value) : cJSON_CreateNull());
}

static cJSON *answer_of(const cJSON *row, const struct ending *e)
{
	cJSON *answer = cJSON_CreateObject();
	copy(answer, row, "CALL_ID");
	copy(answer, row, "EXTERNAL_CALL_ID");
	bx_json_set_int(answer, "PORTAL_USER_ID", e->user);
	copy(answer, row, "PHONE_NUMBER");
	copy(answer, row, "PORTAL_NUMBER");
	bx_json_set_str(answer, "INCOMING", bx_json_str(row, "CALL_TYPE"));
	bx_json_set_int(answer, "CALL_DURATION", e->duration);
	bx_json_set(answer, "CALL_START_DATE", cJSON_CreateObject());
	bx_json_set_int(answer, "CALL_STATUS", e->duration > 0);
	bx_json_set_int(answer, "CALL_VOTE", e->vote);
	bx_json_set(answer, "COST", cJSON_CreateNumber(e->cost));
	bx_json_set_str(answer, "COST_CURRENCY", e->currency);
	bx_json_set_str(answer, "CALL_FAILED_CODE", e->code);
	bx_json_set_str(answer, "CALL_FAILED_REASON", e->reason);
	copy(answer, row, "REST_APP_ID");
	copy(answer, row, "REST_APP_NAME");
	put_int(answer, "CRM_ACTIVITY_ID", row, "CRM_ACTIVITY_ID");
	copy(answer, row, "COMMENT");
	if (e->has_url)
		bx_json_set_str(answer, "CALL_RECORD_URL", e->record_url);
	if (bx_json_str(row, "CRM_ENTITY_TYPE")) {
		copy(answer, row, "CRM_ENTITY_TYPE");
		put_int(answer, "CRM_ENTITY_ID", row, "CRM_ENTITY_ID");
	}
	put_int(answer, "ID", row, "ID");
	return answer;
}

static void call_end_event(struct sb_call *call, const cJSON *row, const struct ending *e)
{
	auto_json cJSON *data = cJSON_CreateObject();
	struct sb_cause cause = {e->user, 0, sb_call_depth(call)};
	static const char *const keys[] = {"CALL_ID", "CALL_TYPE", "PHONE_NUMBER", "PORTAL_NUMBER",
		"PORTAL_USER_ID", "CALL_DURATION", "CALL_START_DATE", "COST", "COST_CURRENCY",
		"CALL_FAILED_CODE", "CALL_FAILED_REASON", "CRM_ACTIVITY_ID"};
	for (size_t i = 0; i < BX_COUNT(keys); i++)
		copy(data, row, keys[i]);
	bx_json_set(data, "COST", cJSON_CreateNumber(e->cost));
	sb_event(call->sb, "ONVOXIMPLANTCALLEND", &cause, data);
}

bool sb_finish(struct sb_call *call)
{
	BX_CLEANUP(ending_release) struct ending e = read_ending(call);
	struct sandbox *sb = call->sb;
	cJSON *live = check(call, &e);
	int64_t owner = 0;
	if (!live)
		return false;
	bx_json_int(live, "USER_ID", &owner);
	sb_card_hide(sb, live, owner);
	sb_trim(&sb->tables[SB_HISTORY], (size_t)sb->opts.keep);
	const cJSON *row = sb_add(&sb->tables[SB_HISTORY], history_row(call, live, &e));
	sb_remove(&sb->tables[SB_CALLS], live);
	call_end_event(call, row, &e);
	return sb_ok(call, answer_of(row, &e));
}
