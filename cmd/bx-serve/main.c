#include "cli.h"
#include "serve.h"
#include "banned.h"

#define LISTEN_DEFAULT "127.0.0.1:8071"
#define KEEP_DAYS      90
#define SLOW_MS	       4000 /* the portal says 5000, but its clock starts before the frame's */

static const struct bx_opt options[] = {
	{"public-url", 0, "URL", 0, NULL, "how browsers and the portal reach us; a path in it is honoured"},
	{"listen", 0, "ADDR:PORT", 0, NULL, "where to listen (" LISTEN_DEFAULT "); port 0 takes any"},
	{"admin", 0, "ADDR:PORT|PATH", 0, NULL, "where /metrics and /status are (admin.sock in the state directory)"},
	{"on", 0, "EVENT=COMMAND", BX_OPT_MANY, NULL, "run COMMAND, without a shell, when EVENT happens; * is any"},
	{"hooks", 0, "DIR", 0, "dir", "run the executable of that folder named after the event"},
	{"foreign", 0, NULL, 0, NULL, "hooks and waits hear of other apps' calls too"},
	{"keep", 0, "DAYS", 0, NULL, "how long the journal keeps records (90); 0: for ever"},
	{"slow", 0, "MS", 0, NULL, "a load of that many milliseconds is slow (4000)"},
	{0},
};

static bool run(struct bx_cli *cli, struct bx_err *err)
{
	struct serve_opts opts = {.public_url = bx_opt(cli, "public-url"),
		.listen = bx_opt(cli, "listen"),
		.admin = bx_opt(cli, "admin"),
		.hooks_dir = bx_opt(cli, "hooks"),
		.foreign = bx_opt_on(cli, "foreign", false),
		.keep_days = KEEP_DAYS,
		.slow_ms = SLOW_MS};
	if (!opts.listen)
		opts.listen = LISTEN_DEFAULT;
	opts.on_len = bx_opt_all(cli, "on", &opts.on);
	return bx_cli_want_args(cli, 0, 0, err) &&
	       bx_opt_int(cli, "keep", 0, 36500, &opts.keep_days, err) &&
	       bx_opt_int(cli, "slow", 1, 60000, &opts.slow_ms, err) && serve_run(&opts, err);
}

static const struct bx_verb verbs[] = {
	{.name = "run", .args = "", .opts = options, .run = run,
		.help = "serve the handler page, and be the bridge between frames and shell"},
	{0},
};

int main(int argc, char **argv)
{
	static const struct bx_tool tool = {.name = "bx-serve",
		.summary = "the daemon between a portal's call cards and the shell",
		.verbs = verbs,
		.default_verb = "run",
		.argfile = true};
	return bx_cli_main(&tool, argc, argv);
}
