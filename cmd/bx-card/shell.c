/* The prompt of a call: every line is a command line of bx-card, the prompt shows the card, and what
 * happens on it is told above. */
#include <string.h>
#include "cancel.h"
#include "card.h"
#include "log.h"
#include "portal_call.h"
#include "repl.h"
#include "banned.h"

#define ASK_MS	    2000
#define PROMPT_MAX  256
#define WORDS_AHEAD 64
#define DATA_MAX    1000 /* bytes of an event told */

struct shell {
	struct bx_cli *cli;
	struct bx_repl *repl;
	char *call; /* NULL: none is chosen */
	struct bx_client *follower;
	int64_t following, told; /* its request, and the last record told */
};

static void shell_release(struct shell *shell)
{
	bx_repl_free(shell->repl);
	bx_client_free(shell->follower);
	free(shell->call);
}

/* The cards of the call, or all open ones of ours. */
static cJSON *cards_now(struct shell *shell)
{
	cJSON *list = cJSON_CreateArray();
	auto_client struct bx_client *client = card_connect(NULL);
	if (!client)
		return list;
	cJSON *fields = cJSON_CreateObject();
	bx_json_set_str(fields, "call", shell->call);
	bx_json_set_str(fields, "portal", bx_portal_asked(shell->cli));
	int64_t id = bx_client_send(client, "ls", fields, NULL);
	for (int got = id ? 1 : 0; got == 1;) {
		auto_json cJSON *answer = NULL;
		got = bx_client_next(client, id, ASK_MS, &answer, NULL);
		cJSON *card = bx_json_get(answer, "card");
		if (card && bx_json_bool(card, "own", false))
			cJSON_AddItemToArray(list, cJSON_DetachItemViaPointer(answer, card));
	}
	return list;
}

/* "connected> ", for two cards in different states "incoming connected> ". */
static void prompt_of(struct shell *shell, char out[PROMPT_MAX])
{
	auto_json cJSON *cards = shell->call ? cards_now(shell) : NULL;
	auto_str struct bx_str text = BX_STR_INIT(PROMPT_MAX - 4);
	const char *last = "";
	const cJSON *card;
	cJSON_ArrayForEach(card, cards)
	{
		const char *state = bx_json_str(card, "state");
		state = state ? state : "start";
		if (strcmp(state, last) != 0)
			bx_str_printf(&text, *last ? " %s" : "%s", state);
		last = state;
	}
	snprintf(out, PROMPT_MAX, "%s> ", *last ? text.buf : shell->call ? "no card" : "no call");
}

static void tell(const cJSON *event)
{
	int64_t user = 0;
	const char *time = bx_json_str(event, "time"), *name = bx_json_str(event, "event");
	const cJSON *data = bx_json_get(event, "data");
	auto_str struct bx_str line = BX_STR_INIT(DATA_MAX + 512), clean = BX_STR_INIT(8 * DATA_MAX);
	bx_str_printf(&line, "%.8s %s", time && strlen(time) > 11 ? time + 11 : "", name ? name : "");
	if (bx_json_int(event, "user", &user))
		bx_str_printf(&line, " user %lld", (long long)user);
	auto_free char *more = data && !cJSON_IsNull(data) ? bx_json_print(data) : NULL;
	if (more)
		bx_str_printf(&line, " %.*s", DATA_MAX, more);
	bx_escape(&clean, line.buf);
	fprintf(stderr, "%s\n", clean.buf);
}

/* What is there is told. The daemon's end ends the telling, not the shell: the next prompt tries
 * again, and goes on where it stopped. */
static void happened(void *arg, int fd)
{
	struct shell *shell = arg;
	struct bx_err err = {0};
	int got = 1;
	(void)fd;
	while (got == 1) {
		auto_json cJSON *answer = NULL;
		err = (struct bx_err){0};
		got = bx_client_next(shell->follower, shell->following, 0, &answer, &err);
		const cJSON *event = bx_json_get(answer, "event");
		if (event)
			tell(event);
		bx_json_int(event, "seq", &shell->told);
	}
	if (got < 0 && err.exit == BX_TIMEOUT)
		return;
	bx_repl_watch(shell->repl, -1);
	bx_client_free(shell->follower);
	shell->follower = NULL;
	bx_cli_note(shell->cli, "nothing is heard of the card: %s", err.text);
}

static bool follow(struct shell *shell, struct bx_err *err)
{
	auto_client struct bx_client *client = card_connect(err);
	if (!client)
		return false;
	cJSON *fields = cJSON_CreateObject();
	bx_json_set_str(fields, "call", shell->call);
	bx_json_set_bool(fields, "follow", true);
	if (shell->told)
		bx_json_set_int(fields, "since", shell->told);
	shell->following = bx_client_send(client, "events", fields, err);
	if (!shell->following)
		return false;
	shell->follower = client;
	client = NULL;
	bx_repl_watch(shell->repl, bx_client_fd(shell->follower));
	return true;
}

