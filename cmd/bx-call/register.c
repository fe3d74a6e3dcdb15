/* register (portal.md 11.1). */
#include "call.h"

#include "clock.h"
#include "secret.h"
#include "banned.h"

const struct bx_opt call_register_opts[] = {
	{"new", 0, NULL, 0, NULL,
		"a call of its own, even where the portal registered one at the operator's click"},
	{"entity", 0, "TYPE:ID", 0, NULL, "CRM object of the call (contact, company, lead, deal); no search then"},
	CALL_OPT_SPOOL,
	{0},
};

/* contact:77 is two parameters of the row. */
static bool put_entity(struct bx_cli *cli, const struct bx_op *op, cJSON *params, struct bx_err *err)
{
	const char *given = bx_opt(cli, "entity"), *colon = given ? strchr(given, ':') : NULL;
	if (!given)
		return true;
	if (!colon || !colon[1])
		return bx_fail(err, BX_USAGE, "", "--entity '%s' is not TYPE:ID, as in contact:77", given);
	auto_free char *word = bx_xstrndup(given, (size_t)(colon - given));
	const struct bx_field *type = bx_field_by_key(op->fields, "CRM_ENTITY_TYPE", false);
	const struct bx_field *id = bx_field_by_key(op->fields, "CRM_ENTITY_ID", false);
	cJSON *type_value = bx_field_value(type, word, err);
	cJSON *id_value = type_value ? bx_field_value(id, colon + 1, err) : NULL;
	bx_json_set(params, type->key, type_value);
	bx_json_set(params, id->key, id_value);
	return id_value != NULL;
}

/* Without an id of the caller's own the portal could not tell a repeated register from a second
 * call, so every register carries one. */
static void put_id(cJSON *params)
{
	const char *id = bx_json_str(params, "EXTERNAL_CALL_ID");
	char hex[25];
	if (id && *id)
		return;
	bx_random_hex(hex, 12);
	auto_free char *made = bx_xprintf("bx-%s", hex);
	bx_json_set_str(params, "EXTERNAL_CALL_ID", made);
}

static char *text_of(const cJSON *params, const char *key)
{
	char *text = bx_json_as_text(bx_json_get(params, key));
	return text ? text : bx_xstrdup("");
}

static void describe(struct bx_known_call *call, const struct bx_portal *portal, const cJSON *params,
	const char *call_id)
{
	const char *date = bx_json_str(params, "CALL_START_DATE");
	const cJSON *user = bx_json_get(params, "USER_ID"), *show = bx_json_get(params, "SHOW");
	auto_free char *external = text_of(params, "EXTERNAL_CALL_ID");
	auto_free char *ext = text_of(params, "USER_PHONE_INNER");
	auto_free char *phone = text_of(params, "PHONE_NUMBER"), *type = text_of(params, "TYPE");
	bx_set_str(&call->portal, portal->rest.profile.name);
	bx_set_str(&call->call_id, call_id);
	bx_set_str(&call->external_id, external);
	bx_set_str(&call->ext, ext);
	bx_set_str(&call->phone, phone);
	bx_set_str(&call->type, type);
	bx_set_str(&call->state, CALL_REGISTERED);
	if (!date || !bx_time_parse(date, &call->start_ms, NULL))
		call->start_ms = bx_now_ms();
	bx_json_as_int(user, &call->user);
	if (user && (!show || cJSON_IsNull(show) || bx_json_truthy(show)))
		call_shown_add(call, user);
}

static void tell_serve(const struct bx_known_call *call)
{
	cJSON *fields = cJSON_CreateObject();
	bx_json_set_str(fields, "portal", call->portal);
	bx_json_set_str(fields, "CALL_ID", call->call_id);
	if (call->user)
		bx_json_set_int(fields, "user", call->user);
	bx_portal_poke("own", fields);
}

/* What the portal answered, and what a script needs next. */
static cJSON *line_of(const cJSON *result, const struct bx_known_call *call, bool reused)
{
	cJSON *line = cJSON_Duplicate(result, true);
	bx_json_set_str(line, "EXTERNAL_CALL_ID", call->external_id);
	if (call->user)
		bx_json_set_int(line, "user", call->user);
	else
		bx_json_set_str(line, "ext", call->ext);
	if (reused)
		bx_json_set_bool(line, "reused", true);
	return line;
}

cJSON *call_registered(struct bx_cli *cli, const struct bx_portal *portal, const cJSON *params,
	const cJSON *result, struct bx_known_call *call, struct bx_err *err)
{
	const char *call_id = bx_json_str(result, "CALL_ID");
	if (!call_id || !*call_id) {
		bx_fail(err, BX_REFUSED, "", "the portal's answer names no CALL_ID");
		return NULL;
	}
	bool reused = bx_known_call_load(portal->store, portal->rest.profile.name, call_id, call, NULL);
	describe(call, portal, params, call_id);
	call_remember(cli, portal->store, call);
	tell_serve(call);
	return line_of(result, call, reused);
}

cJSON *call_begin(struct bx_cli *cli, struct bx_portal *portal, const cJSON *params,
	struct bx_known_call *call, struct bx_err *err)
{
	if (call_clicked(cli, portal, params, call, err)) {
		auto_json cJSON *own = cJSON_CreateObject();
		bx_json_set_str(own, "CALL_ID", call->call_id);
		return bx_cli_dry(cli) ? NULL : line_of(own, call, true);
	}
	if (err->exit || call_spooling(cli))
		return NULL;
	auto_json cJSON *result = bx_portal_op(cli, portal, call_op("register"), params, err);
	return result ? call_registered(cli, portal, params, result, call, err) : NULL;
}

cJSON *call_register_params(struct bx_cli *cli, struct bx_err *err)
{
	const struct bx_op *op = call_op("register");
	cJSON *params = bx_cli_collect(cli, op, 0, err);
	if (params && put_entity(cli, op, params, err)) {
		put_id(params);
		return params;
	}
	cJSON_Delete(params);
	return NULL;
}

bool call_register(struct bx_cli *cli, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	auto_known_call struct bx_known_call call;
	const struct bx_op *op = call_op("register");
	bx_known_call_init(&call);
	auto_json cJSON *params = call_register_params(cli, err);
	if (!params || !bx_cli_check(op, params, err) || !bx_portal_open(cli, &portal, false, err))
		return false;
	auto_json cJSON *line = call_begin(cli, &portal, params, &call, err);
	if (line)
		return bx_cli_out(cli, line, err);
	if (!err->exit && call_spooling(cli))
		return call_spool(cli, &portal, "register", params, NULL, err);
	return bx_portal_was_dry(cli, err);
}
