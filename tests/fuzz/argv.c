/* Command lines, one argument a line, for a tool whose verbs are all rows of the vocabulary. */
#include <unistd.h>
#include "cli.h"
#include "fuzz.h"

#define VERBS_MAX 256
#define WORDS_MAX 48

static bool print_params(struct bx_cli *cli, struct bx_err *err)
{
	auto_json cJSON *params = bx_cli_params(cli, bx_cli_verb(cli)->op, 0, err);
	if (!params)
		return false;
	must_print(params);
	return bx_cli_out(cli, params, err);
}

static bool print_args(struct bx_cli *cli, struct bx_err *err)
{
	int64_t ms = 0;
	return bx_opt_timeout(cli, &ms, err) && bx_cli_want_args(cli, 0, 3, err);
}

static void fill(struct bx_verb *verbs)
{
	size_t count = 0;
	for (const struct bx_op *const *table = bx_op_tables; *table; table++) {
		for (const struct bx_op *op = *table; op->wire && count < VERBS_MAX - 2; op++)
			verbs[count++] = (struct bx_verb){op->verb, bx_cli_args_of(op), op, NULL, print_params, op->help};
	}
	verbs[count] = (struct bx_verb){"count up", "", NULL, NULL, print_args, "counts"};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bx_verb verbs[VERBS_MAX];
	static const struct bx_opt opts[] = {{"call", 'c', "CALL", 0, "call", "the call"},
		{"many", 'm', "TEXT", BX_OPT_MANY | BX_OPT_NO, NULL, "several"}, {0}};
	static const struct bx_tool tool = {.name = "bx-fuzz", .summary = "fuzzes", .opts = opts, .verbs = verbs};
	char name[] = "bx-fuzz", *argv[WORDS_MAX + 2] = {name};
	int argc = 1;
	if (!verbs[0].name)
		fill(verbs);
	auto_free char *text = bx_xstrndup((const char *)data, size);
	for (char *rest = text, *line; argc <= WORDS_MAX && (line = next_line(&rest));)
		argv[argc++] = line;
	int status = bx_cli_main(&tool, argc, argv);
	must(status >= 0 && status <= 10, "the status is one of the documented");
	return 0;
}
