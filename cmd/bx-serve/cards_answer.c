/* What the users of a request answered, and the one answer made of it. */
#include "cards_impl.h"

#include "banned.h"

struct cards_sought *cards_sought_new(struct cards_request_state *request, int64_t user)
{
	struct cards_sought *sought = &request->sought[request->sought_len++];
	*sought = (struct cards_sought){.request = request, .user = user, .confirmed = true,
		.frames = cJSON_CreateArray()};
	return sought;
}

struct cards_sought *cards_sought(struct cards_request_state *request, int64_t user)
{
	for (size_t i = 0; i < request->sought_len; i++) {
		if (request->sought[i].user == user)
			return &request->sought[i];
	}
	return cards_sought_new(request, user);
}

static void let_go(struct cards *cards, struct cards_sought *sought)
{
	const cJSON *id;
	cJSON_ArrayForEach(id, sought->frames) {
		struct cards_frame *frame = cards_find_frame(cards, id->valuestring);
		if (!frame)
			continue;
		CARDS_EACH(at, after, &frame->pending) {
			struct cards_pending *pending = CARDS_OF(cards_pending, link, at);
			if (pending->sought == sought)
				pending->sought = NULL;
		}
	}
}

void cards_sought_release(struct cards *cards, struct cards_sought *sought)
{
	let_go(cards, sought);
	cJSON_Delete(sought->frames);
	cJSON_Delete(sought->result);
	free(sought->error);
}

/* A refusal tells more than silence, and silence more than a missing card. */
static int weight(enum bx_exit status)
{
	return status == BX_REFUSED ? 3 : status == BX_TIMEOUT ? 2 : status == BX_AGAIN ? 1 : 0;
}

void cards_sought_note(struct cards_sought *sought, enum bx_exit status, const char *error)
{
	if (sought->error && weight(status) <= weight(sought->exit))
		return;
	sought->exit = status;
	bx_set_str(&sought->error, error);
}

static void drop_frame(struct cards_sought *sought, const char *frame)
{
	int at = 0;
	const cJSON *id;
	cJSON_ArrayForEach(id, sought->frames) {
		if (bx_streq(id->valuestring, frame)) {
			cJSON_DeleteItemFromArray(sought->frames, at);
			return;
		}
		at++;
	}
}

static cJSON *answer_of(const struct cards_request_state *request, struct cards_sought *sought)
{
	cJSON *out = cJSON_CreateObject();
	bx_json_set_int(out, "user", sought->user);
	bx_json_set(out, "frames", sought->frames);
	sought->frames = NULL;
	bx_json_set_bool(out, "ok", sought->done);
	if (!sought->done) {
		bx_json_set_str(out, "error", sought->error);
		bx_json_set_int(out, "exit", sought->exit);
	} else if (request->op->flags & BX_NOREPLY) {
		bx_json_set_bool(out, "confirmed", sought->confirmed);
	} else if (sought->result && sought->result->child) {
		bx_json_set(out, "result", sought->result);
		sought->result = NULL;
	}
	return out;
}

static void fail_all(struct cards *cards, struct cards_request_state *request)
{
	const struct cards_sought *worst = request->sought;
	for (size_t i = 1; i < request->sought_len; i++) {
		if (weight(request->sought[i].exit) > weight(worst->exit))
			worst = &request->sought[i];
	}
	struct bx_err err;
	if (worst->user)
		bx_fail(&err, worst->exit, "", "%s (user %lld)", worst->error, (long long)worst->user);
	else
		bx_fail(&err, worst->exit, "", "%s", worst->error);
	uint64_t id = request->id;
	cards_request_free(cards, request);
	cards->ops->result(cards->arg, id, NULL, &err);
}

