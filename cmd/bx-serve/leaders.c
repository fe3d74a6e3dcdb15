/* Which frame leads: one of a browser, so that one phone is registered and rings. Browsers settle
 * that among their tabs where they can; where they cannot, one of the user's frames is told to. */
#include <search.h>

#include "frames_impl.h"
#include "banned.h"

struct search {
	const char *portal;
	const int64_t *users; /* users_len 0: all */
	size_t users_len;
	bool asking; /* those that ask, else those that lead */
	cJSON *ids;
};

static bool wanted(const struct search *search, const struct frame *frame)
{
	bool of_user = !search->users_len;
	for (size_t i = 0; i < search->users_len; i++)
		of_user = of_user || search->users[i] == frame->user;
	return of_user && frame->open && (search->asking ? frame->asks : frame->leads) &&
	       (!search->portal || bx_streq(search->portal, frame->portal));
}

static void look(const void *node, VISIT visit, void *arg)
{
	struct search *search = arg;
	const struct frame *frame = *(struct frame *const *)node;
	if ((visit == postorder || visit == leaf) && wanted(search, frame))
		cJSON_AddItemToArray(search->ids, cJSON_CreateString(frame->id));
}

cJSON *frames_leaders(const struct frames *frames, const char *portal, const int64_t *users, size_t users_len)
{
	struct search search = {.portal = portal, .users = users, .users_len = users_len,
		.ids = cJSON_CreateArray()};
	twalk_r(frames->tree, look, &search);
	return search.ids;
}

static void tell(struct frame *frame, bool leads)
{
	frame->leads = leads;
	frame->lead_new = !frame->link;
	if (frame->link)
		frame_line_send(frame, "l", leads ? "true" : "false");
}

static bool led(const struct frames *frames, const struct frame *frame)
{
	auto_json cJSON *leaders = frames_leaders(frames, frame->portal, &frame->user, 1);
	return leaders->child != NULL;
}

void leaders_note(struct frames *frames, struct frame *frame, const cJSON *bundle)
{
	const cJSON *lead = bx_json_get(bundle, "l");
	int64_t says = 0;
	if (!lead)
		return;
	bool asked = frame->asks;
	frame->client = true;
	frame->asks = cJSON_IsNull(lead);
	if (!frame->asks)
		frame->leads = bx_json_as_int(lead, &says) && says;
	else if (!asked)
		tell(frame, !led(frames, frame));
}

void leaders_lost(struct frames *frames, struct frame *frame)
{
	bool led_others = frame->asks && frame->leads;
	frame->leads = frame->asks = false;
	if (!led_others)
		return;
	struct search search = {.portal = frame->portal, .users = &frame->user, .users_len = 1,
		.asking = true, .ids = cJSON_CreateArray()};
	twalk_r(frames->tree, look, &search);
	auto_json cJSON *ids = search.ids;
	struct frame *next = frames_find(frames, cJSON_GetStringValue(ids->child));
	if (next)
		tell(next, true);
}
