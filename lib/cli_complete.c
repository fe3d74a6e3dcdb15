/* Completion: TOOL --complete WORD… prints what may stand in the last word's place, a candidate a
 * line with a tab and its description. The lines :file and :dir ask the shell for its own. */
#include "cli_complete.h"

#include <string.h>
#include "banned.h"

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

/* The verb whose options and arguments count: the default one until another is named. */
static const struct bx_verb *in_force(const struct bx_place *at)
{
	int words;
	if (at->verb || at->group)
		return at->verb;
	return at->tool->default_verb ? bx_cli_find_verb(at->tool, (char *[]){NULL, NULL}, &words) : NULL;
}

/* Notes an option and tells whether its value is still to come. */
static bool needs_value(struct bx_place *at, const char *word)
{
	struct wanted w = {.word = word};
	bx_cli_each_opt(at->tool, in_force(at), match_opt, &w);
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

static void take_word(struct bx_place *at, char *word)
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
	at->lost = !at->verb;
}

/* -p NAME, --portal NAME, -pNAME and --portal=NAME; next may be NULL. */
static void note_portal(struct bx_place *at, const char *word, const char *next)
{
	static const char whole[] = "--portal=";
	if (next && !strcmp(at->value_of.name, "portal"))
		at->portal = next;
	else if (!next && bx_starts(word, whole))
		at->portal = word + strlen(whole);
	else if (!next && bx_starts(word, "-p"))
		at->portal = word + 2;
}

static struct bx_place find_place(const struct bx_tool *tool, int argc, char **words)
{
	struct bx_place at = {.tool = tool, .prefix = "", .partial = argc ? words[argc - 1] : ""};
	int value_at = -1;
	for (int i = 0; i + 1 < argc; i++) {
		bool option = words[i][0] == '-' && words[i][1];
		if (option && needs_value(&at, words[i])) {
			value_at = ++i;
			note_portal(&at, words[i - 1], words[i]);
		} else if (option)
			note_portal(&at, words[i], NULL);
		else
			take_word(&at, words[i]);
	}
	if (value_at != argc - 1)
		at.value_of.name = NULL;
	return at;
}

static bool option_candidate(void *arg, const struct bx_opt *opt, const struct bx_field *field)
{
	(void)field;
	bx_candidate(arg, "--", opt->name, opt->help);
	if (opt->flags & BX_OPT_NO)
		bx_candidate(arg, "--no-", opt->name, opt->help);
	return true;
}

static void verb_candidates(const struct bx_place *at)
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
			bx_candidate(at, "", first, strchr(word, ' ') ? NULL : v->help);
	}
}

static void argument_candidates(struct bx_place *at, const struct bx_verb *verb)
{
	size_t n = 0;
	for (const struct bx_field *f = verb->op ? verb->op->fields : NULL; f && f->key; f++) {
		if (f->flags & BX_ARG && n++ == at->position) {
			if (f->words != bx_placements)
				bx_candidates_of_field(at, f);
			if (!f->words || f->words == bx_placements)
				bx_candidates_of_placeholder(at, f->option ? f->option : f->key);
			return;
		}
	}
	const char *p = verb->args, *last = p;
	for (n = 0; *p && n <= at->position; n++, p += strspn(p, " ")) {
		last = p;
		p += strcspn(p, " ");
	}
	if (n > at->position || strstr(last, "..."))
		bx_candidates_of_placeholder(at, last);
}

static void value_candidates(struct bx_place *at)
{
	const struct bx_opt *opt = &at->value_of;
	if (at->field && at->field->words)
		bx_candidates_of_field(at, at->field);
	else if (opt->kind)
		bx_candidates_of_kind(at, opt->kind);
	else
		bx_candidates_of_placeholder(at, at->field ? opt->name : opt->arg);
}

void bx_cli_candidates(const struct bx_tool *tool, int argc, char **words, bx_candidate_fn *add,
	void *arg)
{
	struct bx_place at = find_place(tool, argc, words);
	at.add = add;
	at.arg = arg;
	auto_free char *prefix = NULL;
	const char *equals = bx_starts(at.partial, "--") && !at.value_of.name ? strchr(at.partial, '=') : NULL;
	if (equals) {
		prefix = bx_xstrndup(at.partial, (size_t)(equals - at.partial));
		needs_value(&at, prefix);
		bx_set_str(&prefix, at.partial);
		prefix[equals + 1 - at.partial] = 0;
		at.prefix = prefix;
		at.partial = equals + 1;
	}
	const struct bx_verb *verb = in_force(&at);
	if (at.value_of.name) {
		value_candidates(&at);
	} else if (at.partial[0] == '-' && !equals) {
		bx_cli_each_opt(tool, verb, option_candidate, &at);
	} else if (!at.lost) {
		if (!at.verb && tool->verbs[1].name)
			verb_candidates(&at);
		if (verb)
			argument_candidates(&at, verb);
	}
}

/* A line is a candidate: texts from outside must not make two of one. */
static void print_clean(const char *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < ' ' || *text == 127 ? ' ' : *text);
}

static void print_candidate(void *arg, const char *word, const char *help)
{
	(void)arg;
	print_clean(word);
	if (help && *help) {
		putchar('\t');
		print_clean(help);
	}
	putchar('\n');
}

void bx_cli_complete(const struct bx_tool *tool, int argc, char **words)
{
	bx_cli_candidates(tool, argc, words, print_candidate, NULL);
}
