#include "cli_impl.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <string.h>
#include "log.h"
#include "secret.h"
#include "banned.h"

#define OPTIONS_MAX 128

const struct bx_opt bx_cli_common[] = {
	{"portal", 'p', "NAME", 0, "portal", "the portal's profile (default: BX_PORTAL, else the one in use)"},
	{"output", 'o', "FORM", 0, "output", "how to print: json, pretty or table (default: BX_OUTPUT, else pretty on a terminal)"},
	{"dry-run", 'n', NULL, 0, NULL, "print as JSON what would be sent, secrets masked, and send nothing"},
	{"timeout", 't', "SECONDS", 0, NULL, "give up after that long; fractions are allowed"},
	{"quiet", 'q', NULL, 0, NULL, "no notes on stderr"},
	{"verbose", 'v', NULL, 0, NULL, "trace on stderr, secrets masked"},
	{"help", 'h', NULL, 0, NULL, "this help"},
	{"version", 0, NULL, 0, NULL, "the version"},
	{0},
};

struct bx_opt bx_cli_field_opt(const struct bx_field *field)
{
	bool is_switch = field->type == BX_FLAG || field->type == BX_YN || field->type == BX_BOOL;
	struct bx_opt opt = {.name = field->option, .help = field->help};
	opt.arg = is_switch ? NULL : field->key;
	bool both_ways = is_switch && !bx_starts(field->option, "no-");
	opt.flags = (field->flags & BX_MANY ? BX_OPT_MANY : 0u) | (both_ways ? BX_OPT_NO : 0u);
	return opt;
}

static bool each_own(const struct bx_opt *opts, bx_cli_opt_fn *fn, void *arg)
{
	for (; opts && opts->name; opts++) {
		if (!fn(arg, opts, NULL))
			return false;
	}
	return true;
}

void bx_cli_each_opt(const struct bx_tool *tool, const struct bx_verb *verb, bx_cli_opt_fn *fn,
	void *arg)
{
	if (verb && !each_own(verb->opts, fn, arg))
		return;
	for (const struct bx_field *f = verb && verb->op ? verb->op->fields : NULL; f && f->key; f++) {
		if (!f->option || f->flags & (BX_ARG | BX_HIDDEN))
			continue;
		struct bx_opt opt = bx_cli_field_opt(f);
		if (!fn(arg, &opt, f))
			return;
	}
	if (each_own(tool->opts, fn, arg))
		each_own(bx_cli_common, fn, arg);
}

/* getopt's two tables, built from the rows. */
struct parser {
	struct option longs[OPTIONS_MAX + 1];
	const char *names[OPTIONS_MAX]; /* the option each long name turns on or off */
	char shorts[OPTIONS_MAX + 8];
	const char *by_letter[128];
	size_t count;
};
enum { ON = 1000, OFF = 1001 };

static bool known_long(const struct parser *p, const char *name)
{
	for (size_t i = 0; i < p->count; i++) {
		if (!strcmp(p->longs[i].name, name))
			return true;
	}
	return false;
}

/* A verb's option hides a common one of the same name or letter. */
static bool add_opt(void *arg, const struct bx_opt *opt, const struct bx_field *field)
{
	struct parser *p = arg;
	(void)field;
	if (known_long(p, opt->name) || p->count + 2 > OPTIONS_MAX)
		return true;
	int has = opt->arg ? required_argument : no_argument;
	p->names[p->count] = opt->name;
	p->longs[p->count++] = (struct option){opt->name, has, NULL, ON};
	if (opt->flags & BX_OPT_NO) {
		p->names[p->count] = opt->name;
		p->longs[p->count++] = (struct option){bx_xprintf("no-%s", opt->name), has, NULL, OFF};
	}
	int letter = (unsigned char)opt->letter;
	if (letter && !p->by_letter[letter]) {
		size_t len = strlen(p->shorts);
		p->by_letter[letter] = opt->name;
		snprintf(p->shorts + len, sizeof p->shorts - len, "%c%s", letter, opt->arg ? ":" : "");
	}
	return true;
}

void bx_cli_give(struct bx_cli *cli, const char *name, const char *value)
{
	size_t size = (cli->given_count + 1) * sizeof *cli->given;
	cli->given = bx_xrealloc(cli->given, size);
	cli->given[cli->given_count++] = (struct bx_given){name, value};
}

