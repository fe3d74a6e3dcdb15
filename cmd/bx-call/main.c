/* bx-call: the life of a call, its record and transcript, lines and history. */
#include "call.h"

#include "complete.h"
#include "banned.h"

static const struct bx_opt options[] = {BX_OPT_CALL, {0}};

static struct bx_verb verbs[] = {
	{"register", "[PARAM...]", NULL, call_register_opts, call_register, "register a call and show its card"},
	{"show", "", NULL, call_spool_opts, call_show, "show the card of the call given by -c"},
	{"hide", "", NULL, call_spool_opts, call_hide, "hide the card of the call given by -c"},
	{"ring", "[PARAM...]", NULL, call_register_opts, call_ring,
		"register one call and show its card to several employees; with -c, show a registered one"},
	{"answered", "", NULL, call_answered_opts, call_answered,
		"one of them has taken the call given by -c: hide it from the others"},
	{"finish", "[PARAM...]", NULL, call_spool_opts, call_finish, "finish the call given by -c and book it"},
	{"record", "FILE|URL", NULL, call_record_opts, call_record,
		"attach a record (wav or mp3) to the finished call given by -c"},
	{"transcript", "FILE", NULL, call_transcript_opts, call_transcript,
		"attach a transcript (JSON, WebVTT or SubRip) to the finished call given by -c"},
	{"search", "PHONE_NUMBER", NULL, NULL, call_search, "find CRM objects by a phone number"},
	{"check", "[USER]", NULL, call_check_opts, call_check,
		"see why no card appears for an employee, and say what to do"},
	{"line ls", "", NULL, NULL, call_line_ls, "list the external lines of the app"},
	{"line add", "NUMBER", NULL, NULL, call_line_add, "add an external line"},
	{"line set", "NUMBER", NULL, NULL, call_line_set, "change an external line"},
	{"line rm", "NUMBER", NULL, NULL, call_line_rm, "delete an external line"},
	{"history", "[PARAM...]", NULL, call_history_opts, call_history, "list finished calls"},
	{"ls", "", NULL, call_ls_opts, call_ls, "list the calls known here"},
	{"flush", "", NULL, call_flush_opts, call_flush, "deliver what waits in the outbox"},
	{"outbox ls", "", NULL, call_outbox_ls_opts, call_outbox_ls, "list what waits in the outbox"},
	{"outbox show", "ID", NULL, NULL, call_outbox_show, "show an item with its parameters"},
	{"outbox retry", "ID...", NULL, NULL, call_outbox_retry, "queue items again that were parked"},
	{"outbox drop", "ID...", NULL, NULL, call_outbox_drop,
		"give items up; with a register, the whole call"},
	{0},
};

int main(int argc, char **argv)
{
	for (struct bx_verb *verb = verbs; verb->name; verb++) {
		if (verb->run != call_check) /* asks many things, and not what the row of that name does */
			verb->op = call_op(strcmp(verb->name, "ring") ? verb->name : "register");
	}
	static const struct bx_tool tool = {
		.name = "bx-call",
		.summary = "registers, shows, hides and finishes calls, and tells what became of them",
		.complete = bx_complete,
		.opts = options,
		.verbs = verbs,
	};
	return bx_cli_leave(bx_cli_main(&tool, argc, argv));
}
