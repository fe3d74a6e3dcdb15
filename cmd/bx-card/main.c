/* bx-card: drives an open call card and streams what happens on it. */
#include <string.h>
#include "card.h"
#include "portal_call.h"
#include "complete.h"
#include "banned.h"

#define VERBS_MAX 32

static const struct bx_opt options[] = {BX_OPT_CALL, {0}};

static const struct bx_verb own_verbs[] = {
	{"ls", "", NULL, card_ls_opts, card_ls, "the open cards"},
	{"events", "", NULL, card_events_opts, card_events, "what happened; with -f also what will"},
	{"wait", "EVENT...", NULL, card_wait_opts, card_wait,
		"wait for the first of these events after the last one taken"},
	{"hooks ls", "", NULL, NULL, card_hooks_ls, "bx-serve's hooks, and runs of them that failed"},
	{"hooks retry", "[SEQ]", NULL, card_hooks_retry_opts, card_hooks_retry,
		"run failed ones again: all, or those for the record of that number"},
	{0},
};

/* Every command of a card is a verb; those without parameters and with an answer are questions. */
static void fill_verbs(struct bx_verb verbs[VERBS_MAX])
{
	size_t count = 0;
	for (const struct bx_op *op = bx_ops_card; op->wire; op++) {
		if (op->kind != BX_CARD_COMMAND)
			continue;
		bool list = !strcmp(op->verb, "states");
		verbs[count++] = (struct bx_verb){op->verb, bx_cli_args_of(op), op, card_command_opts,
			list ? card_states : card_command, op->help};
	}
	memcpy(verbs + count, own_verbs, sizeof own_verbs);
}

int main(int argc, char **argv)
{
	static struct bx_verb verbs[VERBS_MAX];
	fill_verbs(verbs);
	const struct bx_tool tool = {
		.name = "bx-card",
		.summary = "Drives the call card in the operator's browser and streams what happens on it.",
		.complete = bx_complete,
		.opts = options,
		.verbs = verbs,
	};
	return bx_cli_main(&tool, argc, argv);
}
