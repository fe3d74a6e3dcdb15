/* The command line's grammar, run in this process with standard output and error caught. */
#include "cli.h"

#include <fcntl.h>
#include <string.h>
#include "check.h"
#include "secret.h"
#include "banned.h"

static const struct bx_word colours[] = {{"red", "1", NULL}, {"blue", "2", NULL}, {0}};
static const struct bx_field paint_fields[] = {
	{.key = "COLOUR", .option = "colour", .type = BX_INT, .words = colours, .flags = BX_REQUIRED, .help = "which"},
	{.key = "USER_ID", .option = "user", .type = BX_INT, .flags = BX_MANY, .help = "whom"},
	{.key = "SHOW", .option = "show", .type = BX_FLAG, .help = "seen"},
	{0},
};
static const struct bx_op paint = {.verb = "paint", .wire = "paint.it", .fields = paint_fields, .help = "paints"};
static const struct bx_field title_fields[] = {
	{.key = "title", .option = "TEXT", .type = BX_STR, .flags = BX_REQUIRED | BX_ARG, .help = "text"},
	{0},
};
static const struct bx_op title = {.verb = "title", .wire = "Title", .fields = title_fields, .help = "titles"};

static bool run_params(struct bx_cli *cli, const struct bx_op *op, struct bx_err *err)
{
	auto_json cJSON *params = bx_cli_params(cli, op, 0, err);
	return params && bx_cli_out(cli, params, err);
}

static bool run_paint(struct bx_cli *cli, struct bx_err *err)
{
	return run_params(cli, &paint, err);
}

static bool run_title(struct bx_cli *cli, struct bx_err *err)
{
	return run_params(cli, &title, err);
}

static bool run_free(struct bx_cli *cli, struct bx_err *err)
{
	return run_params(cli, NULL, err);
}

static bool run_list(struct bx_cli *cli, struct bx_err *err)
{
	auto_json cJSON *list = bx_json_parse("[{\"A\":1},{\"A\":22}]", 18, NULL);
	return bx_cli_out(cli, list, err);
}

static bool run_count(struct bx_cli *cli, struct bx_err *err)
{
	int64_t n = 7, ms = -1;
	if (!bx_opt_int(cli, "number", 1, 9, &n, err) || !bx_opt_timeout(cli, &ms, err))
		return false;
	auto_json cJSON *o = cJSON_CreateObject();
	bx_json_set_int(o, "n", n);
	bx_json_set_int(o, "ms", ms);
	bx_json_set_int(o, "args", (int64_t)bx_cli_argc(cli));
	return bx_cli_out(cli, o, err);
}

static bool say(struct bx_cli *cli, const char *text, bool more, struct bx_err *err)
{
	bx_str_puts(bx_cli_out_text(cli), text);
	return bx_cli_out_end(cli, more, err);
}

static bool run_held(struct bx_cli *cli, struct bx_err *err)
{
	off_t before = lseek(STDOUT_FILENO, 0, SEEK_END);
	bx_secret_remember("abcdefghijklmnop");
	bool ok = say(cli, "{\"n\":1,\"secret\":\"abcdefghijklmnop\"}", true, err);
	bool waits = lseek(STDOUT_FILENO, 0, SEEK_END) == before;
	ok = ok && say(cli, waits ? "{\"n\":2,\"first_waits\":true}" : "{\"n\":2}", false, err);
	bool gone = lseek(STDOUT_FILENO, 0, SEEK_END) > before;
	return ok && say(cli, gone ? "true" : "false", false, err);
}

/* Each argument is a line of its own, and of verbs that only lines have. */
static bool run_say(struct bx_cli *cli, struct bx_err *err)
{
	auto_json cJSON *o = cJSON_CreateObject();
	bx_json_set_str(o, "word", bx_cli_arg(cli, 0));
	bx_json_set_str(o, "call", bx_opt(cli, "call"));
	bx_json_set_str(o, "context", bx_cli_context(cli));
	return bx_cli_out(cli, o, err);
}

