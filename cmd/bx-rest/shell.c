/* shell: calls at a prompt. */
#include "rest.h"

#include <string.h>
#include "batch.h"
#include "cancel.h"
#include "clock.h"
#include "log.h"
#include "repl.h"
#include "banned.h"

#define FETCH_MS 5000

struct shell {
	struct bx_cli *cli;
	struct bx_portal portal;
	struct bx_repl *repl;
	bool time, over;
};

const char *const rest_colons[] = {
	":p", "the portal that is meant from now on: :p NAME",
	":list", "all rows of a list method: :list METHOD [PARAM...]",
	":methods", "what this portal offers, and has in its name: :methods [TEXT]",
	":time", "say how long each call took, or no longer",
	":help", "what is known of a method: :help METHOD",
	":q", "leave",
	NULL,
};

static const char *portal_name(const struct shell *s)
{
	return s->portal.rest.profile.name;
}

static void use_history(struct shell *s)
{
	auto_free char *key = bx_xprintf(BX_HISTORY_REST "%s", portal_name(s));
	bx_repl_history(s->repl, key);
}

/* The portal's list is asked for once a day; without it the rows have to do. */
static void know_methods(struct shell *s)
{
	auto_free char *key = bx_heard_key(BX_HEARD_METHODS, portal_name(s));
	auto_free char *known = bx_value_get(s->portal.store, key, NULL);
	int64_t timeout = s->portal.rest.timeout_ms;
	struct bx_err why = {0};
	if (!bx_repl_typed(s->repl) || !bx_heard_old(known, bx_now_ms()))
		return;
	s->portal.rest.timeout_ms = FETCH_MS;
	cJSON *names = rest_fetch_methods(&s->portal, NULL, &why);
	if (!names)
		bx_log(BX_LOG_TRACE, "no list of methods: %s", why.text);
	cJSON_Delete(names);
	s->portal.rest.timeout_ms = timeout;
}

static bool change_portal(struct shell *s, const char *name, struct bx_err *err)
{
	auto_profile struct bx_profile profile;
	struct bx_rest *rest = &s->portal.rest;
	int64_t timeout = rest->timeout_ms;
	bool safe = rest->safe, bulk = rest->bulk;
	bx_profile_init(&profile);
	if (!name) {
		fprintf(stderr, "%s at %s\n", portal_name(s), rest->profile.domain);
		return true;
	}
	if (!bx_profile_load(s->portal.store, name, &profile, err))
		return false;
	bx_rest_release(rest);
	bx_rest_init(rest, s->portal.store, &profile);
	rest->timeout_ms = timeout;
	rest->safe = safe;
	rest->bulk = bulk;
	use_history(s);
	know_methods(s);
	return true;
}

static void describe(const struct bx_op *op)
{
	fprintf(stderr, "%s: %s\n", op->wire, op->help);
	for (const struct bx_field *f = op->fields; f->key; f++)
		fprintf(stderr, "  %-22s %s%s%s%s\n", f->key, f->help, f->flags & BX_REQUIRED ? " (required)" : "",
			f->when ? "; " : "", f->when ? f->when : "");
}

static bool help(const char *method, struct bx_err *err)
{
	const struct bx_op *op = method ? bx_op_by_wire(BX_METHOD, method) : NULL;
	if (method && !op)
		return bx_fail(err, BX_ABSENT, "", "nothing is known here of %s; see the portal's documentation", method);
	if (op)
		describe(op);
	else
		fputs("METHOD [PARAM...]: KEY=TEXT, KEY:=JSON, KEY@FILE or one JSON map, which may go on over lines\n",
			stderr);
	for (const char *const *c = rest_colons; !op && *c; c += 2)
		fprintf(stderr, "  %-10s %s\n", c[0], c[1]);
	return true;
}

static bool list_methods(struct shell *s, const char *text, struct bx_err *err)
{
	auto_json cJSON *names = rest_fetch_methods(&s->portal, NULL, err);
	const cJSON *name;
	cJSON_ArrayForEach(name, names) {
		const char *method = cJSON_GetStringValue(name);
		if (method && (!text || strstr(method, text)) && !bx_cli_out(s->cli, name, err))
			return false;
	}
	return names != NULL;
}

static bool print_row(void *arg, const cJSON *row, struct bx_err *err)
{
	if (bx_cancelled())
		return bx_fail(err, BX_AGAIN, "", "interrupted");
	return bx_cli_out(arg, row, err);
}

static void tell_time(const struct shell *s, int64_t began, const cJSON *envelope)
{
	const cJSON *portal = bx_json_get(bx_json_get(envelope, "time"), "duration");
	if (!s->time)
		return;
	fprintf(stderr, "%.3f s", (double)(bx_mono_ms() - began) / 1000);
	if (cJSON_IsNumber(portal))
		fprintf(stderr, ", %.3f s of them in the portal", portal->valuedouble);
	fputc('\n', stderr);
}

