/* The card state machine under a random but repeatable storm: operators, pages, lines and a shell
 * do what they like, and what must never happen does not. */
#include "cards_all.h"
#include "check.h"

#define USERS	 6
#define TABS	 3
#define CALLS	 6
#define QUEUE	 64
#define REQUESTS 4096

/* A page of the portal with our frame in it. */
struct tab {
	char id[32];
	int64_t user;
	bool on, line, knows; /* knows: its card's initialized was taken */
	int call;	      /* shown, or -1 */
	int acked;	      /* the call whose initialized the machine has journalled, or -1 */
	bool muted;
	struct {
		uint64_t id;
		int call;
		char verb[32];
		bool flag;
	} down[QUEUE];
	size_t down_len;
	uint64_t number, seen; /* of events sent and journalled */
	uint64_t last_id;      /* of commands */
	unsigned turn;
};

struct life {
	bool open;
	int wrong;
};

static struct {
	struct cards *cards;
	int64_t now;
	struct tab tabs[USERS * TABS];
	struct life lives[CALLS][USERS];
	enum cards_own own[CALLS];
	unsigned held[CALLS];
	uint8_t asked[REQUESTS]; /* results of each request: must become 1 */
	uint64_t requests;
	unsigned records, sends, results;
	int wrong;
	uint64_t state;
} world;

static unsigned roll(unsigned below)
{
	world.state ^= world.state << 13;
	world.state ^= world.state >> 7;
	world.state ^= world.state << 17;
	return (unsigned)(world.state >> 33) % below;
}

static void never(bool happened, const char *what)
{
	if (happened && world.wrong++ < 10)
		printf("# at %lld: %s\n", (long long)world.now, what);
}

static int call_index(const char *call)
{
	return call && bx_starts(call, "call") ? call[4] - '0' : -1;
}

static struct tab *find_tab(const char *id)
{
	for (size_t i = 0; i < BX_COUNT(world.tabs); i++) {
		if (bx_streq(world.tabs[i].id, id))
			return &world.tabs[i];
	}
	return NULL;
}

static void on_life(const struct cards_record *record, int call)
{
	bool begins = bx_streq(record->event, "initialized") || bx_streq(record->event, "card.back");
	bool ends = bx_streq(record->event, "card.gone");
	if (!begins && !ends)
		return;
	struct life *life = &world.lives[call][record->user - 1];
	if (record->duplicate) {
		never(!life->open, "a duplicate of a card nobody shows");
		return;
	}
	never(begins && life->open, "a card begins twice");
	never(ends && !life->open, "a card ends that was not there");
	life->open = begins;
}

static void on_number(const struct cards_record *record)
{
	struct tab *tab = find_tab(record->frame);
	if (!record->number || !tab)
		return;
	never(record->number != tab->seen + 1, "an event of a frame is missing or out of order");
	tab->seen = record->number;
	if (bx_streq(record->event, "initialized"))
		tab->acked = call_index(record->call);
}

static void on_emit(void *arg, const struct cards_record *record)
{
	(void)arg;
	int call = call_index(record->call);
	world.records++;
	on_number(record);
	if (call < 0)
		return;
	if (bx_streq(record->event, "call.settled")) {
		int64_t held = -1;
		bx_json_int(record->data, "held", &held);
		never(held != world.held[call], "another number of records was held");
		never(world.own[call] != CARDS_UNSETTLED, "settled twice");
		world.held[call] = 0;
	} else {
		on_life(record, call);
		world.held[call] += record->own == CARDS_UNSETTLED;
	}
	never(world.own[call] == CARDS_OURS && record->own != CARDS_OURS, "ours was taken away");
	world.own[call] = record->own;
}

static void on_send(void *arg, const char *frame, uint64_t id, const char *call, const char *verb,
	const char *params)
{
	(void)arg;
	struct tab *tab = find_tab(frame);
	world.sends++;
	never(!tab || !tab->line, "a command for a frame without a line");
	if (!tab || tab->down_len == QUEUE)
		return;
	never(!call && !bx_streq(verb, "states") && !bx_streq(verb, "send"), "a command for no card");
	never(call && world.own[call_index(call)] != CARDS_OURS, "a command for a foreign card");
	never(call && tab->acked >= 0 && tab->acked != call_index(call), "a command for a card before");
	tab->down[tab->down_len].id = id;
	tab->down[tab->down_len].call = call_index(call);
	tab->down[tab->down_len].flag = params && strstr(params, ":true");
	snprintf(tab->down[tab->down_len++].verb, sizeof tab->down->verb, "%s", verb);
}

