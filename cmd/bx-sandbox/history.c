/* voximplant.statistic.get and voximplant.user.get (portal.md 11.8, 11.9). */
#include <string.h>
#include <strings.h>
#include "access.h"
#include "external_call.h"
#include "query.h"
#include "banned.h"

static const char *const fields[] = {"ID", "CALL_ID", "EXTERNAL_CALL_ID", "CALL_CATEGORY",
	"PORTAL_USER_ID", "PORTAL_NUMBER", "PHONE_NUMBER", "CALL_DURATION", "CALL_START_DATE",
	"CALL_LOG", "CALL_RECORD_URL", "CALL_VOTE", "COST", "COST_CURRENCY", "CALL_FAILED_CODE",
	"CALL_FAILED_REASON", "CRM_ENTITY_TYPE", "CRM_ENTITY_ID", "CRM_ACTIVITY_ID", "REST_APP_ID",
	"REST_APP_NAME", "TRANSCRIPT_ID", "TRANSCRIPT_PENDING", "SESSION_ID", "REDIAL_ATTEMPT",
	"COMMENT", "RECORD_DURATION", "CALL_TYPE", NULL};

cJSON *sb_finished(struct sandbox *sb, const char *call_id)
{
	return sb_find(&sb->tables[SB_HISTORY], call_id);
}

static bool is_sortable(const char *field)
{
	for (const char *const *f = fields; *f; f++) {
		if (!strcmp(*f, field))
			return strcmp(field, "CALL_TYPE") != 0;
	}
	return false;
}

/* Sorting needs both words. The rows come in the order of their numbers. */
static bool sort_wanted(const struct sb_call *call, char **field, bool *down)
{
	auto_free char *order = sb_param_text(call, "ORDER");
	*field = sb_param_text(call, "SORT");
	*down = !strcasecmp(order, "DESC");
	return is_sortable(*field) && (*down || (!strcasecmp(order, "ASC") && strcmp(*field, "ID") != 0));
}

/* The one row that can pass, when the filter names its call; NULL: any may. */
static cJSON *named_row(const struct sb_table *t, const cJSON *filter)
{
	const char *id = bx_json_str(filter, "CALL_ID");
	return sb_find(t, id ? id : bx_json_str(filter, "=CALL_ID"));
}

/* References to the rows that pass, at most that many; -1: all. */
static cJSON *find(const struct sb_table *t, const cJSON *filter, int most)
{
	cJSON *rows = cJSON_CreateArray(), *named = named_row(t, filter);
	if (named) {
		if (sb_matches(named, filter, fields))
			cJSON_AddItemReferenceToArray(rows, named);
		return rows;
	}
	for (struct sb_row *r = t->first; r && most; r = r->next) {
		if (!sb_matches(r->data, filter, fields))
			continue;
		cJSON_AddItemReferenceToArray(rows, r->data);
		most--;
	}
	return rows;
}

static bool statistic(struct sb_call *call)
{
	const cJSON *filter = sb_param(call, "FILTER");
	auto_free char *field = NULL;
	bool down;
	if (!bx_json_bool(call->user, "STATISTICS", true))
		return sb_deny(call, NULL);
	bool sorted = sort_wanted(call, &field, &down);
	/* Who does not let them be counted gets the first page of what passes. */
	bool few = !sorted && call->has_start && call->start == -1;
	cJSON *rows = find(&call->sb->tables[SB_HISTORY], cJSON_IsObject(filter) ? filter : NULL,
		few ? SB_PAGE : -1);
	if (sorted)
		sb_sort(rows, field, down);
	return sb_ok(call, sb_page(call, rows, true));
}

static cJSON *phone_settings(const cJSON *user, int64_t id)
{
	auto_free char *text = bx_xprintf("%lld", (long long)id);
	auto_free char *login = bx_xprintf("phone%lld", (long long)id);
	cJSON *out = cJSON_CreateObject();
	bx_json_set_str(out, "ID", text);
	bx_json_set_str(out, "DEFAULT_LINE", NULL);
	bx_json_set_str(out, "PHONE_ENABLED", "N");
	bx_json_set_str(out, "SIP_SERVER", NULL);
	bx_json_set_str(out, "SIP_LOGIN", login);
	bx_json_set_str(out, "SIP_PASSWORD", NULL);
	bx_json_set_str(out, "INNER_NUMBER", bx_json_str(user, "UF_PHONE_INNER"));
	return out;
}

/* An administrator decides once for the token and the method; a webhook needs no decision. */
static bool is_confirmed(struct sb_call *call)
{
	const char *decision = bx_json_str(call->access, "confirmed");
	if (!call->app || bx_streq(decision, "1"))
		return true;
	if (!decision)
		bx_json_set_str(call->access, "confirmed", "");
	return sb_refuse(call, bx_streq(decision, "0") ? "METHOD_CONFIRM_DENIED"
						       : "METHOD_CONFIRM_WAITING", NULL);
}

static void add_settings(struct sb_call *call, cJSON *list, const cJSON *wanted)
{
	int64_t id = sb_php_int(wanted);
	const cJSON *user = sb_find_id(&call->sb->tables[SB_USERS], id);
	if (user)
		cJSON_AddItemToArray(list, phone_settings(user, id));
}

static bool phone_user(struct sb_call *call)
{
	const cJSON *wanted = sb_param(call, "USER_ID"), *e;
	if (!bx_json_truthy(wanted))
		return sb_refuse(call, "", "Parameter USER_ID is not set");
	if (!call->admin)
		return sb_deny(call, "You have no permission to query selected users");
	if (!is_confirmed(call))
		return false;
	cJSON *list = cJSON_CreateArray();
	if (!cJSON_IsArray(wanted) && !cJSON_IsObject(wanted))
		add_settings(call, list, wanted);
	else
		cJSON_ArrayForEach(e, wanted)
			add_settings(call, list, e);
	return sb_ok(call, list);
}

const struct sb_method sb_history_methods[] = {{"history", statistic}, {"check", phone_user}, {0}};
