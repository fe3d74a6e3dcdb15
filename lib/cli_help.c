/* --help, written by the rows. */
#include "cli_impl.h"

#include <ctype.h>
#include <string.h>
#include "banned.h"

#define HELP_COLUMN 30

static void print_words(const struct bx_field *field)
{
	if (!field || !field->words)
		return;
	printf(":");
	for (const struct bx_word *w = field->words; w->word; w++)
		printf(" %s", w->word);
}

static void print_entry(const char *left, const char *help, const struct bx_field *field)
{
	if (strlen(left) > HELP_COLUMN - 4)
		printf("  %s\n%*s", left, HELP_COLUMN, "");
	else
		printf("  %-*s", HELP_COLUMN - 2, left);
	printf("%s", help ? help : "");
	print_words(field);
	if (field && field->flags & BX_REQUIRED)
		printf(" (required)");
	putchar('\n');
}

static bool print_opt(void *arg, const struct bx_opt *opt, const struct bx_field *field)
{
	(void)arg;
	auto_str struct bx_str left = BX_STR_INIT(256);
	bx_str_printf(&left, opt->letter ? "-%c, " : "    ", opt->letter);
	bx_str_printf(&left, "--%s%s", opt->flags & BX_OPT_NO ? "[no-]" : "", opt->name);
	if (opt->arg)
		bx_str_printf(&left, " %s", opt->arg);
	print_entry(left.buf, opt->help, field);
	return true;
}

char *bx_cli_arg_name(const struct bx_field *field)
{
	if (field->type == BX_BOOL)
		return bx_xstrdup("on|off");
	char *name = bx_xstrdup(field->option ? field->option : field->key);
	for (char *p = name; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return name;
}

static char *args_text(const struct bx_op *op)
{
	struct bx_str args = BX_STR_INIT(256);
	for (const struct bx_field *f = op->fields; f->key; f++) {
		if (!(f->flags & BX_ARG) || f->flags & BX_HIDDEN)
			continue;
		auto_free char *name = bx_cli_arg_name(f);
		bool needed = f->flags & BX_REQUIRED;
		bx_str_printf(&args, "%s%s%s%s", args.len ? " " : "", needed ? "" : "[", name, needed ? "" : "]");
	}
	return bx_str_take(&args);
}

/* One text a row, however often it is asked for. */
const char *bx_cli_args_of(const struct bx_op *op)
{
	static struct known {
		const struct known *next;
		const struct bx_op *op;
		char *text;
	} *list;
	for (const struct known *k = list; k; k = k->next)
		if (k->op == op)
			return k->text;
	struct known *k = bx_xcalloc(1, sizeof *k);
	*k = (struct known){.next = list, .op = op, .text = args_text(op)};
	list = k;
	return k->text;
}

static void print_arguments(const struct bx_op *op)
{
	for (const struct bx_field *f = op->fields; f->key; f++) {
		auto_free char *name = bx_cli_arg_name(f);
		if (f->flags & BX_ARG)
			print_entry(name, f->help, f);
	}
}

static void help_verb(const struct bx_tool *tool, const struct bx_verb *verb)
{
	bool one = !tool->verbs[1].name;
	printf("usage: %s %s%s[OPTIONS] %s\n\n%s\n\n", tool->name, one ? "" : verb->name, one ? "" : " ",
		verb->args, verb->help);
	if (verb->op)
		print_arguments(verb->op);
	puts("options:");
	bx_cli_each_opt(tool, verb, print_opt, NULL);
}

static void help_tool(const struct bx_tool *tool)
{
	printf("usage: %s [OPTIONS] VERB [OPTIONS] [ARG...]\n\n%s\n\nverbs:\n", tool->name, tool->summary);
	for (const struct bx_verb *v = tool->verbs; v->name; v++) {
		auto_free char *left = bx_xprintf("%s %s", v->name, v->args);
		print_entry(left, v->help, NULL);
	}
	puts("\noptions:");
	bx_cli_each_opt(tool, NULL, print_opt, NULL);
	puts("\nexit status:");
	for (size_t i = 0; i < BX_COUNT(bx_exits); i++)
		printf("  %2d  %s\n", bx_exits[i].status, bx_exits[i].help);
	printf("\n%s VERB --help tells a verb's own options.\n", tool->name);
}

void bx_cli_help(const struct bx_tool *tool, const struct bx_verb *verb)
{
	if (verb || !tool->verbs[1].name)
		help_verb(tool, verb ? verb : tool->verbs);
	else
		help_tool(tool);
}
