/* A register after the operator clicked a number: the portal has registered that call itself. */
#include "call.h"

#include "batch.h"
#include "store_click.h"
#include "banned.h"

#define ASK_MS 1000 /* a hook that spools waits for nobody */

static bool keep_user(void *arg, const cJSON *row, struct bx_err *err)
{
	(void)err;
	bx_json_int(row, "ID", arg);
	return false;
}

/* Whose internal number it is; 0: nobody can say. */
static int64_t user_of_ext(struct bx_cli *cli, struct bx_portal *portal, const char *ext)
{
	auto_json cJSON *params = cJSON_CreateObject();
	cJSON *filter = cJSON_CreateObject();
	struct bx_err why = {0};
	int64_t user = 0, timeout_ms = portal->rest.timeout_ms;
	bx_json_set_str(filter, "UF_PHONE_INNER", ext);
	bx_json_set(params, "FILTER", filter);
	if (call_spooling(cli) && timeout_ms > ASK_MS)
		portal->rest.timeout_ms = ASK_MS;
	if (!bx_list(&portal->rest, bx_op_by_verb(BX_METHOD, "user.get")->wire, params, 1, keep_user, &user, &why))
		bx_cli_note(cli, "whose number %s is, is not known (%s): with --user a click-to-call's"
			" own call would be found", ext, why.text);
	portal->rest.timeout_ms = timeout_ms;
	return user;
}

/* The user of the register. An internal number is looked up only when some click is in question. */
static bool settle_user(struct bx_cli *cli, struct bx_portal *portal, const cJSON *params,
	struct bx_click *wanted, const char *taker, bool any)
{
	const char *ext = bx_json_str(params, "USER_PHONE_INNER");
	bx_json_int(params, "USER_ID", &wanted->user);
	if (wanted->user <= 0 && ext && bx_click_find(portal->store, wanted, taker, any, NULL))
		wanted->user = user_of_ext(cli, portal, ext);
	return wanted->user > 0;
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
