/* Scripts: lines of commands and waits, and what is done when the operator presses something in
 * the meantime. bx-card-script(5) tells the language. */
#include <string.h>
#include "card.h"
#include "file.h"
#include "portal_call.h"
#include "told.h"
#include "banned.h"

#define SCRIPT_MAX (256 * 1024)

/* on EVENT... do VERB... */
struct reaction {
	struct reaction *next;
	cJSON *events;
	const struct line *line;
	struct bx_words what; /* borrows the words of the line */
};

struct line {
	int number;
	struct bx_words words;
};

struct script {
	struct bx_cli *cli;
	const char *name;
	struct line *lines;
	size_t count;
	struct reaction *reactions, **last;
	const struct line *reacted; /* the reaction that failed in a wait */
	bool checking; /* nothing is sent yet */
	struct bx_tool speaking, reacting; /* what a line may say, and what may follow "do" */
	struct bx_verb verbs[CARD_COMMANDS_MAX + 3], commands[CARD_COMMANDS_MAX + 1];
};

static void reactions_free(struct script *script)
{
	for (struct reaction *r = script->reactions, *next; r; r = next) {
		next = r->next;
		cJSON_Delete(r->events);
		free(r);
	}
	script->reactions = NULL;
	script->last = &script->reactions;
}

static void script_release(struct script *script)
{
	reactions_free(script);
	for (size_t i = 0; i < script->count; i++)
		bx_cli_words_release(&script->lines[i].words);
	free(script->lines);
}

/* Says where in the script it happened; a failure without words is one that nobody is told. */
static bool at_line(const struct script *script, const struct line *line, struct bx_err *err,
	const struct bx_err *why)
{
	if (why->text[0])
		bx_fail(err, why->exit, why->code, "%s:%d: %s", script->name, line->number, why->text);
	else
		bx_fail(err, why->exit, why->code, "%s", "");
	if (err)
		err->http = why->http;
	return false;
}

static bool script_command(struct bx_cli *cli, struct bx_err *err)
{
	const struct script *script = bx_cli_context(cli);
	if (!script->checking)
		return card_command(cli, err);
	int64_t ms = 0;
	auto_json cJSON *params = bx_cli_params(cli, bx_cli_verb(cli)->op, 0, err);
	auto_json cJSON *fields = params && bx_opt_timeout(cli, &ms, err) ? card_request(cli, true, err) : NULL;
	return fields != NULL;
}

static bool script_send(struct bx_cli *cli, struct bx_err *err)
{
	const struct script *script = bx_cli_context(cli);
	if (!script->checking)
		return card_send(cli, err);
	int64_t ms = 0;
	auto_json cJSON *message = card_message(cli, err);
	auto_json cJSON *fields = message && bx_opt_timeout(cli, &ms, err) ? card_request(cli, true, err) : NULL;
	return fields != NULL;
}

static bool has_event(const cJSON *list, const char *name)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, list)
		if (name && cJSON_IsString(item) && !strcmp(item->valuestring, name))
			return true;
	return false;
}

/* The events of the wait itself and those somebody reacts to. */
static cJSON *with_reactions(const struct script *script, const cJSON *fields)
{
	cJSON *request = cJSON_Duplicate(fields, true), *events = bx_json_get(request, "events");
	for (const struct reaction *r = script->reactions; r; r = r->next) {
		const cJSON *item;
		cJSON_ArrayForEach(item, r->events)
			if (!has_event(events, item->valuestring))
				cJSON_AddItemToArray(events, cJSON_Duplicate(item, true));
	}
	return request;
}

static bool react(struct script *script, const char *event, struct bx_err *err)
{
	for (const struct reaction *r = script->reactions; r; r = r->next) {
		if (has_event(r->events, event) &&
			!bx_cli_line(script->cli, &script->reacting, &r->what, script, err)) {
			script->reacted = r->line;
			return false;
		}
	}
	return true;
}

/* Each event is taken once, so a second round begins after it wherever the first one began. */
static bool script_wait(struct bx_cli *cli, struct bx_err *err)
{
	struct script *script = bx_cli_context(cli);
	int64_t until;
	auto_json cJSON *fields = card_wait_fields(cli, &until, err);
	if (!fields || script->checking)
		return fields != NULL;
	if (bx_cli_dry(cli)) {
		auto_json cJSON *request = with_reactions(script, fields);
		return card_dry(cli, "wait", request, err);
	}
	for (bool found = false; !found;) {
		auto_json cJSON *event = card_wait_next(cli, with_reactions(script, fields), until, err);
		const char *name = bx_json_str(event, "event");
		if (!event || !react(script, name, err))
			return false;
		found = has_event(bx_json_get(fields, "events"), name);
		bx_json_set(fields, "new", NULL);
		bx_json_set(fields, "since", NULL);
	}
	return true;
}

