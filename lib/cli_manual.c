/* The parts of the manual that the rows know, in mdoc. */
#include "cli_manual.h"

#include <ctype.h>
#include <string.h>
#include "banned.h"

#define PAGE_LINE_MAX 4096
#define PAGE_WIDTH    78

/* A word as mdoc reads it back: no control character at the start of a line, dashes that can be
 * copied, and \ spelled out. */
static void print_word(const char *word, size_t len, bool first)
{
	if (first && (*word == '.' || *word == '\''))
		printf("\\&");
	for (size_t i = 0; i < len; i++) {
		if (word[i] == '\\')
			printf("\\e");
		else if (word[i] == '-' && !i)
			printf("\\-");
		else
			putchar(word[i]);
	}
}

/* A sentence ends a line, and so does what would be too long. */
static void print_lines(const char *text)
{
	size_t column = 0;
	bool ended = false;
	for (const char *p = text; *p; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");
		bool fresh = !column || column + len + 1 > PAGE_WIDTH || (ended && isupper((unsigned char)*p));
		if (column)
			putchar(fresh ? '\n' : ' ');
		print_word(p, len, fresh);
		column = fresh ? len : column + len + 1;
		ended = strchr(".!?", p[len - 1]);
		p += len;
	}
	putchar('\n');
}

/* Help texts of rows are fragments; the manual has sentences. Names keep their spelling. */
void bx_manual_text(const char *text)
{
	size_t len = text ? strlen(text) : 0, letters = 0;
	if (!len)
		return;
	while (islower((unsigned char)text[letters]))
		letters++;
	auto_free char *whole = bx_xprintf("%s%s", text, strchr(".!?:", text[len - 1]) ? "" : ".");
	if (!text[letters] || !strchr("_:=/", text[letters]))
		whole[0] = (char)toupper((unsigned char)whole[0]);
	print_lines(whole);
}

void bx_manual_text_when(const char *text, const char *when)
{
	auto_free char *whole = when ? bx_xprintf("%s (%s)", text, when) : NULL;
	bx_manual_text(whole ? whole : text);
}

/* One word of a usage line: FILE is a placeholder, on|off are words, --all is an option. */
static void print_arg(const char *word, size_t len)
{
	bool more = len > 3 && !strncmp(word + len - 3, "...", 3);
	len -= more ? 3 : 0;
	bool option = len > 1 && word[0] == '-', lower = false;
	for (size_t i = 0; i < len; i++)
		lower = lower || islower((unsigned char)word[i]);
	printf(" %s ", option ? "Fl" : lower || word[0] == '-' ? "Cm" : "Ar");
	for (size_t i = option; i < len; i++)
		printf(word[i] == '|' ? " | " : word[i] == '-' ? "\\-" : "%c", word[i]);
	if (more)
		printf(" ...");
}

static void print_args(const char *args)
{
	for (const char *p = args; *p; p += strspn(p, " ")) {
		for (; *p == '['; p++)
			printf(" Oo");
		size_t len = strcspn(p, " "), closed = 0;
		while (closed < len && p[len - 1 - closed] == ']')
			closed++;
		if (len > closed)
			print_arg(p, len - closed);
		for (size_t i = 0; i < closed; i++)
			printf(" Oc");
		p += len;
	}
	putchar('\n');
}

static void print_name(const char *name)
{
	for (; *name; name++)
		printf(*name == '-' ? "\\-" : "%c", *name);
}

void bx_manual_words(const struct bx_field *field)
{
	const struct bx_word *w = field ? field->words : NULL;
	if (!w)
		return;
	puts(field->type == BX_STR || field->type == BX_MAP ? "Known are" : "One of");
	for (; w->word; w++)
		printf(".Cm %s%s\n", w->word, w[1].word ? " ," : " .");
}

static bool print_man_opt(void *arg, const struct bx_opt *opt, const struct bx_field *field)
{
	(void)arg;
	printf(".It ");
	if (opt->letter)
		printf("Fl %c , ", opt->letter);
	printf("Fl \\-%s", opt->flags & BX_OPT_NO ? "\\&[no\\-]" : "");
	print_name(opt->name);
	if (opt->arg)
		printf(" Ar %s", opt->arg);
	putchar('\n');
	bx_manual_text_when(opt->help, field ? field->when : NULL);
	bx_manual_words(field);
	if (opt->flags & BX_OPT_MANY)
		bx_manual_text("May be given more than once");
	if (field && field->flags & BX_REQUIRED)
		bx_manual_text("Required");
	return true;
}

/* Verbs share tables of options: the first one that has a table describes it. */
static const struct bx_verb *described_at(const struct bx_tool *tool, const struct bx_verb *verb)
{
	const struct bx_verb *first = tool->verbs;
	while (first->opts != verb->opts)
		first++;
	return first;
}

