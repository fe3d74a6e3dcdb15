/* Registrations of placements, one by one (portal.md 9). */
#include "bind.h"

#include "secret.h"
#include "banned.h"

static const struct bx_op *op_of(const char *verb)
{
	return bx_op_by_verb(BX_METHOD, verb);
}

cJSON *bind_get(struct bx_portal *portal, struct bx_err *err)
{
	cJSON *rows = bx_rest_op(&portal->rest, op_of("placement ls"), NULL, err);
	if (!rows || cJSON_IsArray(rows))
		return rows;
	cJSON_Delete(rows);
	bx_fail(err, BX_REFUSED, "", "the portal's list of placements is not a list");
	return NULL;
}

static const char *text_or_empty(const cJSON *o, const char *key)
{
	const char *text = bx_json_str(o, key);
	return text ? text : "";
}

struct bind_entry bind_entry(const cJSON *row)
{
	struct bind_entry entry = {
		.placement = text_or_empty(row, "placement"),
		.handler = text_or_empty(row, "handler"),
		.error_url = text_or_empty(bx_json_get(row, "options"), "errorHandlerUrl"),
	};
	bx_json_int(row, "userId", &entry.user);
	return entry;
}

cJSON *bind_masked(const cJSON *row)
{
	auto_free char *plain = bx_json_print(row);
	auto_str struct bx_str text = BX_STR_INIT(SIZE_MAX / 4);
	bx_str_puts(&text, plain);
	bx_redact(&text);
	return bx_json_parse(text.buf, text.len, NULL);
}

bool bind_print(struct bx_cli *cli, const struct bx_portal *portal, const struct bind_entry *entry,
	const char *action, struct bx_err *err)
{
	auto_json cJSON *line = cJSON_CreateObject();
	bx_json_set_str(line, "portal", portal->rest.profile.name);
	bx_json_set_str(line, "placement", entry->placement);
	bx_json_set_str(line, "handler", entry->handler);
	bx_json_set_int(line, "userId", entry->user);
	bx_json_set_str(line, "action", action);
	auto_json cJSON *masked = bind_masked(line);
	return bx_cli_out(cli, masked, err);
}

bool bind_unbind(struct bx_portal *portal, const struct bind_entry *entry, struct bx_err *err)
{
	auto_json cJSON *params = cJSON_CreateObject();
	bx_json_set_str(params, "PLACEMENT", entry->placement);
	bx_json_set_str(params, "HANDLER", entry->handler);
	bx_json_set_int(params, "USER_ID", entry->user);
	auto_json cJSON *result = bx_rest_op(&portal->rest, op_of("placement rm"), params, err);
	return result != NULL;
}

bool bind_ls(struct bx_cli *cli, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	bx_cli_columns(cli, "placement userId handler title");
	if (!bx_cli_want_args(cli, 0, 0, err) || !bx_portal_open(cli, &portal, false, err))
		return false;
	if (bx_cli_dry(cli))
		return !bx_portal_op(cli, &portal, op_of("placement ls"), NULL, err) &&
			bx_portal_was_dry(cli, err);
	auto_json cJSON *rows = bind_get(&portal, err);
	if (!rows)
		return false;
	const cJSON *row;
	cJSON_ArrayForEach(row, rows) {
		auto_json cJSON *masked = bind_masked(row);
		if (!bx_cli_out(cli, masked, err))
			return false;
	}
	return true;
}

bool bind_add(struct bx_cli *cli, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	const struct bx_op *op = op_of("placement add");
	const char *error_url = bx_opt(cli, "error-handler");
	auto_json cJSON *params = bx_cli_collect(cli, op, 0, err);
	if (!params)
		return false;
	if (error_url) {
		cJSON *options = bx_json_get(params, "OPTIONS");
		if (!cJSON_IsObject(options))
			bx_json_set(params, "OPTIONS", options = cJSON_CreateObject());
		bx_json_set_str(options, "errorHandlerUrl", error_url);
	}
	if (!bx_cli_check(op, params, err) || !bx_portal_open(cli, &portal, false, err))
		return false;
	auto_json cJSON *result = bx_portal_op(cli, &portal, op, params, err);
	if (!result)
		return bx_portal_was_dry(cli, err);
	struct bind_entry entry = {.placement = bx_json_str(params, "PLACEMENT"),
		.handler = bx_json_str(params, "HANDLER")};
	bx_json_int(params, "USER_ID", &entry.user);
	return bind_print(cli, &portal, &entry, "bound", err);
}

/* PLACEMENT as a word of the row or as the portal says it. */
static char *placement_of(struct bx_cli *cli, struct bx_err *err)
{
	const struct bx_field *f = bx_field_by_key(op_of("placement add")->fields, "PLACEMENT", false);
	auto_json cJSON *value = bx_field_value(f, bx_cli_arg(cli, 0), err);
	return value ? bx_json_as_text(value) : NULL;
}

bool bind_rm(struct bx_cli *cli, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	int64_t user = -1, removed = 0;
	if (!bx_cli_want_args(cli, 1, 2, err) || !bx_opt_int(cli, "user", 0, INT64_MAX, &user, err))
		return false;
	auto_free char *placement = placement_of(cli, err);
	const char *handler = bx_cli_arg(cli, 1);
	if (!placement || !bx_portal_open(cli, &portal, false, err))
		return false;
	auto_json cJSON *rows = bind_get(&portal, err);
	if (!rows)
		return false;
	const cJSON *row;
	cJSON_ArrayForEach(row, rows) {
		struct bind_entry e = bind_entry(row);
		if (strcmp(e.placement, placement) != 0 || (handler && strcmp(e.handler, handler) != 0) ||
			(user >= 0 && e.user != user))
			continue;
		if ((!bx_cli_dry(cli) && !bind_unbind(&portal, &e, err)) ||
			!bind_print(cli, &portal, &e, "unbound", err))
			return false;
		removed++;
	}
	return removed || bx_fail(err, BX_ABSENT, "", "there is no such registration");
}