static void on_result(void *arg, uint64_t request, cJSON *answer, const struct bx_err *err)
{
	(void)arg;
	world.results++;
	never(!answer == !err, "a result is either an answer or an error");
	never(request >= world.requests || world.asked[request]++, "a result nobody waits for");
	never(err && (err->exit == BX_OK || !*err->text), "an error without a status or a text");
	cJSON_Delete(answer);
}

static void on_settled(void *arg, const char *portal, const char *call, bool own)
{
	(void)arg;
	(void)portal;
	never(world.own[call_index(call)] != (own ? CARDS_OURS : CARDS_FOREIGN), "settled otherwise");
}

static void on_keep(void *arg, const char *frame, const char *layout)
{
	(void)arg;
	never(!find_tab(frame) || *layout != '{', "kept by nobody");
}

static const struct cards_ops ops = {on_emit, on_send, on_result, on_settled, NULL, on_keep};

/* Inside. */
static size_t count(const struct cards_link *list)
{
	size_t n = 0;
	CARDS_EACH(at, after, list)
		n++;
	return n;
}

static void look_at_frame(const struct cards_frame *frame)
{
	never(frame->shows != (frame->show.next != NULL), "shows, but is not in a card's list");
	never(frame->shows && !frame->card, "shows no card");
	never(frame->shows && frame->line == LINE_GONE, "a left page shows a card");
	never((frame->line != LINE_OPEN) != (frame->idle.next != NULL), "wrongly idle");
	never(frame->pending_count != count(&frame->pending), "miscounted commands");
	never(frame->line == LINE_GONE && frame->pending_count, "a left page owes answers");
	never(frame->holds != (frame->hold_due.slot != 0), "holds for ever");
}

static void look_at_request(const struct cards_request_state *request)
{
	size_t open = 0;
	for (size_t i = 0; i < request->sought_len; i++)
		open += !request->sought[i].done && request->sought[i].out;
	never(open != request->open, "miscounted users who may still answer");
	never(request->sought_len && !open, "a request that nobody is to answer");
}

static unsigned look_at_call(struct cards_call *call)
{
	unsigned open = 0, unused = 0;
	never(call->own == CARDS_UNSETTLED && !call->settle.slot, "never to be settled");
	never((call->refs == 0) != (call->idle.next != NULL), "wrongly idle call");
	CARDS_EACH(at, after, &call->cards) {
		const struct cards_card *card = CARDS_OF(cards_card, link, at);
		unused += !card->refs;
		never(cards_find_card(call, card->user) != card, "a card that is not found");
		never(card->open != (count(&card->frames) > 0), "open, but nobody shows it");
		open += card->open;
	}
	never(call->unused != unused || call->users != count(&call->cards), "miscounted cards of a call");
	CARDS_EACH(at, after, &call->waiting)
		never(!CARDS_OF(cards_request_state, wait, at)->due.slot, "waits for ever");
	return open;
}

static void look_inside(void)
{
	const struct cards *cards = world.cards;
	unsigned open = 0, lines = 0;
	for (struct bx_map_node *n = NULL; (n = bx_map_walk(&cards->frames, n));) {
		look_at_frame(CARDS_OF(cards_frame, node, n));
		lines += CARDS_OF(cards_frame, node, n)->line == LINE_OPEN;
	}
	for (struct bx_map_node *n = NULL; (n = bx_map_walk(&cards->calls, n));)
		open += look_at_call(CARDS_OF(cards_call, node, n));
	never(open != cards->figures.cards_open, "miscounted cards");
	never(lines != cards->figures.frames_open, "miscounted frames");
	CARDS_EACH(at, after, &cards->requests)
		look_at_request(CARDS_OF(cards_request_state, link, at));
	never(count(&cards->requests) != cards->figures.requests, "miscounted requests");
	for (size_t i = 0; i < cards->heap.len; i++) {
		never(cards->heap.items[i]->slot != i + 1, "a deadline in the wrong place");
		never(i && before(cards->heap.items[i], cards->heap.items[(i - 1) / 2]), "no heap");
	}
	never(cards_next_deadline(cards) < world.now, "a deadline was missed");
}

/* What the world does. */
static const char *call_name(int call)
{
	static const char *const names[] = {"call0", "call1", "call2", "call3", "call4", "call5"};
	return names[call];
}

