/* ctl: calls of the portal's own telephony. Apps hear of them by their events; the card of such a
 * call is there, and no frame may touch it (portal.md 11.10, 13.2). */
#include <string.h>
#include "clock.h"
#include "ctl.h"
#include "event.h"
#include "external_call.h"
#include "pages.h"
#include "secret.h"
#include "banned.h"

#define CALLS_KEPT 1000
#define OWN_NUMBER "15550100000" /* the portal's, which a client calls or is called from */

static struct sb_table *calls(struct sandbox *sb)
{
	return &sb->tables[SB_BUILTIN];
}

static struct sb_cause cause_of(const cJSON *call)
{
	struct sb_cause cause = {0};
	bx_json_int(call, "USER_ID", &cause.user);
	return cause;
}

static void copy(cJSON *to, const char *key, const cJSON *from, const char *from_key)
{
	bx_json_set(to, key, cJSON_Duplicate(bx_json_get(from, from_key), true));
}

static void tell_init(struct sandbox *sb, const cJSON *call)
{
	auto_json cJSON *data = cJSON_CreateObject();
	struct sb_cause cause = cause_of(call);
	copy(data, "CALL_ID", call, "CALL_ID");
	copy(data, "CALL_TYPE", call, "TYPE");
	bx_json_set_str(data, "ACCOUNT_SEARCH_ID", OWN_NUMBER);
	bx_json_set_str(data, "PHONE_NUMBER", OWN_NUMBER);
	copy(data, "CALLER_ID", call, "PHONE_NUMBER");
	sb_event(sb, "ONVOXIMPLANTCALLINIT", &cause, data);
}

static void show(struct sandbox *sb, const cJSON *call)
{
	auto_json cJSON *card = sb_card_of(sb, call, 1);
	bx_json_set_bool(card, "BUILTIN", true);
	pages_show(sb, cause_of(call).user, card);
}

static char *new_id(struct sandbox *sb)
{
	char hex[33];
	bx_random_hex(hex, 16);
	return bx_xprintf("%s.%lld", hex, (long long)(sandbox_now_ms(sb) / 1000));
}

static cJSON *new_call(struct sandbox *sb, const cJSON *params)
{
	const char *phone = bx_json_str(params, "phone");
	auto_free char *number = sb_phone(phone ? phone : "+15550100199"), *id = new_id(sb);
	int64_t user = 1, type = 2;
	cJSON *call = cJSON_CreateObject();
	bx_json_int(params, "user", &user);
	bx_json_int(params, "type", &type);
	bx_json_set_str(call, "CALL_ID", id);
	bx_json_set_int(call, "USER_ID", user);
	bx_json_set_int(call, "TYPE", type);
	bx_json_set_str(call, "PHONE_NUMBER", number);
	bx_json_set_str(call, "LINE_NUMBER", "");
	bx_json_set_str(call, "CRM_ENTITY_TYPE", "");
	bx_json_set_int(call, "START_MS", sandbox_now_ms(sb));
	sb_trim(calls(sb), CALLS_KEPT - 1);
	return sb_add(calls(sb), call);
}

static cJSON *begin(struct sandbox *sb, const cJSON *params)
{
	const cJSON *call = new_call(sb, params);
	cJSON *answer = cJSON_CreateObject();
	tell_init(sb, call);
	show(sb, call);
	copy(answer, "CALL_ID", call, "CALL_ID");
	return answer;
}

static void answered(struct sandbox *sb, cJSON *call)
{
	auto_json cJSON *data = cJSON_CreateObject();
	struct sb_cause cause = cause_of(call);
	bx_json_set_int(call, "ANSWER_MS", sandbox_now_ms(sb));
	copy(data, "CALL_ID", call, "CALL_ID");
	copy(data, "USER_ID", call, "USER_ID");
	sb_event(sb, "ONVOXIMPLANTCALLSTART", &cause, data);
}

static void put_times(struct sandbox *sb, cJSON *data, const cJSON *call)
{
	int64_t start = 0, now = sandbox_now_ms(sb), answer = now;
	char date[BX_ISO_SIZE];
	bx_json_int(call, "START_MS", &start);
	bx_json_int(call, "ANSWER_MS", &answer);
	bx_time_iso(date, start, sb->opts.zone_minutes);
	bx_json_set_int(data, "CALL_DURATION", (now - answer) / 1000);
	bx_json_set_str(data, "CALL_START_DATE", date);
}

static void ended(struct sandbox *sb, const cJSON *call)
{
	auto_json cJSON *data = cJSON_CreateObject();
	struct sb_cause cause = cause_of(call);
	copy(data, "CALL_ID", call, "CALL_ID");
	copy(data, "CALL_TYPE", call, "TYPE");
	copy(data, "PHONE_NUMBER", call, "PHONE_NUMBER");
	bx_json_set_str(data, "PORTAL_NUMBER", OWN_NUMBER);
	copy(data, "PORTAL_USER_ID", call, "USER_ID");
	put_times(sb, data, call);
	bx_json_set_int(data, "COST", 0);
	bx_json_set_str(data, "COST_CURRENCY", "");
	bx_json_set_str(data, "CALL_FAILED_CODE", bx_json_get(call, "ANSWER_MS") ? "200" : "304");
	bx_json_set_str(data, "CALL_FAILED_REASON", "");
	sb_event(sb, "ONVOXIMPLANTCALLEND", &cause, data);
	pages_hide(sb, cause.user, bx_json_str(call, "CALL_ID"));
	sb_remove(calls(sb), call);
}

cJSON *sb_ctl_builtin(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	const char *taken = bx_json_str(params, "answer"), *over = bx_json_str(params, "finish");
	const char *id = taken ? taken : over;
	if (!id)
		return begin(sb, params);
	cJSON *call = sb_find(calls(sb), id);
	if (!call) {
		bx_fail(err, BX_ABSENT, "", "there is no such call '%s'", id);
		return NULL;
	}
	if (taken)
		answered(sb, call);
	else
		ended(sb, call);
	return cJSON_CreateObject();
}
