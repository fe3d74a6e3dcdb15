/* An employee clicks a number, or a callback form is filled in (portal.md 11.10). */
#include <string.h>
#include "access.h"
#include "event.h"
#include "external_call.h"
#include "banned.h"

/* The app that is the outgoing line: the first one that asked to be told of clicks. */
static int64_t line_app(struct sandbox *sb, const char *verb)
{
	const struct bx_op *op = bx_op_by_verb(BX_PORTAL_EVENT, verb);
	for (struct sb_row *r = sb->tables[SB_HANDLERS].first; r && op; r = r->next) {
		int64_t app = 0;
		bx_json_int(r->data, "app", &app);
		if (bx_streq(bx_json_str(r->data, "event"), op->wire) &&
			sb_app_runs(sb_find_id(&sb->tables[SB_APPS], app)))
			return app;
	}
	return 0;
}

static void copy(cJSON *to, const cJSON *from, const char *key)
{
	const cJSON *item = bx_json_get(from, key);
	bx_json_set(to, key, item ? cJSON_Duplicate(item, true) : cJSON_CreateNull());
}

static void tell_lead(cJSON *data, int64_t lead)
{
	cJSON *list = cJSON_CreateArray(), *entity = cJSON_CreateObject();
	bx_json_set_int(data, "CRM_CREATED_LEAD", lead);
	bx_json_set_str(entity, "ENTITY_TYPE", "LEAD");
	bx_json_set_int(entity, "ENTITY_ID", lead);
	cJSON_AddItemToArray(list, entity);
	bx_json_set(data, "CRM_CREATED_ENTITIES", list);
}

static void tell_click(struct sandbox *sb, int64_t app, const cJSON *live, const char *clicked,
	int64_t lead)
{
	auto_json cJSON *data = cJSON_CreateObject();
	struct sb_cause cause = {.app = app};
	bx_json_int(live, "USER_ID", &cause.user);
	bx_json_set_str(data, "PHONE_NUMBER", clicked);
	bx_json_set_str(data, "PHONE_NUMBER_INTERNATIONAL", bx_json_str(live, "PHONE_NUMBER"));
	bx_json_set_str(data, "EXTENSION", "");
	bx_json_set_int(data, "USER_ID", cause.user);
	bx_json_set_int(data, "CALL_LIST_ID", 0);
	bx_json_set_str(data, "LINE_NUMBER", bx_json_str(live, "LINE_NUMBER"));
	bx_json_set_int(data, "IS_MOBILE", 0);
	copy(data, live, "CALL_ID");
	copy(data, live, "CRM_ENTITY_TYPE");
	copy(data, live, "CRM_ENTITY_ID");
	if (lead > 0)
		tell_lead(data, lead);
	sb_event(sb, "ONEXTERNALCALLSTART", &cause, data);
}

cJSON *sandbox_dial(struct sandbox *sb, const struct sb_dial *how, struct bx_err *err)
{
	int64_t app = line_app(sb, "ONEXTERNALCALLSTART"), lead = 0;
	auto_free char *plain = sb_phone(how->number);
	struct sb_new_call n = {.app = app, .user = how->user, .type = 1, .number = plain,
		.line = how->line ? how->line : "", .crm_create = how->lead, .start_ms = sandbox_now_ms(sb)};
	if (!sb_user(sb, how->user) || !app || !*plain) {
		bx_fail(err, BX_ABSENT, "", !app ? "no application is an outgoing line"
					    : *plain ? "no such employee" : "no number");
		return NULL;
	}
	const cJSON *live = sb_call_begin(sb, &n, &lead);
	sb_card_show(sb, live, &how->user, 1);
	tell_click(sb, app, live, how->number, lead);
	cJSON *answer = cJSON_CreateObject();
	copy(answer, live, "CALL_ID");
	copy(answer, live, "PHONE_NUMBER");
	return answer;
}

bool sb_callback(struct sandbox *sb, const char *number, const char *text, struct bx_err *err)
{
	int64_t app = line_app(sb, "ONEXTERNALCALLBACKSTART");
	auto_json cJSON *data = cJSON_CreateObject();
	struct sb_cause cause = {.user = sb_first_admin(sb), .app = app};
	const cJSON *client = sb_crm_find(sb, number);
	if (!app)
		return bx_fail(err, BX_ABSENT, "", "no application takes callbacks");
	bx_json_set_str(data, "PHONE_NUMBER", number);
	bx_json_set_str(data, "TEXT", text ? text : "");
	bx_json_set_str(data, "VOICE", "");
	copy(data, client, "CRM_ENTITY_TYPE");
	copy(data, client, "CRM_ENTITY_ID");
	bx_json_set_str(data, "LINE_NUMBER", "");
	sb_event(sb, "ONEXTERNALCALLBACKSTART", &cause, data);
	return true;
}
