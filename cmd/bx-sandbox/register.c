/* telephony.externalCall.register (portal.md 11.1). */
#include <string.h>
#include "access.h"
#include "clock.h"
#include "event.h"
#include "external_call.h"
#include "secret.h"
#include "banned.h"

#define DUPLICATE_MS (30 * 60 * 1000)

bool sb_is_inner(struct sandbox *sb, const char *number)
{
	for (struct sb_row *r = sb->tables[SB_USERS].first; r; r = r->next) {
		if (bx_streq(bx_json_str(r->data, "UF_PHONE_INNER"), number))
			return true;
	}
	return false;
}

int64_t sb_call_user(const struct sb_call *call)
{
	int64_t id = sb_param_int(call, "USER_ID");
	auto_free char *inner = sb_param_text(call, "USER_PHONE_INNER");
	if (id > 0 || !*inner)
		return id > 0 ? id : 0;
	for (struct sb_row *r = call->sb->tables[SB_USERS].first; r; r = r->next) {
		if (bx_json_bool(r->data, "ACTIVE", false) &&
			bx_streq(bx_json_str(r->data, "UF_PHONE_INNER"), inner) &&
			bx_json_int(r->data, "ID", &id))
			return id;
	}
	return 0;
}

char *sb_new_call_id(struct sandbox *sb)
{
	char hex[33];
	bx_random_hex(hex, 16);
	return bx_xprintf("externalCall.%s.%lld", hex, (long long)(sandbox_now_ms(sb) / 1000));
}

/* The line number as it is kept: trimmed, and no longer than fits. */
static char *line_number(const struct sb_call *call)
{
	auto_free char *given = sb_param_text(call, "LINE_NUMBER");
	char *line = sb_trimmed(given), *p = line;
	for (int chars = 0; *p && chars < SB_LINE_CHARS; chars++) {
		p++;
		while (((unsigned char)*p & 0xc0) == 0x80)
			p++;
	}
	*p = 0;
	return line;
}

static bool read_start(struct sb_call *call, int64_t *start_ms)
{
	auto_free char *date = sb_param_text(call, "CALL_START_DATE");
	*start_ms = sandbox_now_ms(call->sb);
	return !*date || bx_time_parse(date, start_ms, NULL) ||
	       sb_core(call, "CALL_START_DATE should be in the ISO-8601 format");
}

static bool check(struct sb_call *call, struct sb_new_call *n)
{
	if (!(call->sb->opts.variants & SB_WEBHOOK_CALLS) && !sb_want_app(call))
		return false;
	if (!n->user)
		return sb_core(call, "USER_ID or USER_PHONE_INNER should be set");
	if (n->type < 1 || n->type > 5)
		return sb_core(call, "Unknown TYPE");
	if (!read_start(call, &n->start_ms))
		return false;
	if (!*n->number)
		return sb_core(call, "Unsupported phone number format");
	return sb_user(call->sb, n->user) || sb_core(call, "User is not found or is not active");
}

static void call_init_event(struct sandbox *sb, const struct sb_new_call *n, const char *call_id)
{
	auto_json cJSON *data = cJSON_CreateObject();
	struct sb_cause cause = {n->user, 0, n->depth};
	bx_json_set_str(data, "CALL_ID", call_id);
	bx_json_set_int(data, "CALL_TYPE", n->type);
	bx_json_set_str(data, "CALLER_ID", n->number);
	bx_json_set_int(data, "REST_APP_ID", n->app);
	sb_event(sb, "ONVOXIMPLANTCALLINIT", &cause, data);
}

static void call_start_event(struct sandbox *sb, const struct sb_new_call *n, const char *call_id)
{
	auto_json cJSON *data = cJSON_CreateObject();
	struct sb_cause cause = {n->user, 0, n->depth};
	bx_json_set_str(data, "CALL_ID", call_id);
	bx_json_set_int(data, "USER_ID", n->user);
	sb_event(sb, "ONVOXIMPLANTCALLSTART", &cause, data);
}

static bool same_int(const cJSON *row, const char *key, int64_t value)
{
	int64_t have = 0;
	return bx_json_int(row, key, &have) && have == value;
}

/* What a repeated request is compared by; its own start time is not among them. */
static bool is_duplicate(const struct sandbox *sb, const cJSON *live, const struct sb_new_call *n)
{
	int64_t start = 0;
	bx_json_int(live, "START_MS", &start);
	return same_int(live, "app", n->app) && same_int(live, "USER_ID", n->user) &&
	       same_int(live, "TYPE", n->type) &&
	       bx_streq(bx_json_str(live, "PHONE_NUMBER"), n->number) &&
	       (!*n->line || bx_streq(bx_json_str(live, "LINE_NUMBER"), n->line)) &&
	       (!n->external_id || bx_streq(bx_json_str(live, "EXTERNAL_CALL_ID"), n->external_id)) &&
	       start > sandbox_now_ms(sb) - DUPLICATE_MS;
}

cJSON *sb_call_duplicate(struct sandbox *sb, const struct sb_new_call *n)
{
	for (struct sb_row *r = sb->tables[SB_CALLS].last; r; r = r->prev) {
		if (is_duplicate(sb, r->data, n))
			return r->data;
	}
	return NULL;
}

static void bind_object(cJSON *live, const char *type, int64_t id)
{
	bx_json_set_str(live, "CRM_ENTITY_TYPE", type);
	if (id)
		bx_json_set_int(live, "CRM_ENTITY_ID", id);
	else
		bx_json_set_str(live, "CRM_ENTITY_ID", NULL);
}

