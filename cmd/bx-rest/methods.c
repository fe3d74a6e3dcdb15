/* methods: what the portal offers, which completion remembers. */
#include "rest.h"

#include "banned.h"

cJSON *rest_fetch_methods(struct bx_portal *portal, const cJSON *params, struct bx_err *err)
{
	cJSON *names = bx_rest_op(&portal->rest, bx_op_by_verb(BX_METHOD, "methods"), params, err);
	if (names && !(params && params->child))
		bx_heard(portal->store, BX_HEARD_METHODS, portal->rest.profile.name, names);
	return names;
}

bool rest_methods(struct bx_cli *cli, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	const struct bx_op *op = bx_cli_verb(cli)->op;
	auto_json cJSON *params = bx_cli_params(cli, op, 0, err);
	bx_cli_columns(cli, "method help");
	if (!params || !bx_cli_want_args(cli, 0, 0, err) || !bx_portal_open(cli, &portal, false, err))
		return false;
	if (bx_cli_dry(cli)) {
		auto_json cJSON *preview = bx_rest_preview(&portal.rest, op->wire, params);
		return bx_cli_out(cli, preview, err);
	}
	auto_json cJSON *names = rest_fetch_methods(&portal, params, err);
	const cJSON *name;
	bool ok = names != NULL;
	cJSON_ArrayForEach(name, names) {
		auto_json cJSON *line = cJSON_CreateObject();
		const struct bx_op *known = cJSON_IsString(name) ? bx_op_by_wire(BX_METHOD, name->valuestring) : NULL;
		bx_json_set(line, "method", cJSON_Duplicate(name, true));
		if (known)
			bx_json_set_str(line, "help", known->help);
		ok = ok && bx_cli_out(cli, line, err);
	}
	return ok;
}
