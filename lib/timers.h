/* The loop's timers: a heap ordered by due time, equal times in the order of adding. Layer 3. */
#ifndef BX_TIMERS_H
#define BX_TIMERS_H

#include "loop.h"

struct bx_timers {
	struct bx_timer **heap;
	size_t count, room;
	uint64_t added;
};

struct bx_timer *bx_timers_add(struct bx_timers *timers, int64_t due_ms, bx_loop_fn *fn, void *arg);
void bx_timers_cancel(struct bx_timers *timers, struct bx_timer *timer);

/* How long until the first is due: 0 for overdue ones, -1 for no timer; at most INT_MAX. */
int bx_timers_wait(const struct bx_timers *timers, int64_t now_ms);

/* Calls what is due, but no timer that was added meanwhile, until none is left or *stop is set. */
void bx_timers_expire(struct bx_timers *timers, int64_t now_ms, const bool *stop);
void bx_timers_release(struct bx_timers *timers);

#endif
