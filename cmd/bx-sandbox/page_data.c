/* What one rendering of an employee's page is made of (portal.md 8, 12.1, 12.4). */
#include <string.h>
#include "access.h"
#include "entrance.h"
#include "form.h"
#include "handler.h"
#include "places.h"
#include "secret.h"
#include "banned.h"

#define FRAMES_KEPT 20000

static int64_t int_of(const cJSON *row, const char *key)
{
	int64_t value = 0;
	bx_json_int(row, key, &value);
	return value;
}

static char *full_name(const cJSON *user)
{
	return bx_xprintf("%s %s", bx_json_str(user, "NAME"), bx_json_str(user, "LAST_NAME"));
}

static void add_phone(cJSON *list, const cJSON *user, const char *kind, const char *key)
{
	const char *number = bx_json_str(user, key);
	if (!number || !*number)
		return;
	cJSON *phone = cJSON_CreateObject();
	bx_json_set_str(phone, "kind", kind);
	bx_json_set_str(phone, "number", number);
	cJSON_AddItemToArray(list, phone);
}

static cJSON *employee(const cJSON *user)
{
	cJSON *out = cJSON_CreateObject(), *phones = cJSON_CreateArray();
	auto_free char *name = full_name(user);
	const cJSON *departments = bx_json_get(user, "UF_DEPARTMENT");
	bx_json_set_int(out, "ID", int_of(user, "ID"));
	bx_json_set_str(out, "NAME", name);
	bx_json_set_str(out, "inner", bx_json_str(user, "UF_PHONE_INNER"));
	bx_json_set_bool(out, "admin", sb_is_admin(user));
	add_phone(phones, user, "mobile", "PERSONAL_MOBILE");
	add_phone(phones, user, "personal", "PERSONAL_PHONE");
	add_phone(phones, user, "work", "WORK_PHONE");
	bx_json_set(out, "phones", phones);
	bx_json_set(out, "department", cJSON_Duplicate(cJSON_GetArrayItem(departments, 0), true));
	return out;
}

static cJSON *employees(const struct sandbox *sb)
{
	cJSON *list = cJSON_CreateArray();
	for (struct sb_row *r = sb->tables[SB_USERS].first; r; r = r->next) {
		if (bx_json_bool(r->data, "ACTIVE", false))
			cJSON_AddItemToArray(list, employee(r->data));
	}
	return list;
}

static cJSON *portal(const struct sandbox *sb)
{
	cJSON *out = cJSON_CreateObject();
	auto_free char *origin = sandbox_origin(sb);
	bx_json_set_str(out, "domain", sb->domain);
	bx_json_set_int(out, "protocol", sb->opts.https);
	bx_json_set_str(out, "lang", "en");
	bx_json_set_str(out, "origin", origin);
	return out;
}

/* Everything known of one rendering of a frame. */
struct frame {
	struct sandbox *sb;
	cJSON *app;
	int64_t user;
	bool admin, install;
	char sid[33];
	struct sb_pair pair;
	const char *placement, *uri;
};

static cJSON *placement_options(const struct frame *f)
{
	cJSON *options = cJSON_CreateObject();
	bx_json_set_str(options, "ID", f->placement);
	if (f->uri)
		bx_json_set_str(options, "URI", f->uri);
	return options;
}

static cJSON *query_of(const struct frame *f)
{
	cJSON *query = cJSON_CreateObject();
	bx_json_set_str(query, "DOMAIN", f->sb->domain);
	bx_json_set_str(query, "PROTOCOL", f->sb->opts.https ? "1" : "0");
	bx_json_set_str(query, "LANG", "en");
	bx_json_set_str(query, "APP_SID", f->sid);
	return query;
}

static void put_newer(const struct frame *f, cJSON *fields)
{
	auto_free char *endpoint = sb_auth_endpoint(f->sb), *scope = sb_scope_text(f->app);
	bx_json_set_str(fields, "SERVER_ENDPOINT", endpoint);
	bx_json_set_str(fields, "APPLICATION_TOKEN", bx_json_str(f->app, "application_token"));
	bx_json_set_str(fields, "APPLICATION_SCOPE", scope);
}

