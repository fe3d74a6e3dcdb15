/* search, and the external lines of the app (portal.md 11.6, 11.7). */
#include "call.h"

#include "banned.h"

static bool print_list(struct bx_cli *cli, const cJSON *list, struct bx_err *err)
{
	const cJSON *row;
	cJSON_ArrayForEach(row, list) {
		if (!bx_cli_out(cli, row, err))
			return false;
	}
	return true;
}

static cJSON *ask(struct bx_cli *cli, const char *verb, cJSON **params, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	*params = bx_cli_params(cli, call_op(verb), 0, err);
	if (!*params || !bx_portal_open(cli, &portal, false, err))
		return NULL;
	return bx_portal_op(cli, &portal, call_op(verb), *params, err);
}

static bool list(struct bx_cli *cli, const char *verb, const char *columns, struct bx_err *err)
{
	auto_json cJSON *params = NULL;
	bx_cli_columns(cli, columns);
	auto_json cJSON *result = ask(cli, verb, &params, err);
	return result ? print_list(cli, result, err) : bx_portal_was_dry(cli, err);
}

bool call_search(struct bx_cli *cli, struct bx_err *err)
{
	return list(cli, "search", "CRM_ENTITY_TYPE CRM_ENTITY_ID NAME ASSIGNED_BY_ID", err);
}

bool call_line_ls(struct bx_cli *cli, struct bx_err *err)
{
	return list(cli, "line ls", "NUMBER NAME CRM_AUTO_CREATE", err);
}

/* The answers of the three differ, and one is empty: the line says which number it was. */
static bool change(struct bx_cli *cli, const char *verb, struct bx_err *err)
{
	auto_json cJSON *params = NULL;
	auto_json cJSON *result = ask(cli, verb, &params, err);
	if (!result)
		return bx_portal_was_dry(cli, err);
	auto_json cJSON *line = cJSON_CreateObject();
	bx_json_set_str(line, "NUMBER", bx_json_str(params, "NUMBER"));
	const cJSON *id = bx_json_get(result, "ID");
	if (id)
		bx_json_set(line, "ID", cJSON_Duplicate(id, true));
	bx_json_set_bool(line, "result", true);
	return bx_cli_out(cli, line, err);
}

bool call_line_add(struct bx_cli *cli, struct bx_err *err)
{
	return change(cli, "line add", err);
}

bool call_line_set(struct bx_cli *cli, struct bx_err *err)
{
	return change(cli, "line set", err);
}

bool call_line_rm(struct bx_cli *cli, struct bx_err *err)
{
	return change(cli, "line rm", err);
}
