#include "journal.h"

#include <pthread.h>
#include <string.h>
#include <time.h>
#include "clock.h"
#include "log.h"
#include "printer.h"
#include "store_hooks.h"
#include "words.h"
#include "banned.h"

#define RETRY_SECONDS 1
enum kind { WRITE, SEEN, SETTLE, MOVE, PRUNE, WORK, AFTER };

struct item {
	struct item *next;
	enum kind kind;
	struct bx_event event; /* SETTLE and MOVE use its call, portal, own and seq */
	char *name;	       /* of the frame or cursor */
	uint64_t number;
	char **hooks; /* that want the record, or NULL */
	journal_work_fn *work;
	bx_loop_fn *fn;
	void *arg;
};

struct queue {
	struct item *head, **tail;
	size_t count;
};

struct journal {
	struct bx_loop *loop;
	struct journal_ops ops;
	void *arg;
	struct bx_journal *store;
	struct printer *printer;
	pthread_t thread;
	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t wake;
	struct queue queue, written; /* to the disk, and back to the loop */
	struct journal_figures figures;
	bool stop;
};

static void queue_init(struct queue *queue)
{
	*queue = (struct queue){.tail = &queue->head};
}

static struct item *queue_take(struct queue *queue)
{
	struct item *items = queue->head;
	queue_init(queue);
	return items;
}

static void item_free(struct item *item)
{
	bx_event_clear(&item->event);
	free(item->name);
	bx_words_free(item->hooks);
	free(item);
}

static bool append(struct bx_journal *store, struct item *item, struct bx_err *err)
{
	struct bx_event *event = &item->event;
	if (!bx_journal_append(store, event, err))
		return false;
	bool settled = event->own != BX_OWN_UNSETTLED || !event->call;
	for (char **hook = item->hooks; hook && *hook; hook++) {
		struct bx_hook_run run = {.hook = *hook, .seq = event->seq, .due_ms = event->ms,
			.state = settled ? BX_HOOK_READY : BX_HOOK_UNSETTLED};
		if (!bx_hook_add(store, &run, err))
			return false;
	}
	return !item->name || bx_journal_seen(store, item->name, item->number, event->ms, err);
}

static bool item_write(struct bx_journal *store, struct item *item, struct bx_err *err)
{
	struct bx_event *event = &item->event;
	switch (item->kind) {
	case WRITE:
		return append(store, item, err);
	case SEEN:
		return bx_journal_seen(store, item->name, item->number, bx_now_ms(), err);
	case SETTLE:
		return bx_journal_settle(store, event->portal, event->call, event->own, err) &&
		       bx_hooks_settle(store, event->portal, event->call, item->number, err);
	case MOVE:
		return bx_journal_move(store, event->call, item->name, event->seq, bx_now_ms(), err);
	case PRUNE:
		return bx_journal_prune(store, event->ms, err) && bx_hooks_prune(store, err);
	case WORK:
		return item->work(item->arg, store, err);
	case AFTER:
		break;
	}
	return true;
}

static bool batch_write(struct bx_journal *store, struct item *items, struct bx_err *err)
{
	bool ok = bx_journal_begin(store, err);
	for (struct item *item = items; ok && item; item = item->next)
		ok = item_write(store, item, err);
	if (ok && bx_journal_commit(store, err))
		return true;
	bx_journal_undo(store);
	return false;
}

static void items_free(struct item *items)
{
	for (struct item *item = items, *next; item; item = next) {
		next = item->next;
		item_free(item);
	}
}

static void deliver(void *arg)
{
	struct journal *journal = arg;
	pthread_mutex_lock(&journal->mutex);
	struct item *items = queue_take(&journal->written);
	pthread_mutex_unlock(&journal->mutex);
	for (struct item *item = items, *next; item; item = next) {
		next = item->next;
		if (item->kind == WRITE)
			journal->ops.written(journal->arg, &item->event);
		if (item->hooks)
			journal->ops.hooked(journal->arg);
		if (item->name && (item->kind == WRITE || item->kind == SEEN))
			journal->ops.seen(journal->arg, item->name, item->number);
		if (item->fn)
			item->fn(item->arg);
		item_free(item);
	}
}

static void batch_done(struct journal *journal, struct item *items)
{
	pthread_mutex_lock(&journal->mutex);
	bool idle = !journal->written.head;
	journal->figures.commits++;
	journal->figures.failing = false;
	*journal->written.tail = items;
	for (struct item *item = items; item; item = item->next) {
		journal->written.tail = &item->next;
		journal->queue.count--;
		if (item->kind != WRITE)
			continue;
		journal->figures.records++;
		journal->figures.last = item->event.seq;
	}
	int64_t last = journal->figures.last;
	pthread_mutex_unlock(&journal->mutex);
	printer_reach(journal->printer, last);
	if (idle)
		bx_loop_post(journal->loop, deliver, journal);
}

/* Waits for work; NULL when there is none and none will come. */
static struct item *take_all(struct journal *journal)
{
	pthread_mutex_lock(&journal->mutex);
	while (!journal->queue.head && !journal->stop)
		pthread_cond_wait(&journal->wake, &journal->mutex);
	size_t count = journal->queue.count;
	struct item *items = queue_take(&journal->queue);
	journal->queue.count = count; /* until they are on disk */
	pthread_mutex_unlock(&journal->mutex);
	return items;
}

