#include "apps.h"

#include <string.h>
#include "access.h"
#include "event.h"
#include "secret.h"
#include "banned.h"

cJSON *sb_app_named(struct sandbox *sb, const char *name)
{
	for (struct sb_row *r = sb->tables[SB_APPS].first; r; r = r->next) {
		if (!name || bx_streq(bx_json_str(r->data, "NAME"), name) ||
			bx_streq(bx_json_str(r->data, "CODE"), name))
			return r->data;
	}
	return NULL;
}

static void set_random(cJSON *row, const char *key, size_t bytes)
{
	char text[65];
	bx_random_hex(text, bytes);
	bx_json_set_str(row, key, text);
}

cJSON *sb_app_new(struct sandbox *sb, const char *name, const char *const *scopes)
{
	char hex[15];
	cJSON *row = cJSON_CreateObject(), *list = cJSON_CreateArray();
	bx_random_hex(hex, 7);
	auto_free char *client = bx_xprintf("local.%s.%08d", hex,
		(int)(sandbox_now_ms(sb) % 100000000));
	for (; *scopes; scopes++)
		cJSON_AddItemToArray(list, cJSON_CreateString(*scopes));
	bx_json_set_str(row, "CODE", client);
	set_random(row, "client_secret", 25);
	bx_json_set_str(row, "NAME", name);
	bx_json_set_str(row, "STATUS", "L");
	bx_json_set_int(row, "VERSION", 1);
	bx_json_set_bool(row, "ADDED", false);
	bx_json_set_bool(row, "INSTALLED", false);
	bx_json_set_bool(row, "ACTIVE", true);
	bx_json_set(row, "scope", list);
	return sb_add(&sb->tables[SB_APPS], row);
}

static int64_t id_of(const cJSON *app)
{
	int64_t id = 0;
	bx_json_int(app, "ID", &id);
	return id;
}

static char *version_of(const cJSON *app)
{
	int64_t version = 1;
	bx_json_int(app, "VERSION", &version);
	return bx_xprintf("%lld", (long long)version);
}

static void post(struct sandbox *sb, const cJSON *app, const char *verb, const cJSON *data)
{
	const struct bx_op *op = bx_op_by_verb(BX_PORTAL_EVENT, verb);
	const char *url = bx_json_str(app, "install_url");
	int64_t user = sb_first_admin(sb);
	bx_json_int(app, "installed_by", &user);
	if (op && url && *url)
		sb_event_post(sb, url, op, 0, data, sb_event_auth(sb, app, op, user, 0));
}

static void tell_install(struct sandbox *sb, const cJSON *app)
{
	auto_json cJSON *data = cJSON_CreateObject();
	auto_free char *version = version_of(app);
	bx_json_set_str(data, "VERSION", version);
	bx_json_set_str(data, "ACTIVE", "Y");
	bx_json_set_str(data, "INSTALLED", "Y");
	bx_json_set_str(data, "LANGUAGE_ID", "en");
	post(sb, app, "ONAPPINSTALL", data);
}

static void set_address(cJSON *app, const char *key, const char *url)
{
	if (url)
		bx_json_set_str(app, key, url);
}

/* Rows that belong to the app leave with it, or with its old version. */
static void drop_owned(struct sandbox *sb, enum sb_table_id table, int64_t app)
{
	struct sb_table *t = &sb->tables[table];
	for (struct sb_row *r = t->first, *next; r; r = next) {
		int64_t owner = 0;
		next = r->next;
		if (bx_json_int(r->data, "app", &owner) && owner == app)
			sb_remove(t, r->data);
	}
}

bool sb_install(struct sandbox *sb, cJSON *app, const struct sb_install *how, struct bx_err *err)
{
	int64_t user = how->user ? how->user : sb_first_admin(sb);
	if (!sb_is_admin(sb_user(sb, user)))
		return bx_fail(err, BX_REFUSED, "", "user %lld is no administrator", (long long)user);
	if (bx_json_bool(app, "ADDED", false))
		return bx_fail(err, BX_REFUSED, "", "the app is installed already");
	if (bx_json_bool(app, "REMOVED", false))
		drop_owned(sb, SB_TOKENS, id_of(app));
	set_address(app, "install_url", how->install_url);
	set_address(app, "event_url", how->event_url);
	set_address(app, "redirect_url", how->redirect_url);
	set_random(app, "application_token", 16);
	bx_json_set_int(app, "installed_by", user);
	bx_json_set_bool(app, "ui", how->with_ui);
	bx_json_set_bool(app, "ADDED", true);
	bx_json_set_bool(app, "INSTALLED", !how->with_ui);
	if (!how->with_ui)
		tell_install(sb, app);
	return true;
}

void sb_update(struct sandbox *sb, cJSON *app)
{
	auto_json cJSON *data = cJSON_CreateObject();
	auto_free char *before = version_of(app);
	int64_t version = 1;
	bx_json_int(app, "VERSION", &version);
	bx_json_set_int(app, "VERSION", version + 1);
	auto_free char *after = version_of(app);
	set_random(app, "application_token", 16);
	drop_owned(sb, SB_HANDLERS, id_of(app));
	bx_json_set_str(data, "VERSION", after);
	bx_json_set_str(data, "PREVIOUS_VERSION", before);
	bx_json_set_str(data, "LANGUAGE_ID", "en");
	post(sb, app, "ONAPPUPDATE", data);
}

/* The event leaves before its handlers do. Tokens stay until the app comes back, so that it is told
 * why they are of no use. */
void sb_uninstall(struct sandbox *sb, cJSON *app, bool clean)
{
	static const enum sb_table_id owned[] = {SB_HANDLERS, SB_OFFLINE, SB_PLACEMENTS, SB_LINES,
		SB_FRAMES, SB_CODES};
	struct sb_cause cause = {sb_first_admin(sb), id_of(app), 0};
	auto_json cJSON *data = cJSON_CreateObject();
	bx_json_set_str(data, "LANGUAGE_ID", "en");
	bx_json_set_str(data, "CLEAN", clean ? "1" : "0");
	sb_event(sb, "ONAPPUNINSTALL", &cause, data);
	for (size_t i = 0; i < BX_COUNT(owned); i++)
		drop_owned(sb, owned[i], id_of(app));
	bx_json_set_bool(app, "ADDED", false);
	bx_json_set_bool(app, "INSTALLED", false);
	bx_json_set_bool(app, "REMOVED", true);
	bx_json_set(app, "seen", NULL);
	if (!clean && !bx_streq(bx_json_str(app, "STATUS"), "L"))
		return;
	bx_json_set(app, "options", NULL);
	bx_json_set(app, "user_options", NULL);
}

void sb_confirmed(struct sandbox *sb, const cJSON *token, bool yes)
{
	auto_json cJSON *data = cJSON_CreateObject();
	struct sb_cause cause = {0};
	bx_json_int(token, "app", &cause.app);
	bx_json_set_str(data, "TOKEN", bx_json_str(token, "token"));
	bx_json_set_str(data, "METHOD", bx_op_by_verb(BX_METHOD, "check")->wire);
	bx_json_set_str(data, "CONFIRMED", yes ? "1" : "0");
	bx_json_set_str(data, "LANGUAGE_ID", "en");
	sb_event(sb, "ONAPPMETHODCONFIRM", &cause, data);
}
