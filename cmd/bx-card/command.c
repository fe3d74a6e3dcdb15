/* The commands of a card, all out of their rows. */
#include <string.h>
#include "card.h"
#include "banned.h"

/* The daemon waits for the frames, and its answer needs a moment more. */
#define COMMAND_MS 5000
#define ANSWER_MS  2000

const struct bx_opt card_command_opts[] = {
	{"user", 'u', "ID", BX_OPT_MANY, "user", "only the card of this employee"},
	{"frame", 0, "ID", BX_OPT_MANY, NULL, "only the card in this frame"},
	{0},
};

static void put_frames(struct bx_cli *cli, cJSON *fields)
{
	const char *const *texts;
	size_t count = bx_opt_all(cli, "frame", &texts);
	cJSON *list = count ? cJSON_CreateArray() : NULL;
	for (size_t i = 0; i < count; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(texts[i]));
	bx_json_set(fields, "frames", list);
}

/* Some users' cards failed: what they did is printed, and the status tells. */
static bool partial(const cJSON *answer, struct bx_err *err)
{
	if (bx_json_bool(answer, "ok", true))
		return true;
	int64_t status = BX_REFUSED;
	bx_json_int(answer, "exit", &status);
	const cJSON *user;
	cJSON_ArrayForEach(user, bx_json_get(answer, "users"))
	{
		const char *why = bx_json_str(user, "error");
		int64_t id = 0;
		bx_json_int(user, "user", &id);
		if (why)
			return bx_fail(err, (enum bx_exit)status, "", "user %lld: %s", (long long)id, why);
	}
	return bx_fail(err, (enum bx_exit)status, "", "some cards did not do it");
}

static bool send_command(struct bx_cli *cli, cJSON *fields, int64_t ms, struct bx_err *err)
{
	auto_client struct bx_client *client = card_connect(err);
	if (!client) {
		cJSON_Delete(fields);
		return false;
	}
	auto_json cJSON *answer = bx_client_call(client, "card", fields, (int)(ms + ANSWER_MS), err);
	return answer && bx_cli_out(cli, answer, err) && partial(answer, err);
}

/* Takes fields and params. */
static bool finish_command(struct bx_cli *cli, cJSON *fields, const char *verb, cJSON *params, int64_t ms,
	struct bx_err *err)
{
	bx_json_set_str(fields, "verb", verb);
	put_frames(cli, fields);
	bx_json_set_int(fields, "timeout", ms);
	bx_json_set(fields, "params", params);
	if (!bx_cli_dry(cli))
		return send_command(cli, fields, ms, err);
	bool ok = card_dry(cli, "card", fields, err);
	cJSON_Delete(fields);
	return ok;
}

bool card_command(struct bx_cli *cli, struct bx_err *err)
{
	const struct bx_op *op = bx_cli_verb(cli)->op;
	int64_t ms = COMMAND_MS;
	auto_json cJSON *params = bx_cli_params(cli, op, 0, err);
	if (!params || !bx_opt_timeout(cli, &ms, err))
		return false;
	cJSON *fields = card_request(cli, true, err);
	if (!fields)
		return false;
	cJSON *given = params;
	params = NULL;
	return finish_command(cli, fields, op->verb, given, ms, err);
}

cJSON *card_message(struct bx_cli *cli, struct bx_err *err)
{
	const char *text = bx_cli_want_args(cli, 1, 1, err) ? bx_cli_arg(cli, 0) : NULL;
	cJSON *message = text ? bx_json_parse(text, strlen(text), NULL) : NULL;
	if (text && !message)
		bx_fail(err, BX_USAGE, "", "'%s' is not JSON", text);
	return message;
}

/* A message for the user's own client: to the frames with the call's card, or else to those that
 * lead. */
bool card_send(struct bx_cli *cli, struct bx_err *err)
{
	int64_t ms = COMMAND_MS;
	auto_json cJSON *message = card_message(cli, err);
	if (!message || !bx_opt_timeout(cli, &ms, err))
		return false;
	cJSON *fields = card_request(cli, false, err);
	if (!fields)
		return false;
	cJSON *given = message;
	message = NULL;
	return finish_command(cli, fields, "send", given, ms, err);
}

static cJSON *buttons_of(int state)
{
	cJSON *list = cJSON_CreateArray();
	for (const struct bx_button *b = bx_buttons; b->name; b++) {
		if (b->states & 1u << state)
			cJSON_AddItemToArray(list, cJSON_CreateString(b->name));
	}
	return list;
}

/* Without a call: the states as the rows know them. With one: as its page lists them. */
bool card_states(struct bx_cli *cli, struct bx_err *err)
{
	static const char *const timers[] = {
		[BX_TIMER_STOPS] = "stops", [BX_TIMER_STARTS] = "starts", [BX_TIMER_KEEPS] = "keeps"};
	if (bx_opt(cli, "call"))
		return card_command(cli, err);
	if (!bx_cli_want_args(cli, 0, 0, err))
		return false;
	for (int i = 0; bx_states[i].name; i++) {
		auto_json cJSON *state = cJSON_CreateObject();
		bx_json_set_str(state, "state", bx_states[i].name);
		bx_json_set_str(state, "timer", timers[bx_states[i].timer]);
		bx_json_set(state, "buttons", buttons_of(i));
		bx_json_set_str(state, "help", bx_states[i].help);
		if (!bx_cli_out(cli, state, err))
			return false;
	}
	return true;
}

size_t card_command_verbs(struct bx_verb *verbs, bx_verb_fn *fn, bx_verb_fn *send, bx_verb_fn *states)
{
	size_t count = 0;
	for (const struct bx_op *op = bx_ops_card; op->wire && count < CARD_COMMANDS_MAX - 1; op++) {
		if (op->kind != BX_CARD_COMMAND)
			continue;
		bool list = states && !strcmp(op->verb, "states");
		verbs[count++] = (struct bx_verb){op->verb, bx_cli_args_of(op), op, card_command_opts,
			list ? states : fn, op->help};
	}
	verbs[count++] = (struct bx_verb){"send", "JSON", NULL, card_command_opts, send,
		"give your own client in the frame a message (bx-serve --client-js)"};
	return count;
}
