#include <string.h>
#include "cli.h"
#include "serve.h"
#include "banned.h"

#define LISTEN_DEFAULT "127.0.0.1:8071"
#define KEEP_DAYS      90
#define SLOW_MS	       4000 /* the portal says 5000, but its clock starts before the frame's */

static const struct bx_opt options[] = {
	{"public-url", 0, "URL", 0, NULL, "how browsers and the portal reach us; a path in it is honoured"},
	{"listen", 0, "ADDR:PORT", 0, NULL, "where to listen (" LISTEN_DEFAULT "); port 0 takes any"},
	{"admin", 0, "ADDR:PORT|PATH", 0, NULL, "where /metrics and /status, a page for browsers, are (admin.sock in the state directory)"},
	{"on", 0, "EVENT=COMMAND", BX_OPT_MANY, NULL, "run COMMAND, without a shell, when EVENT happens; * is any"},
	{"hooks", 0, "DIR", 0, "dir", "run the executable of that folder named after the event"},
	{"hook-timeout", 0, "SECONDS", 0, NULL, "a hook that runs longer is killed, and has failed (30)"},
	{"hook-tries", 0, "N", 0, NULL, "how often a hook that fails is run (6)"},
	{"hook-delay", 0, "MS", 0, NULL, "before the second try (1000); each further delay is four times as long"},
	{"verify", 0, NULL, 0, NULL, "hooks for ONAPPUNINSTALL run once the portal has confirmed it"},
	{"foreign", 0, NULL, 0, NULL, "hooks and waits hear of other apps' calls too"},
	{"flush", 0, NULL, 0, NULL, "run bx-call flush when something waits in the outbox and a portal shows itself"},
	{"presence", 0, NULL, 0, NULL, "pages tell that they are open, for bx-card ls --online"},
	{"keep", 0, "DAYS", 0, NULL, "how long the journal keeps records (90); 0: for ever"},
	{"registrations", 0, "FILE", 0, "file", "what healing puts back: a file for bx-bind apply; default: the worker"},
	{"tls-cert", 0, "FILE", 0, "file", "serve https with this certificate chain (PEM), read again on SIGHUP"},
	{"tls-key", 0, "FILE", 0, "file", "and its key"},
	{"client-js", 0, "FILE", 0, "file", "a client of your own for the hidden frames, read again on SIGHUP"},
	{"connect-src", 0, "ORIGIN", BX_OPT_MANY, NULL, "that client may speak to this origin (https, wss, http or ws)"},
	{"trusted-proxy", 0, "ADDR", BX_OPT_MANY, NULL, "believe X-Forwarded-For from this address"},
	{"max-body", 0, "BYTES", 0, NULL, "the longest body of a request (1048576)"},
	{"max-headers", 0, "BYTES", 0, NULL, "the longest headers (16384)"},
	{"deadline", 0, "SECONDS", 0, NULL, "for a whole request to arrive, and for a part of its answer to be taken (10)"},
	{"idle", 0, "SECONDS", 0, NULL, "how long a connection may wait for its next request (75)"},
	{"per-address", 0, "N", 0, NULL, "connections of one address (200, none for loopback)"},
	{"connections", 0, "N", 0, NULL, "connections in all (20000)"},
	{"slow", 0, "MS", 0, NULL, "a load of that many milliseconds is slow (4000)"},
	{0},
};

/* What bx_opt_all gives lasts until it is asked again. */
static const char **keep_all(const struct bx_cli *cli, const char *name, size_t *count)
{
	const char *const *values;
	*count = bx_opt_all(cli, name, &values);
	const char **kept = bx_xcalloc(*count, sizeof *kept);
	memcpy(kept, values, *count * sizeof *kept);
	return kept;
}

static bool read_limits(const struct bx_cli *cli, struct serve_opts *opts, struct bx_err *err)
{
	int64_t deadline = 0, idle = 0;
	bool ok = bx_opt_int(cli, "max-body", 1024, 1 << 30, &opts->body_max, err) &&
		  bx_opt_int(cli, "max-headers", 1024, 1 << 20, &opts->header_max, err) &&
		  bx_opt_int(cli, "deadline", 1, 3600, &deadline, err) &&
		  bx_opt_int(cli, "idle", 1, 24 * 3600, &idle, err) &&
		  bx_opt_int(cli, "per-address", 1, 1000000, &opts->per_address, err) &&
		  bx_opt_int(cli, "connections", 1, 1000000, &opts->connections, err);
	opts->deadline_ms = deadline * 1000;
	opts->idle_ms = idle * 1000;
	if (ok && !opts->tls_cert != !opts->tls_key)
		return bx_fail(err, BX_USAGE, "", "--tls-cert and --tls-key belong together");
	return ok;
}

static bool run(struct bx_cli *cli, struct bx_err *err)
{
	struct serve_opts opts = {.public_url = bx_opt(cli, "public-url"),
		.listen = bx_opt(cli, "listen"),
		.admin = bx_opt(cli, "admin"),
		.registrations = bx_opt(cli, "registrations"),
		.hooks_dir = bx_opt(cli, "hooks"),
		.foreign = bx_opt_on(cli, "foreign", false),
		.verify = bx_opt_on(cli, "verify", false),
		.flush = bx_opt_on(cli, "flush", false),
		.presence = bx_opt_on(cli, "presence", false),
		.hook_tries = 6,
		.hook_delay_ms = 1000,
		.keep_days = KEEP_DAYS,
		.slow_ms = SLOW_MS,
		.client_js = bx_opt(cli, "client-js"),
		.tls_cert = bx_opt(cli, "tls-cert"),
		.tls_key = bx_opt(cli, "tls-key")};
	if (!opts.listen)
		opts.listen = LISTEN_DEFAULT;
	auto_free const char **on = keep_all(cli, "on", &opts.on_len);
	auto_free const char **proxies = keep_all(cli, "trusted-proxy", &opts.proxies_len);
	auto_free const char **connect = keep_all(cli, "connect-src", &opts.connect_len);
	opts.on = on;
	opts.connect = connect;
	opts.proxies = proxies;
	int64_t timeout = 30;
	bool ok = bx_opt_int(cli, "hook-timeout", 1, 24 * 3600, &timeout, err) &&
		  bx_opt_int(cli, "hook-tries", 1, 100, &opts.hook_tries, err) &&
		  bx_opt_int(cli, "hook-delay", 1, 3600 * 1000, &opts.hook_delay_ms, err);
	opts.hook_timeout_ms = timeout * 1000;
	return ok && bx_cli_want_args(cli, 0, 0, err) && read_limits(cli, &opts, err) &&
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
