/* Hooks of bx-serve: which there are, what failed, and once more. */
#include <string.h>
#include "card.h"
#include "banned.h"

#define ANSWER_MS 10000

const struct bx_opt card_hooks_retry_opts[] = {
	{"hook", 0, "NAME", 0, NULL, "only runs of this hook, as hooks ls names it"},
	{0},
};

/* Prints what stands under hook or run in each answer. */
static bool print_rows(struct bx_cli *cli, const char *cmd, cJSON *fields, struct bx_err *err)
{
	auto_client struct bx_client *client = card_connect(err);
	if (!client) {
		cJSON_Delete(fields);
		return false;
	}
	int64_t id = bx_client_send(client, cmd, fields, err);
	int got = id ? 1 : -1;
	while (got == 1) {
		auto_json cJSON *answer = NULL;
		got = bx_client_next(client, id, ANSWER_MS, &answer, err);
		const cJSON *hook = bx_json_get(answer, "hook"), *run = bx_json_get(answer, "run");
		if (got == 1 && !bx_cli_out(cli, hook ? hook : run, err))
			return false;
	}
	return got == 0;
}

bool card_hooks_ls(struct bx_cli *cli, struct bx_err *err)
{
	if (!bx_cli_want_args(cli, 0, 0, err))
		return false;
	if (bx_cli_dry(cli))
		return card_dry(cli, "hooks", NULL, err);
	bx_cli_columns(cli, "hook event running waiting failed seq CALL_ID tries status");
	return print_rows(cli, "hooks", NULL, err);
}

static bool put_seq(struct bx_cli *cli, cJSON *fields, struct bx_err *err)
{
	const char *text = bx_cli_arg(cli, 0);
	cJSON probe = {.type = cJSON_String, .valuestring = (char *)text};
	int64_t seq;
	if (!text)
		return true;
	if (!bx_json_as_int(&probe, &seq) || seq < 1)
		return bx_fail(err, BX_USAGE, "", "'%s' is not the number of a record", text);
	bx_json_set_int(fields, "seq", seq);
	return true;
}

bool card_hooks_retry(struct bx_cli *cli, struct bx_err *err)
{
	auto_json cJSON *fields = cJSON_CreateObject();
	if (!bx_cli_want_args(cli, 0, 1, err) || !put_seq(cli, fields, err))
		return false;
	if (bx_opt(cli, "hook"))
		bx_json_set_str(fields, "hook", bx_opt(cli, "hook"));
	if (bx_cli_dry(cli))
		return card_dry(cli, "hooks retry", fields, err);
	cJSON *request = fields;
	fields = NULL;
	bx_cli_columns(cli, "hook seq event CALL_ID tries status");
	return print_rows(cli, "hooks retry", request, err);
}
