/* One call at several employees: ring and answered. It is registered once, for a second register
 * would be a second call. */
#include "call.h"

#include "banned.h"

const struct bx_opt call_answered_opts[] = {
	{"user", 0, "ID", 0, "user", "who has taken it; the call is booked to that employee"},
	CALL_OPT_SPOOL,
	{0},
};

bool call_card(struct bx_cli *cli, struct bx_portal *portal, const char *verb,
	struct bx_known_call *call, const cJSON *users, struct bx_err *err)
{
	auto_json cJSON *params = cJSON_CreateObject();
	bx_json_set_str(params, "CALL_ID", call->call_id);
	if (users)
		bx_json_set(params, "USER_ID", cJSON_Duplicate(users, true));
	auto_json cJSON *result = bx_rest_op(&portal->rest, call_op(verb), params, err);
	if (!result)
		return false;
	if (!bx_json_truthy(result))
		return bx_fail(err, BX_ABSENT, "", "no live call has this CALL_ID (unknown here, or finished)");
	if (users)
		(strcmp(verb, "show") ? call_shown_remove : call_shown_add)(call, users);
	if (*call->portal)
		call_remember(cli, portal->store, call);
	return true;
}

static cJSON *users_of(struct bx_cli *cli, struct bx_err *err)
{
	const char *const *given;
	size_t count = bx_opt_all(cli, "user", &given);
	const struct bx_field *field = bx_field_by_key(call_op("show")->fields, "USER_ID", false);
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < count; i++) {
		cJSON *user = bx_field_value(field, given[i], err);
		if (!user) {
			cJSON_Delete(list);
			return NULL;
		}
		cJSON_AddItemToArray(list, user);
	}
	return list;
}

static bool ring_known(struct bx_cli *cli, const cJSON *users, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	if (!bx_cli_want_args(cli, 0, 0, err) || !call_open(cli, &portal, err))
		return false;
	auto_json cJSON *line = cJSON_CreateObject();
	bx_json_set_str(line, "CALL_ID", portal.ref.call_id);
	bx_json_set(line, "USER_ID", cJSON_Duplicate(users, true));
	if (bx_cli_dry(cli))
		return !bx_portal_op(cli, &portal, call_op("show"), line, err) && bx_portal_was_dry(cli, err);
	bx_set_str(&portal.ref.known.call_id, portal.ref.call_id);
	if (call_spooling(cli))
		return call_spool(cli, &portal, "show", line, NULL, err);
	if (!call_card(cli, &portal, "show", &portal.ref.known, users, err))
		return false;
	bx_json_set(line, "USER_ID", NULL);
	bx_json_set_bool(line, "result", true);
	bx_json_set(line, "user", cJSON_Duplicate(users, true));
	return bx_cli_out(cli, line, err);
}

/* The line comes also when the others cannot be shown it: the call is registered. */
static bool ring_others(struct bx_cli *cli, struct bx_portal *portal, struct bx_known_call *call,
	cJSON *line, cJSON *users, struct bx_err *err)
{
	if (cJSON_GetArraySize(users) > 1)
		bx_json_set(line, "user", cJSON_Duplicate(users, true));
	cJSON_DeleteItemFromArray(users, 0);
	bool ok = !users->child || call_card(cli, portal, "show", call, users, err);
	return bx_cli_out(cli, line, ok ? err : NULL) && ok;
}

/* The show is queued behind the register, whatever became of that. */
static bool ring_spooled(struct bx_cli *cli, struct bx_portal *portal, const cJSON *params,
	cJSON *users, struct bx_err *err)
{
	bool ok = call_spool(cli, portal, "register", params, NULL, err);
	if (!users->child->next || (!ok && err->exit != BX_QUEUED))
		return ok;
	auto_json cJSON *show = cJSON_CreateObject();
	cJSON_DeleteItemFromArray(users, 0);
	bx_json_set(show, "USER_ID", cJSON_Duplicate(users, true));
	return call_spool(cli, portal, "show", show, NULL, err);
}

static bool ring_new(struct bx_cli *cli, cJSON *users, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	auto_known_call struct bx_known_call call;
	bx_known_call_init(&call);
	auto_json cJSON *params = call_register_params(cli, err);
	if (!params)
		return false;
	bx_json_set(params, "USER_ID", cJSON_Duplicate(users->child, true));
	if (!bx_cli_check(call_op("register"), params, err) || !bx_portal_open(cli, &portal, false, err))
		return false;
	auto_json cJSON *line = call_begin(cli, &portal, params, &call, err);
	if (line)
		return ring_others(cli, &portal, &call, line, users, err);
	if (!err->exit && call_spooling(cli))
		return ring_spooled(cli, &portal, params, users, err);
	return bx_portal_was_dry(cli, err);
}

bool call_ring(struct bx_cli *cli, struct bx_err *err)
{
	auto_json cJSON *users = users_of(cli, err);
	if (!users)
		return false;
	if (!users->child)
		return bx_fail(err, BX_USAGE, "", "whom does it ring at? give --user, several times if need be");
	return bx_opt(cli, "call") ? ring_known(cli, users, err) : ring_new(cli, users, err);
}

/* Who was registered by an internal number has a card as well, and may be the one who answers. */
static void settle_ext(struct bx_cli *cli, struct bx_portal *portal)
{
	struct bx_known_call *known = &portal->ref.known;
	int64_t user = *known->ext && !bx_cli_dry(cli) ? call_user_of_ext(cli, portal, known->ext) : 0;
	auto_json cJSON *item = bx_json_int_item(user);
	if (user > 0)
		call_shown_add(known, item);
}

bool call_answered(struct bx_cli *cli, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	struct bx_known_call *known = &portal.ref.known;
	int64_t user = 0;
	if (!bx_cli_want_args(cli, 0, 0, err) || !bx_opt_int(cli, "user", 1, INT64_MAX, &user, err))
		return false;
	if (!user)
		return bx_fail(err, BX_USAGE, "", "who has answered? give --user");
	if (!call_open(cli, &portal, err))
		return false;
	if (!*known->call_id && bx_starts(portal.ref.call_id, "ext:"))
		return bx_fail(err, BX_ABSENT, "", "the call still waits in the outbox, so nobody has its card;"
			" finish it with --user %lld", (long long)user);
	if (!*known->call_id)
		return bx_fail(err, BX_ABSENT, "", "this call was not registered here: who else sees its card"
						   " is not known");
	settle_ext(cli, &portal);
	auto_json cJSON *others = call_shown_others(known, user), *line = cJSON_CreateObject();
	bx_json_set_str(line, "CALL_ID", known->call_id);
	bx_json_set_int(line, "user", user);
	if (bx_cli_dry(cli)) {
		bx_json_set(line, "USER_ID", cJSON_Duplicate(others, true));
		bx_json_set(line, "user", NULL);
		return !others || (!bx_portal_op(cli, &portal, call_op("hide"), line, err) &&
					  bx_portal_was_dry(cli, err));
	}
	known->user = user;
	bx_set_str(&known->ext, "");
	if (others && call_spooling(cli)) {
		call_remember(cli, portal.store, known);
		bx_json_set(line, "user", NULL);
		bx_json_set(line, "USER_ID", cJSON_Duplicate(others, true));
		return call_spool(cli, &portal, "hide", line, NULL, err);
	}
	if (others && !call_card(cli, &portal, "hide", known, others, err))
		return false;
	call_remember(cli, portal.store, known);
	bx_json_set(line, "hidden", others ? cJSON_Duplicate(others, true) : cJSON_CreateArray());
	return bx_cli_out(cli, line, err);
}