/* What was sent is let go first: an answer that comes later has nobody to go to. */
static void finish(struct cards *cards, struct cards_request_state *request, size_t good)
{
	cJSON *answer = cJSON_CreateObject(), *users = cJSON_CreateArray();
	bx_json_set_str(answer, "CALL_ID", request->call ? request->call->node.key : NULL);
	bx_json_set_str(answer, "verb", request->op->verb);
	bx_json_set_bool(answer, "ok", good == request->sought_len);
	if (good < request->sought_len)
		bx_json_set_int(answer, "exit", BX_REFUSED);
	for (size_t i = 0; i < request->sought_len; i++) {
		let_go(cards, &request->sought[i]);
		cJSON_AddItemToArray(users, answer_of(request, &request->sought[i]));
	}
	bx_json_set(answer, "users", users);
	uint64_t id = request->id;
	cards_request_free(cards, request);
	cards->ops->result(cards->arg, id, answer, NULL);
}

/* Ends the request when every user has answered, or can no longer. */
void cards_request_check(struct cards *cards, struct cards_request_state *request)
{
	size_t good = 0;
	if (request->open)
		return;
	for (size_t i = 0; i < request->sought_len; i++) {
		struct cards_sought *sought = &request->sought[i];
		good += sought->done;
		if (!sought->done && !sought->error)
			cards_sought_note(sought, BX_ABSENT, "no card of this user is open");
	}
	if (good)
		finish(cards, request, good);
	else
		fail_all(cards, request);
}

static bool went_to(const struct cards_sought *sought, const char *frame)
{
	const cJSON *id;
	cJSON_ArrayForEach(id, sought->frames) {
		if (bx_streq(id->valuestring, frame))
			return true;
	}
	return false;
}

/* The user's other frames that the command did not reach get the layout whole. */
static void spread(struct cards *cards, const struct cards_card *card, const struct cards_sought *sought,
	int64_t now)
{
	CARDS_EACH(at, after, &card->frames) {
		struct cards_frame *frame = CARDS_OF(cards_frame, show, at);
		if (went_to(sought, frame->node.key))
			continue;
		frame->stale = true;
		if (frame->line == LINE_OPEN)
			cards_layout_apply(cards, frame, now);
	}
}

/* Cards of other users that were announced but not raised take part when they come. */
static void note_announced(struct cards *cards, struct cards_request_state *request, int64_t now)
{
	request->announced = request->call->announced;
	CARDS_EACH(at, after, &request->call->cards) {
		struct cards_card *card = CARDS_OF(cards_card, link, at);
		if (!card->open && card->awaited > now)
			cards_layout_note(cards, card, request->op, request->params);
	}
}

/* The command becomes part of what is wanted. */
void cards_commit(struct cards *cards, const struct cards_sought *sought, int64_t now)
{
	struct cards_request_state *request = sought->request;
	if (!request->call || request->frames_len)
		return;
	if (!request->users_len && request->announced != request->call->announced)
		note_announced(cards, request, now);
	struct cards_card *card = cards_find_card(request->call, sought->user);
	if (card && !card->closed && cards_layout_note(cards, card, request->op, request->params))
		spread(cards, card, sought, now);
}

void cards_answer(struct cards *cards, struct cards_pending *pending, enum bx_exit status,
	const char *error, const cJSON *result, bool confirmed, int64_t now)
{
	struct cards_sought *sought = pending->sought;
	struct cards_request_state *request = sought->request;
	bool was_open = !sought->done;
	pending->sought = NULL;
	sought->out--;
	if (status != BX_OK) {
		drop_frame(sought, pending->frame->node.key);
		cards_sought_note(sought, status, error);
	} else if (!sought->done) {
		sought->done = true;
		sought->confirmed = confirmed;
		sought->result = cJSON_IsArray(result) ? cJSON_Duplicate(result, true) : NULL;
		if (!(request->op->flags & BX_NOREPLY))
			cards_commit(cards, sought, now);
	}
	request->open -= was_open && (sought->done || !sought->out);
	cards_request_check(cards, request);
}