static void send_event(struct tab *tab, const char *verb, cJSON *data)
{
	auto_json cJSON *owned = data;
	if (tab->on && tab->line)
		never(!cards_frame_event(world.cards, tab->id, verb, owned, ++tab->number, world.now),
			"an event was dropped");
}

static void open_line(struct tab *tab)
{
	if (tab->line && roll(10))
		return;
	bool told = tab->call >= 0 && tab->acked == tab->call;
	struct cards_hello hello = {.frame = tab->id, .portal = "p", .user = tab->user,
		.call = told ? call_name(tab->call) : NULL};
	tab->line = true;
	tab->down_len = 0;
	never(!cards_frame_open(world.cards, &hello, world.now, NULL), "a frame was refused");
}

static void new_page(struct tab *tab, size_t index)
{
	unsigned turn = tab->turn + 1;
	*tab = (struct tab){.user = (int64_t)(index / TABS) + 1, .on = true, .call = -1, .acked = -1,
		.turn = turn};
	snprintf(tab->id, sizeof tab->id, "f%zu.%u", index, turn);
}

static void leave_page(struct tab *tab, size_t index)
{
	bool politely = roll(4);
	if (politely)
		cards_frame_lost(world.cards, tab->id, CARDS_PAGE_LEFT, world.now);
	else if (tab->line)
		cards_frame_lost(world.cards, tab->id, CARDS_LINE_LOST, world.now);
	tab->line = false;
	new_page(tab, index);
}

static void raise_card(struct tab *tab, int call)
{
	if (tab->call >= 0)
		return;
	open_line(tab);
	if (!tab->line)
		return;
	if (!roll(3))
		send_event(tab, "entityChanged", cJSON_CreateObject());
	tab->call = call;
	tab->muted = false;
	cJSON *data = cJSON_CreateObject();
	bx_json_set_str(data, "CALL_ID", call_name(call));
	send_event(tab, "initialized", data);
}

static void show(int call)
{
	int64_t user = (int64_t)roll(USERS) + 1;
	if (call < CALLS / 2)
		cards_own(world.cards, "p", call_name(call), roll(2) ? user : 0, world.now);
	for (size_t i = 0; i < BX_COUNT(world.tabs); i++) {
		if (world.tabs[i].user == user && roll(3))
			raise_card(&world.tabs[i], call);
	}
}

static void hide(int call)
{
	for (size_t i = 0; i < BX_COUNT(world.tabs); i++) {
		if (world.tabs[i].call == call)
			world.tabs[i].call = -1;
	}
}

static void click(struct tab *tab)
{
	static const char *const plain[] = {"answerButtonClick", "hangupButtonClick",
		"nextButtonClick", "entityChanged", "client::word"};
	if (tab->call < 0 || !tab->line)
		return;
	if (!roll(8)) {
		send_event(tab, "closeButtonClick", NULL);
		hide(tab->call);
	} else if (!roll(3)) {
		tab->muted = !tab->muted;
		send_event(tab, roll(2) ? "muteButtonClick" : "holdButtonClick",
			cJSON_CreateBool(tab->muted));
	} else {
		send_event(tab, plain[roll(BX_COUNT(plain))], NULL);
	}
}

/* One command of the queue is executed and, mostly, answered. */
static void execute(struct tab *tab)
{
	if (!tab->line || !tab->down_len)
		return;
	uint64_t id = tab->down[0].id;
	bool silent = bx_starts(tab->down[0].verb, "timer"), close = !strcmp(tab->down[0].verb, "close");
	bool gone = tab->call < 0 || tab->call != tab->down[0].call;
	if (!strcmp(tab->down[0].verb, "mute") && !gone)
		tab->muted = tab->down[0].flag;
	memmove(tab->down, tab->down + 1, --tab->down_len * sizeof *tab->down);
	const char *text = gone	      ? "[{\"result\":\"error\",\"errorCode\":\"Call card is undefined\"}]"
			   : roll(12) ? "[]"
					 : "[{\"result\":\"error\",\"errorCode\":\"Invalid ui state\"}]";
	auto_json cJSON *reply = bx_json_parse(text, strlen(text), NULL);
	if (close && !gone)
		hide(tab->call);
	if ((!silent || gone) && roll(10))
		cards_frame_reply(world.cards, tab->id, id, reply, world.now);
}

