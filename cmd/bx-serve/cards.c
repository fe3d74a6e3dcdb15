/* Frames: their lines, and the deadlines of everything. */
#include "cards_impl.h"

#include <string.h>
#include "banned.h"

void *cards_with_texts(size_t size, const char *one, const char *two, const char **other)
{
	size_t one_size = strlen(one) + 1, two_size = strlen(two) + 1;
	char *memory = bx_xcalloc(1, size + one_size + two_size);
	memcpy(memory + size, one, one_size);
	*other = memcpy(memory + size + one_size, two, two_size);
	return memory;
}

bool cards_is_id(const char *text)
{
	return text && *text && strlen(text) <= CARDS_TEXT_MAX;
}

struct cards_frame *cards_find_frame(const struct cards *cards, const char *id)
{
	struct bx_map_node *node = bx_map_first(&cards->frames, id);
	return node ? CARDS_OF(cards_frame, node, node) : NULL;
}

static void set_line(struct cards *cards, struct cards_frame *frame, enum cards_line line)
{
	cards->figures.frames_open += (line == LINE_OPEN) - (frame->line == LINE_OPEN);
	frame->line = line;
	cards_list_remove(&frame->idle);
	if (line != LINE_OPEN)
		cards_list_append(&cards->idle_frames, &frame->idle);
	cards_due_clear(&cards->heap, line == LINE_OPEN ? &frame->line_due : &frame->probe_due);
}

static void frame_free(struct cards *cards, struct cards_frame *frame)
{
	while (!cards_list_empty(&frame->pending))
		cards_pending_free(cards, CARDS_OF(cards_pending, link, frame->pending.next));
	cards_due_clear(&cards->heap, &frame->line_due);
	cards_due_clear(&cards->heap, &frame->hold_due);
	cards_due_clear(&cards->heap, &frame->probe_due);
	cards_list_remove(&frame->show);
	cards_list_remove(&frame->idle);
	cards_drop_card(cards, frame, 0);
	bx_map_remove(&cards->frames, &frame->node);
	cJSON_Delete(frame->held);
	free(frame);
}

static void forget_frame(struct cards *cards, struct cards_frame *frame, const char *reason, int64_t now)
{
	set_line(cards, frame, LINE_GONE);
	cards_unshow(cards, frame, reason, now);
	cards_pending_fail(cards, frame, true, now);
	cards_release_held(cards, frame, false);
	frame_free(cards, frame);
}

static struct cards_frame *new_frame(struct cards *cards, const struct cards_hello *hello, int64_t now)
{
	unsigned max = cards->opts.frames_max;
	if (cards->frames.count >= max && !cards_list_empty(&cards->idle_frames))
		forget_frame(cards, CARDS_OF(cards_frame, idle, cards->idle_frames.next), "forgotten", now);
	if (cards->frames.count >= max)
		return NULL;
	const char *portal;
	struct cards_frame *frame = cards_with_texts(offsetof(struct cards_frame, texts), hello->frame,
		hello->portal, &portal);
	frame->node.key = frame->texts;
	frame->portal = portal;
	frame->user = hello->user;
	frame->line = LINE_GONE;
	frame->line_due.kind = DUE_LINE;
	frame->hold_due.kind = DUE_HOLD;
	frame->probe_due.kind = DUE_PROBE;
	cards_list_init(&frame->pending);
	bx_map_add(&cards->frames, &frame->node);
	cards_list_append(&cards->idle_frames, &frame->idle);
	return frame;
}

/* The frame believes to show a card of which this process knows nothing, or which it took for
 * gone: after a restart, a long silence, or a page brought back from the browser's cache. */
