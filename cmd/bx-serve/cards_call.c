/* Calls: ours, another application's, or not known yet. */
#include "cards_impl.h"

#include "banned.h"

#define SLOT_CARDS 4 /* of a slot, on average at most */

struct cards_call *cards_find_call(const struct cards *cards, const char *portal, const char *id)
{
	struct bx_map_node *node = bx_map_first(&cards->calls, id);
	for (; node; node = bx_map_next(node)) {
		struct cards_call *call = CARDS_OF(cards_call, node, node);
		if (!portal || bx_streq(call->portal, portal))
			return call;
	}
	return NULL;
}

/* Whoever holds records of it back must not wait for ever. */
static void forget_call(struct cards *cards, struct cards_call *call)
{
	if (call->own == CARDS_UNSETTLED && call->held)
		cards_settle(cards, call, CARDS_FOREIGN, 0);
	cards_call_free(cards, call);
}

struct cards_call *cards_get_call(struct cards *cards, const char *portal, const char *id)
{
	struct cards_call *call = cards_find_call(cards, portal, id);
	if (call)
		return call;
	if (cards->calls.count >= cards->opts.calls_max && !cards_list_empty(&cards->idle_calls))
		forget_call(cards, CARDS_OF(cards_call, idle, cards->idle_calls.next));
	const char *behind;
	call = cards_with_texts(offsetof(struct cards_call, texts), id, portal, &behind);
	call->node.key = call->texts;
	call->portal = behind;
	call->own = CARDS_UNSETTLED;
	call->settle.kind = DUE_SETTLE;
	cards_list_init(&call->cards);
	cards_list_init(&call->waiting);
	bx_map_add(&cards->calls, &call->node);
	cards_list_append(&cards->idle_calls, &call->idle);
	return call;
}

/* Only idle calls can be forgotten, the one idle for longest first. */
void cards_call_ref(struct cards *cards, struct cards_call *call, int by)
{
	call->refs += (unsigned)by;
	cards_list_remove(&call->idle);
	if (!call->refs)
		cards_list_append(&cards->idle_calls, &call->idle);
}

static struct cards_card **slot_of(struct cards_call *call, int64_t user)
{
	uint64_t hash = (uint64_t)user * 0x9e3779b97f4a7c15u >> 32;
	return call->slots ? &call->slots[hash & (call->slots_len - 1)] : &call->few;
}

static void put_in_slot(struct cards_card *card)
{
	struct cards_card **slot = slot_of(card->call, card->user);
	card->next = *slot;
	*slot = card;
}

static void make_slots(struct cards_call *call)
{
	call->slots_len = call->slots_len ? call->slots_len * 4 : 8;
	free(call->slots);
	call->slots = bx_xcalloc(call->slots_len, sizeof *call->slots);
	CARDS_EACH(at, after, &call->cards)
		put_in_slot(CARDS_OF(cards_card, link, at));
}

static void card_free(struct cards_card *card)
{
	struct cards_call *call = card->call;
	struct cards_card **at = slot_of(call, card->user);
	while (*at != card)
		at = &(*at)->next;
	*at = card->next;
	cards_list_remove(&card->link);
	call->users--;
	call->unused -= !card->refs;
	cards_layout_clear(&card->want);
	free(card);
}

void cards_call_free(struct cards *cards, struct cards_call *call)
{
	while (!cards_list_empty(&call->cards))
		card_free(CARDS_OF(cards_card, link, call->cards.next));
	cards_due_clear(&cards->heap, &call->settle);
	cards_list_remove(&call->idle);
	bx_map_remove(&cards->calls, &call->node);
	free(call->slots);
	free(call);
}

struct cards_card *cards_find_card(struct cards_call *call, int64_t user)
{
	struct cards_card *card = *slot_of(call, user);
	while (card && card->user != user)
		card = card->next;
	return card;
}

/* Cards that a frame still refers to stay: their number is bounded by that of the frames. */
static void make_room(struct cards_call *call, unsigned users_max)
{
	if (call->users < users_max || !call->unused)
		return;
	CARDS_EACH(at, after, &call->cards) {
		struct cards_card *card = CARDS_OF(cards_card, link, at);
		if (!card->refs) {
			card_free(card);
			return;
		}
	}
}

