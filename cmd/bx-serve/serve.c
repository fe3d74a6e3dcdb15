#include "serve.h"

#include <signal.h>
#include <string.h>
#include "admin.h"
#include "bridge.h"
#include "calls.h"
#include "asked.h"
#include "client.h"
#include "clock.h"
#include "commands.h"
#include "dispatch.h"
#include "follows.h"
#include "frame_log.h"
#include "frames.h"
#include "heal.h"
#include "health.h"
#include "hooks.h"
#include "listeners.h"
#include "loads.h"
#include "log.h"
#include "notify.h"
#include "outbox.h"
#include "page.h"
#include "presence.h"
#include "recent.h"
#include "routes.h"
#include "waits.h"
#include "banned.h"

#define TOOLS_AT_ONCE 4
#define PRUNE_MS      (3600 * 1000)
#define DAY_MS	      (24 * 3600 * 1000LL)
#define DRAIN_LOOK_MS 50
#define DRAIN_MS      10000

void serve_note(struct serve *serve, const char *portal, enum bx_told event, const cJSON *data)
{
	struct bx_event record = {.ms = bx_now_ms(), .portal = bx_xstrdup(portal),
		.source = bx_xstrdup("serve"), .event = bx_xstrdup(bx_told[event].name), .own = BX_OWN_OURS,
		.data = data ? bx_json_print(data) : NULL};
	journal_write(serve->journal, &record, NULL, 0);
}

/* What was handed over is on disk; hooks that run may end, and a registration may be finished. */
static void drained(void *arg)
{
	struct serve *serve = arg;
	bool busy = hooks_running(serve->hooks) || heal_running(serve->heal);
	if (busy && bx_mono_ms() - serve->draining_ms < DRAIN_MS)
		bx_loop_timer(serve->loop, DRAIN_LOOK_MS, drained, serve);
	else
		bx_loop_stop(serve->loop);
}

static void reader_idle(void *arg)
{
	struct serve *serve = arg;
	journal_after(serve->journal, drained, serve);
}

static void nothing(void *arg, const struct reader_files *files)
{
	(void)arg, (void)files;
}

static void on_stop(void *arg, int signo)
{
	struct serve *serve = arg;
	(void)signo;
	if (serve->draining) {
		bx_loop_stop(serve->loop);
		return;
	}
	serve->draining = true;
	serve->draining_ms = bx_mono_ms();
	notify_manager("STOPPING=1");
	bx_httpd_quiesce(serve->public);
	reader_do(serve->reader, nothing, reader_idle, serve);
}

static void on_reload(void *arg, int signo)
{
	struct serve *serve = arg;
	(void)signo;
	portals_reload(serve->portals, NULL, NULL);
	hooks_look(serve->hooks);
	listeners_renew(serve);
	client_renew(serve->client);
	bx_log(BX_LOG_INFO, "profiles, hooks, certificate and client are read anew");
}

static void prune(void *arg)
{
	struct serve *serve = arg;
	journal_prune(serve->journal, bx_now_ms() - serve->opts.keep_days * DAY_MS);
	serve->prune = bx_loop_timer(serve->loop, PRUNE_MS, prune, serve);
}

static bool registrations_ok(const struct serve *serve, struct bx_err *err)
{
	const char *file = serve->opts.registrations;
	return !file || !access(file, R_OK) || bx_fail(err, BX_USAGE, "", "--registrations: %s cannot be read", file);
}

static bool open_key(struct serve *serve, struct bx_err *err)
{
	static const char session[] = "session";
	auto_store struct bx_store *store = bx_portals_open(err);
	if (!store || !bx_value_key(store, BX_VALUE_FRAME_KEY, serve->frame_key, sizeof serve->frame_key, err))
		return false;
	bx_mac(serve->session_key, serve->frame_key, session, sizeof session - 1);
	return true;
}

/* The signals come first, since threads inherit what is blocked; then the socket whose lock says
 * that nobody else serves this state. */
static bool open_loop(struct serve *serve, const char *dir, struct bx_err *err)
{
	return (serve->loop = bx_loop_new(err)) &&
	       bx_loop_signal(serve->loop, SIGTERM, on_stop, serve, err) &&
	       bx_loop_signal(serve->loop, SIGINT, on_stop, serve, err) &&
	       bx_loop_signal(serve->loop, SIGHUP, on_reload, serve, err) &&
	       (serve->control = bx_control_serve(serve->loop, dir, &commands_ops, serve, err));
}

static bool replay_event(void *arg, struct bx_event *event)
{
	struct serve *serve = arg;
	heal_replay(serve->heal, event);
	loads_replay(serve->loads, event);
	return true;
}

static bool replay_recent(void *arg, struct bx_event *event)
{
	recent_note(arg, event);
	return true;
}