static void print_shared(const struct bx_verb *first)
{
	puts("The options");
	for (const struct bx_opt *o = first->opts; o->name; o++) {
		printf(".Fl \\-%s", o->flags & BX_OPT_NO ? "\\&[no\\-]" : "");
		print_name(o->name);
		puts(!o[1].name ? "" : o[2].name ? " ," : "\nand");
	}
	printf("are those of\n.Cm %s .\n", first->name);
}

/* Those of the verb alone: the tool's and the common ones have a section of their own. */
static void print_verb_options(const struct bx_tool *tool, const struct bx_verb *verb)
{
	const struct bx_field *fields = verb->op ? verb->op->fields : NULL;
	const struct bx_opt *own = verb->opts;
	bool shared = own && own->name && own[1].name && described_at(tool, verb) != verb;
	if (shared)
		print_shared(described_at(tool, verb));
	bool opened = false;
	for (const struct bx_field *f = fields; f && f->key; f++) {
		if (!(f->flags & BX_ARG) || f->flags & BX_HIDDEN)
			continue;
		auto_free char *name = bx_cli_arg_name(f);
		printf("%s.It", opened ? "" : ".Bl -tag -width Ds\n");
		print_args(name);
		opened = true;
		bx_manual_text(f->help);
		bx_manual_words(f);
	}
	for (const struct bx_opt *o = shared ? NULL : own; o && o->name; o++, opened = true) {
		printf("%s", opened ? "" : ".Bl -tag -width Ds\n");
		print_man_opt(NULL, o, NULL);
	}
	for (const struct bx_field *f = fields; f && f->key; f++) {
		if (!f->option || f->flags & (BX_ARG | BX_HIDDEN))
			continue;
		struct bx_opt opt = bx_cli_field_opt(f);
		printf("%s", opened ? "" : ".Bl -tag -width Ds\n");
		opened = print_man_opt(NULL, &opt, f);
	}
	if (opened)
		puts(".El");
}

static void print_synopsis(const struct bx_tool *tool)
{
	bool one = !tool->verbs[1].name;
	for (const struct bx_verb *v = tool->verbs; v->name; v++) {
		printf(".Nm\n.Op Ar OPTIONS\n.%s %s", one ? "No" : "Cm", one ? "\\&" : v->name);
		print_args(v->args);
	}
}

static void print_verbs(const struct bx_tool *tool)
{
	puts(".Bl -tag -width Ds");
	for (const struct bx_verb *v = tool->verbs; v->name; v++) {
		printf(".It Cm %s", v->name);
		print_args(v->args);
		bx_manual_text(v->help);
		print_verb_options(tool, v);
	}
	puts(".El");
}

/* A tool of one verb has no verbs to speak of: all options are its own. */
static void print_options(const struct bx_tool *tool)
{
	bool one = !tool->verbs[1].name;
	puts(".Bl -tag -width Ds");
	bx_cli_each_opt(tool, one ? tool->verbs : NULL, print_man_opt, NULL);
	puts(".El");
}

static void print_exits(void)
{
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; i < BX_COUNT(bx_exits); i++) {
		printf(".It %d\n", bx_exits[i].status);
		bx_manual_text(bx_exits[i].help);
	}
	puts(".El");
}

static const struct {
	const char *line;
	void (*of_tool)(const struct bx_tool *tool); /* or */
	void (*of_rows)(void);
} parts[] = {
	{"@SYNOPSIS@\n", print_synopsis, NULL},
	{"@VERBS@\n", print_verbs, NULL},
	{"@OPTIONS@\n", print_options, NULL},
	{"@EXIT@\n", NULL, print_exits},
	{"@STATES@\n", NULL, bx_manual_states},
	{"@CARD-EVENTS@\n", NULL, bx_manual_card_events},
	{"@PORTAL-EVENTS@\n", NULL, bx_manual_portal_events},
};

static void print_line(const struct bx_tool *tool, const char *line)
{
	for (size_t i = 0; i < BX_COUNT(parts); i++) {
		if (strcmp(parts[i].line, line) != 0)
			continue;
		if (parts[i].of_tool)
			parts[i].of_tool(tool);
		else
			parts[i].of_rows();
		return;
	}
	fputs(line, stdout);
}

bool bx_cli_manual(const struct bx_tool *tool, struct bx_err *err)
{
	char line[PAGE_LINE_MAX];
	while (fgets(line, sizeof line, stdin))
		print_line(tool, line);
	return !fflush(stdout) || bx_fail_errno(err, "writing the manual page");
}
