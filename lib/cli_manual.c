/* The parts of the manual that the rows know, in mdoc. */
#include "cli_impl.h"

#include <string.h>
#include "banned.h"

#define PAGE_LINE_MAX 4096

/* A text as mdoc: no line may begin with a control character, and \ is spelled out. */
static void print_text(const char *text)
{
	if (*text == '.' || *text == '\'')
		printf("\\&");
	for (; *text; text++) {
		if (*text == '\\')
			printf("\\e");
		else
			putchar(*text);
	}
	putchar('\n');
}

static void print_arg(const char *args)
{
	for (const char *p = args; *p; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");
		printf(" Ar %.*s", (int)len, p);
		p += len;
	}
	putchar('\n');
}

static bool print_man_opt(void *arg, const struct bx_opt *opt, const struct bx_field *field)
{
	(void)arg;
	printf(".It ");
	if (opt->letter)
		printf("Fl %c , ", opt->letter);
	printf("Fl \\-%s%s", opt->flags & BX_OPT_NO ? "\\&[no\\-]" : "", opt->name);
	if (opt->arg)
		printf(" Ar %s", opt->arg);
	putchar('\n');
	print_text(opt->help ? opt->help : "");
	for (const struct bx_word *w = field ? field->words : NULL; w && w->word; w++)
		printf("%s.Cm %s%s", w == field->words ? "One of\n" : "", w->word, w[1].word ? " ,\n" : " .\n");
	if (field && field->when)
		print_text(field->when);
	if (field && field->flags & BX_REQUIRED)
		print_text("Required.");
	return true;
}

/* Options of the verb alone: the tool's and the common ones have a section of their own. */
static void print_verb_opt(bool *opened, const struct bx_opt *opt, const struct bx_field *field)
{
	if (!*opened)
		puts(".Bl -tag -width Ds");
	*opened = true;
	print_man_opt(NULL, opt, field);
}

static void print_verb_options(const struct bx_verb *verb)
{
	bool opened = false;
	for (const struct bx_opt *o = verb->opts; o && o->name; o++)
		print_verb_opt(&opened, o, NULL);
	for (const struct bx_field *f = verb->op ? verb->op->fields : NULL; f && f->key; f++) {
		if (!f->option || f->flags & (BX_ARG | BX_HIDDEN))
			continue;
		struct bx_opt opt = bx_cli_field_opt(f);
		print_verb_opt(&opened, &opt, f);
	}
	if (opened)
		puts(".El");
}

static void print_synopsis(const struct bx_tool *tool)
{
	bool one = !tool->verbs[1].name;
	for (const struct bx_verb *v = tool->verbs; v->name; v++) {
		printf(".Nm\n.Op Ar OPTIONS\n.%s %s", one ? "No" : "Cm", one ? "" : v->name);
		print_arg(v->args);
	}
}

static void print_verbs(const struct bx_tool *tool)
{
	puts(".Bl -tag -width Ds");
	for (const struct bx_verb *v = tool->verbs; v->name; v++) {
		printf(".It Cm %s", v->name);
		print_arg(v->args);
		print_text(v->help);
		print_verb_options(v);
	}
	puts(".El");
}

static void print_options(const struct bx_tool *tool)
{
	puts(".Bl -tag -width Ds");
	bx_cli_each_opt(tool, NULL, print_man_opt, NULL);
	puts(".El");
}

static void print_exits(const struct bx_tool *tool)
{
	(void)tool;
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; i < BX_COUNT(bx_exits); i++)
		printf(".It %d\n%s\n", bx_exits[i].status, bx_exits[i].help);
	puts(".El");
}

static const struct {
	const char *line;
	void (*print)(const struct bx_tool *tool);
} parts[] = {
	{"@SYNOPSIS@\n", print_synopsis},
	{"@VERBS@\n", print_verbs},
	{"@OPTIONS@\n", print_options},
	{"@EXIT@\n", print_exits},
};

static void print_line(const struct bx_tool *tool, const char *line)
{
	for (size_t i = 0; i < BX_COUNT(parts); i++) {
		if (!strcmp(parts[i].line, line)) {
			parts[i].print(tool);
			return;
		}
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
