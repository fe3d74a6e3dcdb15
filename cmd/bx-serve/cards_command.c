/* Requests from the shell: which cards they mean, and when they are sent. */
#include "cards_impl.h"

#include <string.h>
#include "banned.h"

/* A message for the user's own client in the frame; no word of the portal. */
static const struct bx_field anything[] = {{.key = NULL}};
static const struct bx_op to_client = {.verb = "send", .wire = "", .kind = BX_CARD_COMMAND,
	.fields = anything, .help = ""};

static void reject(struct cards *cards, uint64_t id, const struct bx_err *err)
{
	cards->ops->result(cards->arg, id, NULL, err);
}

static void refuse(struct cards *cards, struct cards_request_state *request, enum bx_exit status,
	const char *text)
{
	struct bx_err err;
	bx_fail(&err, status, "", "%s", text);
	uint64_t id = request->id;
	cards_request_free(cards, request);
	reject(cards, id, &err);
}

void cards_request_free(struct cards *cards, struct cards_request_state *request)
{
	for (size_t i = 0; i < request->sought_len; i++)
		cards_sought_release(cards, &request->sought[i]);
	cards_list_remove(&request->link);
	cards_list_remove(&request->wait);
	cards_due_clear(&cards->heap, &request->due);
	if (request->call)
		cards_call_ref(cards, request->call, -1);
	for (size_t i = 0; i < request->frames_len; i++)
		free(request->frames[i]);
	free(request->frames);
	free(request->users);
	free(request->sought);
	cJSON_Delete(request->params);
	cards_text_drop(request->text);
	free(request);
	cards->figures.requests--;
}

static bool names_user(const struct cards_request_state *request, int64_t user)
{
	for (size_t i = 0; i < request->users_len; i++) {
		if (request->users[i] == user)
			return true;
	}
	return !request->users_len;
}

static bool names_frame(const struct cards_request_state *request, const char *frame)
{
	for (size_t i = 0; i < request->frames_len; i++) {
		if (bx_streq(request->frames[i], frame))
			return true;
	}
	return !request->frames_len;
}

/* The card after that one, or the first (NULL), of the users named. */
static struct cards_card *next_card(const struct cards_request_state *request, const struct cards_card *card)
{
	struct cards_call *call = request->call;
	if (request->users_len == 1)
		return card ? NULL : cards_find_card(call, request->users[0]);
	for (struct cards_link *at = card ? card->link.next : call->cards.next; at != &call->cards; at = at->next) {
		struct cards_card *next = CARDS_OF(cards_card, link, at);
		if (names_user(request, next->user))
			return next;
	}
	return NULL;
}

static void send_to(struct cards *cards, struct cards_sought *sought, struct cards_frame *frame, int64_t now)
{
	struct cards_request_state *request = sought->request;
	struct cards_pending *pending = cards_send(cards, frame, request->op, request->text,
		request->call ? FOR_REQUEST : FOR_CLIENT, request->limit, now);
	if (!pending) {
		cards_sought_note(sought, BX_AGAIN, "too many commands of this frame are unanswered");
		return;
	}
	pending->sought = sought;
	request->open += !sought->out && !sought->done;
	sought->out++;
	cJSON_AddItemToArray(sought->frames, cJSON_CreateString(frame->node.key));
}

/* Frames without a line are asked only when the user has no other. */
static void send_to_card(struct cards *cards, struct cards_request_state *request,
	const struct cards_card *card, int64_t now)
{
	struct cards_sought *sought = NULL;
	for (int lost = 0; lost < 2 && !sought; lost++) {
		CARDS_EACH(at, after, &card->frames) {
			struct cards_frame *frame = CARDS_OF(cards_frame, show, at);
			if ((frame->line != LINE_OPEN) != lost || !names_frame(request, frame->node.key))
				continue;
			sought = sought ? sought : cards_sought_new(request, card->user);
			send_to(cards, sought, frame, now);
		}
	}
}

static void send_to_cards(struct cards *cards, struct cards_request_state *request, int64_t now)
{
	for (struct cards_card *card = NULL; (card = next_card(request, card));) {
		if (card->open)
			send_to_card(cards, request, card, now);
		else if (request->op == cards->rows[ROW_CLOSE] && card->closed)
			cards_sought_new(request, card->user)->done = true;
	}
}

/* Users and frames that were named but have no card. */
static void name_missing(struct cards *cards, struct cards_request_state *request)
{
	for (size_t i = 0; i < request->frames_len; i++) {
		struct cards_frame *frame = cards_find_frame(cards, request->frames[i]);
		if (frame && frame->shows && frame->card->call == request->call &&
			names_user(request, frame->user))
			continue;
		auto_free char *text = bx_xprintf("frame %s shows no card of the call", request->frames[i]);
		cards_sought_note(cards_sought(request, frame ? frame->user : 0), BX_ABSENT, text);
	}
	for (size_t i = 0; i < request->users_len; i++) {
		if (!request->frames_len)
			cards_sought(request, request->users[i]);
	}
}