static bool run_lines(struct bx_cli *cli, struct bx_err *err)
{
	static const struct bx_verb verbs[] = {{"say", "WORD", NULL, NULL, run_say, "says"},
		{"title", "TEXT", &title, NULL, run_title, "titles"}, {0}};
	static const struct bx_opt opts[] = {{"call", 'c', "CALL", 0, "call", "the call"}, {0}};
	static const struct bx_tool lines = {.name = "bx-try", .summary = "lines", .opts = opts, .verbs = verbs};
	static char context[] = "here";
	for (size_t i = 0; i < bx_cli_argc(cli); i++) {
		BX_CLEANUP(bx_cli_words_release) struct bx_words words = {0};
		if (!bx_cli_split(&words, bx_cli_arg(cli, i), err) ||
			!bx_cli_line(cli, &lines, &words, context, err))
			return false;
		bx_cli_give(cli, "call", "given");
	}
	return true;
}

static const struct bx_opt count_opts[] = {{"number", 'N', "N", 0, NULL, "how many"}, {0}};
static const struct bx_opt tool_opts[] = {{"call", 'c', "CALL", 0, "call", "the call"}, {0}};
static const struct bx_verb verbs[] = {
	{"paint", "[PARAM...]", &paint, NULL, run_paint, "paints"},
	{"title", "TEXT", &title, NULL, run_title, "titles"},
	{"free", "[PARAM...]", NULL, NULL, run_free, "anything"},
	{"list", "", NULL, NULL, run_list, "lists"},
	{"held", "", NULL, NULL, run_held, "prints lines together"},
	{"count up", "", NULL, count_opts, run_count, "counts"},
	{"lines", "LINE...", NULL, NULL, run_lines, "runs lines"},
	{0},
};
static const struct bx_tool tool = {.name = "bx-try", .summary = "tries", .opts = tool_opts, .verbs = verbs};
static const struct bx_verb daemon_verbs[] = {{"run", "", NULL, count_opts, run_count, "runs"}, {0}};
static const struct bx_tool daemon_tool = {
	.name = "bx-daemon", .summary = "serves", .verbs = daemon_verbs, .default_verb = "run", .argfile = true};

static char out_text[65536], err_text[65536];

static void slurp(int fd, char *text)
{
	ssize_t len = pread(fd, text, 65535, 0);
	text[len > 0 ? len : 0] = 0;
	if (len > 0 && text[len - 1] == '\n')
		text[len - 1] = 0;
	close(fd);
}

static int catch_fd(int target, int *saved)
{
	char path[] = "/tmp/bx-cli-XXXXXX";
	int fd = mkstemp(path);
	unlink(path);
	fflush(NULL);
	*saved = dup(target);
	dup2(fd, target);
	return fd;
}

static void release_fd(int target, int saved)
{
	fflush(NULL);
	dup2(saved, target);
	close(saved);
}

static int run(const struct bx_tool *t, ...)
{
	char *argv[32];
	int argc = 0, saved[2];
	argv[argc++] = (char *)t->name;
	va_list ap;
	va_start(ap, t);
	while ((argv[argc] = va_arg(ap, char *)))
		argc++;
	va_end(ap);
	int out = catch_fd(1, &saved[0]), err = catch_fd(2, &saved[1]);
	int status = bx_cli_main(t, argc, argv);
	release_fd(1, saved[0]);
	release_fd(2, saved[1]);
	slurp(out, out_text);
	slurp(err, err_text);
	return status;
}

