/* bx-sandbox: a Bitrix24 portal on one port, for practice, demos and tests. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include "cli.h"
#include "ctl.h"
#include "demo.h"
#include "file.h"
#include "httpd.h"
#include "portals.h"
#include "routes.h"
#include "state.h"
#include "banned.h"

#define BODY_MAX    (32 * 1024 * 1024)
#define PEM_MAX     65536
#define STATE_MAX   (256 * 1024 * 1024)
#define CLIENTS_MAX 20000
#define VERBS_MAX   64
#define PORTALS_MAX 100000

static char *kept_path(const struct bx_cli *cli)
{
	const char *dir = bx_opt(cli, "state");
	return dir ? bx_xprintf("%s/portal.json", dir) : NULL;
}

/* What is kept goes before what is to be loaded, which stands for the demo company. */
static bool load(const struct bx_cli *cli, struct sandbox *sb, struct bx_err *err)
{
	auto_str struct bx_str text = BX_STR_INIT(STATE_MAX);
	auto_free char *kept = kept_path(cli);
	const char *path = kept && !access(kept, F_OK) ? kept : bx_opt(cli, "load");
	if (!path) {
		sb_demo(sb);
		return true;
	}
	if (!bx_file_read(&text, path, err))
		return false;
	auto_json cJSON *state = bx_json_parse(text.buf, text.len, err);
	return state && sb_state_load(sb, state, err);
}

static bool read_limit(struct sb_opts *opts, const char *text, struct bx_err *err)
{
	long long most, leak;
	int used = 0;
	if (!text)
		return true;
	if (sscanf(text, "%lld:%lld%n", &most, &leak, &used) != 2 || text[used] || most < 1 || leak < 1)
		return bx_fail(err, BX_USAGE, "", "--limit '%s' is not X:Y, requests and requests a second",
			text);
	opts->bucket_max = most;
	opts->bucket_leak = leak;
	return true;
}

static bool read_opts(const struct bx_cli *cli, struct sandbox *sb, struct bx_err *err)
{
	struct sb_opts *o = &sb->opts;
	const char *const *names;
	int64_t operating = 0;
	*o = (struct sb_opts){.slow_limit = 10, .slow_ms = 5000, .zone_minutes = 180, .keep = 10000,
		.duration_ms = 60000, .event_slow_ms = 5000, .portals = 1};
	o->domain = bx_opt(cli, "domain");
	o->auth_server = bx_opt(cli, "auth-server");
	if (!read_limit(o, bx_opt(cli, "limit"), err) ||
		!bx_opt_int(cli, "operating", 0, 1000000, &operating, err) ||
		!bx_opt_int(cli, "slow-limit", 0, 1000000, &o->slow_limit, err) ||
		!bx_opt_int(cli, "slow-ms", 1, 1000000, &o->slow_ms, err) ||
		!bx_opt_int(cli, "event-delay", 0, 1000000, &o->event_delay_ms, err) ||
		!bx_opt_int(cli, "event-slow", 0, 1000000, &o->event_slow_ms, err) ||
		!bx_opt_int(cli, "keep", 1, 10000000, &o->keep, err) ||
		!bx_opt_int(cli, "portals", 1, PORTALS_MAX, &o->portals, err) ||
		!bx_opt_int(cli, "latency", 0, 1000000, &o->latency_ms, err))
		return false;
	o->operating_ms = operating * 1000;
	size_t count = bx_opt_all(cli, "variant", &names);
	for (size_t i = 0; i < count; i++) {
		if (!sb_variant_set(sb, names[i], true, err))
			return false;
	}
	return true;
}

static void on_signal(void *arg, int signo)
{
	struct sandbox *sb = arg;
	(void)signo;
	bx_loop_stop(sb->loop);
}

/* https:// in front says that something before the sandbox encrypts. */
static void set_domain(struct sandbox *sb)
{
	const char *domain = sb->opts.domain ? sb->opts.domain : sb->address;
	bool https = bx_starts(domain, "https://");
	sb->opts.https = sb->opts.https || https;
	sb->domain = bx_xstrdup(https ? domain + strlen("https://") : domain);
}

static bool is_loopback(const char *address)
{
	return bx_starts(address, "127.") || bx_starts(address, "[::1]:");
}

static bool listen_on(struct bx_cli *cli, struct sandbox *sb, struct bx_err *err)
{
	const char *listen = bx_opt(cli, "listen");
	auto_str struct bx_str cert = BX_STR_INIT(PEM_MAX), key = BX_STR_INIT(PEM_MAX);
	const char *cert_path = bx_opt(cli, "tls-cert"), *key_path = bx_opt(cli, "tls-key");
	struct bx_httpd_opts opts = {.listen = listen ? listen : "127.0.0.1:0", .listen_fd = -1,
		.body_max = BODY_MAX, .deadline_ms = 60000, .per_address = CLIENTS_MAX,
		.total = CLIENTS_MAX};
	if (!cert_path != !key_path)
		return bx_fail(err, BX_USAGE, "", "--tls-cert and --tls-key belong together");
	if (cert_path) {
		if (!bx_file_read(&cert, cert_path, err) || !bx_file_read(&key, key_path, err))
			return false;
		opts.tls_cert = cert.buf;
		opts.tls_key = key.buf;
		sb->opts.https = true;
	}
	sb->httpd = bx_httpd_new(sb->loop, &opts, sb_route, sb, err);
	if (!sb->httpd)
		return false;
	sb->address = bx_xstrdup(bx_httpd_address(sb->httpd));
	set_domain(sb);
	sb->opts.require_https = bx_opt_on(cli, "require-https", !is_loopback(sb->address));
	return true;
}

