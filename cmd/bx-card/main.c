/* bx-card: drives an open call card and streams what happens on it. */
#include <string.h>
#include "card.h"
#include "portal_call.h"
#include "complete.h"
#include "banned.h"

#define VERBS_MAX (CARD_COMMANDS_MAX + 16)

static const struct bx_opt options[] = {BX_OPT_CALL, {0}};

static const struct bx_verb own_verbs[] = {
	{"ls", "", NULL, card_ls_opts, card_ls, "the open cards"},
	{"events", "", NULL, card_events_opts, card_events, "what happened; with -f also what will"},
	{"wait", "EVENT...", NULL, card_wait_opts, card_wait,
		"wait for the first of these events after the last one taken"},
	{"play", "FILE|-", NULL, NULL, card_play, "run a script of commands, waits and reactions"},
	{"shell", "", NULL, NULL, card_shell, "the same at a prompt, with what happens told above it"},
	{"hooks ls", "", NULL, NULL, card_hooks_ls, "bx-serve's hooks, and runs of them that failed"},
	{"hooks retry", "[SEQ]", NULL, card_hooks_retry_opts, card_hooks_retry,
		"run failed ones again: all, or those for the record of that number"},
	{0},
};

int main(int argc, char **argv)
{
	static struct bx_verb verbs[VERBS_MAX];
	memcpy(verbs + card_command_verbs(verbs, card_command, card_send, card_states), own_verbs, sizeof own_verbs);
	const struct bx_tool tool = {
		.name = "bx-card",
		.summary = "Drives the call card in the operator's browser and streams what happens on it.",
		.complete = bx_complete,
		.opts = options,
		.verbs = verbs,
	};
	return bx_cli_leave(bx_cli_main(&tool, argc, argv));
}