const struct bx_tool *bx_cli_tool(const struct bx_cli *cli)
{
	return cli->tool;
}

void *bx_cli_context(const struct bx_cli *cli)
{
	return cli->context;
}

static bool unknown_option(const struct bx_cli *cli, int code, char **argv, struct bx_err *err)
{
	const char *where = cli->verb && cli->tool->verbs[1].name ? cli->verb->name : "";
	const char *given = argv[optind - 1];
	char letter[3] = {'-', (char)optopt, 0};
	bool is_short = optopt > 0 && optopt < 128;
	if (code == ':')
		return bx_fail(err, BX_USAGE, "", "option '%s' needs a value", is_short ? letter : given);
	return bx_fail(err, BX_USAGE, "", "unknown option '%s'; see %s%s%s --help",
		is_short ? letter : given, cli->tool->name, *where ? " " : "", where);
}

static void parser_release(struct parser *p)
{
	for (size_t i = 0; i < p->count; i++) {
		if (p->longs[i].val == OFF)
			free((char *)p->longs[i].name);
	}
}

/* Reads the options of argv from index 1 on; with stop_at_word the first other word ends it. */
static bool parse(struct bx_cli *cli, int argc, char **argv, bool stop_at_word, struct bx_err *err)
{
	BX_CLEANUP(parser_release) struct parser p = {0};
	snprintf(p.shorts, sizeof p.shorts, "%s:", stop_at_word ? "+" : "");
	bx_cli_each_opt(cli->tool, cli->verb, add_opt, &p);
	optind = 0;
	opterr = 0;
	int code, index;
	while ((code = getopt_long(argc, argv, p.shorts, p.longs, &index)) != -1) {
		if (code == '?' || code == ':')
			return unknown_option(cli, code, argv, err);
		const char *value = optarg ? optarg : "";
		if (code == ON || code == OFF)
			bx_cli_give(cli, p.names[index], code == ON ? value : NULL);
		else
			bx_cli_give(cli, p.by_letter[code], value);
	}
	return true;
}

/* The verb at argv[0], of two words when the table has it so; *words tells how many it took. */
const struct bx_verb *bx_cli_find_verb(const struct bx_tool *tool, char **argv, int *words)
{
	for (*words = 2; *words > 0; --*words) {
		if (*words == 2 && (!argv[0] || !argv[1]))
			continue;
		auto_free char *name = *words == 2 ? bx_xprintf("%s %s", argv[0], argv[1])
						   : bx_xstrdup(argv[0]);
		for (const struct bx_verb *v = tool->verbs; name && v->name; v++) {
			if (!strcmp(v->name, name))
				return v;
		}
	}
	for (const struct bx_verb *v = tool->verbs; tool->default_verb && v->name; v++) {
		if (!strcmp(v->name, tool->default_verb))
			return v;
	}
	return NULL;
}

static bool has_group(const struct bx_tool *tool, const char *word)
{
	size_t len = strlen(word);
	for (const struct bx_verb *v = tool->verbs; v->name; v++) {
		if (!strncmp(v->name, word, len) && v->name[len] == ' ')
			return true;
	}
	return false;
}

static bool no_verb(const struct bx_cli *cli, const char *word, struct bx_err *err)
{
	if (!word)
		return bx_fail(err, BX_USAGE, "", "a verb is missing; see %s --help", cli->tool->name);
	if (has_group(cli->tool, word))
		return bx_fail(err, BX_USAGE, "", "'%s' needs a second word; see %s --help", word,
			cli->tool->name);
	return bx_fail(err, BX_USAGE, "", "unknown verb '%s'; see %s --help", word, cli->tool->name);
}

static bool wants_information(struct bx_cli *cli)
{
	if (bx_opt(cli, "help"))
		bx_cli_help(cli->tool, cli->verb);
	else if (bx_opt(cli, "version"))
		printf("%s %s\n", cli->tool->name, BX_VERSION);
	else
		return false;
	return true;
}

static void setup_log(const struct bx_cli *cli)
{
	enum bx_log_level level = bx_opt(cli, "verbose") ? BX_LOG_TRACE : BX_LOG_INFO;
	bx_log_setup(cli->tool->name, bx_opt(cli, "quiet") ? BX_LOG_ERROR : level);
}