static cJSON *fields_of(const struct frame *f)
{
	size_t len;
	auto_json cJSON *options = f->install ? cJSON_CreateObject() : placement_options(f);
	auto_free char *text = sb_print(options, &len);
	cJSON *fields = cJSON_CreateObject();
	bx_json_set_str(fields, "AUTH_ID", f->pair.access);
	bx_json_set_str(fields, "AUTH_EXPIRES", "3600");
	bx_json_set_str(fields, "REFRESH_ID", f->pair.refresh);
	if (!(f->sb->opts.variants & SB_OLD_HANDLER))
		put_newer(f, fields);
	bx_json_set_str(fields, "member_id", f->sb->member_id);
	bx_json_set_str(fields, "status", bx_json_str(f->app, "STATUS"));
	bx_json_set_str(fields, "PLACEMENT", f->placement);
	if (options->child && text)
		bx_json_set_str(fields, "PLACEMENT_OPTIONS", text);
	return fields;
}

/* True the first time this employee meets this version of the app. */
static bool first_run(const struct frame *f)
{
	auto_free char *key = bx_xprintf("%lld", (long long)f->user);
	cJSON *seen = bx_json_get(f->app, "seen");
	if (!seen)
		bx_json_set(f->app, "seen", seen = cJSON_CreateObject());
	bool first = int_of(seen, key) < int_of(f->app, "VERSION");
	bx_json_set_int(seen, key, int_of(f->app, "VERSION"));
	return first;
}

static cJSON *options_or_list(const cJSON *options)
{
	return options && options->child ? cJSON_Duplicate(options, true) : cJSON_CreateArray();
}

static cJSON *init_of(const struct frame *f)
{
	auto_free char *key = bx_xprintf("%lld", (long long)f->user);
	cJSON *init = cJSON_CreateObject();
	bx_json_set_str(init, "LANG", "en");
	bx_json_set_str(init, "DOMAIN", f->sb->domain);
	bx_json_set_int(init, "PROTOCOL", f->sb->opts.https);
	bx_json_set_str(init, "PATH", "/rest");
	bx_json_set_str(init, "AUTH_ID", f->pair.access);
	bx_json_set_str(init, "REFRESH_ID", f->pair.refresh);
	bx_json_set_int(init, "AUTH_EXPIRES", SB_ACCESS_SECONDS);
	bx_json_set_str(init, "MEMBER_ID", f->sb->member_id);
	bx_json_set_bool(init, "FIRST_RUN", first_run(f));
	bx_json_set_bool(init, "IS_ADMIN", f->admin);
	bx_json_set_bool(init, "INSTALL", f->install);
	bx_json_set(init, "USER_OPTIONS",
		options_or_list(bx_json_get(bx_json_get(f->app, "user_options"), key)));
	bx_json_set(init, "APP_OPTIONS", options_or_list(bx_json_get(f->app, "options")));
	bx_json_set_str(init, "PLACEMENT", f->placement);
	bx_json_set(init, "PLACEMENT_OPTIONS", f->install ? cJSON_CreateArray() : placement_options(f));
	return init;
}

static void remember(const struct frame *f)
{
	cJSON *row = cJSON_CreateObject();
	bx_json_set_str(row, "sid", f->sid);
	bx_json_set_int(row, "app", int_of(f->app, "ID"));
	bx_json_set_int(row, "user", f->user);
	bx_json_set_str(row, "refresh", f->pair.refresh);
	sb_trim(&f->sb->tables[SB_FRAMES], FRAMES_KEPT);
	sb_add(&f->sb->tables[SB_FRAMES], row);
}

/* The scheme and host messages of the frame must come from (12.2). */
static char *origin_of(const char *url)
{
	auto_free char *host = sb_url_host(url);
	return bx_xprintf("%.*s://%s", (int)strcspn(url, ":"), url, host);
}