static void test_rows(void)
{
	CHECK(run(&tool, "paint", "--colour", "red", "--user", "12", NULL) == 0, "a verb runs");
	CHECK_STR(out_text, "{\"COLOUR\":1,\"USER_ID\":12}", "words become wire values");
	run(&tool, "paint", "--colour=blue", "--user", "12", "--user", "15", "--no-show", NULL);
	CHECK_STR(out_text, "{\"COLOUR\":2,\"USER_ID\":[12,15],\"SHOW\":0}", "repeats become a list, switches 0 and 1");
	CHECK(run(&tool, "paint", "--colour", "green", NULL) == BX_USAGE, "an unknown word is a usage error");
	CHECK(strstr(err_text, "green") && strstr(err_text, "red"), "which names the value and the words");
	CHECK(run(&tool, "paint", NULL) == BX_USAGE && strstr(err_text, "COLOUR"), "a required field is named");
	CHECK(run(&tool, "paint", "--colour", "red", "--user", "x1", NULL) == BX_USAGE, "a number is checked");
	run(&tool, "title", "a=b", NULL);
	CHECK_STR(out_text, "{\"title\":\"a=b\"}", "a positional text is taken as it is");
	CHECK(run(&tool, "title", NULL) == BX_USAGE && strstr(err_text, "TEXT"), "a missing one is named");
	run(&tool, "title", "--", "--help", NULL);
	CHECK_STR(out_text, "{\"title\":\"--help\"}", "-- ends the options");
}

static void test_free_parameters(void)
{
	run(&tool, "free", "A=x=y", "B:=[1,true]", "fields[NAME]=Ann", "fields[ID]=7", NULL);
	CHECK_STR(out_text, "{\"A\":\"x=y\",\"B\":[1,true],\"fields\":{\"NAME\":\"Ann\",\"ID\":\"7\"}}", "free parameters nest");
	run(&tool, "free", "FILTER[>=ID]=5", NULL);
	CHECK_STR(out_text, "{\"FILTER\":{\">=ID\":\"5\"}}", "an operator inside brackets is part of the key");
	run(&tool, "free", "L[]=a", "L[]=b", NULL);
	CHECK_STR(out_text, "{\"L\":[\"a\",\"b\"]}", "empty brackets append");
	CHECK(run(&tool, "free", "nonsense", NULL) == BX_USAGE && strstr(err_text, "nonsense"), "a word that is no parameter");
	CHECK(run(&tool, "free", "A:={", NULL) == BX_USAGE && strstr(err_text, "A:={"), "broken JSON is named");
	CHECK(run(&tool, "free", "A@/nowhere/x", NULL) == BX_USAGE && strstr(err_text, "/nowhere/x"), "a missing file is named");
	run(&tool, "free", "A:=12345678901234567890", NULL);
	CHECK_STR(out_text, "{\"A\":12345678901234567890}", "long numbers stay exact");
}

static void test_options(void)
{
	CHECK(run(&tool, "-c", "X", "count", "up", "-N", "3", "-t", "1.5", NULL) == 0, "options stand before and after a verb of two words");
	CHECK_STR(out_text, "{\"n\":3,\"ms\":1500,\"args\":0}", "and are read");
	CHECK(run(&tool, "count", "up", "-N", "10", NULL) == BX_USAGE && strstr(err_text, "'10'"), "a number out of range is named");
	CHECK(run(&tool, "count", "up", "-t", "soon", NULL) == BX_USAGE && strstr(err_text, "soon"), "so is a bad time");
	CHECK(run(&tool, "count", NULL) == BX_USAGE && strstr(err_text, "second word"), "half a verb");
	CHECK(run(&tool, "dance", NULL) == BX_USAGE && strstr(err_text, "dance"), "an unknown verb");
	CHECK(run(&tool, NULL) == BX_USAGE && strstr(err_text, "verb is missing"), "no verb");
	CHECK(run(&tool, "--nope", "free", NULL) == BX_USAGE && strstr(err_text, "--nope"), "an unknown option");
	CHECK(run(&tool, "free", "-o", "xml", NULL) == BX_USAGE && strstr(err_text, "xml"), "an unknown form");
	CHECK(run(&tool, "-c", NULL) == BX_USAGE && strstr(err_text, "needs a value"), "an option without its value");
	setenv("BX_ERRORS", "json", 1);
	run(&tool, "dance", NULL);
	CHECK(bx_starts(err_text, "{\"tool\":\"bx-try\",\"verb\":\"\""), "errors as JSON");
	unsetenv("BX_ERRORS");
}

