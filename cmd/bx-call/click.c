/* A register after the operator clicked a number: the portal has registered that call itself. */
#include "call.h"

#include "store_click.h"
#include "banned.h"

/* The user of the register. An internal number is looked up only when some click is in question; where
 * the portal does not say, be it away, whoever clicked that number is meant. */
static bool settle_user(struct bx_cli *cli, struct bx_portal *portal, const cJSON *params,
	struct bx_click *wanted, const char *taker, bool any)
{
	const char *ext = bx_json_str(params, "USER_PHONE_INNER");
	bx_json_int(params, "USER_ID", &wanted->user);
	if (wanted->user > 0)
		return true;
	if (!ext || !bx_click_find(portal->store, wanted, taker, any, NULL))
		return false;
	int64_t user = bx_cli_dry(cli) ? -1 : call_user_of_ext(cli, portal, ext);
	wanted->user = user > 0 ? user : 0;
	return user != 0;
}

static bool is_outgoing(const cJSON *params)
{
	int64_t type = 0;
	auto_json cJSON *out = bx_field_value(bx_field_by_key(call_op("register")->fields, "TYPE", false), "out", NULL);
	return bx_json_int(params, "TYPE", &type) && type == (int64_t)cJSON_GetNumberValue(out);
}

bool call_clicked(struct bx_cli *cli, struct bx_portal *portal, const cJSON *params,
	struct bx_known_call *call, struct bx_err *err)
{
	struct bx_click wanted = {.portal = portal->rest.profile.name,
		.phone = bx_json_str(params, "PHONE_NUMBER"), .line = bx_json_str(params, "LINE_NUMBER")};
	const char *taker = bx_json_str(params, "EXTERNAL_CALL_ID");
	bool any = !bx_opt(cli, "id"); /* so would the portal, of a register without an id */
	struct bx_err why = {0};
	if (bx_opt(cli, "new") || !wanted.phone || !taker || !is_outgoing(params) ||
		!settle_user(cli, portal, params, &wanted, taker, any))
		return false;
	if (bx_cli_dry(cli)) {
		bool found = bx_click_find(portal->store, &wanted, taker, any, &why);
		if (found)
			bx_cli_note(cli, "nothing would be sent: the portal registered this call at the click");
		return found;
	}
	if (bx_click_take(portal->store, &wanted, taker, any, call, &why))
		return true;
	if (why.exit != BX_ABSENT)
		*err = why;
	return false;
}