/* Silence comes later than the answers to later commands, which must not be overruled. */
static void commit_silent(struct cards *cards, struct cards_request_state *request, int64_t now)
{
	if (!(request->op->flags & BX_NOREPLY))
		return;
	for (size_t i = 0; i < request->sought_len; i++) {
		if (request->sought[i].out)
			cards_commit(cards, &request->sought[i], now);
	}
}

static void go(struct cards *cards, struct cards_request_state *request, int64_t now)
{
	cards_list_remove(&request->wait);
	cards_due_clear(&cards->heap, &request->due);
	if (request->patient)
		request->limit = now + cards->opts.command_ms;
	size_t users = request->users_len ? request->users_len : request->call->users;
	request->sought = bx_xcalloc(users + request->frames_len, sizeof *request->sought);
	send_to_cards(cards, request, now);
	commit_silent(cards, request, now);
	name_missing(cards, request);
	if (request->sought_len)
		cards_request_check(cards, request);
	else
		refuse(cards, request, BX_ABSENT, "no card of the call is open");
}

/* Until when cards that were announced keep the request waiting; 0: it may go. */
static int64_t awaits(const struct cards_request_state *request, int64_t now)
{
	int64_t until = 0;
	bool any_open = false;
	if (request->frames_len)
		return 0;
	for (const struct cards_card *card = NULL; (card = next_card(request, card));) {
		any_open = any_open || card->open;
		if (!card->open && card->awaited > now && card->awaited > until)
			until = card->awaited;
	}
	return any_open && !request->users_len ? 0 : until;
}

static void wait_until(struct cards *cards, struct cards_request_state *request, int64_t until)
{
	if (!request->wait.next)
		cards_list_append(&request->call->waiting, &request->wait);
	bool short_of = !request->patient && request->limit < until;
	cards_due_set(&cards->heap, &request->due, short_of ? request->limit : until);
}

static void try_request(struct cards *cards, struct cards_request_state *request, int64_t now)
{
	struct cards_call *call = request->call;
	if (call->own == CARDS_FOREIGN) {
		refuse(cards, request, BX_ABSENT, "the call is another application's");
		return;
	}
	int64_t until = call->own == CARDS_OURS ? awaits(request, now) : call->settle.at;
	if (until && (request->patient || now < request->limit))
		wait_until(cards, request, until);
	else if (until)
		refuse(cards, request, BX_TIMEOUT,
			call->own == CARDS_OURS ? "no card of the call appeared in time"
						: "it is not known yet whose call it is");
	else
		go(cards, request, now);
}

void cards_request_retry(struct cards *cards, struct cards_call *call, int64_t now)
{
	struct cards_link waiting;
	cards_list_init(&waiting);
	while (!cards_list_empty(&call->waiting)) {
		struct cards_link *link = call->waiting.next;
		cards_list_remove(link);
		cards_list_append(&waiting, link);
	}
	while (!cards_list_empty(&waiting)) {
		struct cards_link *link = waiting.next;
		cards_list_remove(link);
		try_request(cards, CARDS_OF(cards_request_state, wait, link), now);
	}
}

void cards_request_due(struct cards *cards, struct cards_request_state *request, int64_t now)
{
	cards_list_remove(&request->wait);
	try_request(cards, request, now);
}

/* The only open card of ours: its call. NULL and err when there is none, or several. */
static struct cards_call *only_call(const struct cards *cards, const char *portal, struct bx_err *err)
{
	struct cards_call *only = NULL;
	for (struct bx_map_node *node = NULL; (node = bx_map_walk(&cards->frames, node));) {
		const struct cards_frame *frame = CARDS_OF(cards_frame, node, node);
		if (!frame->shows || frame->card->call->own != CARDS_OURS ||
			(portal && !bx_streq(portal, frame->portal)))
			continue;
		if (only && only != frame->card->call) {
			bx_fail(err, BX_USAGE, "", "cards of several calls are open: name one");
			return NULL;
		}
		only = frame->card->call;
	}
	if (!only)
		bx_fail(err, BX_ABSENT, "", "no card is open");
	return only;
}

static struct cards_call *called(const struct cards *cards, const struct cards_request *in,
	struct bx_err *err)
{
	if (!in->call)
		return only_call(cards, in->portal, err);
	struct cards_call *call = cards_find_call(cards, in->portal, in->call);
	if (!call)
		bx_fail(err, BX_ABSENT, "", "no card of the call is open");
	return call;
}

