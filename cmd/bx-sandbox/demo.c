#include "demo.h"

#include <string.h>
#include "access.h"
#include "apps.h"
#include "secret.h"
#include "banned.h"

#define FIRST_APP  3 /* ids that differ from those of employees and lines */
#define FIRST_FILE 6401
#define FIRST_ACTIVITY 901

static const char *const scopes[] = {"placement", "telephony", "user", "crm", NULL};

static const struct {
	const char *name, *last, *inner, *gender, *mobile, *work;
	int department;
} people[] = {
	{"Maria", "Novak", "101", "F", "+15550100101", "+15550100001", 1},
	{"Tom", "Berg", "102", "M", "+15550100102", "", 1},
	{"Lena", "Fischer", "103", "F", "", "+15550100003", 2},
	{"Omar", "Haddad", "104", "M", "", "", 2},
	{"Julia", "Costa", "105", "F", "+15550100105", "", 2},
};

static const struct {
	const char *type, *name, *company, *phone;
	int id, assigned;
} clients[] = {
	{"CONTACT", "Ann Lee", "Lee & Sons", "+15550100199", 77, 1},
	{"CONTACT", "Peter Ito", "", "+15550100177", 78, 2},
	{"COMPANY", "Harbour Bakery", "", "+15550100155", 12, 3},
	{"LEAD", "Website form", "", "+15550100144", 41, 2},
};

cJSON *sb_user_new(struct sandbox *sb, const char *name, const char *last_name, const char *inner)
{
	cJSON *row = cJSON_CreateObject(), *departments = cJSON_CreateArray();
	bx_json_set_bool(row, "ACTIVE", true);
	bx_json_set_bool(row, "ADMIN", false);
	bx_json_set_str(row, "NAME", name);
	bx_json_set_str(row, "LAST_NAME", last_name);
	auto_free char *mail = bx_xprintf("%s.%s@example.com", name, last_name);
	bx_json_set_str(row, "EMAIL", mail);
	bx_json_set_str(row, "PERSONAL_GENDER", "");
	bx_json_set_str(row, "TIME_ZONE", "");
	bx_json_set_str(row, "USER_TYPE", "employee");
	bx_json_set_str(row, "WORK_PHONE", "");
	bx_json_set_str(row, "PERSONAL_MOBILE", "");
	bx_json_set_str(row, "PERSONAL_PHONE", "");
	bx_json_set_str(row, "UF_PHONE_INNER", inner);
	cJSON_AddItemToArray(departments, bx_json_int_item(1));
	bx_json_set(row, "UF_DEPARTMENT", departments);
	return sb_add(&sb->tables[SB_USERS], row);
}

static void add_people(struct sandbox *sb)
{
	for (size_t i = 0; i < BX_COUNT(people); i++) {
		cJSON *row = sb_user_new(sb, people[i].name, people[i].last, people[i].inner);
		cJSON *departments = cJSON_CreateArray();
		cJSON_AddItemToArray(departments, bx_json_int_item(people[i].department));
		bx_json_set_bool(row, "ADMIN", i == 0);
		bx_json_set_str(row, "PERSONAL_GENDER", people[i].gender);
		bx_json_set_str(row, "PERSONAL_MOBILE", people[i].mobile);
		bx_json_set_str(row, "WORK_PHONE", people[i].work);
		bx_json_set(row, "UF_DEPARTMENT", departments);
	}
}

static void add_departments(struct sandbox *sb)
{
	static const char *const names[] = {"Sales", "Support"};
	for (size_t i = 0; i < BX_COUNT(names); i++) {
		cJSON *row = cJSON_CreateObject();
		bx_json_set_str(row, "NAME", names[i]);
		sb_add(&sb->tables[SB_DEPARTMENTS], row);
	}
}

static void add_clients(struct sandbox *sb)
{
	for (size_t i = 0; i < BX_COUNT(clients); i++) {
		cJSON *row = cJSON_CreateObject(), *phones = cJSON_CreateArray();
		bx_json_set_str(row, "CRM_ENTITY_TYPE", clients[i].type);
		bx_json_set_int(row, "CRM_ENTITY_ID", clients[i].id);
		bx_json_set_str(row, "NAME", clients[i].name);
		bx_json_set_str(row, "COMPANY", clients[i].company);
		bx_json_set_int(row, "ASSIGNED_BY_ID", clients[i].assigned);
		cJSON_AddItemToArray(phones, cJSON_CreateString(clients[i].phone));
		bx_json_set(row, "PHONES", phones);
		sb_add(&sb->tables[SB_CONTACTS], row);
	}
}

const char *sb_webhook_new(struct sandbox *sb, int64_t user, const char *const *wanted)
{
	char code[17];
	cJSON *row = cJSON_CreateObject(), *list = cJSON_CreateArray();
	bx_random_hex(code, 8);
	for (; *wanted; wanted++)
		cJSON_AddItemToArray(list, cJSON_CreateString(*wanted));
	bx_json_set_str(row, "code", code);
	bx_json_set_int(row, "user", user);
	bx_json_set(row, "scope", list);
	return bx_json_str(sb_add(&sb->tables[SB_WEBHOOKS], row), "code");
}

void sb_demo(struct sandbox *sb)
{
	sb->tables[SB_APPS].next_id = FIRST_APP;
	sb->tables[SB_FILES].next_id = FIRST_FILE;
	sb->tables[SB_ACTIVITIES].next_id = FIRST_ACTIVITY;
	add_departments(sb);
	add_people(sb);
	add_clients(sb);
	sb_app_new(sb, "Phone", scopes);
	sb_webhook_new(sb, 1, scopes);
}