static void bind_row(cJSON *live, const cJSON *object)
{
	int64_t id = 0;
	bx_json_int(object, "CRM_ENTITY_ID", &id);
	bind_object(live, bx_json_str(object, "CRM_ENTITY_TYPE"), id);
}

/* The CRM part: what was named, else who has the number, else a lead if one is wanted. */
static void bind_crm(struct sandbox *sb, cJSON *live, const struct sb_new_call *n, int64_t *lead)
{
	bind_object(live, "", 0);
	if (bx_json_bool(live, "INTERNAL", false) || sb->opts.variants & SB_NO_CRM)
		return;
	const cJSON *known = n->crm_id ? NULL : sb_crm_find(sb, n->number);
	if (n->crm_id) {
		bind_object(live, n->crm_type, n->crm_id);
	} else if (known) {
		bind_row(live, known);
	} else if (n->crm_create) {
		const cJSON *created = sb_crm_create_lead(sb, n->number, n->user);
		*lead = -1;
		if (created && bx_json_int(created, "CRM_ENTITY_ID", lead))
			bind_row(live, created);
	}
}

static cJSON *new_row(struct sandbox *sb, const struct sb_new_call *n, const char *call_id)
{
	cJSON *row = cJSON_CreateObject();
	bx_json_set_str(row, "CALL_ID", call_id);
	bx_json_set_int(row, "app", n->app);
	bx_json_set_int(row, "USER_ID", n->user);
	bx_json_set_str(row, "PHONE_NUMBER", n->number);
	bx_json_set_int(row, "TYPE", n->type);
	bx_json_set_str(row, "LINE_NUMBER", n->line);
	bx_json_set_str(row, "EXTERNAL_CALL_ID", n->external_id);
	bx_json_set_int(row, "START_MS", n->start_ms);
	bx_json_set_bool(row, "INTERNAL", sb_is_inner(sb, n->number));
	bx_json_set_bool(row, "ADD_TO_CHAT", n->add_to_chat);
	bx_json_set_int(row, "CALL_LIST_ID", n->list_id);
	bx_json_set_str(row, "COMMENT", NULL);
	return row;
}

cJSON *sb_call_begin(struct sandbox *sb, const struct sb_new_call *n, int64_t *lead)
{
	auto_free char *call_id = sb_new_call_id(sb);
	if (*n->line && !sb_line(sb, n->app, n->line))
		sb_line_add(sb, n->app, n->line, "", true);
	call_init_event(sb, n, call_id);
	cJSON *live = sb_call_duplicate(sb, n);
	if (live)
		return live;
	sb_trim(&sb->tables[SB_CALLS], SB_CALLS_KEPT);
	live = sb_add(&sb->tables[SB_CALLS], new_row(sb, n, call_id));
	bind_crm(sb, live, n, lead);
	call_start_event(sb, n, call_id);
	return live;
}

static cJSON *created_list(int64_t lead)
{
	cJSON *list = cJSON_CreateArray();
	if (lead > 0) {
		cJSON *entity = cJSON_CreateObject();
		bx_json_set_str(entity, "ENTITY_TYPE", "LEAD");
		bx_json_set_int(entity, "ENTITY_ID", lead);
		cJSON_AddItemToArray(list, entity);
	}
	return list;
}

static cJSON *answer_of(const cJSON *live, int64_t lead)
{
	cJSON *answer = cJSON_CreateObject();
	bx_json_set_str(answer, "CALL_ID", bx_json_str(live, "CALL_ID"));
	bx_json_set(answer, "CRM_CREATED_LEAD",
		lead > 0 ? bx_json_int_item(lead) : cJSON_CreateNull());
	bx_json_set(answer, "CRM_CREATED_ENTITIES", created_list(lead));
	bx_json_set_str(answer, "CRM_ENTITY_TYPE", bx_json_str(live, "CRM_ENTITY_TYPE"));
	bx_json_set(answer, "CRM_ENTITY_ID",
		cJSON_Duplicate(bx_json_get(live, "CRM_ENTITY_ID"), true));
	if (lead < 0)
		bx_json_set_str(answer, "LEAD_CREATION_ERROR", "The CRM of this portal is full");
	return answer;
}

/* Only a JSON null counts as absent; an empty text is a switch that is off. */
static bool wants_card(const struct sb_call *call)
{
	const cJSON *show = sb_param(call, "SHOW");
	return !show || bx_json_truthy(show);
}

bool sb_register(struct sb_call *call)
{
	auto_free char *phone = sb_param_text(call, "PHONE_NUMBER"), *number = sb_phone(phone);
	auto_free char *line = line_number(call), *external = sb_param_text(call, "EXTERNAL_CALL_ID");
	auto_free char *crm_type = sb_param_text(call, "CRM_ENTITY_TYPE");
	int64_t crm_id = *crm_type ? sb_param_int(call, "CRM_ENTITY_ID") : 0, lead = 0;
	const cJSON *chat = sb_param(call, "ADD_TO_CHAT");
	struct sb_new_call n = {.app = call->app_id, .user = sb_call_user(call),
		.type = sb_param_int(call, "TYPE"), .number = number, .line = line,
		.external_id = *external ? external : NULL, .crm_type = crm_type, .crm_id = crm_id,
		.crm_create = sb_param_int(call, "CRM_CREATE") == 1,
		.add_to_chat = !chat || bx_json_truthy(chat),
		.list_id = sb_param_int(call, "CALL_LIST_ID"), .depth = sb_call_depth(call)};
	if (!check(call, &n))
		return false;
	const cJSON *live = sb_call_begin(call->sb, &n, &lead);
	if (wants_card(call))
		sb_card_show(call->sb, live, &n.user, 1);
	return sb_ok(call, answer_of(live, lead));
}
