/* show and hide (portal.md 11.2). */
#include "call.h"

#include "banned.h"

static bool show_or_hide(struct bx_cli *cli, const char *verb, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	const struct bx_op *op = call_op(verb);
	if (!bx_cli_want_args(cli, 0, 0, err) || !call_open(cli, &portal, err))
		return false;
	struct bx_known_call *known = &portal.ref.known;
	auto_json cJSON *params = call_params(cli, op, &portal.ref, 0, err);
	if (!params || !bx_cli_check(op, params, err))
		return false;
	if (call_spooling(cli))
		return call_spool(cli, &portal, verb, params, NULL, err);
	auto_json cJSON *result = bx_portal_op(cli, &portal, op, params, err);
	if (!result)
		return bx_portal_was_dry(cli, err);
	if (!bx_json_truthy(result))
		return bx_fail(err, BX_ABSENT, "", "no live call has this CALL_ID (unknown here, or finished)");
	auto_json cJSON *own = known->user ? bx_json_int_item(known->user) : NULL;
	const cJSON *users = bx_json_get(params, "USER_ID");
	if (*known->call_id) {
		(strcmp(verb, "show") ? call_shown_remove : call_shown_add)(known, users ? users : own);
		call_remember(cli, portal.store, known);
	}
	auto_json cJSON *line = cJSON_CreateObject();
	bx_json_set_str(line, "CALL_ID", portal.ref.call_id);
	bx_json_set_bool(line, "result", true);
	if (users || own)
		bx_json_set(line, "user", cJSON_Duplicate(users ? users : own, true));
	return bx_cli_out(cli, line, err);
}

bool call_show(struct bx_cli *cli, struct bx_err *err)
{
	return show_or_hide(cli, "show", err);
}

bool call_hide(struct bx_cli *cli, struct bx_err *err)
{
	return show_or_hide(cli, "hide", err);
}
