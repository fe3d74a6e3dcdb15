/* Showing and hiding the card of a live call (portal.md 11.2, 13.1). */
#include <string.h>
#include "access.h"
#include "external_call.h"
#include "pages.h"
#include "banned.h"

#define USERS_MAX   1000
#define CLIENTS_MAX 100 /* of a campaign */

static const char *direction(const cJSON *live, size_t users)
{
	int64_t type = 0;
	bx_json_int(live, "TYPE", &type);
	if (type == 4)
		return "callback";
	return type == 1 && users == 1 ? "outgoing" : "incoming";
}

static void copy(cJSON *to, const cJSON *from, const char *key)
{
	bx_json_set(to, key, cJSON_Duplicate(bx_json_get(from, key), true));
}

static cJSON *client_of(struct sandbox *sb, const cJSON *live)
{
	int64_t id = 0;
	bx_json_int(live, "CRM_ENTITY_ID", &id);
	const cJSON *object = sb_crm_object(sb, bx_json_str(live, "CRM_ENTITY_TYPE"), id);
	cJSON *client = cJSON_CreateObject();
	bx_json_set_str(client, "name", bx_json_str(object, "NAME"));
	bx_json_set_str(client, "company", bx_json_str(object, "COMPANY"));
	return client;
}

/* The clients of a campaign are the others of the CRM, one after another. */
static cJSON *other_clients(struct sandbox *sb, const cJSON *live)
{
	cJSON *list = cJSON_CreateArray();
	int count = 0;
	for (const struct sb_row *r = sb->tables[SB_CONTACTS].first; r && count < CLIENTS_MAX; r = r->next) {
		const cJSON *phone = cJSON_GetArrayItem(bx_json_get(r->data, "PHONES"), 0);
		if (!phone || cJSON_Compare(bx_json_get(live, "PHONE_NUMBER"), phone, true))
			continue;
		cJSON *one = cJSON_CreateObject();
		copy(one, r->data, "CRM_ENTITY_TYPE");
		copy(one, r->data, "CRM_ENTITY_ID");
		bx_json_set(one, "PHONE_NUMBER", cJSON_Duplicate(phone, true));
		bx_json_set(one, "client", client_of(sb, r->data));
		cJSON_AddItemToArray(list, one);
		count++;
	}
	return list;
}

static void put_line(struct sandbox *sb, cJSON *card, const cJSON *live)
{
	int64_t app = 0;
	bx_json_int(live, "app", &app);
	const char *number = bx_json_str(live, "LINE_NUMBER");
	const char *name = bx_json_str(sb_line(sb, app, number), "NAME");
	bx_json_set_str(card, "LINE_NUMBER", number);
	bx_json_set_str(card, "LINE_NAME", name && *name ? name : number);
}

/* What a card is drawn from, and its `initialized` is made of (13.4). */
cJSON *sb_card_of(struct sandbox *sb, const cJSON *live, size_t users)
{
	cJSON *card = cJSON_CreateObject();
	int64_t id = 0, list = 0;
	bx_json_int(live, "CRM_ENTITY_ID", &id);
	bx_json_int(live, "CALL_LIST_ID", &list);
	bx_json_set_str(card, "CALL_ID", bx_json_str(live, "CALL_ID"));
	copy(card, live, "app");
	bx_json_set_str(card, "PHONE_NUMBER", bx_json_str(live, "PHONE_NUMBER"));
	put_line(sb, card, live);
	bx_json_set_str(card, "CRM_ENTITY_TYPE", bx_json_str(live, "CRM_ENTITY_TYPE"));
	bx_json_set_int(card, "CRM_ENTITY_ID", id);
	bx_json_set(card, "CRM_BINDINGS", cJSON_CreateArray());
	bx_json_set_str(card, "CALL_DIRECTION", direction(live, users));
	bx_json_set_bool(card, "CALL_LIST_MODE", list != 0);
	bx_json_set_bool(card, "INTERNAL", bx_json_bool(live, "INTERNAL", false));
	bx_json_set(card, "client", client_of(sb, live));
	if (list)
		bx_json_set(card, "clients", other_clients(sb, live));
	return card;
}

void sb_card_show(struct sandbox *sb, const cJSON *live, const int64_t *users, size_t count)
{
	auto_json cJSON *card = sb_card_of(sb, live, count);
	for (size_t i = 0; i < count; i++)
		pages_show(sb, users[i], card);
}

void sb_card_hide(struct sandbox *sb, const cJSON *live, int64_t user)
{
	pages_hide(sb, user, bx_json_str(live, "CALL_ID"));
}

void sandbox_comment(struct sandbox *sb, const char *call_id, const char *text)
{
	cJSON *live = sb_find(&sb->tables[SB_CALLS], call_id);
	if (live)
		bx_json_set_str(live, "COMMENT", text);
}

/* USER_ID, one or a list; without it the user of the registration. */
static size_t addressees(const struct sb_call *call, const cJSON *live, int64_t users[USERS_MAX])
{
	const cJSON *given = sb_param(call, "USER_ID"), *e;
	size_t count = 0;
	if (cJSON_IsArray(given) || cJSON_IsObject(given)) {
		cJSON_ArrayForEach(e, given)
		{
			if (count < USERS_MAX && sb_php_int(e) > 0)
				users[count++] = sb_php_int(e);
		}
		return count;
	}
	users[0] = sb_php_int(given);
	if (users[0] <= 0)
		bx_json_int(live, "USER_ID", &users[0]);
	return 1;
}

static bool show_or_hide(struct sb_call *call, bool show)
{
	auto_free char *id = sb_param_text(call, "CALL_ID");
	const cJSON *live = sb_find(&call->sb->tables[SB_CALLS], id);
	int64_t users[USERS_MAX];
	if (!live)
		return sb_ok(call, cJSON_CreateFalse());
	size_t count = addressees(call, live, users);
	if (show)
		sb_card_show(call->sb, live, users, count);
	for (size_t i = 0; i < count && !show; i++)
		sb_card_hide(call->sb, live, users[i]);
	return sb_ok(call, cJSON_CreateTrue());
}

static bool show(struct sb_call *call)
{
	return show_or_hide(call, true);
}

static bool hide(struct sb_call *call)
{
	return show_or_hide(call, false);
}

const struct sb_method sb_call_methods[] = {{"register", sb_register}, {"show", show},
	{"hide", hide}, {"finish", sb_finish}, {"search", sb_search}, {0}};