static const struct bx_op *op_of(const struct cards *cards, const struct cards_request *in,
	const struct cards_text *text, struct bx_err *err)
{
	const struct bx_op *op = bx_op_by_verb(BX_CARD_COMMAND, in->verb);
	op = !op && bx_streq(in->verb, to_client.verb) ? &to_client : op;
	if (!op)
		bx_fail(err, BX_USAGE, "", "'%s' is no command of a card", in->verb);
	else if (text && strlen(text->text) > CARDS_PARAMS_MAX)
		bx_fail(err, BX_USAGE, "", "the parameters are longer than %d bytes", CARDS_PARAMS_MAX);
	else if (cards->figures.requests >= cards->opts.requests_max)
		bx_fail(err, BX_AGAIN, "", "%u commands are waiting already", cards->opts.requests_max);
	else
		return op;
	return NULL;
}

static struct cards_request_state *new_request(struct cards *cards, const struct cards_request *in,
	const struct bx_op *op, struct cards_text *text, struct cards_call *call, int64_t now)
{
	struct cards_request_state *request = bx_xcalloc(1, sizeof *request);
	request->id = in->id;
	request->op = op;
	request->call = call;
	request->params = in->params ? cJSON_Duplicate(in->params, true) : NULL;
	request->text = text;
	request->limit = now + (in->timeout_ms > 0 ? in->timeout_ms : cards->opts.command_ms);
	request->patient = in->timeout_ms <= 0;
	request->due.kind = DUE_REQUEST;
	request->users = bx_xcalloc(in->users_len, sizeof *request->users);
	for (; request->users_len < in->users_len; request->users_len++)
		request->users[request->users_len] = in->users[request->users_len];
	request->frames = bx_xcalloc(in->frames_len, sizeof *request->frames);
	for (; request->frames_len < in->frames_len; request->frames_len++)
		request->frames[request->frames_len] = bx_xstrdup(in->frames[request->frames_len]);
	cards_list_append(&cards->requests, &request->link);
	cards->figures.requests++;
	if (call)
		cards_call_ref(cards, call, 1);
	return request;
}

/* The list of states needs no card: any frame knows it. */
static void ask_any_frame(struct cards *cards, struct cards_request_state *request, const char *portal,
	int64_t now)
{
	request->sought = bx_xcalloc(1, sizeof *request->sought);
	for (struct bx_map_node *node = NULL; (node = bx_map_walk(&cards->frames, node));) {
		struct cards_frame *frame = CARDS_OF(cards_frame, node, node);
		if (frame->line != LINE_OPEN || frame->silent || !names_user(request, frame->user) ||
			!names_frame(request, node->key) || (portal && !bx_streq(portal, frame->portal)))
			continue;
		send_to(cards, cards_sought(request, frame->user), frame, now);
		cards_request_check(cards, request);
		return;
	}
	refuse(cards, request, BX_ABSENT, "no frame has a line to here");
}

/* The client in these frames is meant, whatever they show. */
static void send_to_clients(struct cards *cards, struct cards_request_state *request, int64_t now)
{
	request->sought = bx_xcalloc(request->frames_len, sizeof *request->sought);
	for (size_t i = 0; i < request->frames_len; i++) {
		struct cards_frame *frame = cards_find_frame(cards, request->frames[i]);
		if (frame && frame->line == LINE_OPEN && names_user(request, frame->user)) {
			send_to(cards, cards_sought(request, frame->user), frame, now);
			continue;
		}
		auto_free char *text = bx_xprintf("frame %s has no line to here", request->frames[i]);
		cards_sought_note(cards_sought(request, frame ? frame->user : 0), BX_ABSENT, text);
	}
	cards_request_check(cards, request);
}

void cards_command(struct cards *cards, const struct cards_request *in, int64_t now)
{
	struct bx_err err = {0};
	struct cards_text *text = cards_text(in->params);
	const struct bx_op *op = op_of(cards, in, text, &err);
	bool client = op == &to_client && !in->call && in->frames_len;
	bool any = op && !in->call && (op == cards->rows[ROW_STATES] || client);
	struct cards_call *call = op && !any ? called(cards, in, &err) : NULL;
	if (!call && !any) {
		cards_text_drop(text);
		reject(cards, in->id, &err);
		return;
	}
	struct cards_request_state *request = new_request(cards, in, op, text, call, now);
	if (client)
		send_to_clients(cards, request, now);
	else if (any)
		ask_any_frame(cards, request, in->portal, now);
	else
		try_request(cards, request, now);
}

void cards_cancel(struct cards *cards, uint64_t id)
{
	CARDS_EACH(at, after, &cards->requests) {
		struct cards_request_state *request = CARDS_OF(cards_request_state, link, at);
		if (request->id == id) {
			cards_request_free(cards, request);
			return;
		}
	}
}
