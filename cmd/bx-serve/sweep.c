/* Lines without a card, posts that stopped, documents that are no more. */
#include <search.h>

#include "clock.h"
#include "frames_impl.h"
#include "ws.h"
#include "banned.h"

#define SWEEP_MS 5000
#define IDLE_MS	 60000 /* a line without a card closes */
#define POST_MS	 5000  /* a frame that posts is lost after that much silence, beside its pause */
#define LEFT_MS	 60000 /* messages of a page left may still be under way */
#define DEAD_MAX 256   /* forgotten in one sweep */

struct sweep {
	struct frames *frames;
	int64_t now;
	struct frame *dead[DEAD_MAX];
	size_t dead_len;
};

static void line_idle(struct frame *frame)
{
	frame_line_send(frame, "z", "true");
	if (frame->link)
		bx_line_close(frame->link->line, LINE_IDLE, "idle");
}

static void sweep_one(const void *node, VISIT visit, void *arg)
{
	struct sweep *sweep = arg;
	struct frame *frame = *(struct frame *const *)node;
	if (visit != postorder && visit != leaf)
		return;
	int64_t silent = sweep->now - frame->heard_ms;
	bool over = !frame->open && !frame->link && !frame->gone && silent > (frame->left ? LEFT_MS : TOKEN_LIFE_MS);
	if (frame->link && !frame->client && sweep->now - frame->active_ms > IDLE_MS)
		line_idle(frame);
	else if (frame->posting && silent > POST_MS + frame->pause_ms)
		frame_lost(sweep->frames, frame, false);
	else if (over && sweep->dead_len < DEAD_MAX)
		sweep->dead[sweep->dead_len++] = frame;
}

static void sweep_all(void *arg)
{
	struct frames *frames = arg;
	struct sweep sweep = {.frames = frames, .now = bx_mono_ms()};
	twalk_r(frames->tree, sweep_one, &sweep);
	for (size_t i = 0; i < sweep.dead_len; i++) {
		tdelete(sweep.dead[i], &frames->tree, frames_by_id);
		frame_free(sweep.dead[i]);
		frames->count--;
	}
	frames_sweep_later(frames);
}

void frames_sweep_later(struct frames *frames)
{
	frames->sweep = bx_loop_timer(frames->serve->loop, SWEEP_MS, sweep_all, frames);
}
