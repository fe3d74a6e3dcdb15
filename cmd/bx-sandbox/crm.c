/* The contacts of the portal, and searching them by number (portal.md 11.6). */
#include <ctype.h>
#include <string.h>
#include "access.h"
#include "external_call.h"
#include "banned.h"

char *sb_phone(const char *text)
{
	char *number = bx_xstrdup(text), *out = number;
	for (const char *p = text; *p; p++) {
		if (isdigit((unsigned char)*p) || strchr("#*+,;", *p))
			*out++ = *p;
	}
	*out = 0;
	return number;
}

/* A missing plus makes no difference between two numbers. */
static bool same_number(const char *a, const char *b)
{
	auto_free char *x = sb_phone(a), *y = sb_phone(b);
	return *y && !strcmp(x + (*x == '+'), y + (*y == '+'));
}

static bool has_number(const cJSON *object, const char *number)
{
	const cJSON *phone;
	cJSON_ArrayForEach(phone, bx_json_get(object, "PHONES"))
	{
		if (cJSON_IsString(phone) && same_number(phone->valuestring, number))
			return true;
	}
	return false;
}

const cJSON *sb_crm_find(struct sandbox *sb, const char *number)
{
	for (struct sb_row *r = sb->tables[SB_CONTACTS].first; r; r = r->next) {
		if (has_number(r->data, number))
			return r->data;
	}
	return NULL;
}

const cJSON *sb_crm_object(struct sandbox *sb, const char *type, int64_t id)
{
	for (struct sb_row *r = sb->tables[SB_CONTACTS].first; r; r = r->next) {
		int64_t own = 0;
		bx_json_int(r->data, "CRM_ENTITY_ID", &own);
		if (own == id && bx_streq(bx_json_str(r->data, "CRM_ENTITY_TYPE"), type))
			return r->data;
	}
	return NULL;
}

cJSON *sb_crm_create_lead(struct sandbox *sb, const char *number, int64_t user)
{
	struct sb_table *t = &sb->tables[SB_CONTACTS];
	if (t->count >= SB_CLIENTS_MOST)
		return NULL;
	cJSON *row = cJSON_CreateObject(), *phones = cJSON_CreateArray();
	auto_free char *name = bx_xprintf("Call from %s", number);
	bx_json_set_str(row, "CRM_ENTITY_TYPE", "LEAD");
	bx_json_set_int(row, "CRM_ENTITY_ID", 300 + t->next_id);
	bx_json_set_str(row, "NAME", name);
	bx_json_set_int(row, "ASSIGNED_BY_ID", user);
	cJSON_AddItemToArray(phones, cJSON_CreateString(number));
	bx_json_set(row, "PHONES", phones);
	return sb_add(t, row);
}

static void copy(cJSON *to, const cJSON *from, const char *key)
{
	const cJSON *item = bx_json_get(from, key);
	bx_json_set(to, key, item ? cJSON_Duplicate(item, true) : cJSON_CreateNull());
}

static cJSON *assigned(struct sandbox *sb, int64_t id)
{
	const cJSON *user = sb_find_id(&sb->tables[SB_USERS], id);
	auto_free char *text = bx_xprintf("%lld", (long long)id);
	cJSON *out = cJSON_CreateObject();
	bx_json_set_str(out, "ID", text);
	bx_json_set_str(out, "TIMEMAN_STATUS", "OPENED");
	bx_json_set_str(out, "USER_PHONE_INNER", bx_json_str(user, "UF_PHONE_INNER"));
	copy(out, user, "WORK_PHONE");
	copy(out, user, "PERSONAL_PHONE");
	copy(out, user, "PERSONAL_MOBILE");
	return out;
}

static cJSON *found(struct sandbox *sb, const cJSON *object)
{
	cJSON *out = cJSON_CreateObject();
	int64_t user = 0;
	copy(out, object, "CRM_ENTITY_TYPE");
	copy(out, object, "CRM_ENTITY_ID");
	copy(out, object, "ASSIGNED_BY_ID");
	copy(out, object, "NAME");
	bx_json_int(object, "ASSIGNED_BY_ID", &user);
	bx_json_set(out, "ASSIGNED_BY", assigned(sb, user));
	return out;
}

bool sb_search(struct sb_call *call)
{
	auto_free char *given = sb_param_text(call, "PHONE_NUMBER");
	if (!*given)
		return sb_core(call, "PHONE_NUMBER is empty");
	if (call->sb->opts.variants & SB_NO_CRM)
		return sb_core(call, "CRM is not installed.");
	cJSON *list = cJSON_CreateArray();
	for (struct sb_row *r = call->sb->tables[SB_CONTACTS].first; r; r = r->next) {
		if (has_number(r->data, given))
			cJSON_AddItemToArray(list, found(call->sb, r->data));
	}
	return sb_ok(call, list);
}
