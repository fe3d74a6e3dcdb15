#include "asked.h"

#include "bridge.h"
#include "frames.h"
#include "banned.h"

#define TARGETS_MAX 1000

static void asked_free(struct asked *asked)
{
	for (struct asked **at = &asked->serve->asked; *at; at = &(*at)->next) {
		if (*at != asked)
			continue;
		*at = asked->next;
		break;
	}
	free(asked->portal);
	free(asked);
}

struct asked *asked_new(struct serve *serve, struct bx_peer *peer, int64_t id)
{
	struct asked *asked = bx_xcalloc(1, sizeof *asked);
	*asked = (struct asked){.next = serve->asked, .serve = serve, .peer = peer, .id = id};
	serve->asked = asked;
	return asked;
}

void asked_done(struct asked *asked, cJSON *answer)
{
	if (asked->peer)
		bx_peer_done(asked->peer, asked->id, answer);
	else
		cJSON_Delete(answer);
	asked_free(asked);
}

void asked_error(struct asked *asked, const struct bx_err *err)
{
	if (asked->peer)
		bx_peer_error(asked->peer, asked->id, err);
	asked_free(asked);
}

/* A command for a card is over when nobody waits for it; others end by themselves. */
void asked_gone(struct serve *serve, struct bx_peer *peer)
{
	for (struct asked *asked = serve->asked, *next; asked; asked = next) {
		next = asked->next;
		if (asked->peer != peer)
			continue;
		asked->peer = NULL;
		if (!asked->command)
			continue;
		bridge_cancel(serve->bridge, asked->command);
		asked_free(asked);
	}
}

void asked_release(struct serve *serve)
{
	while (serve->asked)
		asked_free(serve->asked);
}

static void card_answered(void *arg, const cJSON *answer, const struct bx_err *err)
{
	struct asked *asked = arg;
	if (answer)
		asked_done(asked, cJSON_Duplicate(answer, true));
	else
		asked_error(asked, err);
}

/* The users and frames it goes to. */
struct targets {
	int64_t *users;
	const char **frames;
};

static void targets_release(struct targets *targets)
{
	free(targets->users);
	free(targets->frames);
}

static bool read_targets(const cJSON *request, struct targets *targets, struct cards_request *out,
	struct bx_err *err)
{
	const cJSON *users = bx_json_get(request, "users"), *frames = bx_json_get(request, "frames");
	const cJSON *item;
	int user_count = cJSON_GetArraySize(users), frame_count = cJSON_GetArraySize(frames);
	if (user_count > TARGETS_MAX || frame_count > TARGETS_MAX)
		return bx_fail(err, BX_USAGE, "", "more than %d users or frames", TARGETS_MAX);
	targets->users = bx_xcalloc((size_t)user_count + 1, sizeof *targets->users);
	targets->frames = bx_xcalloc((size_t)frame_count + 1, sizeof *targets->frames);
	cJSON_ArrayForEach(item, users) {
		if (!bx_json_as_int(item, &targets->users[out->users_len++]))
			return bx_fail(err, BX_USAGE, "", "\"users\" is a list of numbers");
	}
	cJSON_ArrayForEach(item, frames) {
		if (!(targets->frames[out->frames_len++] = cJSON_GetStringValue(item)))
			return bx_fail(err, BX_USAGE, "", "\"frames\" is a list of texts");
	}
	out->users = targets->users;
	out->frames = targets->frames;
	return true;
}

/* A message that names neither call nor frame is for the clients that lead. */
static bool find_leaders(const struct serve *serve, struct cards_request *command, struct targets *targets,
	cJSON *leaders, struct bx_err *err)
{
	const cJSON *id;
	int count = cJSON_GetArraySize(leaders);
	if (!count || count > TARGETS_MAX)
		return bx_fail(err, count ? BX_USAGE : BX_ABSENT, "", "%s",
			count ? "too many frames lead: name users"
			: serve->client ? "no client of such a user leads"
					: "bx-serve runs without --client-js");
	free(targets->frames);
	targets->frames = bx_xcalloc((size_t)count, sizeof *targets->frames);
	cJSON_ArrayForEach(id, leaders)
		targets->frames[command->frames_len++] = id->valuestring;
	command->frames = targets->frames;
	return true;
}

void card_command(struct serve *serve, struct bx_peer *peer, int64_t id, const cJSON *request)
{
	struct bx_err err = {0};
	int64_t timeout = 0;
	bx_json_int(request, "timeout", &timeout);
	struct cards_request command = {.portal = bx_json_str(request, "portal"),
		.call = bx_json_str(request, "call"), .verb = bx_json_str(request, "verb"),
		.params = bx_json_get(request, "params"),
		.timeout_ms = timeout > 0 && timeout < INT32_MAX ? (int)timeout : 0};
	struct targets BX_CLEANUP(targets_release) targets = {0};
	struct asked *asked = asked_new(serve, peer, id);
	bool ok = command.verb || bx_fail(&err, BX_USAGE, "", "\"verb\" is a text");
	ok = ok && read_targets(request, &targets, &command, &err);
	auto_json cJSON *leaders = NULL;
	if (ok && bx_streq(command.verb, "send") && !command.call && !command.frames_len) {
		leaders = frames_leaders(serve->frames, command.portal, command.users, command.users_len);
		ok = find_leaders(serve, &command, &targets, leaders, &err);
	}
	if (!ok) {
		asked_error(asked, &err);
		return;
	}
	/* It may be answered before bridge_command returns: then asked is gone. */
	uint64_t number = bridge_command(serve->bridge, &command, card_answered, asked);
	for (struct asked *a = serve->asked; a; a = a->next)
		if (a == asked)
			a->command = number;
}
