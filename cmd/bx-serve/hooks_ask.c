/* What bx-card asks about hooks. */
#include "hooks_impl.h"

#include <string.h>
#include "asked.h"
#include "clock.h"
#include "banned.h"

struct question {
	struct hooks *hooks;
	struct asked *asked;
	cJSON *rows; /* of the answer */
	char *hook;  /* to be tried again; NULL: all */
	int64_t seq;
	struct bx_err err;
};

static struct question *question_new(struct hooks *hooks, struct bx_peer *peer, int64_t id)
{
	struct question *question = bx_xcalloc(1, sizeof *question);
	*question = (struct question){.hooks = hooks, .asked = asked_new(hooks->serve, peer, id),
		.rows = cJSON_CreateArray()};
	return question;
}

static void answer(struct question *question)
{
	struct asked *asked = question->asked;
	cJSON *row;
	while (asked->peer && (row = cJSON_DetachItemFromArray(question->rows, 0)))
		bx_peer_answer(asked->peer, asked->id, row);
	if (question->err.exit)
		asked_error(asked, &question->err);
	else
		asked_done(asked, NULL);
	cJSON_Delete(question->rows);
	free(question->hook);
	free(question);
}

static void add_row(struct question *question, const char *key, cJSON *item)
{
	cJSON *row = cJSON_CreateObject();
	bx_json_set(row, key, item);
	cJSON_AddItemToArray(question->rows, row);
}

static bool failed_row(void *arg, const struct bx_hook_run *run, struct bx_event *event)
{
	cJSON *o = cJSON_CreateObject();
	char iso[BX_ISO_SIZE];
	bx_time_iso_local(iso, run->due_ms);
	bx_json_set_str(o, "hook", run->hook);
	bx_json_set_int(o, "seq", run->seq);
	bx_json_set_str(o, "event", event->event);
	bx_json_set_str(o, "CALL_ID", event->call);
	bx_json_set_int(o, "tries", run->tries);
	bx_json_set_int(o, "status", run->status);
	bx_json_set_str(o, "failed", iso);
	add_row(arg, "run", o);
	return true;
}

static void count(struct question *question, struct bx_journal *journal)
{
	cJSON *row;
	cJSON_ArrayForEach(row, question->rows) {
		cJSON *o = bx_json_get(row, "hook");
		int64_t waiting, failed, running = 0;
		bx_json_int(o, "running", &running);
		if (!bx_hooks_count(journal, bx_json_str(o, "hook"), &waiting, &failed, &question->err))
			return;
		bx_json_set_int(o, "waiting", waiting - running > 0 ? waiting - running : 0);
		bx_json_set_int(o, "failed", failed);
	}
}

static void read_rows(void *arg, const struct reader_files *files)
{
	struct question *question = arg;
	count(question, files->journal);
	if (!question->err.exit)
		bx_hooks_failed(files->journal, failed_row, question, &question->err);
}

static void rows_read(void *arg)
{
	answer(arg);
}

static int64_t running(const struct hooks *hooks, const char *name)
{
	int64_t count = 0;
	for (const struct hook_child *c = hooks->children; c; c = c->next)
		count += !c->over && !strcmp(c->name, name);
	return count;
}

void hooks_list(struct hooks *hooks, struct bx_peer *peer, int64_t id)
{
	struct question *question = question_new(hooks, peer, id);
	for (size_t i = 0; i < hooks->count; i++) {
		cJSON *o = cJSON_CreateObject();
		bx_json_set_str(o, "hook", hooks->list[i].name);
		bx_json_set_str(o, "event", hooks->list[i].event);
		bx_json_set_int(o, "running", running(hooks, hooks->list[i].name));
		add_row(question, "hook", o);
	}
	reader_do(hooks->serve->reader, read_rows, rows_read, question);
}

static bool write_retry(void *arg, struct bx_journal *store, struct bx_err *err)
{
	struct question *question = arg;
	return bx_hooks_retry(store, question->hook, question->seq, bx_now_ms(), err);
}

static void retried(void *arg)
{
	struct question *question = arg;
	hooks_tell_names(question->hooks);
	answer(question);
}

static void find_failed(void *arg, const struct reader_files *files)
{
	struct question *question = arg;
	bx_hooks_failed(files->journal, failed_row, question, &question->err);
}

static bool meant(const struct question *question, const cJSON *run)
{
	int64_t seq = 0;
	bx_json_int(run, "seq", &seq);
	return (!question->hook || bx_streq(question->hook, bx_json_str(run, "hook"))) &&
	       (!question->seq || question->seq == seq);
}

static void failed_found(void *arg)
{
	struct question *question = arg;
	for (int i = cJSON_GetArraySize(question->rows); i-- > 0;)
		if (!meant(question, bx_json_get(cJSON_GetArrayItem(question->rows, i), "run")))
			cJSON_DeleteItemFromArray(question->rows, i);
	if (!question->err.exit && !cJSON_GetArraySize(question->rows))
		bx_fail(&question->err, BX_ABSENT, "", "no such run of a hook has failed");
	if (question->err.exit)
		answer(question);
	else
		journal_do(question->hooks->serve->journal, write_retry, retried, question);
}

void hooks_retry(struct hooks *hooks, struct bx_peer *peer, int64_t id, const cJSON *request)
{
	struct question *question = question_new(hooks, peer, id);
	question->hook = bx_xstrdup(bx_json_str(request, "hook"));
	bx_json_int(request, "seq", &question->seq);
	reader_do(hooks->serve->reader, find_failed, failed_found, question);
}