static bool serve_until_told(struct bx_cli *cli, struct sandbox *sb, struct bx_err *err)
{
	if (!bx_loop_signal(sb->loop, SIGTERM, on_signal, sb, err) ||
		!bx_loop_signal(sb->loop, SIGINT, on_signal, sb, err) || !listen_on(cli, sb, err))
		return false;
	auto_json cJSON *line = sb_state_line(sb);
	return bx_json_emit(STDOUT_FILENO, line, err) && bx_loop_run(sb->loop, err);
}

/* Written beside and renamed, so that what was kept is never half there. */
static bool keep(const struct bx_cli *cli, const struct sandbox *sb, struct bx_err *err)
{
	auto_free char *path = kept_path(cli);
	if (!path)
		return true;
	auto_free char *fresh = bx_xprintf("%s.new", path);
	auto_json cJSON *dump = sb_state_dump(sb);
	auto_fd int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return bx_fail_errno(err, "%s", fresh);
	return bx_json_emit(fd, dump, err) && (!rename(fresh, path) || bx_fail_errno(err, "%s", path));
}

static bool serve(struct bx_cli *cli, struct bx_err *err)
{
	struct sandbox sb = {0};
	sb_state_init(&sb);
	if (!bx_cli_want_args(cli, 0, 0, err) || !read_opts(cli, &sb, err) ||
		!load(cli, &sb, err) || !(sb.loop = bx_loop_new(err))) {
		sb_state_release(&sb);
		return false;
	}
	sb_portal_open(&sb);
	bool ok = serve_until_told(cli, &sb, err) && keep(cli, &sb, err);
	bx_httpd_free(sb.httpd);
	sb_portals_close(&sb);
	sb_portal_close(&sb);
	bx_loop_free(sb.loop);
	sb_state_release(&sb);
	return ok;
}

static const struct bx_opt serve_opts[] = {
	{"listen", 0, "ADDR:PORT", 0, NULL, "where to listen (default: 127.0.0.1:0, any free port)"},
	{"domain", 0, "HOST[:PORT]", 0, NULL,
		"the portal's address as clients see it; https:// in front where a proxy encrypts"},
	{"auth-server", 0, "URL", 0, NULL, "what it calls its authorization server (default: itself)"},
	{"load", 0, "FILE", 0, "file", "start from what ctl dump printed, not with the demo company"},
	{"state", 0, "DIR", 0, "dir", "go on from what is kept there, and keep it there at the end"},
	{"keep", 0, "N", 0, NULL, "finished calls to remember (default: 10000)"},
	{"portals", 0, "N", 0, NULL, "how many portals; number N is at pN.localhost (default: 1)"},
	{"latency", 0, "MS", 0, NULL, "how much later each answer of REST comes (default: 0)"},
	{"limit", 0, "X:Y", 0, NULL, "refuse requests beyond X, forgetting Y a second (default: off)"},
	{"operating", 0, "SECONDS", 0, NULL, "operation time of a method in ten minutes (default: off)"},
	{"slow-limit", 0, "N", 0, NULL, "slow loads before a worker is removed (default: 10)"},
	{"slow-ms", 0, "MS", 0, NULL, "what is slow (default: 5000)"},
	{"event-delay", 0, "MS", 0, NULL, "how late events are delivered (default: 0)"},
	{"event-slow", 0, "MS", 0, NULL, "a handler that takes this long is put off (default: 5000)"},
	{"variant", 0, "NAME", BX_OPT_MANY, NULL, "the other reading of the protocol; see the manual"},
	{"require-https", 0, NULL, BX_OPT_NO, NULL,
		"refuse calls that are not encrypted (default: off on loopback)"},
	{"tls-cert", 0, "FILE", 0, "file", "serve https with this certificate (PEM)"},
	{"tls-key", 0, "FILE", 0, "file", "and its key"},
	{0},
};

static const struct bx_opt ctl_opts[] = {
	{"url", 0, "URL", 0, NULL, "address of the sandbox (default: BX_SANDBOX)"},
	{0},
};

static void fill_verbs(struct bx_verb verbs[VERBS_MAX])
{
	size_t count = 0;
	verbs[count++] = (struct bx_verb){"serve", "", NULL, serve_opts, serve, "run a portal (default)"};
	for (const struct bx_op *op = sb_ctl_ops; op->wire && count < VERBS_MAX - 1; op++)
		verbs[count++] = (struct bx_verb){op->verb, bx_cli_args_of(op), op, ctl_opts, sb_ctl_run,
			op->help};
}

int main(int argc, char **argv)
{
	static struct bx_verb verbs[VERBS_MAX];
	fill_verbs(verbs);
	const struct bx_tool tool = {
		.name = "bx-sandbox",
		.summary = "A Bitrix24 portal on this machine: REST, OAuth, events and call cards.",
		.verbs = verbs,
		.default_verb = "serve",
		.argfile = true,
	};
	return bx_cli_main(&tool, argc, argv);
}
