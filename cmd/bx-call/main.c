/* bx-call: registers, shows, hides and finishes calls. */
#include "call.h"

#include "complete.h"
#include "banned.h"

static const struct bx_opt options[] = {BX_OPT_CALL, {0}};

static struct bx_verb verbs[] = {
	{"register", "[PARAM...]", NULL, call_register_opts, call_register, "register a call and show its card"},
	{"show", "", NULL, NULL, call_show, "show the card of the call given by -c"},
	{"hide", "", NULL, NULL, call_hide, "hide the card of the call given by -c"},
	{"finish", "[PARAM...]", NULL, NULL, call_finish, "finish the call given by -c and book it"},
	{"history", "[PARAM...]", NULL, call_history_opts, call_history, "list finished calls"},
	{"ls", "", NULL, call_ls_opts, call_ls, "list the calls known here"},
	{0},
};

int main(int argc, char **argv)
{
	for (struct bx_verb *verb = verbs; verb->name; verb++)
		verb->op = bx_op_by_verb(BX_METHOD, verb->name);
	static const struct bx_tool tool = {
		.name = "bx-call",
		.summary = "registers, shows, hides and finishes calls, and tells what became of them",
		.complete = bx_complete,
		.opts = options,
		.verbs = verbs,
	};
	return bx_cli_main(&tool, argc, argv);
}
