/* Completion: TOOL --complete WORD… prints what may stand in the last word's place. */
#include "cli_impl.h"

#include <ctype.h>
#include <string.h>
#include "banned.h"

/* What stands before the word to complete. */
struct place {
	const struct bx_tool *tool;
	const struct bx_verb *verb;
	const char *partial;
	const char *group;   /* first word of a two-word verb, still to be completed */
	size_t position;     /* arguments after the verb before partial */
	struct bx_opt value_of; /* partial is the value of this option; name NULL: none */
	const struct bx_field *field;
};

static void candidate(const struct place *at, const char *prefix, const char *word, const char *help)
{
	auto_free char *whole = bx_xprintf("%s%s", prefix, word);
	if (bx_starts(whole, at->partial))
		printf("%s%s%s\n", whole, help && *help ? "\t" : "", help ? help : "");
}

static void candidates_of_words(const struct place *at, const struct bx_field *field)
{
	for (const struct bx_word *w = field->words; w && w->word; w++)
		candidate(at, "", w->word, w->help);
	if (field->type == BX_BOOL || field->type == BX_FLAG) {
		candidate(at, "", "on", NULL);
		candidate(at, "", "off", NULL);
	}
}

static void candidates_of_ops(const struct place *at, enum bx_kind kind)
{
	for (const struct bx_op *const *table = bx_op_tables; *table; table++) {
		for (const struct bx_op *op = *table; op->wire; op++) {
			if (op->kind == kind)
				candidate(at, "", kind == BX_METHOD ? op->wire : op->verb, op->help);
		}
	}
}

static void candidates_of_kind(const struct place *at, const char *kind)
{
	if (bx_streq(kind, "output")) {
		candidate(at, "", "json", "one object a line");
		candidate(at, "", "pretty", "indented");
		candidate(at, "", "table", "columns");
	} else if (bx_streq(kind, "event")) {
		candidates_of_ops(at, BX_CARD_EVENT);
	} else if (bx_streq(kind, "method")) {
		candidates_of_ops(at, BX_METHOD);
	} else if (bx_streq(kind, "state")) {
		for (const struct bx_state *s = bx_states; s->name; s++)
			candidate(at, "", s->name, s->help);
	} else if (kind && at->tool->complete) {
		at->tool->complete(kind);
	}
}

struct wanted {
	const char *word;
	struct bx_opt found;
	const struct bx_field *field;
};

static bool match_opt(void *arg, const struct bx_opt *opt, const struct bx_field *field)
{
	struct wanted *w = arg;
	bool is_long = w->word[1] == '-' && !strcmp(w->word + 2, opt->name);
	bool is_short = w->word[1] != '-' && w->word[1] == opt->letter && !w->word[2];
	if (!is_long && !is_short)
		return true;
	w->found = *opt;
	w->field = field;
	return false;
}

/* Notes an option and tells whether its value is still to come. */
static bool needs_value(struct place *at, const char *word)
{
	struct wanted w = {.word = word};
	bx_cli_each_opt(at->tool, at->verb, match_opt, &w);
	if (!w.found.name || !w.found.arg)
		return false;
	at->value_of = w.found;
	at->field = w.field;
	return true;
}

static bool is_group(const struct bx_tool *tool, const char *word)
{
	size_t len = strlen(word);
	for (const struct bx_verb *v = tool->verbs; v->name; v++) {
		if (!strncmp(v->name, word, len) && v->name[len] == ' ')
			return true;
	}
	return false;
}

static void take_word(struct place *at, char *word)
{
	if (at->verb) {
		at->position++;
		return;
	}
	if (is_group(at->tool, word) && !at->group) {
		at->group = word;
		return;
	}
	char *pair[] = {at->group ? (char *)at->group : word, at->group ? word : NULL, NULL};
	int words;
	at->verb = bx_cli_find_verb(at->tool, pair, &words);
	at->group = NULL;
	at->position = at->verb && !words;
}

static struct place find_place(const struct bx_tool *tool, int argc, char **words)
{
	struct place at = {.tool = tool, .partial = argc ? words[argc - 1] : ""};
	int value_at = -1;
	for (int i = 0; i + 1 < argc; i++) {
		bool option = words[i][0] == '-' && words[i][1];
		if (option && needs_value(&at, words[i]))
			value_at = ++i;
		else if (!option)
			take_word(&at, words[i]);
	}
	if (value_at != argc - 1)
		at.value_of.name = NULL;
	return at;
}

static bool option_candidate(void *arg, const struct bx_opt *opt, const struct bx_field *field)
{
	(void)field;
	candidate(arg, "--", opt->name, opt->help);
	if (opt->flags & BX_OPT_NO)
		candidate(arg, "--no-", opt->name, opt->help);
	return true;
}

static void verb_candidates(const struct place *at)
{
	size_t skip = at->group ? strlen(at->group) : 0;
	for (const struct bx_verb *v = at->tool->verbs; v->name; v++) {
		if (skip && (strncmp(v->name, at->group, skip) || v->name[skip] != ' '))
			continue;
		const char *word = v->name + (skip ? skip + 1 : 0);
		auto_free char *first = bx_xstrndup(word, strcspn(word, " "));
		bool seen = !skip && v > at->tool->verbs && bx_starts(v[-1].name, first) &&
			    v[-1].name[strlen(first)] == ' ';
		if (!seen)
			candidate(at, "", first, strchr(word, ' ') ? NULL : v->help);
	}
}

/* The placeholder at the argument's position names its kind: "EVENT..." is "event". */
static void argument_candidates(const struct place *at)
{
	size_t n = 0;
	for (const struct bx_field *f = at->verb->op ? at->verb->op->fields : NULL; f && f->key; f++) {
		if (f->flags & BX_ARG && n++ == at->position) {
			candidates_of_words(at, f);
			return;
		}
	}
	const char *p = at->verb->args, *last = p;
	for (n = 0; *p && n <= at->position; n++, p += strspn(p, " ")) {
		last = p;
		p += strcspn(p, " ");
	}
	if (n <= at->position && !strstr(last, "..."))
		return;
	char kind[32] = "";
	for (size_t i = 0, k = 0; last[i] && last[i] != ' ' && k < sizeof kind - 1; i++) {
		if (isalpha((unsigned char)last[i]))
			kind[k++] = (char)tolower((unsigned char)last[i]);
	}
	candidates_of_kind(at, kind);
}

void bx_cli_complete(const struct bx_tool *tool, int argc, char **words)
{
	struct place at = find_place(tool, argc, words);
	if (at.value_of.name && at.field && at.field->words)
		candidates_of_words(&at, at.field);
	else if (at.value_of.name)
		candidates_of_kind(&at, at.value_of.kind);
	else if (at.partial[0] == '-')
		bx_cli_each_opt(tool, at.verb, option_candidate, &at);
	else if (!at.verb)
		verb_candidates(&at);
	else
		argument_candidates(&at);
}
