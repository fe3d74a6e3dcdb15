/* Lines without a card, posts that stopped, documents that are no more. */
#include "clock.h"
#include "frames_impl.h"
#include "ws.h"
#include "banned.h"

#define SWEEP_MS 5000
#define IDLE_MS	 60000 /* a line without a card closes */
#define POST_MS	 5000  /* a frame that posts is lost after that much silence, beside its pause */
#define LEFT_MS	 60000 /* messages of a page left may still be under way */

static void line_idle(struct frame *frame)
{
	frame_line_send(frame, "z", "true");
	if (frame->link)
		bx_line_close(frame->link->line, LINE_IDLE, "idle");
}

/* False: the frame is over. */
static bool sweep_one(struct frames *frames, struct frame *frame, int64_t now)
{
	int64_t silent = now - frame->heard_ms;
	if (frame->link && !frame->client && now - frame->active_ms > IDLE_MS)
		line_idle(frame);
	else if (frame->posting && silent > POST_MS + frame->pause_ms)
		frame_lost(frames, frame, false);
	else
		return frame->open || frame->link || frame->gone ||
		       silent <= (frame->left ? LEFT_MS : TOKEN_LIFE_MS);
	return true;
}

static void sweep_all(void *arg)
{
	struct frames *frames = arg;
	int64_t now = bx_mono_ms();
	for (struct frame *frame = frames_next(frames, NULL), *next; frame; frame = next) {
		next = frames_next(frames, frame);
		if (!sweep_one(frames, frame, now))
			frame_free(frames, frame);
	}
	frames_sweep_later(frames);
}

void frames_sweep_later(struct frames *frames)
{
	frames->sweep = bx_loop_timer(frames->serve->loop, SWEEP_MS, sweep_all, frames);
}
