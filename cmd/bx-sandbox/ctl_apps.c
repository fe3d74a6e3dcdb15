/* ctl: applications, tokens and who may use them. */
#include <string.h>
#include "access.h"
#include "apps.h"
#include "ctl.h"
#include "demo.h"
#include "state.h"
#include "banned.h"

#define SCOPES_MAX 32

static cJSON *wanted_app(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	const char *name = bx_json_str(params, "app");
	cJSON *app = sb_app_named(sb, name);
	if (!app)
		bx_fail(err, BX_ABSENT, "", "there is no app '%s'", name ? name : "");
	return app;
}

static int64_t wanted_user(struct sandbox *sb, const cJSON *params)
{
	int64_t user = sb_first_admin(sb);
	bx_json_int(params, "user", &user);
	return user;
}

static cJSON *app_answer(const struct sandbox *sb, const cJSON *app)
{
	cJSON *answer = cJSON_Duplicate(app, true);
	bx_json_set_str(answer, "client_id", bx_json_str(app, "CODE"));
	bx_json_set_str(answer, "member_id", sb->member_id);
	return answer;
}

/* As the app's own installer would bind them. */
static void bind_events(struct sandbox *sb, const cJSON *app, const char *url)
{
	static const char *const verbs[] = {"ONAPPUNINSTALL", "ONVOXIMPLANTCALLINIT",
		"ONVOXIMPLANTCALLSTART", "ONVOXIMPLANTCALLEND", "ONEXTERNALCALLSTART",
		"ONEXTERNALCALLBACKSTART"};
	for (size_t i = 0; i < BX_COUNT(verbs); i++) {
		cJSON *row = cJSON_CreateObject();
		bx_json_set(row, "app", cJSON_Duplicate(bx_json_get(app, "ID"), true));
		bx_json_set_str(row, "event", bx_op_by_verb(BX_PORTAL_EVENT, verbs[i])->wire);
		bx_json_set_str(row, "handler", url);
		bx_json_set_int(row, "auth_type", 0);
		bx_json_set_bool(row, "offline", false);
		bx_json_set_str(row, "connector", "");
		sb_add(&sb->tables[SB_HANDLERS], row);
	}
}

static cJSON *install(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	cJSON *app = wanted_app(sb, params, err);
	struct sb_install how = {bx_json_str(params, "install_url"), bx_json_str(params, "event_url"),
		bx_json_str(params, "redirect_url"), bx_json_bool(params, "ui", false),
		wanted_user(sb, params)};
	if (!app || !sb_install(sb, app, &how, err))
		return NULL;
	if (how.event_url)
		bind_events(sb, app, how.event_url);
	return app_answer(sb, app);
}

static cJSON *uninstall(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	cJSON *app = wanted_app(sb, params, err);
	if (!app)
		return NULL;
	sb_uninstall(sb, app, bx_json_bool(params, "clean", false));
	return app_answer(sb, app);
}

static cJSON *update(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	cJSON *app = wanted_app(sb, params, err);
	if (!app)
		return NULL;
	sb_update(sb, app);
	return app_answer(sb, app);
}

/* The words of a comma-separated text, in place; the standard ones when there is none. */
static void split_scopes(char *text, const char *words[SCOPES_MAX])
{
	static const char *const standard[] = {"placement", "telephony", "user", "crm"};
	size_t count = 0;
	for (char *p = text, *comma; p && *p && count < SCOPES_MAX - 1; p = comma + 1) {
		words[count++] = p;
		comma = strchr(p, ',');
		if (!comma)
			break;
		*comma = 0;
	}
	for (size_t i = 0; !text && i < BX_COUNT(standard); i++)
		words[count++] = standard[i];
	words[count] = NULL;
}

static cJSON *new_app(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	const char *words[SCOPES_MAX];
	auto_free char *scope = bx_xstrdup(bx_json_str(params, "scope"));
	const char *name = bx_json_str(params, "name"), *redirect = bx_json_str(params, "redirect_url");
	if (sb_app_named(sb, name)) {
		bx_fail(err, BX_REFUSED, "", "there is an app '%s' already", name);
		return NULL;
	}
	split_scopes(scope, words);
	cJSON *app = sb_app_new(sb, name, words);
	bx_json_set_str(app, "redirect_url", redirect);
	return app_answer(sb, app);
}

/* What ownership and identity hang on stays as it is. */
static cJSON *change(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	static const char *const keys[] = {"NAME", "STATUS", "ACTIVE", "EXPIRED"};
	cJSON *app = wanted_app(sb, params, err);
	auto_json cJSON *changes = cJSON_CreateObject();
	for (size_t i = 0; i < BX_COUNT(keys); i++)
		bx_json_set(changes, keys[i], cJSON_Duplicate(bx_json_get(params, keys[i]), true));
	return app && sb_row_change(SB_APPS, app, changes, err) ? app_answer(sb, app) : NULL;
}

static cJSON *token(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	const cJSON *app = wanted_app(sb, params, err);
	if (!app)
		return NULL;
	struct sb_pair pair = sb_issue(sb, app, wanted_user(sb, params), true, 0);
	cJSON *answer = cJSON_CreateObject();
	bx_json_set_str(answer, "access_token", pair.access);
	bx_json_set_str(answer, "refresh_token", pair.refresh);
	bx_json_set_int(answer, "expires", pair.expires);
	return answer;
}

static cJSON *webhook(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	const char *words[SCOPES_MAX];
	auto_free char *scope = bx_xstrdup(bx_json_str(params, "scope")), *endpoint = sb_endpoint(sb);
	(void)err;
	split_scopes(scope, words);
	const char *code = sb_webhook_new(sb, wanted_user(sb, params), words);
	auto_free char *url = bx_xprintf("%s%lld/%s/", endpoint, (long long)wanted_user(sb, params), code);
	cJSON *answer = cJSON_CreateObject();
	bx_json_set_str(answer, "webhook", url);
	return answer;
}

static cJSON *access_of(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	cJSON *app = wanted_app(sb, params, err);
	const cJSON *users = bx_json_get(params, "users");
	if (!app)
		return NULL;
	bx_json_set(app, "access", cJSON_IsArray(users) ? cJSON_Duplicate(users, true) : NULL);
	return app_answer(sb, app);
}

static cJSON *expire(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	(void)err;
	sb_expire_tokens(sb, bx_json_str(params, "token"));
	return cJSON_CreateObject();
}

static cJSON *confirm(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	const char *decision = bx_json_str(params, "decision");
	bool yes = bx_streq(decision, "yes");
	int64_t count = 0;
	if (!yes && !bx_streq(decision, "no")) {
		bx_fail(err, BX_USAGE, "", "a decision is yes or no");
		return NULL;
	}
	for (struct sb_row *r = sb->tables[SB_TOKENS].first; r; r = r->next) {
		if (!bx_streq(bx_json_str(r->data, "confirmed"), ""))
			continue;
		bx_json_set_str(r->data, "confirmed", yes ? "1" : "0");
		sb_confirmed(sb, r->data, yes);
		count++;
	}
	cJSON *answer = cJSON_CreateObject();
	bx_json_set_int(answer, "count", count);
	return answer;
}

const struct sb_ctl sb_ctl_apps[] = {{"install", install}, {"uninstall", uninstall},
	{"update", update}, {"app", new_app}, {"change", change}, {"token", token}, {"webhook", webhook},
	{"access", access_of}, {"expire", expire}, {"confirm", confirm}, {0}};
