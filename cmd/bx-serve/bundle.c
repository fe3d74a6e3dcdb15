/* What a frame says in one go: {"t":token,"u":user,"k":kept,"g":got,"m":[{"n","e","d"}…],
 * "r":[[command,reply]…]}; where the user's own client is in the frame, also "l": 1 it leads the
 * frames of its browser, 0 it does not, null nobody there can tell. */
#include <string.h>

#include "bridge.h"
#include "clock.h"
#include "frames_impl.h"
#include "spec.h"
#include "banned.h"

#define NAME_CHARS   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
#define NAME_MAX_LEN 80
#define DATA_MAX     16384 /* bytes of JSON of such an event */

enum token_state bundle_token(struct serve *serve, const cJSON *bundle, struct token *token)
{
	enum token_state state =
		token_read(bx_json_str(bundle, "t"), serve->frame_key, bx_now_ms(), token);
	const struct bx_profile *profile =
		state == TOKEN_FORGED ? NULL : portals_by_name(serve->portals, token->portal);
	if (!profile || !bx_streq(profile->member_id, token->member_id)) {
		serve->figures.refused_frame++;
		return TOKEN_FORGED;
	}
	return state;
}

static bool name_ok(const char *name)
{
	size_t len = strlen(name);
	return len && len <= NAME_MAX_LEN && strspn(name, NAME_CHARS) == len;
}

static bool event_known(const char *name, const cJSON *data)
{
	if (!name || bx_op_by_verb(BX_CARD_EVENT, name))
		return name != NULL;
	if (!bx_starts(name, BX_CLIENT_EVENTS) || !name_ok(name + strlen(BX_CLIENT_EVENTS)))
		return false;
	auto_free char *text = data ? bx_json_print(data) : NULL;
	return !text || strlen(text) <= DATA_MAX;
}

static void take_event(struct frames *frames, struct frame *frame, const cJSON *message)
{
	int64_t n = 0;
	const char *name = bx_json_str(message, "e");
	if (!bx_json_int(message, "n", &n) || n <= 0 || (uint64_t)n <= frame->taken)
		return;
	frame->taken = (uint64_t)n;
	frame->unrecorded = bx_xrealloc(frame->unrecorded,
		(frame->unrecorded_len + 1) * sizeof *frame->unrecorded);
	frame->unrecorded[frame->unrecorded_len++] = (uint64_t)n;
	const cJSON *data = bx_json_get(message, "d");
	if (event_known(name, data) && bridge_event(frames->serve->bridge, frame->id, name,
					 cJSON_IsNull(data) ? NULL : data, (uint64_t)n))
		return;
	uint64_t upto = frames_recorded(frames, frame->id, (uint64_t)n);
	if (upto)
		journal_seen(frames->serve->journal, frame->id, upto);
}

static void take_reply(struct frames *frames, struct frame *frame, const cJSON *reply)
{
	int64_t id = 0;
	if (!bx_json_as_int(cJSON_GetArrayItem(reply, 0), &id) || id <= 0)
		return;
	const cJSON *value = cJSON_GetArrayItem(reply, 1);
	bridge_reply(frames->serve->bridge, frame->id, (uint64_t)id,
		cJSON_IsNull(value) ? NULL : value);
}

/* Commands up to that one have arrived. */
static void drop_commands(struct frame *frame, uint64_t got)
{
	struct command *command;
	while ((command = frame->commands) && command->id <= got) {
		frame->commands = command->next;
		free(command->text);
		free(command);
	}
}

void bundle_take(struct frames *frames, struct frame *frame, const cJSON *bundle)
{
	const cJSON *item;
	int64_t got = 0;
	frame->heard_ms = bx_mono_ms();
	leaders_note(frames, frame, bundle);
	cJSON_ArrayForEach(item, bx_json_get(bundle, "m")) {
		frame->active_ms = frame->heard_ms;
		take_event(frames, frame, item);
	}
	cJSON_ArrayForEach(item, bx_json_get(bundle, "r")) {
		frame->active_ms = frame->heard_ms;
		take_reply(frames, frame, item);
	}
	if (bx_json_int(bundle, "g", &got) && got > 0)
		drop_commands(frame, (uint64_t)got);
}