/* What the daemon noted of itself before it was ended, and what happened last. */
static bool replay(struct serve *serve, struct bx_err *err)
{
	struct bx_journal *journal = bx_journal_open(err);
	int64_t last = serve->last_seq;
	bool ok = journal && bx_journal_own(journal, replay_event, serve, err) &&
		bx_journal_each(journal, last > RECENT_MAX ? last - RECENT_MAX : 0, NULL, RECENT_MAX, replay_recent,
			serve->recent, err);
	bx_journal_close(journal);
	ok = ok && hooks_resume(serve->hooks, err);
	if (ok)
		heal_resume(serve->heal);
	return ok;
}

bool serve_open(struct serve *serve, struct bx_err *err)
{
	static const struct journal_ops ops = {.hooks = dispatch_hooks, .hooked = dispatch_hooked,
		.written = dispatch_written, .seen = dispatch_seen};
	struct journal_figures figures;
	if (!registrations_ok(serve, err) || !client_open(serve, err) || !open_key(serve, err) ||
		!(serve->journal = journal_start(serve->loop, STDOUT_FILENO, &ops, serve, err)) ||
		!(serve->reader = reader_start(serve->loop, err)) ||
		!(serve->portals = portals_new(serve->loop, serve->reader, err)) ||
		!(serve->frames = frames_new(serve, err)) || !(serve->hooks = hooks_new(serve, err)))
		return false;
	journal_figures(serve->journal, &figures);
	serve->last_seq = figures.last;
	serve->tools = runner_new(serve->loop, TOOLS_AT_ONCE);
	serve->proof = proof_new(serve->portals, serve->tools);
	serve->pages = pages_new(serve->opts.slow_ms, serve->opts.presence);
	serve->bridge = bridge_new(serve);
	serve->calls = calls_new(serve);
	serve->follows = follows_new(serve);
	serve->waits = waits_new(serve);
	serve->heal = heal_new(serve);
	serve->loads = loads_new(serve);
	serve->health = health_new();
	serve->recent = recent_new();
	serve->frame_logs = frame_logs_new(serve);
	if (serve->opts.presence)
		serve->presence = presence_new();
	if (serve->opts.flush)
		serve->outbox = outbox_new(serve);
	if (serve->opts.keep_days)
		prune(serve);
	return replay(serve, err);
}

static bool first_line(struct serve *serve, struct bx_err *err)
{
	auto_json cJSON *line = cJSON_CreateObject();
	auto_json cJSON *urls = commands_urls(serve, NULL);
	auto_free char *url = bx_xprintf("%s%s", serve->url.origin, serve->url.prefix);
	bx_json_set_str(line, "listening", bx_httpd_address(serve->public));
	bx_json_set_str(line, "public_url", url);
	bx_json_set_str(line, "admin", bx_httpd_address(serve->admin));
	cJSON *item;
	while ((item = urls->child)) {
		cJSON_DetachItemViaPointer(urls, item);
		cJSON_AddItemToObject(line, item->string, item);
	}
	return bx_json_emit(STDOUT_FILENO, line, err);
}

/* Lines end first, while what they lean on is there; threads before what their jobs point to. */
static void serve_release(struct serve *serve)
{
	bx_control_free(serve->control);
	bx_httpd_free(serve->public);
	bx_httpd_free(serve->admin);
	runner_free(serve->tools);
	heal_free(serve->heal);
	loads_free(serve->loads);
	health_free(serve->health);
	recent_free(serve->recent);
	frame_logs_free(serve->frame_logs);
	presence_free(serve->presence);
	journal_stop(serve->journal);
	reader_stop(serve->reader);
	outbox_free(serve->outbox);
	bx_loop_cancel(serve->loop, serve->prune);
	hooks_free(serve->hooks);
	waits_free(serve->waits);
	follows_free(serve->follows);
	calls_free(serve->calls);
	frames_free(serve->frames);
	bridge_free(serve->bridge);
	proof_free(serve->proof);
	portals_free(serve->portals);
	pages_free(serve->pages);
	client_free(serve->client);
	asked_release(serve);
	dispatch_release(serve);
	public_url_release(&serve->url);
	bx_loop_free(serve->loop);
	bx_secret_wipe(serve->frame_key, sizeof serve->frame_key);
	bx_secret_wipe(serve->session_key, sizeof serve->session_key);
}

bool serve_run(const struct serve_opts *opts, struct bx_err *err)
{
	struct serve BX_CLEANUP(serve_release) serve = {.opts = *opts, .started_ms = bx_mono_ms()};
	auto_str struct bx_str dir = BX_STR_INIT(BX_PATH_MAX);
	if (!bx_store_dir(&dir, err) || !open_loop(&serve, dir.buf, err) || !serve_open(&serve, err) ||
		!listeners_open(&serve, dir.buf, err) || !first_line(&serve, err))
		return false;
	notify_manager("READY=1");
	return bx_loop_run(serve.loop, err);
}
