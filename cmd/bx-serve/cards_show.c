/* The lives of a card: which frames show it, since when, and why no longer. */
#include "cards_impl.h"

#include "banned.h"

/* Asks soon, and so many times quickly, whether the card is still there. */
void cards_look(struct cards *cards, struct cards_frame *frame, uint8_t times, int64_t now)
{
	frame->hurry = times;
	if (frame->line == LINE_OPEN && cards->opts.probe_ms > 0)
		cards_due_set(&cards->heap, &frame->probe_due, now + cards->opts.probe_soon_ms);
}

/* Without this a likely end would be noticed only at the next ordinary look. */
void cards_look_soon(struct cards *cards, struct cards_card *card, int64_t now)
{
	CARDS_EACH(at, after, &card->frames)
		cards_look(cards, CARDS_OF(cards_frame, show, at), 5, now);
}

static bool ends_for_good(const char *reason)
{
	return bx_streq(reason, "operator") || bx_streq(reason, "command") ||
	       bx_streq(reason, "finished");
}

static void end_life(struct cards *cards, struct cards_card *card, const char *frame,
	const char *reason)
{
	if (card->ending)
		reason = card->ending;
	card->open = false;
	card->ending = NULL;
	card->closed = ends_for_good(reason);
	cards->figures.cards_open--;
	cards_emit_serve(cards, BX_TOLD_CARD_GONE, card, frame, "reason", cJSON_CreateString(reason));
	if (card->closed)
		cards_layout_clear(&card->want);
}

static void leave_card(struct cards *cards, struct cards_frame *frame)
{
	cards_list_remove(&frame->show);
	frame->shows = false;
	cards_due_clear(&cards->heap, &frame->probe_due);
}

void cards_unshow(struct cards *cards, struct cards_frame *frame, const char *reason, int64_t now)
{
	struct cards_card *card = frame->card;
	if (!frame->shows)
		return;
	leave_card(cards, frame);
	if (cards_list_empty(&card->frames))
		end_life(cards, card, frame->node.key, reason);
	else if (card->ending)
		cards_look_soon(cards, card, now);
}

void cards_drop_card(struct cards *cards, struct cards_frame *frame, int64_t now)
{
	if (!frame->card)
		return;
	cards_pending_fail(cards, frame, false, now);
	cards_card_ref(cards, frame->card, -1);
	frame->card = NULL;
}

static void take_card(struct cards *cards, struct cards_frame *frame, struct cards_card *card,
	int64_t now)
{
	if (frame->card == card)
		return;
	cards_card_ref(cards, card, 1);
	cards_drop_card(cards, frame, now);
	frame->card = card;
}

void cards_show(struct cards *cards, struct cards_frame *frame, struct cards_card *card,
	int64_t now)
{
	if (!card->open) {
		card->open = true;
		card->life++;
		card->since = now;
		card->turn = cards->turn++;
		card->closed = false;
		card->ending = NULL;
		cards->figures.cards_open++;
	}
	card->awaited = 0;
	take_card(cards, frame, card, now);
	if (!frame->shows)
		cards_list_append(&card->frames, &frame->show);
	frame->show_count++;
	frame->shows = true;
	frame->life = card->life;
	frame->stale = false;
	frame->hurry = 0;
}

/* What follows once a frame shows a card that is known to be ours. */
void cards_serve(struct cards *cards, struct cards_frame *frame, int64_t now)
{
	struct cards_card *card = frame->card;
	if (card->call->own != CARDS_OURS || frame->line != LINE_OPEN || !frame->shows)
		return;
	cards_layout_apply(cards, frame, now);
	if (cards->opts.probe_ms > 0)
		cards_due_set(&cards->heap, &frame->probe_due, now + cards->opts.probe_ms);
	cards_request_retry(cards, card->call, now);
}

static bool on_a_line(const struct cards_card *card)
{
	CARDS_EACH(at, after, &card->frames) {
		if (CARDS_OF(cards_frame, show, at)->line == LINE_OPEN)
			return true;
	}
	return false;
}

/* A frame raises a card only when its document has none: what it showed before is gone. */
void cards_end_before(struct cards *cards, struct cards_frame *frame, struct cards_card *card,
	int64_t now)
{
	if (frame->shows && frame->card != card)
		cards_unshow(cards, frame, "replaced", now);
	if (frame->shows && frame->life == card->life) {
		leave_card(cards, frame);
		end_life(cards, card, frame->node.key, "shown again");
		cards_look_soon(cards, card, now);
	}
	while (card && card->open && !cards_list_empty(&card->frames) && !on_a_line(card))
		cards_unshow(cards, CARDS_OF(cards_frame, show, card->frames.next), "line lost", now);
}
