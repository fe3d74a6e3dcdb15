/* What a card is to look like: remembered as last set, and given to frames that come later. */
#include "cards_impl.h"

#include <string.h>
#include "banned.h"

#define SHOWN_MAX 4096 /* bytes of a title or status that are remembered */

void cards_layout_clear(struct cards_layout *want)
{
	free(want->state);
	free(want->title);
	free(want->status);
	*want = (struct cards_layout){.mute = -1, .hold = -1, .timer = -1};
}

/* The key under which the row sends a value of this type. */
static const char *key_of(const struct bx_op *op, bool boolean)
{
	const struct bx_field *field = op->fields;
	while (field->key && (field->type == BX_BOOL) != boolean)
		field++;
	return field->key ? field->key : "";
}

static void note_text(char **slot, const struct bx_op *op, const cJSON *params)
{
	const char *text = bx_json_str(params, key_of(op, false));
	bx_set_str(slot, text && strlen(text) <= SHOWN_MAX ? text : NULL);
}

/* The timer as the states move it (portal.md 13.6, 13.9). */
static void note_state(struct cards_layout *want, const struct bx_op *op, const cJSON *params)
{
	note_text(&want->state, op, params);
	int state = want->state ? bx_state_index(want->state) : -1;
	if (state < 0 || bx_states[state].timer == BX_TIMER_KEEPS)
		return;
	want->timer = bx_states[state].timer == BX_TIMER_STARTS &&
		      !bx_json_bool(params, key_of(op, true), false);
}

/* A missing flag counts as false (portal.md 13.8). */
static int note_flag(const struct bx_op *op, const cJSON *params)
{
	return bx_json_truthy(bx_json_get(params, key_of(op, true)));
}

static void set_flag(cJSON *out, const char *key, int flag)
{
	bx_json_set(out, key, flag < 0 ? cJSON_CreateNull() : cJSON_CreateBool(flag));
}

void cards_layout_print(const struct cards_layout *want, cJSON *out)
{
	bx_json_set_str(out, "state", want->state);
	bx_json_set_str(out, "title", want->title);
	bx_json_set_str(out, "status", want->status);
	set_flag(out, "mute", want->mute);
	set_flag(out, "hold", want->hold);
	set_flag(out, "timer", want->timer);
}

static char *layout_text(const struct cards_layout *want)
{
	auto_json cJSON *kept = cJSON_CreateObject();
	cards_layout_print(want, kept);
	return bx_json_print(kept);
}

static void keep(struct cards *cards, const struct cards_frame *frame, const char *layout)
{
	if (cards->ops->keep && frame->line == LINE_OPEN)
		cards->ops->keep(cards->arg, frame->node.key, layout);
}

static void keep_all(struct cards *cards, const struct cards_card *card)
{
	if (cards_list_empty(&card->frames))
		return;
	auto_free char *layout = layout_text(&card->want);
	CARDS_EACH(at, after, &card->frames)
		keep(cards, CARDS_OF(cards_frame, show, at), layout);
}

bool cards_layout_note(struct cards *cards, struct cards_card *card, const struct bx_op *op,
	const cJSON *params)
{
	struct cards_layout *want = &card->want;
	const struct bx_op *const *rows = cards->rows;
	if (op == rows[ROW_STATE])
		note_state(want, op, params);
	else if (op == rows[ROW_TITLE])
		note_text(&want->title, op, params);
	else if (op == rows[ROW_STATUS])
		note_text(&want->status, op, params);
	else if (op == rows[ROW_MUTE])
		want->mute = note_flag(op, params);
	else if (op == rows[ROW_HOLD])
		want->hold = note_flag(op, params);
	else if (op == rows[ROW_START] || op == rows[ROW_STOP])
		want->timer = op == rows[ROW_START];
	else
		return false;
	card->sure = card->sure || op == rows[ROW_MUTE];
	keep_all(cards, card);
	return true;
}

/* Clicks that change the card by themselves (portal.md 13.5). */
void cards_layout_click(struct cards *cards, struct cards_card *card, const char *verb,
	const cJSON *data)
{
	struct cards_layout *want = &card->want;
	if (bx_streq(verb, "muteButtonClick")) {
		want->mute = bx_json_truthy(data);
		card->sure = true;
	} else if (bx_streq(verb, "holdButtonClick")) {
		want->hold = bx_json_truthy(data);
	} else if (bx_streq(verb, "nextButtonClick")) {
		bx_set_str(&want->state, NULL);
		bx_set_str(&want->status, NULL);
	} else {
		return;
	}
	keep_all(cards, card);
}

static char *load_text(const cJSON *kept, const char *key)
{
	const char *text = bx_json_str(kept, key);
	return text && strlen(text) <= SHOWN_MAX ? bx_xstrdup(text) : NULL;
}

