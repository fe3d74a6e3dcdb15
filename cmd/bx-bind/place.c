/* The verbs for placements (portal.md 9). */
#include "bind.h"

#include <string.h>
#include "complete.h"
#include "kinds.h"
#include "log.h"
#include "marks.h"
#include "banned.h"

const struct bx_op *bind_op(const char *verb)
{
	return bx_op_by_verb(BX_METHOD, verb);
}

bool bind_is_app(const struct bx_profile *p, struct bx_err *err)
{
	return !p->webhook ||
		bx_fail(err, BX_NOAUTH, "", "%s is a webhook, and only an app can be registered in a portal: add one"
			" to the portal (Developer resources, Other, Local application), then here with bx-auth"
			" add NAME --app --domain %s --client-id ID", p->name, p->domain);
}

bool bind_open(struct bx_cli *cli, struct bx_portal *portal, struct bx_err *err)
{
	return bx_portal_open(cli, portal, false, err) && bind_is_app(&portal->rest.profile, err);
}

cJSON *bind_list(struct bx_rest *rest, const char *verb, struct bx_err *err)
{
	cJSON *rows = bx_rest_op(rest, bind_op(verb), NULL, err);
	if (!rows || cJSON_IsArray(rows))
		return rows;
	cJSON_Delete(rows);
	bx_fail(err, BX_REFUSED, "", "the portal's answer to %s is not a list", bind_op(verb)->wire);
	return NULL;
}

static cJSON *masked(const struct bx_profile *profile, const cJSON *row)
{
	auto_free char *plain = bx_json_print(row);
	auto_str struct bx_str text = BX_STR_INIT(SIZE_MAX / 4);
	bx_str_puts(&text, plain);
	bx_profile_redact(profile, &text);
	return bx_json_parse(text.buf, text.len, NULL);
}

bool bind_say(struct bx_cli *cli, const struct bx_profile *profile, const cJSON *row, const char *action,
	struct bx_err *err)
{
	auto_json cJSON *line = cJSON_CreateObject();
	bx_json_set_str(line, "portal", profile->name);
	for (const cJSON *e = row->child; e; e = e->next)
		bx_json_set(line, e->string, cJSON_Duplicate(e, true));
	bx_json_set_str(line, "action", action);
	auto_json cJSON *shown = masked(profile, line);
	return bx_cli_out(cli, shown, err);
}

bool bind_print_list(struct bx_cli *cli, const char *verb, const cJSON *params, bool app, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	if (!bx_portal_open(cli, &portal, false, err) || (app && !bind_is_app(&portal.rest.profile, err)))
		return false;
	auto_json cJSON *rows = bx_portal_op(cli, &portal, bind_op(verb), params, err);
	if (!rows)
		return bx_portal_was_dry(cli, err);
	const cJSON *row;
	cJSON_ArrayForEach(row, rows) {
		auto_json cJSON *shown = masked(&portal.rest.profile, row);
		if (!bx_cli_out(cli, shown, err))
			return false;
	}
	return true;
}

void bind_check_installed(struct bx_rest *rest)
{
	auto_json cJSON *info = bx_rest_op(rest, bind_op("app.info"), NULL, NULL);
	if (info && !bx_json_bool(info, "INSTALLED", true))
		bx_log(BX_LOG_WARN, "%s: registered, but the portal uses it only once the app is installed: open the"
			" app in the portal as an administrator, so that its page finishes the installation",
			rest->profile.name);
}

bool bind_ls(struct bx_cli *cli, struct bx_err *err)
{
	bx_cli_columns(cli, "placement userId handler title");
	return bx_cli_want_args(cli, 0, 0, err) && bind_print_list(cli, bind_places.ls, NULL, true, err);
}

/* The portal lists bare codes; as rows they have the key under which one is asked for. */
bool bind_available(struct bx_cli *cli, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	const struct bx_op *op = bx_cli_verb(cli)->op;
	auto_json cJSON *params = bx_cli_params(cli, op, 0, err);
	if (!params || !bind_open(cli, &portal, err))
		return false;
	auto_json cJSON *names = bx_portal_op(cli, &portal, op, params, err);
	if (!names)
		return bx_portal_was_dry(cli, err);
	bool places = !strcmp(bx_cli_verb(cli)->name, "available");
	const char *key = places ? "placement" : "event";
	const cJSON *name;
	if (!params->child)
		bx_heard(portal.store, places ? BX_HEARD_PLACEMENTS : BX_HEARD_EVENTS, portal.rest.profile.name, names);
	cJSON_ArrayForEach(name, names) {
		auto_json cJSON *row = cJSON_CreateObject();
		bx_json_set(row, key, cJSON_Duplicate(name, true));
		if (!bx_cli_out(cli, row, err))
			return false;
	}
	return true;
}

/* What --error-handler gives, and the texts, beside the options of the row. */
static cJSON *add_params(struct bx_cli *cli, struct bx_err *err)
{
	const char *error_url = bx_opt(cli, "error-handler");
	auto_json cJSON *params = bx_cli_collect(cli, bind_op(bind_places.add), 0, err);
	if (!params || !bind_texts(cli, params, err))
		return NULL;
	cJSON *options = bx_json_get(params, "OPTIONS");
	if (error_url && !cJSON_IsObject(options))
		bx_json_set(params, "OPTIONS", options = cJSON_CreateObject());
	if (error_url)
		bx_json_set_str(options, "errorHandlerUrl", error_url);
	if (!bx_cli_check(bind_op(bind_places.add), params, err))
		return NULL;
	cJSON *taken = params;
	params = NULL;
	return taken;
}

static bool add_one(struct bx_cli *cli, struct bx_portal *portal, const struct bind_kind *kind,
	const cJSON *want, struct bx_err *err)
{
	auto_json cJSON *result = bx_portal_op(cli, portal, bind_op(kind->add), want, err);
	if (!result)
		return bx_portal_was_dry(cli, err);
	auto_json cJSON *row = kind->row(want);
	return bind_say(cli, &portal->rest.profile, row, "bound", err);
}

bool bind_add(struct bx_cli *cli, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	auto_json cJSON *params = add_params(cli, err);
	auto_json cJSON *users = params ? bind_users(cli, err) : NULL;
	const cJSON *user;
	if (!users || !bind_open(cli, &portal, err))
		return false;
	cJSON_ArrayForEach(user, users) {
		auto_json cJSON *want = cJSON_Duplicate(params, true);
		if (bx_opt(cli, "user"))
			bx_json_set(want, "USER_ID", cJSON_Duplicate(user, true));
		bind_places.normal(want);
		if (!add_one(cli, &portal, &bind_places, want, err))
			return false;
	}
	if (!bx_cli_dry(cli))
		bind_check_installed(&portal.rest);
	return true;
}

bool bind_event_ls(struct bx_cli *cli, struct bx_err *err)
{
	bx_cli_columns(cli, "event offline auth_type handler connector_id");
	return bx_cli_want_args(cli, 0, 0, err) && bind_print_list(cli, bind_handlers.ls, NULL, false, err);
}

bool bind_event_add(struct bx_cli *cli, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	auto_json cJSON *params = bx_cli_params(cli, bind_op(bind_handlers.add), 0, err);
	if (!params || !bind_open(cli, &portal, err))
		return false;
	bind_handlers.normal(params);
	if (!add_one(cli, &portal, &bind_handlers, params, err))
		return false;
	if (!bx_cli_dry(cli))
		bind_check_installed(&portal.rest);
	return true;
}
