/* The open cards, for people. */
#include "cards_impl.h"

#include "clock.h"
#include "banned.h"

static cJSON *frames_of(const struct cards_card *card)
{
	cJSON *out = cJSON_CreateArray();
	CARDS_EACH(at, after, &card->frames) {
		const struct cards_frame *frame = CARDS_OF(cards_frame, show, at);
		cJSON_AddItemToArray(out, cJSON_CreateString(frame->node.key));
	}
	return out;
}

static cJSON *view(const struct cards_card *card, int64_t now, int64_t wall_ms)
{
	cJSON *out = cJSON_CreateObject();
	char since[BX_ISO_SIZE];
	bx_time_iso_local(since, wall_ms - (now - card->since));
	bx_json_set_str(out, "portal", card->call->portal);
	bx_json_set_str(out, "CALL_ID", card->call->node.key);
	bx_json_set_int(out, "user", card->user);
	bx_json_set(out, "own", card->call->own < 0 ? cJSON_CreateNull() : cJSON_CreateBool(card->call->own));
	bx_json_set(out, "frames", frames_of(card));
	cards_layout_print(&card->want, out);
	bx_json_set_str(out, "since", since);
	bx_json_set_int(out, "age", (now - card->since) / 1000);
	return out;
}

static int by_age(const void *a, const void *b)
{
	const struct cards_card *x = *(const struct cards_card *const *)a;
	const struct cards_card *y = *(const struct cards_card *const *)b;
	int age = (x->since > y->since) - (x->since < y->since);
	return age ? age : (x->turn > y->turn) - (x->turn < y->turn);
}

cJSON *cards_list(const struct cards *cards, int64_t now, int64_t wall_ms)
{
	size_t len = 0;
	auto_free struct cards_card **open = bx_xcalloc(cards->figures.cards_open, sizeof *open);
	for (struct bx_map_node *node = NULL; (node = bx_map_walk(&cards->calls, node));) {
		struct cards_call *call = CARDS_OF(cards_call, node, node);
		CARDS_EACH(at, after, &call->cards) {
			struct cards_card *card = CARDS_OF(cards_card, link, at);
			if (card->open)
				open[len++] = card;
		}
	}
	qsort(open, len, sizeof *open, by_age);
	cJSON *out = cJSON_CreateArray();
	for (size_t i = 0; i < len; i++)
		cJSON_AddItemToArray(out, view(open[i], now, wall_ms));
	return out;
}
