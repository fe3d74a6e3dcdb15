#include "hooks_impl.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "calls.h"
#include "spec.h"
#include "words.h"
#include "banned.h"

#define AT_ONCE 8

static void hook_push(struct hooks *hooks, char *name, char *event, char **argv)
{
	hooks->list = bx_xrealloc(hooks->list, (hooks->count + 1) * sizeof *hooks->list);
	hooks->list[hooks->count++] = (struct hook){.name = name, .event = event, .argv = argv};
}

const struct hook *hook_by_name(const struct hooks *hooks, const char *name)
{
	for (size_t i = 0; i < hooks->count; i++)
		if (bx_streq(hooks->list[i].name, name))
			return &hooks->list[i];
	return NULL;
}

static bool hook_add(struct hooks *hooks, const char *text, struct bx_err *err)
{
	const char *equals = strchr(text, '=');
	if (!equals || equals == text)
		return bx_fail(err, BX_USAGE, "", "--on is EVENT=COMMAND, not %s", text);
	if (hook_by_name(hooks, text))
		return bx_fail(err, BX_USAGE, "", "--on %s is given twice", text);
	auto_free char *event = bx_xstrndup(text, (size_t)(equals - text));
	bool all = !strcmp(event, "*");
	char *named = all ? bx_xstrdup(event) : bx_event_named(event, err);
	char **argv = named ? bx_words_split(equals + 1, err) : NULL;
	if (!argv) {
		free(named);
		return false;
	}
	hook_push(hooks, bx_xstrdup(text), named, argv);
	hooks->on_count = hooks->count;
	return true;
}

static void hooks_cut(struct hooks *hooks, size_t count)
{
	while (hooks->count > count) {
		struct hook *hook = &hooks->list[--hooks->count];
		free(hook->name);
		free(hook->event);
		bx_words_free(hook->argv);
	}
}

static void read_folder(struct hooks *hooks)
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
		hook_push(hooks, bx_xprintf("hooks/%s", entry->d_name), bx_xstrdup(entry->d_name), argv);
	}
}

void hooks_look(struct hooks *hooks)
{
	read_folder(hooks);
	hooks_tell_names(hooks);
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
		read_folder(hooks);
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
	hooks_release_work(hooks);
	hooks_cut(hooks, 0);
	free(hooks->list);
	free(hooks->names);
	free(hooks);
}

static void unsettled(void *arg, const char *portal, const char *call)
{
	struct hooks *hooks = arg;
	if (portal)
		calls_unsettled(hooks->serve->calls, portal, call);
}

bool hooks_resume(struct hooks *hooks, struct bx_err *err)
{
	struct bx_journal *journal = bx_journal_open(err);
	bool ok = journal && bx_hooks_unsettled(journal, unsettled, hooks, err);
	bx_journal_close(journal);
	if (ok)
		hooks_tell_names(hooks);
	return ok;
}

/* With --verify an app counts as removed once the portal has said so. */
static bool wants(const struct hooks *hooks, const struct hook *hook, const struct bx_event *event)
{
	const char *name = bx_op_by_verb(BX_PORTAL_EVENT, "ONAPPUNINSTALL")->wire;
	bool verify = hooks->serve->opts.verify, claim = !strcasecmp(event->event, name);
	if (verify && claim)
		return false;
	return !strcmp(hook->event, "*") || !strcmp(hook->event, event->event) ||
	       (verify && bx_told_by_name(event->event) == BX_TOLD_APP_REMOVED && !strcasecmp(hook->event, name));
}

/* A hook does not hear that it failed itself: it might fail again, for ever. */
static char *failed_hook(const struct bx_event *event)
{
	if (bx_told_by_name(event->event) != BX_TOLD_HOOK_FAILED || !event->data)
		return NULL;
	auto_json cJSON *data = bx_json_parse(event->data, strlen(event->data), NULL);
	return bx_xstrdup(bx_json_str(data, "hook"));
}

char **hooks_for(const struct hooks *hooks, const struct bx_event *event)
{
	bool heard = event->own != BX_OWN_FOREIGN || hooks->serve->opts.foreign;
	if (event->duplicate || !heard || !hooks->count)
		return NULL;
	auto_free char *failed = failed_hook(event);
	char **names = NULL;
	size_t count = 0;
	for (size_t i = 0; i < hooks->count; i++) {
		const struct hook *hook = &hooks->list[i];
		if (!wants(hooks, hook, event) || bx_streq(failed, hook->name))
			continue;
		names = bx_xrealloc(names, (count + 2) * sizeof *names);
		names[count++] = bx_xstrdup(hook->name);
		names[count] = NULL;
	}
	return names;
}

unsigned hooks_running(const struct hooks *hooks)
{
	return runner_count(hooks->runner);
}
