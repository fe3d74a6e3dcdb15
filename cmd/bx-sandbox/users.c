/* user.current and user.get (portal.md 10.7). */
#include <string.h>
#include <strings.h>
#include "access.h"
#include "query.h"
#include "banned.h"

static const char *const brief[] = {"ID", "ACTIVE", "NAME", "LAST_NAME", "EMAIL", "PERSONAL_GENDER",
	"TIME_ZONE", "USER_TYPE", "UF_DEPARTMENT", NULL};
static const char *const wide[] = {"WORK_PHONE", "PERSONAL_MOBILE", "PERSONAL_PHONE",
	"UF_PHONE_INNER", NULL};

static void copy_fields(cJSON *to, const cJSON *user, const char *const *keys)
{
	for (; *keys; keys++) {
		const cJSON *item = bx_json_get(user, *keys);
		if (!strcmp(*keys, "ID")) {
			auto_free char *id = sb_php_text(item);
			bx_json_set_str(to, "ID", id);
		} else if (item) {
			bx_json_set(to, *keys, cJSON_Duplicate(item, true));
		}
	}
}

static cJSON *public_user(const struct sb_call *call, const cJSON *user)
{
	cJSON *out = cJSON_CreateObject();
	copy_fields(out, user, brief);
	if (sb_has_scope(call, "user") || sb_has_scope(call, "user_basic"))
		copy_fields(out, user, wide);
	return out;
}

static bool current(struct sb_call *call)
{
	return sb_ok(call, public_user(call, call->user));
}

/* These names may be written in either case. */
static const cJSON *either(const struct sb_call *call, const char *upper, const char *lower)
{
	const cJSON *item = sb_param(call, upper);
	return item ? item : sb_param(call, lower);
}

static bool has_name(const cJSON *user, const cJSON *wanted)
{
	auto_free char *part = sb_php_text(wanted);
	auto_free char *whole = bx_xprintf("%s %s %s", bx_json_str(user, "NAME"),
		bx_json_str(user, "LAST_NAME"), bx_json_str(user, "NAME"));
	return strcasestr(whole, part) != NULL;
}

static bool is_date_field(const char *key)
{
	return strstr(key, "DATE") || strstr(key, "BIRTHDAY") || strstr(key, "TIMESTAMP");
}

/* Dates of employees are not kept here, and an unknown date matches nothing. */
static bool dates_match(const cJSON *user, const cJSON *filter)
{
	const cJSON *e;
	cJSON_ArrayForEach(e, filter)
	{
		const char *key = e->string ? e->string + strspn(e->string, "!<>=%?@") : "";
		if (is_date_field(key) && !bx_json_get(user, key))
			return false;
	}
	return true;
}

static bool is_wanted(const cJSON *user, const cJSON *filter)
{
	static const char *const fields[] = {"ID", "ACTIVE", "NAME", "LAST_NAME", "EMAIL",
		"USER_TYPE", "WORK_PHONE", "PERSONAL_MOBILE", "PERSONAL_PHONE", "UF_PHONE_INNER",
		"UF_DEPARTMENT", NULL};
	const cJSON *name = bx_json_get(filter, "NAME_SEARCH");
	return (!name || has_name(user, name)) && dates_match(user, filter) &&
	       sb_matches(user, filter, fields);
}

static void select_fields(cJSON *user, const cJSON *select)
{
	for (cJSON *e = user->child, *next; e && cJSON_IsArray(select) && select->child; e = next) {
		const cJSON *s;
		bool kept = !strcmp(e->string, "ID");
		next = e->next;
		cJSON_ArrayForEach(s, select)
			kept = kept || (cJSON_IsString(s) && (!strcmp(s->valuestring, e->string) ||
								     !strcmp(s->valuestring, "*")));
		if (!kept)
			cJSON_Delete(cJSON_DetachItemViaPointer(user, e));
	}
}

/* ACTIVE is a boolean in the row and "Y"/"N", 1/0 or true/false in filters. */
static cJSON *plain_filter(const cJSON *given)
{
	cJSON *filter = cJSON_IsObject(given) ? cJSON_Duplicate(given, true) : cJSON_CreateObject();
	const cJSON *active = bx_json_get(filter, "ACTIVE");
	if (active) {
		const char *text = cJSON_GetStringValue(active);
		bool on = bx_json_truthy(active) && !(text && strchr("Nn", *text));
		bx_json_set(filter, "ACTIVE", cJSON_CreateBool(on));
	}
	return filter;
}

static void sort_users(const struct sb_call *call, cJSON *rows)
{
	auto_free char *field = sb_php_text(either(call, "SORT", "sort"));
	auto_free char *order = sb_php_text(either(call, "ORDER", "order"));
	if (*field)
		sb_sort(rows, field, !strcasecmp(order, "DESC"));
}

static bool get(struct sb_call *call)
{
	auto_json cJSON *filter = plain_filter(either(call, "FILTER", "filter"));
	cJSON *rows = cJSON_CreateArray();
	for (struct sb_row *r = call->sb->tables[SB_USERS].first; r; r = r->next) {
		if (is_wanted(r->data, filter))
			cJSON_AddItemReferenceToArray(rows, r->data);
	}
	sort_users(call, rows);
	auto_json cJSON *page = sb_page(call, rows, false);
	cJSON *answer = cJSON_CreateArray();
	for (cJSON *e = page->child; e; e = e->next) {
		cJSON *user = public_user(call, e);
		select_fields(user, either(call, "SELECT", "select"));
		cJSON_AddItemToArray(answer, user);
	}
	return sb_ok(call, answer);
}

const struct sb_method sb_user_methods[] = {{"user.current", current}, {"user.get", get}, {0}};
