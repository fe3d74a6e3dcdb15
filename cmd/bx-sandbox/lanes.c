#include "lanes.h"

#include <string.h>
#include "banned.h"

#define LONGEST_MS 60000
#define LANES_MAX  1000

struct sb_lane {
	struct sb_lane *next;
	struct sb_lanes *lanes;
	char *url;
	struct sb_turn *first, *last;
	bool busy;
	int64_t pause_ms; /* between two posts; 0: the address is quick */
	int64_t free_ms;  /* not before */
	struct bx_timer *timer;
};

struct sb_lanes {
	struct sandbox *sb;
	sb_turn_fn *go, *drop;
	struct sb_lane *first;
	size_t count;
};

struct sb_lanes *sb_lanes_new(struct sandbox *sb, sb_turn_fn *go, sb_turn_fn *drop)
{
	struct sb_lanes *lanes = bx_xcalloc(1, sizeof *lanes);
	*lanes = (struct sb_lanes){.sb = sb, .go = go, .drop = drop};
	return lanes;
}

static void free_lane(struct sb_lane *lane)
{
	bx_loop_cancel(lane->lanes->sb->loop, lane->timer);
	for (struct sb_turn *turn; (turn = lane->first);) {
		lane->first = turn->next;
		lane->lanes->drop(turn);
	}
	free(lane->url);
	free(lane);
}

void sb_lanes_free(struct sb_lanes *lanes)
{
	for (struct sb_lane *lane; (lane = lanes->first);) {
		lanes->first = lane->next;
		free_lane(lane);
	}
	free(lanes);
}

static void pump(void *arg);

/* How long the lane has to wait. A clock that was put back makes nothing wait longer than that. */
static int64_t wait_of(const struct sb_lane *lane)
{
	const struct sandbox *sb = lane->lanes->sb;
	int64_t due = lane->first->due_ms > lane->free_ms ? lane->first->due_ms : lane->free_ms;
	int64_t wait = due - sandbox_now_ms(sb), most = LONGEST_MS + sb->opts.event_delay_ms;
	return wait > 0 && wait <= most ? wait : 0;
}

static void wait_for(struct sb_lane *lane, int64_t ms)
{
	struct sandbox *sb = lane->lanes->sb;
	bx_loop_cancel(sb->loop, lane->timer);
	lane->timer = sb->frozen_ms ? NULL : bx_loop_timer(sb->loop, ms, pump, lane);
}

static void try_next(struct sb_lane *lane)
{
	if (lane->busy || !lane->first)
		return;
	int64_t ms = wait_of(lane);
	if (ms) {
		wait_for(lane, ms);
		return;
	}
	struct sb_turn *turn = lane->first;
	if (!(lane->first = turn->next))
		lane->last = NULL;
	lane->busy = true;
	lane->lanes->go(turn);
}

static void pump(void *arg)
{
	struct sb_lane *lane = arg;
	lane->timer = NULL;
	try_next(lane);
}

/* One that neither has posts nor owes a pause. */
static bool is_spare(const struct sb_lane *lane)
{
	return !lane->busy && !lane->first && !lane->pause_ms;
}

static void drop_spare(struct sb_lanes *lanes)
{
	for (struct sb_lane **at = &lanes->first; *at;) {
		struct sb_lane *lane = *at;
		if (!is_spare(lane)) {
			at = &lane->next;
			continue;
		}
		*at = lane->next;
		lanes->count--;
		free_lane(lane);
	}
}

static struct sb_lane *lane_of(struct sb_lanes *lanes, const char *url)
{
	struct sb_lane *lane = lanes->first;
	while (lane && strcmp(lane->url, url) != 0)
		lane = lane->next;
	if (lane)
		return lane;
	if (lanes->count >= LANES_MAX)
		drop_spare(lanes);
	lane = bx_xcalloc(1, sizeof *lane);
	*lane = (struct sb_lane){.next = lanes->first, .lanes = lanes, .url = bx_xstrdup(url)};
	lanes->first = lane;
	lanes->count++;
	return lane;
}

void sb_lanes_add(struct sb_lanes *lanes, const char *url, struct sb_turn *turn)
{
	struct sb_lane *lane = lane_of(lanes, url);
	*turn = (struct sb_turn){.lane = lane,
		.due_ms = sandbox_now_ms(lanes->sb) + lanes->sb->opts.event_delay_ms};
	*(lane->last ? &lane->last->next : &lane->first) = turn;
	lane->last = turn;
	try_next(lane);
}

void sb_lanes_done(struct sb_lanes *lanes, struct sb_turn *turn, int64_t took_ms)
{
	struct sb_lane *lane = turn->lane;
	int64_t longer = lane->pause_ms ? 2 * lane->pause_ms : 1000;
	lane->busy = false;
	lane->pause_ms = took_ms < lanes->sb->opts.event_slow_ms ? 0
			 : longer < LONGEST_MS			 ? longer
								 : LONGEST_MS;
	lane->free_ms = sandbox_now_ms(lanes->sb) + lane->pause_ms;
	try_next(lane);
}

void sb_lanes_clock(struct sb_lanes *lanes)
{
	for (struct sb_lane *lane = lanes->first; lane; lane = lane->next)
		try_next(lane);
}