/* From here on -t is this. */
static bool script_timeout(struct bx_cli *cli, struct bx_err *err)
{
	struct script *script = bx_cli_context(cli);
	int64_t ms;
	if (!bx_cli_want_args(cli, 1, 1, err))
		return false;
	bx_cli_give(cli, "timeout", bx_cli_arg(cli, 0));
	if (!bx_opt_timeout(cli, &ms, err))
		return false;
	if (!script->checking)
		bx_cli_give(script->cli, "timeout", bx_cli_arg(cli, 0));
	return true;
}

static bool add_reaction(struct script *script, const struct line *line, struct bx_err *err)
{
	const struct bx_words *words = &line->words;
	struct reaction *r = *script->last = bx_xcalloc(1, sizeof *r);
	script->last = &r->next;
	*r = (struct reaction){.events = cJSON_CreateArray(), .line = line};
	int at = 1;
	for (; at < words->count && strcmp(words->v[at], "do") != 0; at++) {
		auto_free char *name = bx_event_named(words->v[at], err);
		if (!name)
			return false;
		cJSON_AddItemToArray(r->events, cJSON_CreateString(name));
	}
	if (at == 1 || at + 1 >= words->count)
		return bx_fail(err, BX_USAGE, "", "usage: on EVENT... do VERB...");
	r->what = (struct bx_words){.v = words->v + at + 1, .count = words->count - at - 1};
	if (!strcmp(r->what.v[0], "wait") || !strcmp(r->what.v[0], "on"))
		return bx_fail(err, BX_USAGE, "", "'%s' cannot follow do: only commands of the card can",
			r->what.v[0]);
	return !script->checking || bx_cli_line(script->cli, &script->reacting, &r->what, script, err);
}

static bool run_line(struct script *script, const struct line *line, struct bx_err *err)
{
	struct bx_err why = {0};
	bool ok = !strcmp(line->words.v[0], "on") ? add_reaction(script, line, &why)
						  : bx_cli_line(script->cli, &script->speaking, &line->words, script, &why);
	return ok || at_line(script, script->reacted ? script->reacted : line, err, &why);
}

static bool run_all(struct script *script, bool checking, struct bx_err *err)
{
	script->checking = checking;
	reactions_free(script);
	for (size_t i = 0; i < script->count; i++)
		if (!run_line(script, &script->lines[i], err))
			return false;
	return true;
}

static bool split_lines(struct script *script, char *text, struct bx_err *err)
{
	char *rest = text, *line;
	for (int number = 1; (line = strsep(&rest, "\n")); number++) {
		struct line parsed = {.number = number};
		struct bx_err why = {0};
		bool ok = bx_cli_split(&parsed.words, line, &why);
		if (!ok)
			at_line(script, &parsed, err, &why);
		if (!ok || !parsed.words.count)
			bx_cli_words_release(&parsed.words);
		if (!ok)
			return false;
		if (!parsed.words.count)
			continue;
		script->lines = bx_xrealloc(script->lines, (script->count + 1) * sizeof *script->lines);
		script->lines[script->count++] = parsed;
	}
	return true;
}

static void script_init(struct script *script, struct bx_cli *cli)
{
	static const struct bx_opt options[] = {BX_OPT_CALL, {0}};
	static const struct bx_verb own[] = {
		{"wait", "EVENT...", NULL, card_wait_opts, script_wait, "wait for the first of these events"},
		{"timeout", "SECONDS", NULL, NULL, script_timeout, "the -t of the lines from here on"},
		{0},
	};
	*script = (struct script){.cli = cli, .name = bx_cli_arg(cli, 0)};
	script->last = &script->reactions;
	size_t count = card_command_verbs(script->commands, script_command, script_send, NULL);
	memcpy(script->verbs, script->commands, count * sizeof *script->commands);
	memcpy(script->verbs + count, own, sizeof own);
	script->speaking = (struct bx_tool){.name = "bx-card play", .opts = options, .verbs = script->verbs};
	script->reacting = (struct bx_tool){.name = "bx-card play", .opts = options, .verbs = script->commands};
}

/* The whole script is checked before its first line is carried out. */
bool card_play(struct bx_cli *cli, struct bx_err *err)
{
	if (!bx_cli_want_args(cli, 1, 1, err))
		return false;
	BX_CLEANUP(script_release) struct script script;
	script_init(&script, cli);
	if (!strcmp(script.name, "-") && bx_streq(bx_opt(cli, "call"), "-"))
		return bx_fail(err, BX_USAGE, "", "standard input is either the script or the call");
	auto_free char *call = bx_call_option(cli, err);
	auto_str struct bx_str text = BX_STR_INIT(SCRIPT_MAX);
	if (!call || !bx_file_read(&text, script.name, err))
		return false;
	if (strlen(text.buf) != text.len)
		return bx_fail(err, BX_USAGE, "", "%s is no text: it has a NUL byte", script.name);
	if (!split_lines(&script, text.buf, err))
		return false;
	bx_cli_give(cli, "call", call);
	return run_all(&script, true, err) && run_all(&script, false, err);
}
