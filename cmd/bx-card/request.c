#include <string.h>
#include "card.h"
#include "portal_call.h"
#include "store.h"
#include "banned.h"

struct bx_client *card_connect(struct bx_err *err)
{
	auto_str struct bx_str dir = BX_STR_INIT(BX_PATH_MAX);
	return bx_store_dir(&dir, err) ? bx_client_connect(dir.buf, err) : NULL;
}

/* One number for filters, a list where the verb's option may be repeated. */
static bool put_users(struct bx_cli *cli, cJSON *fields, bool many, struct bx_err *err)
{
	const char *const *texts;
	size_t count = bx_opt_all(cli, "user", &texts);
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < count; i++) {
		cJSON probe = {.type = cJSON_String, .valuestring = (char *)texts[i]};
		int64_t user;
		if (!bx_json_as_int(&probe, &user) || user < 1) {
			cJSON_Delete(list);
			return bx_fail(err, BX_USAGE, "", "--user '%s' is not the number of a user", texts[i]);
		}
		cJSON_AddItemToArray(list, bx_json_int_item(user));
	}
	if (count && many)
		bx_json_set(fields, "users", list);
	else if (count)
		bx_json_set(fields, "user", cJSON_DetachItemFromArray(list, (int)count - 1));
	if (!count || !many)
		cJSON_Delete(list);
	return true;
}

cJSON *card_request(struct bx_cli *cli, bool must_call, struct bx_err *err)
{
	auto_json cJSON *fields = cJSON_CreateObject();
	auto_free char *call = NULL;
	if (bx_cli_context(cli) && bx_streq(bx_opt(cli, "call"), "-")) {
		bx_fail(err, BX_USAGE, "", "-c - has no place in a line of its own; name the call");
		return NULL;
	}
	if (must_call || bx_opt(cli, "call")) {
		call = bx_call_option(cli, err);
		if (!call)
			return NULL;
		bx_json_set_str(fields, "call", call);
	}
	if (bx_portal_asked(cli))
		bx_json_set_str(fields, "portal", bx_portal_asked(cli));
	if (bx_opt(cli, "foreign"))
		bx_json_set_bool(fields, "foreign", true);
	if (!put_users(cli, fields, bx_cli_verb(cli)->opts == card_command_opts, err))
		return NULL;
	cJSON *request = fields;
	fields = NULL;
	return request;
}

bool card_dry(struct bx_cli *cli, const char *cmd, const cJSON *fields, struct bx_err *err)
{
	auto_json cJSON *shown = cJSON_CreateObject();
	bx_json_set_str(shown, "cmd", cmd);
	const cJSON *field;
	cJSON_ArrayForEach(field, fields)
		bx_json_set(shown, field->string, cJSON_Duplicate(field, true));
	return bx_cli_out(cli, shown, err);
}
