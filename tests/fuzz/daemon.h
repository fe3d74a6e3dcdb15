/* bx-serve in this process, without children: what it would ask the portal is never answered. */
#ifndef BX_FUZZ_DAEMON_H
#define BX_FUZZ_DAEMON_H

#include "bx-serve/commands.h"
#include "bx-serve/routes.h"
#include "bx-serve/serve.h"
#include "clock.h"
#include "peer.h"
#include "store_portal.h"

#define MEMBER "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
#define TOKEN  "7d5c3b1a998877665544332211ffeedd"

/* In the place of run.c: nothing is ever started. */
struct runner {
	struct bx_loop *loop;
};

struct ended {
	run_fn *fn;
	void *arg;
};

static void ended(void *arg)
{
	struct ended *ended = arg;
	struct run_end end = {.status = 3, .out = ""};
	ended->fn(ended->arg, &end);
	free(ended);
}

struct runner *runner_new(struct bx_loop *loop, unsigned at_once)
{
	struct runner *runner = bx_xcalloc(1, sizeof *runner);
	(void)at_once;
	runner->loop = loop;
	return runner;
}

void runner_free(struct runner *runner)
{
	free(runner);
}

unsigned runner_count(const struct runner *runner)
{
	(void)runner;
	return 0;
}

void runner_start(struct runner *runner, const struct run *run, run_fn *fn, void *arg)
{
	struct ended *later = bx_xcalloc(1, sizeof *later);
	must(run->argv[0], "a command has a name");
	*later = (struct ended){.fn = fn, .arg = arg};
	bx_loop_timer(runner->loop, 0, ended, later);
}

char *run_tool(const char *name)
{
	return bx_xstrdup(name);
}

static struct serve daemon_;
static char *daemon_dir;

static void daemon_leave(void)
{
	static const char *const files[] = {"portals.db", "portals.db-wal", "portals.db-shm", "journal.db",
		"journal.db-wal", "journal.db-shm", "control", "control.lock", "http", "lock"};
	for (size_t i = 0; i < BX_COUNT(files); i++) {
		auto_free char *path = bx_xprintf("%s/%s", daemon_dir, files[i]);
		unlink(path);
	}
	rmdir(daemon_dir);
}

/* One portal, whose secrets the corpus can hold. */
static void daemon_store(void)
{
	auto_store struct bx_store *store = bx_portals_open(NULL);
	auto_profile struct bx_profile profile;
	bx_profile_init(&profile);
	bx_set_str(&profile.name, "office");
	bx_set_str(&profile.domain, "crm.example.com");
	bx_set_str(&profile.client_endpoint, "https://crm.example.com/rest/");
	bx_set_str(&profile.client_id, "local.1");
	bx_set_str(&profile.member_id, MEMBER);
	bx_set_str(&profile.application_token, TOKEN);
	must(store && bx_profile_add(store, &profile, NULL) && bx_profile_set_tokens(store, &profile, NULL) &&
			bx_profile_set_application_token(store, "office", TOKEN, NULL), "there is a portal");
}

static void daemon_begin(void)
{
	struct serve *serve = &daemon_;
	struct bx_err err = {0};
	daemon_dir = fuzz_folder();
	atexit(daemon_leave);
	daemon_store();
	serve->started_ms = bx_mono_ms();
	serve->loop = bx_loop_new(&err);
	serve->control = serve->loop ? bx_control_serve(serve->loop, daemon_dir, &commands_ops, serve, &err) : NULL;
	must(serve->control && serve_open(serve, &err) &&
			public_url_init(&serve->url, "https://app.example.net", &err), err.text);
	/* Tokens that the corpus can hold. */
	memset(serve->frame_key, 7, sizeof serve->frame_key);
}

static void daemon_listen(const char *path)
{
	struct bx_httpd_opts opts = {.listen = path, .listen_fd = -1};
	struct bx_err err = {0};
	daemon_.public = bx_httpd_new(daemon_.loop, &opts, routes_request, &daemon_, &err);
	must(daemon_.public, err.text);
}

#endif