static int load_flag(const cJSON *kept, const char *key)
{
	const cJSON *item = bx_json_get(kept, key);
	return cJSON_IsBool(item) ? cJSON_IsTrue(item) : -1;
}

void cards_layout_load(struct cards_layout *want, const cJSON *kept)
{
	cards_layout_clear(want);
	want->state = load_text(kept, "state");
	want->title = load_text(kept, "title");
	want->status = load_text(kept, "status");
	want->mute = load_flag(kept, "mute");
	want->hold = load_flag(kept, "hold");
	want->timer = load_flag(kept, "timer");
}

/* Takes params. */
static struct cards_pending *send_set(struct cards *cards, struct cards_frame *frame, enum cards_row row,
	cJSON *params, enum cards_purpose purpose, int64_t now)
{
	auto_json cJSON *owned = params;
	struct cards_text *text = cards_text(owned);
	struct cards_pending *pending = cards_send(cards, frame, cards->rows[row], text, purpose,
		now + cards->opts.command_ms, now);
	cards_text_drop(text);
	return pending;
}

static void apply(struct cards *cards, struct cards_frame *frame, enum cards_row row, cJSON *params,
	int64_t now)
{
	if (!send_set(cards, frame, row, params, FOR_LAYOUT, now))
		frame->stale = true;
}

static cJSON *text_params(const struct bx_op *op, const char *text)
{
	cJSON *params = cJSON_CreateObject();
	bx_json_set_str(params, key_of(op, false), text);
	return params;
}

static cJSON *flag_params(const struct bx_op *op, bool flag)
{
	cJSON *params = cJSON_CreateObject();
	bx_json_set_bool(params, key_of(op, true), flag);
	return params;
}

/* True when the state alone makes the timer run. */
static bool apply_state(struct cards *cards, struct cards_frame *frame, int64_t now)
{
	const struct cards_layout *want = &frame->card->want;
	const struct bx_op *op = cards->rows[ROW_STATE];
	if (!want->state)
		return false;
	int state = bx_state_index(want->state);
	bool starts = state >= 0 && bx_states[state].timer == BX_TIMER_STARTS;
	cJSON *params = text_params(op, want->state);
	if (starts && want->timer == 0)
		bx_json_set_bool(params, key_of(op, true), true);
	apply(cards, frame, ROW_STATE, params, now);
	return starts;
}

void cards_layout_apply(struct cards *cards, struct cards_frame *frame, int64_t now)
{
	const struct cards_layout *want = &frame->card->want;
	frame->stale = false;
	cards_pending_drop_layout(cards, frame);
	auto_free char *layout = layout_text(want);
	keep(cards, frame, layout);
	bool runs = apply_state(cards, frame, now);
	if (want->timer == 1 && !runs)
		apply(cards, frame, ROW_START, NULL, now);
	if (want->title)
		apply(cards, frame, ROW_TITLE, text_params(cards->rows[ROW_TITLE], want->title), now);
	if (want->status)
		apply(cards, frame, ROW_STATUS, text_params(cards->rows[ROW_STATUS], want->status), now);
	if (want->mute >= 0)
		apply(cards, frame, ROW_MUTE, flag_params(cards->rows[ROW_MUTE], want->mute), now);
	if (want->hold >= 0)
		apply(cards, frame, ROW_HOLD, flag_params(cards->rows[ROW_HOLD], want->hold), now);
}

/* "Are you still there?", asked by setting what is set (portal.md 13.8). */
void cards_probe(struct cards *cards, struct cards_frame *frame, int64_t now)
{
	struct cards_card *card = frame->card;
	if (!frame->shows || frame->line != LINE_OPEN)
		return;
	if (card->call->own != CARDS_OURS)
		return;
	bool muted = card->want.mute == 1;
	struct cards_pending *probe = !card->sure ? NULL
		: send_set(cards, frame, ROW_MUTE, flag_params(cards->rows[ROW_MUTE], muted), FOR_PROBE, now);
	if (probe)
		probe->muted = muted;
	else
		cards_due_set(&cards->heap, &frame->probe_due, now + cards->opts.probe_ms);
}

/* Any sign of life puts the next look off. A click that crossed a probe on its way is set again,
 * because the probe has just undone it. */
void cards_probed(struct cards *cards, struct cards_frame *frame, const bool *set, int64_t now)
{
	if (!frame->shows || frame->line != LINE_OPEN || cards->opts.probe_ms < 0)
		return;
	bool wanted = frame->card->want.mute == 1;
	if (set && *set != wanted)
		apply(cards, frame, ROW_MUTE, flag_params(cards->rows[ROW_MUTE], wanted), now);
	int64_t pause = frame->hurry ? cards->opts.probe_soon_ms : cards->opts.probe_ms;
	frame->hurry -= frame->hurry > 0;
	cards_due_set(&cards->heap, &frame->probe_due, now + pause);
}
