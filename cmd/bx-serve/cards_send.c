/* Commands on their way to one frame, and what their replies mean. */
#include "cards_impl.h"

#include <string.h>
#include "banned.h"

/* The card's own words (portal.md 13.8). */
#define CARD_GONE "Call card is undefined"

struct cards_text *cards_text(const cJSON *params)
{
	if (!params)
		return NULL;
	auto_free char *printed = bx_json_print(params);
	size_t size = strlen(printed) + 1;
	struct cards_text *text = bx_xrealloc(NULL, sizeof *text + size);
	text->refs = 1;
	memcpy(text->text, printed, size);
	return text;
}

void cards_text_drop(struct cards_text *text)
{
	if (text && !--text->refs)
		free(text);
}

static void start_waiting(struct cards *cards, struct cards_pending *pending, int64_t now)
{
	int64_t until = pending->limit;
	if (pending->op->flags & BX_NOREPLY)
		until = now + cards->opts.quiet_ms + pending->frame->delay_ms;
	cards_due_set(&cards->heap, &pending->due, until);
}

static void put_on_line(struct cards *cards, struct cards_pending *pending, int64_t now)
{
	cards->figures.sent++;
	start_waiting(cards, pending, now);
	cards->ops->send(cards->arg, pending->frame->node.key, pending->id,
		pending->call ? pending->call->node.key : NULL, pending->op->verb,
		pending->params ? pending->params->text : NULL);
}

struct cards_pending *cards_send(struct cards *cards, struct cards_frame *frame, const struct bx_op *op,
	struct cards_text *params, enum cards_purpose purpose, int64_t limit, int64_t now)
{
	if (frame->pending_count >= cards->opts.pending_max)
		return NULL;
	struct cards_pending *pending = bx_xcalloc(1, sizeof *pending);
	pending->frame = frame;
	pending->show = frame->show_count;
	if (frame->shows && op != cards->rows[ROW_STATES] && purpose != FOR_CLIENT)
		pending->call = frame->card->call;
	pending->id = cards->next_id++;
	pending->op = op;
	pending->params = params;
	if (params)
		params->refs++;
	pending->purpose = purpose;
	pending->limit = limit;
	pending->due.kind = DUE_PENDING;
	cards_list_append(&frame->pending, &pending->link);
	frame->pending_count++;
	if (frame->line == LINE_OPEN)
		put_on_line(cards, pending, now);
	else
		cards_due_set(&cards->heap, &pending->due, limit);
	return pending;
}

void cards_pending_free(struct cards *cards, struct cards_pending *pending)
{
	cards_list_remove(&pending->link);
	cards_due_clear(&cards->heap, &pending->due);
	pending->frame->pending_count--;
	cards_text_drop(pending->params);
	free(pending);
}

/* What is unanswered of a layout is overtaken by a newer one. */
void cards_pending_drop_layout(struct cards *cards, struct cards_frame *frame)
{
	CARDS_EACH(at, after, &frame->pending) {
		struct cards_pending *pending = CARDS_OF(cards_pending, link, at);
		if (pending->purpose == FOR_LAYOUT)
			cards_pending_free(cards, pending);
	}
}

/* While the line is lost silence means nothing. */
void cards_pending_pause(struct cards *cards, struct cards_frame *frame, int64_t now)
{
	CARDS_EACH(at, after, &frame->pending) {
		struct cards_pending *pending = CARDS_OF(cards_pending, link, at);
		cards_due_set(&cards->heap, &pending->due, pending->limit > now ? pending->limit : now);
	}
}

void cards_pending_again(struct cards *cards, struct cards_frame *frame, int64_t now)
{
	CARDS_EACH(at, after, &frame->pending)
		put_on_line(cards, CARDS_OF(cards_pending, link, at), now);
}

static void settle_pending(struct cards *cards, struct cards_pending *pending, enum bx_exit status,
	const char *error, const cJSON *result, bool confirmed, int64_t now)
{
	if (pending->sought)
		cards_answer(cards, pending, status, error, result, confirmed, now);
	cards_pending_free(cards, pending);
}

void cards_pending_fail(struct cards *cards, struct cards_frame *frame, bool all, int64_t now)
{
	CARDS_EACH(at, after, &frame->pending) {
		struct cards_pending *pending = CARDS_OF(cards_pending, link, at);
		if (all || pending->call)
			settle_pending(cards, pending, BX_ABSENT,
				all ? "the frame is gone" : "the card is gone", NULL, false, now);
	}
}

void cards_pending_due(struct cards *cards, struct cards_pending *pending, int64_t now)
{
	struct cards_frame *frame = pending->frame;
	bool quiet = (pending->op->flags & BX_NOREPLY) && frame->line == LINE_OPEN;
	bool probe = pending->purpose == FOR_PROBE;
	if (quiet)
		settle_pending(cards, pending, BX_OK, NULL, NULL, false, now);
	else
		settle_pending(cards, pending, BX_TIMEOUT, "the frame did not answer in time", NULL,
			false, now);
	if (probe)
		cards_probed(cards, frame, NULL, now);
}

/* Errors are a list of one map; the desktop app sends some as the map itself. */
static const char *error_of(const cJSON *reply)
{
	const cJSON *map = cJSON_IsArray(reply) ? reply->child : reply;
	return bx_streq(bx_json_str(map, "result"), "error") ? bx_json_str(map, "errorCode") : NULL;
}

static struct cards_pending *find_pending(struct cards_frame *frame, uint64_t id)
{
	CARDS_EACH(at, after, &frame->pending) {
		struct cards_pending *pending = CARDS_OF(cards_pending, link, at);
		if (pending->id == id)
			return pending;
	}
	return NULL;
}

/* The card of this frame is gone, with our help or without. A reply that was repeated late may
 * speak of the card before. */
static void closed(struct cards *cards, struct cards_frame *frame, unsigned show, bool by_us, int64_t now)
{
	if (frame->show_count != show)
		return;
	if (by_us && frame->shows && !frame->card->ending)
		frame->card->ending = "command";
	cards_unshow(cards, frame, by_us ? "command" : "silent", now);
}

void cards_frame_reply(struct cards *cards, const char *name, uint64_t id, const cJSON *reply,
	int64_t now)
{
	struct cards_frame *frame = cards_find_frame(cards, name);
	struct cards_pending *pending = frame ? find_pending(frame, id) : NULL;
	if (!pending)
		return;
	const char *error = error_of(reply);
	/* A page without the user's client answers so to a message for it, whatever it shows. */
	bool card = *pending->op->wire;
	bool closing = pending->op == cards->rows[ROW_CLOSE], gone = bx_streq(error, CARD_GONE);
	bool good = !error || (closing && gone);
	unsigned show = pending->show;
	bool probe = pending->purpose == FOR_PROBE && good, muted = pending->muted;
	settle_pending(cards, pending, good ? BX_OK : gone ? BX_ABSENT : BX_REFUSED,
		gone && !card ? "no client listens in this frame" : error,
		error ? NULL : reply, true, now);
	if ((gone && card) || (closing && good))
		closed(cards, frame, show, closing, now);
	else if (probe || frame->shows)
		cards_probed(cards, frame, probe ? &muted : NULL, now);
}