static void adopt(struct cards *cards, struct cards_frame *frame, const struct cards_hello *hello,
	int64_t now)
{
	if (!cards_is_id(hello->call) || frame->shows ||
		(frame->card && !bx_streq(frame->card->call->node.key, hello->call)))
		return;
	struct cards_call *call = cards_get_call(cards, frame->portal, hello->call);
	cards_call_ref(cards, call, 1);
	struct cards_card *card = cards_get_card(call, cards->opts.users_max, frame->user);
	bool back = !card->open && card->life;
	if (!card->life && cJSON_IsObject(hello->kept)) {
		cards_layout_load(&card->want, hello->kept);
		card->sure = true;
	}
	cards_show(cards, frame, card, now);
	cards_call_ref(cards, call, -1);
	cards_meet(cards, call, now);
	if (back)
		cards_emit_serve(cards, BX_TOLD_CARD_BACK, card, frame->node.key, NULL, NULL);
}

bool cards_frame_open(struct cards *cards, const struct cards_hello *hello, int64_t now,
	struct bx_err *err)
{
	if (!cards_is_id(hello->frame) || !cards_is_id(hello->portal))
		return bx_fail(err, BX_USAGE, "", "a frame's id or portal is empty or too long");
	struct cards_frame *frame = cards_find_frame(cards, hello->frame);
	if (frame && (!bx_streq(frame->portal, hello->portal) || frame->user != hello->user)) {
		forget_frame(cards, frame, "line lost", now);
		frame = NULL;
	}
	if (!frame && !(frame = new_frame(cards, hello, now)))
		return bx_fail(err, BX_AGAIN, "", "%u frames are open already", cards->opts.frames_max);
	set_line(cards, frame, LINE_OPEN);
	frame->silent = hello->silent;
	frame->delay_ms = hello->delay_ms;
	if (frame->silent)
		return true;
	adopt(cards, frame, hello, now);
	if (frame->stale)
		cards_pending_drop_layout(cards, frame);
	cards_pending_again(cards, frame, now);
	if (frame->shows) {
		if (frame->stale)
			cards_layout_apply(cards, frame, now);
		cards_look(cards, frame, 0, now);
		cards_request_retry(cards, frame->card->call, now);
	}
	return true;
}

void cards_frame_lost(struct cards *cards, const char *id, enum cards_lost why, int64_t now)
{
	struct cards_frame *frame = cards_find_frame(cards, id);
	if (!frame || frame->line == LINE_GONE)
		return;
	set_line(cards, frame, why == CARDS_PAGE_LEFT ? LINE_GONE : LINE_LOST);
	if (why == CARDS_PAGE_LEFT) {
		cards_unshow(cards, frame, "navigated", now);
		cards_pending_fail(cards, frame, true, now);
		cards_due_set(&cards->heap, &frame->line_due, now + cards->opts.forget_ms);
	} else {
		cards_pending_pause(cards, frame, now);
		cards_due_set(&cards->heap, &frame->line_due, now + cards->opts.grace_ms);
	}
}

static void line_due(struct cards *cards, struct cards_frame *frame, int64_t now)
{
	if (frame->line == LINE_GONE) {
		forget_frame(cards, frame, "forgotten", now);
		return;
	}
	set_line(cards, frame, LINE_GONE);
	cards_unshow(cards, frame, "line lost", now);
	cards_pending_fail(cards, frame, true, now);
	cards_due_set(&cards->heap, &frame->line_due, now + cards->opts.forget_ms);
}

static void expire(struct cards *cards, struct cards_due *due, int64_t now)
{
	switch (due->kind) {
	case DUE_LINE:
		line_due(cards, CARDS_OF(cards_frame, line_due, due), now);
		break;
	case DUE_HOLD:
		cards_release_held(cards, CARDS_OF(cards_frame, hold_due, due), false);
		break;
	case DUE_PROBE:
		cards_probe(cards, CARDS_OF(cards_frame, probe_due, due), now);
		break;
	case DUE_SETTLE:
		cards_settle(cards, CARDS_OF(cards_call, settle, due), CARDS_FOREIGN, now);
		break;
	case DUE_REQUEST:
		cards_request_due(cards, CARDS_OF(cards_request_state, due, due), now);
		break;
	case DUE_PENDING:
		cards_pending_due(cards, CARDS_OF(cards_pending, due, due), now);
		break;
	}
}

