/* Which frame leads: one of a browser, so that one phone is registered and rings. Browsers settle
 * that among their tabs where they can; where they cannot, one of the user's frames is told to. */
#include "frames_impl.h"
#include "banned.h"

static bool of_portal(const struct frame *frame, const char *portal)
{
	return frame->open && (!portal || bx_streq(portal, frame->portal));
}

static bool of_users(const struct frame *frame, const int64_t *users, size_t users_len)
{
	for (size_t i = 0; i < users_len; i++)
		if (users[i] == frame->user)
			return true;
	return !users_len;
}

cJSON *frames_leaders(const struct frames *frames, const char *portal, const int64_t *users, size_t users_len)
{
	cJSON *ids = cJSON_CreateArray();
	for (const struct frame *frame = NULL; (frame = frames_next(frames, frame));)
		if (frame->leads && of_portal(frame, portal) && of_users(frame, users, users_len))
			cJSON_AddItemToArray(ids, cJSON_CreateString(frame->id));
	return ids;
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
	struct frame *next = NULL;
	while ((next = frames_next(frames, next)))
		if (next->asks && next->user == frame->user && of_portal(next, frame->portal))
			break;
	if (next)
		tell(next, true);
}