struct cards_card *cards_get_card(struct cards_call *call, unsigned users_max, int64_t user)
{
	struct cards_card *card = cards_find_card(call, user);
	if (card)
		return card;
	make_room(call, users_max);
	card = bx_xcalloc(1, sizeof *card);
	card->call = call;
	card->user = user;
	card->want.mute = card->want.hold = card->want.timer = -1;
	cards_list_init(&card->frames);
	cards_list_append(&call->cards, &card->link);
	call->unused++;
	if (++call->users > SLOT_CARDS * (call->slots ? call->slots_len : 1))
		make_slots(call);
	else
		put_in_slot(card);
	return card;
}

void cards_card_ref(struct cards *cards, struct cards_card *card, int by)
{
	card->call->unused -= !card->refs;
	card->refs += (unsigned)by;
	card->call->unused += !card->refs;
	cards_call_ref(cards, card->call, by);
}

void cards_emit(struct cards *cards, struct cards_record *record, struct cards_call *call)
{
	if (call) {
		record->call = call->node.key;
		record->own = call->own;
		call->held += call->own == CARDS_UNSETTLED;
		cards->figures.foreign += call->own == CARDS_FOREIGN;
	}
	cards->ops->emit(cards->arg, record);
}

void cards_emit_serve(struct cards *cards, enum bx_told event, const struct cards_card *card,
	const char *frame, const char *key, cJSON *value)
{
	auto_json cJSON *data = value ? cJSON_CreateObject() : NULL;
	if (value)
		bx_json_set(data, key, value);
	struct cards_record record = {.portal = card->call->portal, .source = "serve",
		.event = bx_told[event].name,
		.user = card->user, .frame = frame, .data = data};
	cards_emit(cards, &record, card->call);
}

void cards_meet(struct cards *cards, struct cards_call *call, int64_t now)
{
	if (call->own != CARDS_UNSETTLED || call->settle.slot)
		return;
	cards_due_set(&cards->heap, &call->settle, now + cards->opts.settle_ms);
	if (cards->ops->ask)
		cards->ops->ask(cards->arg, call->portal, call->node.key);
}

static void tell_settled(struct cards *cards, struct cards_call *call, bool own)
{
	auto_json cJSON *data = cJSON_CreateObject();
	bx_json_set_int(data, "held", call->held);
	call->held = 0;
	struct cards_record record = {.portal = call->portal, .source = "serve", .event = bx_told[BX_TOLD_CALL_SETTLED].name,
		.data = data};
	cards_emit(cards, &record, call);
	if (cards->ops->settled)
		cards->ops->settled(cards->arg, call->portal, call->node.key, own);
}

static void serve_all(struct cards *cards, struct cards_call *call, int64_t now)
{
	CARDS_EACH(at, after, &call->cards) {
		struct cards_card *card = CARDS_OF(cards_card, link, at);
		CARDS_EACH(shown, next, &card->frames)
			cards_serve(cards, CARDS_OF(cards_frame, show, shown), now);
	}
}

void cards_settle(struct cards *cards, struct cards_call *call, enum cards_own own, int64_t now)
{
	if (call->own == own)
		return;
	cards_due_clear(&cards->heap, &call->settle);
	call->own = own;
	cards_call_ref(cards, call, 1);
	if (call->held)
		tell_settled(cards, call, own == CARDS_OURS);
	if (own == CARDS_OURS)
		serve_all(cards, call, now);
	cards_request_retry(cards, call, now);
	cards_call_ref(cards, call, -1);
}

void cards_own(struct cards *cards, const char *portal, const char *id, int64_t user, int64_t now)
{
	if (!cards_is_id(portal) || !cards_is_id(id))
		return;
	struct cards_call *call = cards_get_call(cards, portal, id);
	cards_call_ref(cards, call, 1);
	if (user > 0) {
		struct cards_card *card = cards_get_card(call, cards->opts.users_max, user);
		if (!card->open) {
			card->awaited = now + cards->opts.raise_ms;
			call->announced++;
		}
	}
	cards_settle(cards, call, CARDS_OURS, now);
	cards_request_retry(cards, call, now);
	cards_call_ref(cards, call, -1);
}

void cards_finished(struct cards *cards, const char *portal, const char *id, int64_t now)
{
	struct cards_call *call = cards_find_call(cards, portal, id);
	if (!call)
		return;
	CARDS_EACH(at, after, &call->cards) {
		struct cards_card *card = CARDS_OF(cards_card, link, at);
		card->awaited = 0;
		if (card->open) {
			card->ending = "finished";
			cards_look_soon(cards, card, now);
		} else {
			card->closed = true;
			cards_layout_clear(&card->want);
		}
	}
	cards_request_retry(cards, call, now);
}
