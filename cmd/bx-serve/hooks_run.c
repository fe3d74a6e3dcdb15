#include "hooks_impl.h"

#include <string.h>
#include "clock.h"
#include "log.h"
#include "banned.h"

#define AT_ONCE	     8
#define GROWTH	     4 /* each delay is that many times the one before */
#define DELAY_MAX_MS (3600 * 1000LL)

static void found_free(struct hook_found *found)
{
	bx_event_clear(&found->event);
	free(found->name);
	free(found);
}

static void child_free(struct hook_child *child)
{
	free(child->name);
	free(child->event);
	free(child->portal);
	free(child->call);
	free(child);
}

void hooks_release_work(struct hooks *hooks)
{
	bx_loop_cancel(hooks->serve->loop, hooks->timer);
	for (struct hook_child *c = hooks->children, *next; c; c = next) {
		next = c->next;
		child_free(c);
	}
	for (struct hook_found *f = hooks->found, *next; f; f = next) {
		next = f->next;
		found_free(f);
	}
}

static bool write_names(void *arg, struct bx_journal *store, struct bx_err *err)
{
	struct hooks *hooks = arg;
	return bx_hooks_wanted(store, hooks->names, err);
}

static void names_written(void *arg)
{
	struct hooks *hooks = arg;
	bool again = hooks->tell_again;
	free(hooks->names);
	hooks->names = NULL;
	hooks->tell_again = false;
	if (again)
		hooks_tell_names(hooks);
	hooks_look_for_work(hooks);
}

