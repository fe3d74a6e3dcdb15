#include "hooks.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "log.h"
#include "words.h"
#include "banned.h"

#define AT_ONCE	   8
#define WAITING_MAX 5000
#define TIMEOUT_MS 30000

struct hook {
	char *event;
	char **argv;
};

struct hooks {
	struct serve *serve;
	struct runner *runner;
	struct hook *list; /* of --on first, then those of the folder */
	size_t count, on_count;
};

struct hook_run {
	struct hooks *hooks;
	char *event, *command;
};

static void hook_push(struct hooks *hooks, char *event, char **argv)
{
	hooks->list = bx_xrealloc(hooks->list, (hooks->count + 1) * sizeof *hooks->list);
	hooks->list[hooks->count++] = (struct hook){.event = event, .argv = argv};
}

static bool hook_add(struct hooks *hooks, const char *text, struct bx_err *err)
{
	const char *equals = strchr(text, '=');
	if (!equals || equals == text)
		return bx_fail(err, BX_USAGE, "", "--on is EVENT=COMMAND, not %s", text);
	char **argv = words_split(equals + 1, err);
	if (!argv)
		return false;
	hook_push(hooks, bx_xstrndup(text, (size_t)(equals - text)), argv);
	hooks->on_count = hooks->count;
	return true;
}

static void hooks_cut(struct hooks *hooks, size_t count)
{
	while (hooks->count > count) {
		struct hook *hook = &hooks->list[--hooks->count];
		free(hook->event);
		words_free(hook->argv);
	}
}

void hooks_look(struct hooks *hooks)
{
	const char *dir = hooks->serve->opts.hooks_dir;
	auto_dir DIR *entries = dir ? opendir(dir) : NULL;
	struct dirent *entry;
	hooks_cut(hooks, hooks->on_count);
	while (entries && (entry = readdir(entries))) {
		auto_free char *path = bx_xprintf("%s/%s", dir, entry->d_name);
		if (entry->d_name[0] == '.' || access(path, X_OK))
			continue;
		char **argv = bx_xcalloc(2, sizeof *argv);
		argv[0] = bx_xstrdup(path);
		hook_push(hooks, bx_xstrdup(entry->d_name), argv);
	}
}

struct hooks *hooks_new(struct serve *serve, struct bx_err *err)
{
	const struct serve_opts *opts = &serve->opts;
	struct stat st;
	struct hooks *hooks = bx_xcalloc(1, sizeof *hooks);
	hooks->serve = serve;
	hooks->runner = runner_new(serve->loop, AT_ONCE);
	bool ok = true;
	for (size_t i = 0; ok && i < opts->on_len; i++)
		ok = hook_add(hooks, opts->on[i], err);
	if (ok && opts->hooks_dir && (stat(opts->hooks_dir, &st) || !S_ISDIR(st.st_mode)))
		ok = bx_fail(err, BX_USAGE, "", "--hooks: %s is no folder", opts->hooks_dir);
	if (ok) {
		hooks_look(hooks);
		return hooks;
	}
	hooks_free(hooks);
	return NULL;
}

void hooks_free(struct hooks *hooks)
{
	if (!hooks)
		return;
	runner_free(hooks->runner);
	hooks_cut(hooks, 0);
	free(hooks->list);
	free(hooks);
}

static void ended(void *arg, const struct run_end *end)
{
	struct hook_run *run = arg;
	if (end->status) {
		run->hooks->serve->figures.hooks_failed++;
		bx_log(BX_LOG_WARN, "hook %s of %s %s %d", run->command, run->event,
			end->timed_out ? "took too long, status" : "ended with status", end->status);
	}
	free(run->event);
	free(run->command);
	free(run);
}

/* What a script most often asks for, so that it need not read JSON. */
static void environment(const struct bx_event *event, char *env[8])
{
	size_t n = 0;
	env[n++] = bx_xprintf("BX_EVENT=%s", event->event);
	env[n++] = bx_xprintf("BX_SEQ=%lld", (long long)event->seq);
	env[n++] = bx_xprintf("BX_SOURCE=%s", event->source);
	env[n++] = bx_xprintf("BX_PORTAL=%s", event->portal ? event->portal : "");
	env[n++] = bx_xprintf("BX_CALL_ID=%s", event->call ? event->call : "");
	env[n++] = event->user ? bx_xprintf("BX_USER=%lld", (long long)event->user) : bx_xstrdup("BX_USER=");
	env[n++] = bx_xprintf("BX_FRAME=%s", event->frame ? event->frame : "");
	env[n] = NULL;
}

static void start(struct hooks *hooks, const char *const *argv, const struct bx_event *event)
{
	if (runner_count(hooks->runner) >= WAITING_MAX) {
		bx_log(BX_LOG_ERROR, "too many hooks wait; none for record %lld", (long long)event->seq);
		hooks->serve->figures.hooks_failed++;
		return;
	}
	auto_str struct bx_str line = BX_STR_INIT(BX_CONTROL_LINE_MAX);
	char *env[8];
	bx_event_line(&line, event);
	environment(event, env);
	struct hook_run *run = bx_xcalloc(1, sizeof *run);
	*run = (struct hook_run){.hooks = hooks, .event = bx_xstrdup(event->event),
		.command = bx_xstrdup(argv[0])};
	struct run child = {.argv = argv, .env = (const char *const *)env, .input = line.buf,
		.timeout_ms = TIMEOUT_MS};
	hooks->serve->figures.hooks_run++;
	runner_start(hooks->runner, &child, ended, run);
	for (size_t i = 0; env[i]; i++)
		free(env[i]);
}

void hooks_event(struct hooks *hooks, const struct bx_event *event)
{
	bool ours = event->own == BX_OWN_OURS || hooks->serve->opts.foreign;
	if (event->duplicate || !ours)
		return;
	for (size_t i = 0; i < hooks->count; i++)
		if (bx_streq(hooks->list[i].event, event->event) || bx_streq(hooks->list[i].event, "*"))
			start(hooks, (const char *const *)hooks->list[i].argv, event);
}

unsigned hooks_running(const struct hooks *hooks)
{
	return runner_count(hooks->runner);
}