/* Nothing is acknowledged meanwhile, so nothing is lost by trying again. */
static bool wait_to_retry(struct journal *journal, const struct bx_err *err)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += RETRY_SECONDS;
	pthread_mutex_lock(&journal->mutex);
	if (!journal->figures.failing)
		bx_log(BX_LOG_ERROR, "journal: cannot write, trying again: %s", err->text);
	journal->figures.failing = true;
	if (!journal->stop)
		pthread_cond_timedwait(&journal->wake, &journal->mutex, &until);
	bool more = !journal->stop;
	pthread_mutex_unlock(&journal->mutex);
	return more;
}

static void *journal_thread(void *arg)
{
	struct journal *journal = arg;
	struct item *items;
	while ((items = take_all(journal))) {
		struct bx_err err = {0};
		while (!batch_write(journal->store, items, &err)) {
			if (!wait_to_retry(journal, &err))
				return items;
		}
		batch_done(journal, items);
	}
	return NULL;
}

static void push(struct journal *journal, struct item *item)
{
	pthread_mutex_lock(&journal->mutex);
	bool idle = !journal->queue.head;
	*journal->queue.tail = item;
	journal->queue.tail = &item->next;
	journal->queue.count++;
	if (idle)
		pthread_cond_signal(&journal->wake);
	pthread_mutex_unlock(&journal->mutex);
}

static struct item *item_new(enum kind kind, const char *name)
{
	struct item *item = bx_xcalloc(1, sizeof *item);
	*item = (struct item){.kind = kind, .name = bx_xstrdup(name)};
	return item;
}

void journal_write(struct journal *journal, struct bx_event *event, const char *frame, uint64_t number)
{
	struct item *item = item_new(WRITE, frame);
	item->hooks = journal->ops.hooks ? journal->ops.hooks(journal->arg, event) : NULL;
	item->event = *event;
	item->number = number;
	*event = (struct bx_event){0};
	push(journal, item);
}

void journal_seen(struct journal *journal, const char *frame, uint64_t number)
{
	struct item *item = item_new(SEEN, frame);
	item->number = number;
	push(journal, item);
}

void journal_settle(struct journal *journal, const char *portal, const char *call, int own, bool hooks)
{
	struct item *item = item_new(SETTLE, NULL);
	item->event = (struct bx_event){
		.portal = bx_xstrdup(portal), .call = bx_xstrdup(call), .own = own};
	item->number = hooks;
	push(journal, item);
}

void journal_move(struct journal *journal, const char *call, const char *cursor, int64_t seq)
{
	struct item *item = item_new(MOVE, cursor);
	item->event = (struct bx_event){.call = bx_xstrdup(call), .seq = seq};
	push(journal, item);
}

void journal_prune(struct journal *journal, int64_t older_than_ms)
{
	struct item *item = item_new(PRUNE, NULL);
	item->event.ms = older_than_ms;
	push(journal, item);
}

void journal_do(struct journal *journal, journal_work_fn *work, bx_loop_fn *done, void *arg)
{
	struct item *item = item_new(WORK, NULL);
	item->work = work;
	item->fn = done;
	item->arg = arg;
	push(journal, item);
}

void journal_after(struct journal *journal, bx_loop_fn *fn, void *arg)
{
	struct item *item = item_new(AFTER, NULL);
	item->fn = fn;
	item->arg = arg;
	push(journal, item);
}

void journal_figures(struct journal *journal, struct journal_figures *out)
{
	pthread_mutex_lock(&journal->mutex);
	*out = journal->figures;
	out->waiting = journal->queue.count;
	pthread_mutex_unlock(&journal->mutex);
}

struct journal *journal_start(struct bx_loop *loop, int print_to, const struct journal_ops *ops,
	void *arg, struct bx_err *err)
{
	struct bx_journal *store = bx_journal_open(err);
	int64_t last = 0;
	if (!store || !bx_journal_last(store, &last, err)) {
		bx_journal_close(store);
		return NULL;
	}
	struct journal *journal = bx_xcalloc(1, sizeof *journal);
	*journal = (struct journal){.loop = loop, .ops = *ops, .arg = arg, .store = store,
		.figures.last = last};
	queue_init(&journal->queue);
	queue_init(&journal->written);
	pthread_mutex_init(&journal->mutex, NULL);
	pthread_cond_init(&journal->wake, NULL);
	journal->printer = printer_start(print_to, last);
	if (pthread_create(&journal->thread, NULL, journal_thread, journal))
		abort();
	return journal;
}

void journal_stop(struct journal *journal)
{
	if (!journal)
		return;
	pthread_mutex_lock(&journal->mutex);
	journal->stop = true;
	pthread_cond_signal(&journal->wake);
	pthread_mutex_unlock(&journal->mutex);
	void *lost = NULL;
	pthread_join(journal->thread, &lost);
	items_free(lost);
	items_free(journal->written.head);
	printer_stop(journal->printer);
	bx_journal_close(journal->store);
	pthread_mutex_destroy(&journal->mutex);
	pthread_cond_destroy(&journal->wake);
	free(journal);
}