void cards_tick(struct cards *cards, int64_t now)
{
	while (cards->heap.len && cards->heap.items[0]->at <= now) {
		struct cards_due *due = cards->heap.items[0];
		cards_due_clear(&cards->heap, due);
		expire(cards, due, now);
	}
}

int64_t cards_next_deadline(const struct cards *cards)
{
	return cards->heap.len ? cards->heap.items[0]->at : INT64_MAX;
}

static void take_rows(struct cards *cards)
{
	static const char *const verbs[ROW_COUNT] = {[ROW_STATE] = "state", [ROW_STATES] = "states",
		[ROW_MUTE] = "mute", [ROW_HOLD] = "hold", [ROW_TITLE] = "title",
		[ROW_STATUS] = "status", [ROW_START] = "timer start", [ROW_STOP] = "timer stop",
		[ROW_CLOSE] = "close"};
	for (size_t i = 0; i < ROW_COUNT; i++)
		cards->rows[i] = bx_op_by_verb(BX_CARD_COMMAND, verbs[i]);
}

static int or_default(int value, int fallback)
{
	return value ? value : fallback;
}

static void take_opts(struct cards_opts *out, const struct cards_opts *in)
{
	*out = (struct cards_opts){
		.settle_ms = or_default(in->settle_ms, 10000),
		.raise_ms = or_default(in->raise_ms, 5000),
		.hold_ms = or_default(in->hold_ms, 500),
		.quiet_ms = or_default(in->quiet_ms, 700),
		.command_ms = or_default(in->command_ms, 5000),
		.grace_ms = or_default(in->grace_ms, 15000),
		.probe_ms = or_default(in->probe_ms, 5000),
		.probe_soon_ms = or_default(in->probe_soon_ms, 300),
		.forget_ms = or_default(in->forget_ms, 60000),
		.frames_max = in->frames_max ? in->frames_max : 20000,
		.calls_max = in->calls_max ? in->calls_max : 50000,
		.users_max = in->users_max ? in->users_max : 200,
		.requests_max = in->requests_max ? in->requests_max : 10000,
		.pending_max = in->pending_max ? in->pending_max : 64,
		.first_id = in->first_id ? in->first_id : 1,
	};
}

struct cards *cards_new(const struct cards_opts *opts, const struct cards_ops *ops, void *arg)
{
	struct cards *cards = bx_xcalloc(1, sizeof *cards);
	take_opts(&cards->opts, opts);
	take_rows(cards);
	cards->ops = ops;
	cards->arg = arg;
	cards->next_id = cards->opts.first_id;
	cards_list_init(&cards->idle_frames);
	cards_list_init(&cards->idle_calls);
	cards_list_init(&cards->requests);
	return cards;
}

void cards_free(struct cards *cards)
{
	if (!cards)
		return;
	while (!cards_list_empty(&cards->requests))
		cards_request_free(cards, CARDS_OF(cards_request_state, link, cards->requests.next));
	struct bx_map_node *node, *next;
	for (node = bx_map_walk(&cards->frames, NULL); node; node = next) {
		next = bx_map_walk(&cards->frames, node);
		frame_free(cards, CARDS_OF(cards_frame, node, node));
	}
	for (node = bx_map_walk(&cards->calls, NULL); node; node = next) {
		next = bx_map_walk(&cards->calls, node);
		cards_call_free(cards, CARDS_OF(cards_call, node, node));
	}
	bx_map_release(&cards->frames);
	bx_map_release(&cards->calls);
	cards_heap_release(&cards->heap);
	free(cards);
}

void cards_figures(const struct cards *cards, struct cards_figures *out)
{
	*out = cards->figures;
	out->frames = (unsigned)cards->frames.count;
	out->calls = (unsigned)cards->calls.count;
}