static bool call(struct shell *s, char **words, size_t count, bool list, struct bx_err *err)
{
	int64_t began = bx_mono_ms();
	if (!count)
		return bx_fail(err, BX_USAGE, "", "which method? usage: :list METHOD [PARAM...]");
	if (!rest_method_ok(words[0], err))
		return false;
	auto_json cJSON *params = bx_cli_collect_words(words + 1, count - 1, err);
	if (!params)
		return false;
	if (bx_cli_dry(s->cli)) {
		auto_json cJSON *preview = bx_rest_preview(&s->portal.rest, words[0], params);
		return bx_cli_out(s->cli, preview, err);
	}
	if (list) {
		bool ok = bx_list(&s->portal.rest, words[0], params, 0, print_row, s->cli, err);
		tell_time(s, began, NULL);
		return ok;
	}
	auto_json cJSON *envelope = bx_rest_call(&s->portal.rest, words[0], params, err);
	tell_time(s, began, envelope);
	return envelope && bx_cli_out(s->cli, bx_json_get(envelope, "result"), err);
}

static bool run(struct shell *s, const struct bx_words *w, struct bx_err *err)
{
	const char *verb = w->v[0], *next = w->count > 1 ? w->v[1] : NULL;
	if (*verb != ':')
		return call(s, w->v, (size_t)w->count, false, err);
	if (!strcmp(verb, ":p"))
		return change_portal(s, next, err);
	if (!strcmp(verb, ":list"))
		return call(s, w->v + 1, (size_t)w->count - 1, true, err);
	if (!strcmp(verb, ":methods"))
		return list_methods(s, next, err);
	if (!strcmp(verb, ":help"))
		return help(next, err);
	if (!strcmp(verb, ":time")) {
		s->time = !s->time;
		fprintf(stderr, "times are %s\n", s->time ? "told" : "not told");
		return true;
	}
	s->over = !strcmp(verb, ":q");
	return s->over || bx_fail(err, BX_USAGE, "", "'%s' is no command; :help tells them", verb);
}

/* What the documentation has to say about it, as far as it is known here. */
static void hint(const struct bx_words *w, const struct bx_err *err)
{
	const char *method = w->count && *w->v[0] == ':' ? w->v[1] : w->count ? w->v[0] : NULL;
	const struct bx_op *op = method ? bx_op_by_wire(BX_METHOD, method) : NULL;
	const char *text = bx_rest_hint(err->code);
	if (text)
		fprintf(stderr, "  %s%s%s\n", text, op && *op->scope ? "; the method's permission is " : "",
			op ? op->scope : "");
	else if (op && err->exit == BX_REFUSED)
		describe(op);
}

static bool take(struct shell *s, const char *entry, struct bx_err *err)
{
	BX_CLEANUP(bx_cli_words_release) struct bx_words words = {0};
	struct bx_err late = {0};
	bool ok = rest_split(entry, &words) == REST_WHOLE ||
		  bx_fail(err, BX_USAGE, "", "a quote or bracket is not closed");
	ok = ok && run(s, &words, err);
	if (!bx_cli_flush(s->cli, &late) && ok) {
		*err = late;
		ok = false;
	}
	if (ok)
		return true;
	if (err->text[0])
		bx_cli_failed(s->cli, err);
	if (bx_repl_typed(s->repl))
		hint(&words, err);
	return false;
}

static bool is_open(void *arg, const char *text)
{
	BX_CLEANUP(bx_cli_words_release) struct bx_words words = {0};
	(void)arg;
	return rest_split(text, &words) == REST_OPEN;
}

static void complete(void *arg, const char *text, const char *word, bx_candidate_fn *add, void *to)
{
	struct shell *s = arg;
	rest_offer(s->portal.store, portal_name(s), text, word, add, to);
}

/* The status of a script is that of the last entry that failed; a person has seen it. */
static bool loop(struct shell *s, struct bx_err *err)
{
	struct bx_err last = {0};
	char *entry;
	int got = 1;
	while (!s->over) {
		auto_free char *prompt = bx_xprintf("%s> ", portal_name(s));
		struct bx_err why = {0};
		if ((got = bx_repl_next(s->repl, prompt, &entry, &last)) != 1)
			break;
		bool ok = take(s, entry, &why);
		free(entry);
		if (!ok && !bx_repl_typed(s->repl)) {
			last = why;
			last.text[0] = 0;
		}
	}
	*err = last;
	return !last.exit;
}

bool rest_shell(struct bx_cli *cli, struct bx_err *err)
{
	static const struct bx_repl_ops ops = {.complete = complete, .open = is_open, .breaks = " \t\n{,\""};
	struct shell s = {.cli = cli};
	bool ok = bx_cli_want_args(cli, 0, 0, err) && rest_open(cli, &s.portal, false, err);
	if (ok) {
		s.repl = bx_repl_new("bx-rest", &ops, &s);
		bx_cli_paint(cli);
		use_history(&s);
		know_methods(&s);
		ok = loop(&s, err);
		bx_repl_free(s.repl);
	}
	bx_portal_close(&s.portal);
	return ok;
}