/* argv[0] is the verb, or what comes before its words. */
static bool parse_verb(struct bx_cli *cli, int argc, char **argv, struct bx_err *err)
{
	int words;
	cli->verb = bx_cli_find_verb(cli->tool, argv, &words);
	if (!cli->verb)
		return no_verb(cli, argv[0], err);
	/* getopt wants a program name before the words it reads. */
	char **rest = argv + words - 1;
	int rest_count = argc - words + 1;
	if (!parse(cli, rest_count, rest, false, err))
		return false;
	cli->args = rest + optind;
	cli->arg_count = (size_t)(rest_count - optind);
	return true;
}

static bool do_verb(struct bx_cli *cli, struct bx_err *err)
{
	bool ok = cli->verb->run(cli, err);
	struct bx_err late = {0};
	if (!bx_cli_flush(cli, &late) && ok)
		*err = late;
	return ok && !late.exit;
}

static bool run_verb(struct bx_cli *cli, int argc, char **argv, struct bx_err *err)
{
	if (!parse_verb(cli, argc - optind, argv + optind, err))
		return false;
	if (wants_information(cli))
		return true;
	setup_log(cli);
	return bx_cli_setup_output(cli, err) && do_verb(cli, err);
}

static void cli_release(struct bx_cli *cli)
{
	cJSON_Delete(cli->rows);
	bx_str_release(&cli->held);
	free(cli->given);
	free(cli->values);
}

bool bx_cli_line(struct bx_cli *outer, const struct bx_tool *tool, const struct bx_words *words,
	void *context, struct bx_err *err)
{
	BX_CLEANUP(cli_release) struct bx_cli cli = {.tool = tool, .context = context, .held = BX_STR_INIT(SIZE_MAX / 4),
		.output = outer->output};
	for (size_t i = 0; i < outer->given_count; i++)
		bx_cli_give(&cli, outer->given[i].name, outer->given[i].value);
	/* getopt moves words about, so it gets a list of its own; it reads from index 1 on. */
	auto_free char **argv = bx_xcalloc((size_t)words->count + 2, sizeof *argv);
	argv[0] = (char *)tool->name;
	for (int i = 0; i < words->count; i++)
		argv[i + 1] = words->v[i];
	if (!parse(&cli, words->count + 1, argv, true, err))
		return false;
	if (wants_information(&cli))
		return true;
	if (!parse_verb(&cli, words->count + 1 - optind, argv + optind, err))
		return false;
	return wants_information(&cli) || do_verb(&cli, err);
}

static bool whole_life(struct bx_cli *cli, int argc, char **argv, struct bx_err *err)
{
	if (!parse(cli, argc, argv, true, err)) {
		/* Options of a default verb come without it. */
		if (!cli->tool->default_verb)
			return false;
		cli->given_count = 0;
		optind = 1;
	} else if (wants_information(cli)) {
		return true;
	} else {
		return run_verb(cli, argc, argv, err);
	}
	*err = (struct bx_err){0};
	return run_verb(cli, argc, argv, err);
}

int bx_cli_main(const struct bx_tool *tool, int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	struct bx_cli cli = {.tool = tool, .held = BX_STR_INIT(SIZE_MAX / 4)};
	struct bx_err err = {0};
	if (argc >= 2 && !strcmp(argv[1], "--complete")) {
		bx_cli_complete(tool, argc - 2, argv + 2);
		return BX_OK;
	}
	BX_CLEANUP(bx_cli_words_release) struct bx_words words = {0};
	bool ok;
	if (argc == 2 && !strcmp(argv[1], "--manual"))
		ok = bx_cli_manual(tool, &err);
	else if (tool->argfile)
		ok = bx_cli_argfiles(&words, argc, argv, &err) && whole_life(&cli, words.count, words.v, &err);
	else
		ok = whole_life(&cli, argc, argv, &err);
	if (!ok && err.text[0])
		bx_cli_report(tool, cli.verb, &err);
	/* What succeeded in the end may have left an early failure behind. */
	if (ok)
		err.exit = fflush(stdout) ? BX_LOCAL : BX_OK;
	cli_release(&cli);
	return err.exit;
}

int bx_cli_leave(int status)
{
	fflush(NULL);
#ifndef BX_SAN /* whose search for leaks is such a tidying up */
	_exit(status);
#endif
	return status;
}
