/* alive: is the app still in the portal? An event alone does not prove that it was removed. */
#include "auth.h"

#include <string.h>
#include "banned.h"

/* Other refusals concern the user, the scope or the plan, and an app that is still there. */
static bool means_gone(const char *code)
{
	static const char *const codes[] = {"APPLICATION_NOT_FOUND", "NO_AUTH_FOUND", "invalid_token",
		"invalid_client", "invalid_grant", "PORTAL_DELETED"};
	for (size_t i = 0; i < BX_COUNT(codes); i++)
		if (!strcmp(codes[i], code))
			return true;
	return false;
}

bool auth_alive(struct bx_cli *cli, struct bx_err *err)
{
	auto_profile struct bx_profile p;
	auto_store struct bx_store *store = NULL;
	bx_profile_init(&p);
	if (!auth_for_real(cli, err) || !bx_cli_want_args(cli, 0, 1, err) || !(store = bx_portals_open(err)) ||
		!auth_named(cli, store, &p, err))
		return false;
	if (p.webhook)
		return bx_fail(err, BX_USAGE, "", "%s is a webhook, no app", p.name);
	auto_rest struct bx_rest rest;
	bx_rest_init(&rest, store, &p);
	if (!bx_opt_timeout(cli, &rest.timeout_ms, err))
		return false;
	auto_json cJSON *info = bx_rest_op(&rest, bx_op_by_verb(BX_METHOD, "app.info"), NULL, err);
	if (info) {
		auto_json cJSON *result = auth_result(&p);
		bx_json_set_bool(result, "ok", true);
		return bx_cli_out(cli, result, err);
	}
	struct bx_err why = *err;
	if (!means_gone(why.code))
		return false;
	if (!bx_profile_set_removed(store, p.name, err))
		return false;
	bx_portal_poke("reload", NULL);
	return bx_fail(err, BX_ABSENT, why.code, "the app is gone from %s: %s", p.domain, why.text);
}