void hooks_tell_names(struct hooks *hooks)
{
	hooks->tell_again = hooks->names != NULL;
	if (hooks->tell_again)
		return;
	auto_json cJSON *names = cJSON_CreateArray();
	for (size_t i = 0; i < hooks->count; i++)
		cJSON_AddItemToArray(names, cJSON_CreateString(hooks->list[i].name));
	hooks->names = bx_json_print(names);
	journal_do(hooks->serve->journal, write_names, names_written, hooks);
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

static int64_t delay_ms(const struct hooks *hooks, int64_t tries)
{
	int64_t ms = hooks->serve->opts.hook_delay_ms;
	while (--tries > 0 && ms < DELAY_MAX_MS)
		ms *= GROWTH;
	return ms < DELAY_MAX_MS ? ms : DELAY_MAX_MS;
}

static bool write_done(void *arg, struct bx_journal *store, struct bx_err *err)
{
	const struct hook_child *child = arg;
	return bx_hook_done(store, child->name, child->run.seq, err);
}

static bool write_kept(void *arg, struct bx_journal *store, struct bx_err *err)
{
	const struct hook_child *child = arg;
	return bx_hook_keep(store, &child->run, err);
}

/* A look under way may have seen the row as it was: it is remembered until the next one begins. */
static void written(void *arg)
{
	struct hook_child *child = arg;
	child->over = true;
	hooks_look_for_work(child->hooks);
}

static void forget_over(struct hooks *hooks)
{
	for (struct hook_child **at = &hooks->children; *at;) {
		struct hook_child *child = *at;
		if (!child->over) {
			at = &child->next;
			continue;
		}
		*at = child->next;
		child_free(child);
	}
}

static void note_failed(const struct hook_child *child)
{
	struct serve *serve = child->hooks->serve;
	auto_json cJSON *data = cJSON_CreateObject();
	bx_json_set_str(data, "hook", child->name);
	bx_json_set_int(data, "seq", child->run.seq);
	bx_json_set_str(data, "event", child->event);
	bx_json_set_int(data, "tries", child->run.tries);
	bx_json_set_int(data, "status", child->run.status);
	struct bx_event record = {.ms = bx_now_ms(), .portal = bx_xstrdup(child->portal),
		.source = bx_xstrdup("serve"), .event = bx_xstrdup(bx_told[BX_TOLD_HOOK_FAILED].name),
		.call = bx_xstrdup(child->call), .user = child->user, .own = BX_OWN_OURS,
		.data = bx_json_print(data)};
	serve->figures.hooks_failed++;
	journal_write(serve->journal, &record, NULL, 0);
}

static void tried(struct hook_child *child, const struct run_end *end)
{
	struct hooks *hooks = child->hooks;
	bool last = ++child->run.tries >= hooks->serve->opts.hook_tries;
	child->run.status = end->status;
	child->run.state = last ? BX_HOOK_FAILED : BX_HOOK_READY;
	child->run.due_ms = bx_now_ms() + (last ? 0 : delay_ms(hooks, child->run.tries));
	bx_log(last ? BX_LOG_ERROR : BX_LOG_WARN, "hook %s, record %lld, try %lld: %s %d%s", child->name,
		(long long)child->run.seq, (long long)child->run.tries,
		end->timed_out ? "took too long, status" : "status", end->status,
		last ? "; it was the last one (bx-card hooks retry)" : "");
	journal_do(hooks->serve->journal, write_kept, written, child);
	/* A failure to tell of a failure is not told of. */
	if (last && bx_told_by_name(child->event) != BX_TOLD_HOOK_FAILED)
		note_failed(child);
}

static void ended(void *arg, const struct run_end *end)
{
	struct hook_child *child = arg;
	if (end->status)
		tried(child, end);
	else
		journal_do(child->hooks->serve->journal, write_done, written, child);
}

static void start(struct hooks *hooks, const struct hook *hook, const struct hook_found *found)
{
	const struct bx_event *event = &found->event;
	auto_str struct bx_str line = BX_STR_INIT(BX_CONTROL_LINE_MAX);
	char *env[8];
	bx_event_line(&line, event);
	environment(event, env);
	struct hook_child *child = bx_xcalloc(1, sizeof *child);
	*child = (struct hook_child){.next = hooks->children, .hooks = hooks, .run = found->run,
		.name = bx_xstrdup(found->name), .event = bx_xstrdup(event->event),
		.portal = bx_xstrdup(event->portal), .call = bx_xstrdup(event->call), .user = event->user};
	child->run.hook = child->name;
	hooks->children = child;
	struct run run = {.argv = (const char *const *)hook->argv, .env = (const char *const *)env,
		.input = line.buf, .timeout_ms = (int)hooks->serve->opts.hook_timeout_ms};
	hooks->serve->figures.hooks_run++;
	runner_start(hooks->runner, &run, ended, child);
	for (size_t i = 0; env[i]; i++)
		free(env[i]);
}

static bool collect(void *arg, const struct bx_hook_run *run, struct bx_event *event)
{
	struct hooks *hooks = arg;
	if (run->due_ms > bx_now_ms()) {
		hooks->next_due_ms = run->due_ms;
		return false;
	}
	struct hook_found *found = bx_xcalloc(1, sizeof *found);
	*found = (struct hook_found){.run = *run, .name = bx_xstrdup(run->hook), .event = *event};
	*event = (struct bx_event){0};
	*hooks->found_tail = found;
	hooks->found_tail = &found->next;
	return true;
}

static void look_on_thread(void *arg, const struct reader_files *files)
{
	struct hooks *hooks = arg;
	struct bx_err err = {0};
	hooks->next_due_ms = 0;
	hooks->found_tail = &hooks->found;
	if (!bx_hooks_ready(files->journal, hooks->found_max, collect, hooks, &err))
		bx_log(BX_LOG_ERROR, "hooks: %s", err.text);
}

static bool under_way(const struct hooks *hooks, const struct hook_found *found)
{
	for (const struct hook_child *c = hooks->children; c; c = c->next)
		if (c->run.seq == found->run.seq && !strcmp(c->name, found->name))
			return true;
	return false;
}

static void due(void *arg)
{
	struct hooks *hooks = arg;
	hooks->timer = NULL;
	hooks_look_for_work(hooks);
}

static void wait_for_next(struct hooks *hooks)
{
	int64_t wait_ms = hooks->next_due_ms - bx_now_ms();
	bx_loop_cancel(hooks->serve->loop, hooks->timer);
	hooks->timer = NULL;
	if (hooks->next_due_ms)
		hooks->timer = bx_loop_timer(hooks->serve->loop, wait_ms > 0 ? wait_ms : 0, due, hooks);
}

static void looked(void *arg)
{
	struct hooks *hooks = arg;
	struct hook_found *found = hooks->found;
	hooks->found = NULL;
	for (struct hook_found *next; found; found = next) {
		next = found->next;
		const struct hook *hook = hook_by_name(hooks, found->name);
		if (hook && !under_way(hooks, found) && runner_count(hooks->runner) < AT_ONCE &&
			!hooks->serve->draining)
			start(hooks, hook, found);
		found_free(found);
	}
	hooks->looking = false;
	wait_for_next(hooks);
	if (hooks->again)
		hooks_look_for_work(hooks);
}

/* Rows of runs under way are found as well, so the look is for more than there is room for. */
void hooks_look_for_work(struct hooks *hooks)
{
	hooks->again = hooks->looking;
	if (hooks->looking)
		return;
	forget_over(hooks);
	if (hooks->serve->draining || runner_count(hooks->runner) >= AT_ONCE)
		return;
	hooks->looking = true;
	hooks->found_max = AT_ONCE;
	for (const struct hook_child *c = hooks->children; c; c = c->next)
		hooks->found_max++;
	reader_do(hooks->serve->reader, look_on_thread, looked, hooks);
}