static void command(void)
{
	static const char *const verbs[] = {"state", "mute", "hold", "title", "status", "timer start",
		"timer stop", "close", "states", "send", "nonsense"};
	static const char *const params[] = {"{\"uiState\":\"connected\"}", "{\"muted\":true}",
		"{\"held\":false}", "{\"title\":\"x\"}", "{\"statusText\":\"y\"}", "{}", "{}", "{}", "{}",
		"{\"a\":1}", "{}"};
	size_t which = roll(BX_COUNT(verbs));
	if (world.requests == REQUESTS)
		return;
	auto_json cJSON *tree = bx_json_parse(params[which], strlen(params[which]), NULL);
	int64_t user = (int64_t)roll(USERS) + 1;
	const char *frame = world.tabs[roll(BX_COUNT(world.tabs))].id;
	struct cards_request request = {.id = world.requests++, .verb = verbs[which], .params = tree,
		.call = roll(8) ? call_name((int)roll(CALLS)) : NULL, .timeout_ms = (int)roll(3000)};
	if (!roll(3)) {
		request.users = &user;
		request.users_len = 1;
	} else if (!roll(6)) {
		request.frames = &frame;
		request.frames_len = 1;
	}
	cards_command(world.cards, &request, world.now);
	if (!roll(20) && !world.asked[request.id]) {
		cards_cancel(world.cards, request.id);
		world.asked[request.id] = 1;
	}
}

static void pass(int64_t ms)
{
	int64_t until = world.now + ms;
	while (cards_next_deadline(world.cards) <= until) {
		world.now = cards_next_deadline(world.cards);
		cards_tick(world.cards, world.now);
	}
	world.now = until;
}

static void step(void)
{
	size_t index = roll(BX_COUNT(world.tabs));
	struct tab *tab = &world.tabs[index];
	switch (roll(16)) {
	case 0:
	case 1:
		show((int)roll(CALLS));
		break;
	case 2:
		hide((int)roll(CALLS));
		break;
	case 3:
		if (!roll(3))
			leave_page(tab, index);
		break;
	case 4:
		if (tab->line)
			cards_frame_lost(world.cards, tab->id, CARDS_LINE_LOST, world.now);
		tab->line = false;
		break;
	case 5:
		if (tab->call >= 0)
			open_line(tab);
		break;
	case 6:
		command();
		break;
	case 7:
		if (!roll(10))
			cards_finished(world.cards, "p", call_name((int)roll(CALLS)), world.now);
		break;
	case 8:
	case 9:
		pass(roll(2000));
		break;
	case 10:
		cards_frame_reply(world.cards, tab->id, roll(100000), NULL, world.now);
		break;
	case 11:
	case 12:
		click(tab);
		break;
	default:
		execute(tab);
	}
}

static void storm(uint64_t seed, unsigned steps)
{
	memset(&world, 0, sizeof world);
	world.state = seed * 2654435761u + 1;
	for (int i = 0; i < CALLS; i++)
		world.own[i] = CARDS_UNSETTLED;
	struct cards_opts opts = {.first_id = 1, .pending_max = 8, .requests_max = 20};
	world.cards = cards_new(&opts, &ops, NULL);
	for (size_t i = 0; i < BX_COUNT(world.tabs); i++)
		new_page(&world.tabs[i], i);
	for (unsigned i = 0; i < steps; i++) {
		step();
		look_inside();
	}
	for (size_t i = 0; i < BX_COUNT(world.tabs); i++)
		cards_frame_lost(world.cards, world.tabs[i].id, CARDS_PAGE_LEFT, world.now);
	pass(200000);
	look_inside();
}

static void check_storm(uint64_t seed)
{
	storm(seed, 20000);
	unsigned unanswered = 0, unseen = 0;
	for (uint64_t i = 0; i < world.requests; i++)
		unanswered += world.asked[i] != 1;
	for (size_t i = 0; i < BX_COUNT(world.tabs); i++)
		unseen += world.tabs[i].seen != world.tabs[i].number;
	auto_free char *what = bx_xprintf("storm %llu: %u records, %u commands sent, %llu requests",
		(unsigned long long)seed, world.records, world.sends, (unsigned long long)world.requests);
	CHECK(!world.wrong && world.requests > 500 && world.sends > 1000, what);
	CHECK(!unanswered, "every request has one result");
	CHECK(!unseen, "every event of the last pages is journalled");
	CHECK(!world.cards->figures.cards_open && !world.cards->figures.requests &&
		      !world.cards->frames.count && cards_next_deadline(world.cards) == INT64_MAX,
		"in the end nothing is left waiting");
	cards_free(world.cards);
}

int main(void)
{
	for (uint64_t seed = 1; seed <= 8; seed++)
		check_storm(seed);
	return check_end();
}
