#include "timers.h"

#include <limits.h>
#include "str.h"
#include "banned.h"

struct bx_timer {
	int64_t due;
	uint64_t number;
	size_t at; /* in the heap */
	bx_loop_fn *fn;
	void *arg;
};

static bool before(const struct bx_timer *a, const struct bx_timer *b)
{
	return a->due != b->due ? a->due < b->due : a->number < b->number;
}

static void put(struct bx_timers *timers, size_t at, struct bx_timer *timer)
{
	timers->heap[at] = timer;
	timer->at = at;
}

static void rise(struct bx_timers *timers, size_t at, struct bx_timer *timer)
{
	while (at > 0 && before(timer, timers->heap[(at - 1) / 2])) {
		put(timers, at, timers->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	put(timers, at, timer);
}

static void sink(struct bx_timers *timers, size_t at, struct bx_timer *timer)
{
	for (;;) {
		size_t child = 2 * at + 1;
		if (child >= timers->count)
			break;
		if (child + 1 < timers->count && before(timers->heap[child + 1], timers->heap[child]))
			child++;
		if (before(timer, timers->heap[child]))
			break;
		put(timers, at, timers->heap[child]);
		at = child;
	}
	put(timers, at, timer);
}

struct bx_timer *bx_timers_add(struct bx_timers *timers, int64_t due_ms, bx_loop_fn *fn, void *arg)
{
	if (timers->count == timers->room) {
		timers->room = timers->room ? timers->room * 2 : 64;
		timers->heap = bx_xrealloc(timers->heap, timers->room * sizeof *timers->heap);
	}
	struct bx_timer *timer = bx_xcalloc(1, sizeof *timer);
	*timer = (struct bx_timer){.due = due_ms, .number = timers->added++, .fn = fn, .arg = arg};
	rise(timers, timers->count++, timer);
	return timer;
}

static void take_out(struct bx_timers *timers, size_t at)
{
	struct bx_timer *last = timers->heap[--timers->count];
	if (at == timers->count)
		return;
	if (at > 0 && before(last, timers->heap[(at - 1) / 2]))
		rise(timers, at, last);
	else
		sink(timers, at, last);
}

void bx_timers_cancel(struct bx_timers *timers, struct bx_timer *timer)
{
	if (!timer)
		return;
	take_out(timers, timer->at);
	free(timer);
}

int bx_timers_wait(const struct bx_timers *timers, int64_t now_ms)
{
	if (!timers->count)
		return -1;
	int64_t wait = timers->heap[0]->due - now_ms;
	return wait <= 0 ? 0 : wait > INT_MAX ? INT_MAX : (int)wait;
}

/* A timer added by a callback is never due before one that was due already, so the first new one
 * ends the run: a callback that arms itself again cannot hold the loop. */
void bx_timers_expire(struct bx_timers *timers, int64_t now_ms, const bool *stop)
{
	uint64_t added = timers->added;
	while (timers->count && !*stop) {
		struct bx_timer *first = timers->heap[0];
		if (first->due > now_ms || first->number >= added)
			return;
		bx_loop_fn *fn = first->fn;
		void *arg = first->arg;
		bx_timers_cancel(timers, first);
		fn(arg);
	}
}

void bx_timers_release(struct bx_timers *timers)
{
	for (size_t i = 0; i < timers->count; i++)
		free(timers->heap[i]);
	free(timers->heap);
	*timers = (struct bx_timers){0};
}