static cJSON *frame_of(struct frame *f, int64_t registration, const char *handler)
{
	cJSON *out = cJSON_CreateObject(), *app = cJSON_CreateObject();
	auto_free char *origin = origin_of(handler);
	bx_random_hex(f->sid, 16);
	f->pair = sb_issue(f->sb, f->app, f->user, true, 0);
	remember(f);
	bx_json_set_int(app, "id", int_of(f->app, "ID"));
	bx_json_set_str(app, "name", bx_json_str(f->app, "NAME"));
	bx_json_set_int(out, "registration", registration);
	bx_json_set(out, "app", app);
	bx_json_set_str(out, "handler", handler);
	bx_json_set_str(out, "origin", origin);
	bx_json_set_str(out, "sid", f->sid);
	bx_json_set(out, "query", query_of(f));
	bx_json_set(out, "fields", fields_of(f));
	bx_json_set(out, "init", init_of(f));
	return out;
}

static bool is_loaded(struct sandbox *sb, const cJSON *place, int64_t user, cJSON **app)
{
	int64_t owner = int_of(place, "userId");
	*app = sb_find_id(&sb->tables[SB_APPS], int_of(place, "app"));
	return bx_streq(bx_json_str(place, "placement"), sb_worker_place()->code) &&
	       sb_app_runs(*app) && sb_app_allows(*app, user) && (!owner || owner == user);
}

static cJSON *frames(struct sandbox *sb, const cJSON *who, const char *uri)
{
	cJSON *list = cJSON_CreateArray();
	int64_t user = int_of(who, "ID");
	for (struct sb_row *r = sb->tables[SB_PLACEMENTS].first; r; r = r->next) {
		struct frame f = {.sb = sb, .user = user, .admin = sb_is_admin(who), .uri = uri,
			.placement = sb_worker_place()->code};
		if (is_loaded(sb, r->data, user, &f.app))
			cJSON_AddItemToArray(list, frame_of(&f, int_of(r->data, "ID"),
				bx_json_str(r->data, "handler")));
	}
	return list;
}

/* Installer pages wait for an administrator to open them (7.1). */
static cJSON *installers(struct sandbox *sb, const cJSON *who)
{
	cJSON *list = cJSON_CreateArray();
	for (struct sb_row *r = sb->tables[SB_APPS].first; r && sb_is_admin(who); r = r->next) {
		struct frame f = {.sb = sb, .app = r->data, .user = int_of(who, "ID"), .admin = true,
			.install = true, .placement = "DEFAULT"};
		const char *url = bx_json_str(r->data, "install_url");
		if (url && bx_json_bool(r->data, "ui", false) && bx_json_bool(r->data, "ADDED", false) &&
			!bx_json_bool(r->data, "INSTALLED", false))
			cJSON_AddItemToArray(list, frame_of(&f, 0, url));
	}
	return list;
}

static cJSON *page_options(const struct sandbox *sb)
{
	cJSON *out = cJSON_CreateObject();
	bx_json_set_int(out, "slow_ms", sb->opts.slow_ms);
	bx_json_set_bool(out, "hidden_states", sb->opts.variants & SB_HIDDEN_STATES);
	bx_json_set_bool(out, "own_events", sb->opts.variants & SB_OWN_EVENTS);
	bx_json_set_int(out, "zone", sb->opts.zone_minutes);
	return out;
}

cJSON *sandbox_page_data(struct sandbox *sb, int64_t user, const char *uri, struct bx_err *err)
{
	const cJSON *who = sb_user(sb, user);
	if (!who) {
		bx_fail(err, BX_ABSENT, "", "there is no employee %lld", (long long)user);
		return NULL;
	}
	cJSON *data = cJSON_CreateObject();
	bx_json_set(data, "user", employee(who));
	bx_json_set(data, "employees", employees(sb));
	bx_json_set(data, "departments", sb_table_dump(&sb->tables[SB_DEPARTMENTS]));
	bx_json_set(data, "portal", portal(sb));
	bx_json_set(data, "frames", frames(sb, who, uri));
	bx_json_set(data, "installers", installers(sb, who));
	bx_json_set(data, "options", page_options(sb));
	return data;
}
