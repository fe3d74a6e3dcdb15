/* Calls as this machine knows them. */
#include "call.h"

#include "batch.h"
#include "banned.h"

#define ASK_MS 1000 /* a hook that spools waits for nobody */

const struct bx_op *call_op(const char *verb)
{
	return bx_op_by_verb(BX_METHOD, verb);
}

cJSON *call_params(struct bx_cli *cli, const struct bx_op *op, const struct bx_call_ref *ref,
	size_t from, struct bx_err *err)
{
	auto_json cJSON *given = bx_cli_collect(cli, op, from, err);
	if (!given)
		return NULL;
	cJSON *params = cJSON_CreateObject();
	bx_json_set_str(params, "CALL_ID", ref->call_id);
	const cJSON *e;
	cJSON_ArrayForEach(e, given)
		bx_json_set(params, e->string, cJSON_Duplicate(e, true));
	return params;
}

static bool is_among(const cJSON *users, long long user)
{
	int64_t id;
	const cJSON *e;
	if (!cJSON_IsArray(users))
		return bx_json_as_int(users, &id) && id == user;
	cJSON_ArrayForEach(e, users) {
		if (bx_json_as_int(e, &id) && id == user)
			return true;
	}
	return false;
}

/* "12,15" without the users given. */
static char *without(const char *shown, const cJSON *users)
{
	auto_str struct bx_str left = BX_STR_INIT(65536);
	for (char *end; *shown; shown = *end == ',' ? end + 1 : end) {
		long long user = strtoll(shown, &end, 10);
		if (end == shown)
			break;
		if (!is_among(users, user))
			bx_str_printf(&left, "%s%lld", left.len ? "," : "", user);
	}
	return bx_str_take(&left);
}

void call_shown_remove(struct bx_known_call *call, const cJSON *users)
{
	auto_free char *left = without(call->shown, users);
	bx_set_str(&call->shown, left);
}

void call_shown_add(struct bx_known_call *call, const cJSON *users)
{
	auto_json cJSON *list = cJSON_IsArray(users) ? cJSON_Duplicate(users, true) : cJSON_CreateArray();
	if (users && !cJSON_IsArray(users))
		cJSON_AddItemToArray(list, cJSON_Duplicate(users, true));
	call_shown_remove(call, users);
	auto_str struct bx_str all = BX_STR_INIT(65536);
	bx_str_puts(&all, call->shown);
	const cJSON *e;
	cJSON_ArrayForEach(e, list) {
		int64_t user;
		if (bx_json_as_int(e, &user) && user > 0)
			bx_str_printf(&all, "%s%lld", all.len ? "," : "", (long long)user);
	}
	bx_set_str(&call->shown, all.buf);
}

cJSON *call_shown_others(const struct bx_known_call *call, int64_t user)
{
	auto_json cJSON *own = bx_json_int_item(user);
	auto_free char *left = without(call->shown, own);
	auto_free char *text = bx_xprintf("[%s]", left);
	return *left ? bx_json_parse(text, strlen(text), NULL) : NULL;
}

void call_remember(struct bx_cli *cli, struct bx_store *store, const struct bx_known_call *call)
{
	struct bx_err why = {0};
	if (!bx_known_call_save(store, call, &why))
		bx_cli_note(cli, "the call is not remembered here: %s", why.text);
}

static bool keep_row(void *arg, const cJSON *row, struct bx_err *err)
{
	(void)err;
	*(cJSON **)arg = cJSON_Duplicate(row, true);
	return false;
}

cJSON *call_employee(struct bx_rest *rest, const char *column, const char *value, struct bx_err *err)
{
	auto_json cJSON *params = cJSON_CreateObject();
	cJSON *filter = cJSON_CreateObject(), *row = NULL;
	bx_json_set_str(filter, column, value);
	bx_json_set(params, "FILTER", filter);
	bx_list(rest, bx_op_by_verb(BX_METHOD, "user.get")->wire, params, 1, keep_row, &row, err);
	return row;
}

int64_t call_user_of_ext(struct bx_cli *cli, struct bx_portal *portal, const char *ext)
{
	struct bx_err why = {0};
	int64_t user = 0, timeout_ms = portal->rest.timeout_ms;
	if (call_spooling(cli) && timeout_ms > ASK_MS)
		portal->rest.timeout_ms = ASK_MS;
	auto_json cJSON *row = call_employee(&portal->rest, CALL_INNER_NUMBER, ext, &why);
	if (why.exit)
		bx_cli_note(cli, "whose number %s is cannot be asked (%s): give --user when registering",
			ext, why.text);
	portal->rest.timeout_ms = timeout_ms;
	bx_json_int(row, "ID", &user);
	return why.exit ? -1 : user;
}