static void test_information(void)
{
	CHECK(run(&tool, "--help", NULL) == 0 && strstr(out_text, "count up") && strstr(out_text, "exit status"), "help on standard output");
	CHECK(run(&tool, "paint", "--help", NULL) == 0 && strstr(out_text, "--[no-]show") && strstr(out_text, "red blue"), "a verb's help comes from its row");
	CHECK(run(&tool, "--version", NULL) == 0 && bx_starts(out_text, "bx-try "), "version");
	run(&tool, "free", "-o", "table", "A=1", "B=two", NULL);
	CHECK_STR(out_text, "A  B\n1  two", "a table");
	run(&tool, "list", "-o", "table", NULL);
	CHECK_STR(out_text, "A\n1\n22", "a list is so many rows of one");
}

static void test_daemon(void)
{
	char path[] = "/tmp/bx-args-XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");
	fputs("# a comment\n--number '4'\n-t \"2\"\n", f);
	fclose(f);
	auto_free char *arg = bx_xprintf("@%s", path);
	CHECK(run(&daemon_tool, "-N", "5", NULL) == 0, "a default verb needs no name");
	CHECK_STR(out_text, "{\"n\":5,\"ms\":-1,\"args\":0}", "its options are read");
	run(&daemon_tool, arg, NULL);
	CHECK_STR(out_text, "{\"n\":4,\"ms\":2000,\"args\":0}", "an option line may be kept in a file");
	unlink(path);
	CHECK(run(&daemon_tool, arg, NULL) == BX_LOCAL, "a missing one is an error");
}

static void test_lines(void)
{
	CHECK(run(&tool, "-c", "A", "lines", "say 'two words' # no more", "say b", "say -c C \"c d\"", NULL) == 0,
		"lines run inside a verb");
	CHECK_STR(out_text, "{\"word\":\"two words\",\"call\":\"A\",\"context\":\"here\"}\n"
			    "{\"word\":\"b\",\"call\":\"given\",\"context\":\"here\"}\n"
			    "{\"word\":\"c d\",\"call\":\"C\",\"context\":\"here\"}",
		"with what was given outside, later, and in the line itself");
	run(&tool, "-o", "table", "lines", "say a", NULL);
	CHECK_STR(out_text, "word  call  context\na           here", "they print as the verb does");
	CHECK(run(&tool, "lines", "title a", "title", "title c", NULL) == BX_USAGE && strstr(err_text, "TEXT") &&
		      !strcmp(out_text, "{\"title\":\"a\"}"), "a failing line is the verb's failure");
	CHECK(run(&tool, "lines", "dance", NULL) == BX_USAGE && strstr(err_text, "dance"), "an unknown verb");
	CHECK(run(&tool, "lines", "say 'a", NULL) == BX_USAGE && strstr(err_text, "quote"), "a quote not closed");
	CHECK(run(&tool, "lines", "say --nope", NULL) == BX_USAGE && strstr(err_text, "--nope"), "an unknown option");
	CHECK(run(&tool, "lines", "", NULL) == BX_USAGE, "an empty line has no verb");
}

static void test_held(void)
{
	run(&tool, "-o", "json", "held", NULL);
	CHECK_STR(out_text, "{\"n\":1,\"secret\":\"abcd\u2026\"}\n{\"n\":2,\"first_waits\":true}\ntrue",
		"lines that others follow at once leave with them, and no later");
}

int main(void)
{
	unsetenv("BX_OUTPUT");
	test_held();
	test_rows();
	test_free_parameters();
	test_options();
	test_information();
	test_daemon();
	test_lines();
	return check_end();
}
