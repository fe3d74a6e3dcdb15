/* Events of frames: which call they belong to, and what they change. */
#include "cards_impl.h"

#include "banned.h"

static bool emit_event(struct cards *cards, struct cards_frame *frame, const char *verb,
	const cJSON *data, uint64_t number, bool duplicate)
{
	struct cards_record record = {.portal = frame->portal, .source = "card", .event = verb,
		.user = frame->user, .frame = frame->node.key, .own = CARDS_UNSETTLED,
		.duplicate = duplicate, .data = data, .number = number};
	cards_emit(cards, &record, frame->card ? frame->card->call : NULL);
	return true;
}

/* What the user's own client says is ours, whichever card is there. */
static bool emit_client(struct cards *cards, struct cards_frame *frame, const char *name,
	const cJSON *data, uint64_t number)
{
	struct cards_call *call = frame->card ? frame->card->call : NULL;
	struct cards_record record = {.portal = frame->portal, .source = "card", .event = name,
		.user = frame->user, .frame = frame->node.key, .own = CARDS_OURS, .data = data,
		.number = number};
	cards_emit(cards, &record, call && call->own != CARDS_FOREIGN ? call : NULL);
	return true;
}

void cards_release_held(struct cards *cards, struct cards_frame *frame, bool duplicate)
{
	if (!frame->holds)
		return;
	auto_json cJSON *data = frame->held;
	frame->holds = false;
	frame->held = NULL;
	cards_due_clear(&cards->heap, &frame->hold_due);
	emit_event(cards, frame, "entityChanged", data, frame->held_number, duplicate);
}

static bool hold(struct cards *cards, struct cards_frame *frame, const cJSON *data, uint64_t number,
	int64_t now)
{
	frame->holds = true;
	frame->held = data ? cJSON_Duplicate(data, true) : NULL;
	frame->held_number = number;
	cards_due_set(&cards->heap, &frame->hold_due, now + cards->opts.hold_ms);
	return true;
}

static bool initialized(struct cards *cards, struct cards_frame *frame, const cJSON *data,
	uint64_t number, int64_t now)
{
	auto_free char *id = bx_json_as_text(bx_json_get(data, "CALL_ID"));
	if (!cards_is_id(id)) {
		cards_unshow(cards, frame, "replaced", now);
		cards_drop_card(cards, frame, now);
		cards_release_held(cards, frame, false);
		return emit_event(cards, frame, "initialized", data, number, false);
	}
	struct cards_call *call = cards_get_call(cards, frame->portal, id);
	cards_call_ref(cards, call, 1);
	struct cards_card *card = cards_get_card(call, cards->opts.users_max, frame->user);
	cards_end_before(cards, frame, card, now);
	bool duplicate = card->open;
	cards_show(cards, frame, card, now);
	card->sure = true;
	cards_call_ref(cards, call, -1);
	cards_meet(cards, call, now);
	cards_release_held(cards, frame, duplicate);
	emit_event(cards, frame, "initialized", data, number, duplicate);
	if (frame->line == LINE_GONE)
		cards_unshow(cards, frame, "navigated", now);
	cards_serve(cards, frame, now);
	return true;
}

static void after_event(struct cards *cards, struct cards_frame *frame, const char *verb,
	const cJSON *data, int64_t now)
{
	struct cards_card *card = frame->card;
	if (!card)
		return;
	cards_layout_click(cards, card, verb, data);
	if (!bx_streq(verb, "closeButtonClick"))
		return;
	if (!card->open) {
		card->closed = true;
		cards_layout_clear(&card->want);
		return;
	}
	card->ending = "operator";
	if (frame->shows)
		cards_unshow(cards, frame, "operator", now);
	else
		cards_look_soon(cards, card, now);
}

bool cards_frame_event(struct cards *cards, const char *id, const char *verb, const cJSON *data,
	uint64_t number, int64_t now)
{
	struct cards_frame *frame = cards_find_frame(cards, id);
	if (!frame || frame->silent)
		return false;
	if (bx_streq(verb, "initialized"))
		return initialized(cards, frame, data, number, now);
	cards_release_held(cards, frame, false);
	if (!bx_op_by_verb(BX_CARD_EVENT, verb))
		return emit_client(cards, frame, verb, data, number);
	if (bx_streq(verb, "entityChanged"))
		return hold(cards, frame, data, number, now);
	emit_event(cards, frame, verb, data, number, false);
	after_event(cards, frame, verb, data, now);
	return true;
}