static void unfollow(struct shell *shell)
{
	bx_repl_watch(shell->repl, -1);
	bx_client_free(shell->follower);
	shell->follower = NULL;
	shell->told = 0;
}

static bool named(const char *call, struct bx_err *err)
{
	return !bx_streq(call, "-") ||
	       bx_fail(err, BX_USAGE, "", "standard input is the prompt's; name the call");
}

static bool choose(struct shell *shell, const char *call, struct bx_err *err)
{
	char *id = named(call, err) ? bx_call_named(shell->cli, call, err) : NULL;
	if (!id)
		return false;
	free(shell->call);
	shell->call = id;
	bx_cli_give(shell->cli, "call", id);
	unfollow(shell);
	return true;
}

/* Without -c: the call of the only open card. */
static bool choose_open(struct shell *shell, struct bx_err *err)
{
	auto_json cJSON *cards = cards_now(shell);
	const char *only = NULL;
	const cJSON *card;
	cJSON_ArrayForEach(card, cards)
	{
		const char *call = bx_json_str(card, "CALL_ID");
		if (only && !bx_streq(only, call)) {
			bx_cli_note(shell->cli, "several calls have cards; choose one with: call CALL_ID");
			return true;
		}
		only = call;
	}
	return !only || choose(shell, only, err);
}

static void complete(void *arg, const char *text, const char *word, bx_candidate_fn *add, void *to)
{
	struct shell *shell = arg;
	BX_CLEANUP(bx_cli_words_release) struct bx_words words = {0};
	auto_free char *before = bx_xstrndup(text, (size_t)(word - text));
	if (!bx_cli_split(&words, before, NULL) || words.count > WORDS_AHEAD)
		return;
	char *all[WORDS_AHEAD + 2] = {0};
	memcpy(all, words.v ? words.v : all, (size_t)words.count * sizeof *all);
	all[words.count] = (char *)word;
	if (!words.count) {
		add(to, "call", "choose another call");
		add(to, "quit", "leave");
	}
	bool calls = words.count == 1 && !strcmp(all[0], "call");
	if (calls)
		bx_cli_tool(shell->cli)->complete("call", word, NULL, add, to);
	else
		bx_cli_candidates(bx_cli_tool(shell->cli), words.count + 1, all, add, to);
}

static bool run_entry(struct shell *shell, const char *entry, bool *quit, struct bx_err *err)
{
	BX_CLEANUP(bx_cli_words_release) struct bx_words words = {0};
	if (!bx_cli_split(&words, entry, err))
		return false;
	const char *first = words.count ? words.v[0] : "";
	*quit = !strcmp(first, "quit");
	if (*quit || !words.count)
		return true;
	if (strcmp(first, "call") != 0)
		return bx_cli_line(shell->cli, bx_cli_tool(shell->cli), &words, shell, err);
	return words.count == 2 ? choose(shell, words.v[1], err)
				: bx_fail(err, BX_USAGE, "", "usage: call CALL_ID|ext:ID");
}

/* The status of the last line that failed is the shell's, for who feeds it from a pipe. */
static bool converse(struct shell *shell, struct bx_err *err)
{
	struct bx_err failed = {0};
	for (bool quit = false; !quit;) {
		char prompt[PROMPT_MAX];
		auto_free char *entry = NULL;
		bx_cancel_clear();
		if (shell->call && !shell->follower && bx_repl_typed(shell->repl))
			follow(shell, NULL);
		prompt_of(shell, prompt);
		int got = bx_repl_next(shell->repl, prompt, &entry, err);
		if (got < 0)
			return false;
		struct bx_err why = {0};
		bx_cancel_clear();
		if (!got || run_entry(shell, entry, &quit, &why)) {
			quit |= !got;
			continue;
		}
		if (why.text[0])
			bx_cli_failed(shell->cli, &why);
		failed = why;
	}
	bool typed = bx_repl_typed(shell->repl);
	return !failed.exit || typed || bx_fail(err, failed.exit, failed.code, "%s", "");
}

bool card_shell(struct bx_cli *cli, struct bx_err *err)
{
	static const struct bx_repl_ops ops = {.complete = complete, .ready = happened};
	if (!bx_cli_want_args(cli, 0, 0, err))
		return false;
	if (bx_cli_context(cli))
		return bx_fail(err, BX_USAGE, "", "this is the shell");
	const char *call = bx_opt(cli, "call");
	auto_client struct bx_client *there = named(call, err) ? card_connect(err) : NULL;
	if (!there)
		return false;
	BX_CLEANUP(shell_release) struct shell shell = {.cli = cli};
	shell.repl = bx_repl_new("bx-card", &ops, &shell);
	bx_repl_history(shell.repl, "card");
	return (call ? choose(&shell, call, err) : choose_open(&shell, err)) && converse(&shell, err);
}
