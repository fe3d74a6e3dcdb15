/* What frames of bx-serve say, and around them what the shell and time do: one message a line.
 *   0{…} … 3{…}   a bundle of that frame, by post
 *   l0 … l3       its line is lost          x0 … x3   its page was left
 *   s0:N          its messages up to N are on disk
 *   c{…}          a command for the call    o{…}      a call is ours    e{…}   a call has ended
 *   +N            that many milliseconds pass */
#include "bx-serve/bridge.h"
#include "bx-serve/frames_impl.h"
#include "bx-serve/portals.h"
#include "fuzz.h"

#define FRAMES 4

static struct cards *cards;
static struct frames *frames;
static struct serve serve;
static int64_t now;
static unsigned asked, answered;

/* In the place of bridge.c, journal.c and portals.c. */
bool bridge_open(struct bridge *bridge, const struct cards_hello *hello, struct bx_err *err)
{
	(void)bridge;
	return cards_frame_open(cards, hello, now, err);
}

bool bridge_event(struct bridge *bridge, const char *frame, const char *verb, const cJSON *data, uint64_t number)
{
	(void)bridge;
	return cards_frame_event(cards, frame, verb, data, number, now);
}

void bridge_reply(struct bridge *bridge, const char *frame, uint64_t id, const cJSON *reply)
{
	(void)bridge;
	cards_frame_reply(cards, frame, id, reply, now);
}

void bridge_lost(struct bridge *bridge, const char *frame, enum cards_lost why)
{
	(void)bridge;
	cards_frame_lost(cards, frame, why, now);
}

void journal_seen(struct journal *journal, const char *frame, uint64_t number)
{
	(void)journal;
	frames_seen(frames, frame, number);
}

const struct bx_profile *portals_by_name(const struct portals *portals, const char *name)
{
	(void)portals, (void)name;
	return NULL;
}

/* The machine's callbacks, as bridge.c has them. */
static void emit(void *arg, const struct cards_record *record)
{
	(void)arg;
	must(record->portal && record->event && record->source, "a record says what it is");
	if (record->data)
		must_print(record->data);
	if (record->number && record->frame)
		frames_recorded(frames, record->frame, record->number);
}

static void send_down(void *arg, const char *frame, uint64_t id, const char *call, const char *verb,
	const char *params)
{
	(void)arg;
	frames_send(frames, frame, id, call, verb, params);
}

static void result(void *arg, uint64_t request, cJSON *answer, const struct bx_err *err)
{
	auto_json cJSON *owned = answer;
	(void)arg;
	answered++;
	must(request && (owned || (err && err->exit)), "a request ends with an answer or a reason");
}

static void keep(void *arg, const char *frame, const char *layout)
{
	(void)arg;
	frames_keep(frames, frame, layout);
}

static void bundle(char digit, const cJSON *said)
{
	struct token token = {.portal = "office", .member_id = "m", .frame = "000000000000"};
	token.frame[11] = digit;
	struct frame *frame = frames_get(frames, &token);
	if (frame && frame_open(frames, frame, said, NULL))
		bundle_take(frames, frame, said);
}

static struct frame *frame_at(char digit)
{
	char id[] = "000000000000";
	id[11] = digit;
	return frames_find(frames, id);
}

static void lose(char digit, bool left)
{
	struct frame *frame = frame_at(digit);
	if (frame)
		frame_lost(frames, frame, left);
}

static void command(const cJSON *said)
{
	int64_t users[1] = {0};
	const char *one = bx_json_str(said, "frame");
	if (!bx_json_str(said, "verb"))
		return;
	struct cards_request request = {.id = ++asked, .portal = bx_json_str(said, "portal"),
		.call = bx_json_str(said, "call"), .verb = bx_json_str(said, "verb"),
		.params = bx_json_get(said, "params"), .users = users, .frames = &one, .frames_len = one != NULL};
	request.users_len = bx_json_int(said, "user", users);
	cards_command(cards, &request, now);
}

static void call_known(const cJSON *said, bool ended)
{
	int64_t user = 0;
	const char *call = bx_json_str(said, "call");
	bx_json_int(said, "user", &user);
	if (call && ended)
		cards_finished(cards, "office", call, now);
	else if (call)
		cards_own(cards, "office", call, user, now);
}

static void pass(const char *ms)
{
	int64_t step = strtoll(ms, NULL, 10);
	now += step > 0 && step < 1000000 ? step : 0;
	cards_tick(cards, now);
}

static void take(const char *line)
{
	auto_json cJSON *said = bx_json_parse(line + (*line != 0), strlen(line + (*line != 0)), NULL);
	if (*line >= '0' && *line < '0' + FRAMES && cJSON_IsObject(said))
		bundle(*line, said);
	else if ((*line == 'l' || *line == 'x') && line[1])
		lose(line[1], *line == 'x');
	else if (*line == 's' && line[1] && line[2] && frame_at(line[1]))
		frames_seen(frames, frame_at(line[1])->id, strtoull(line + 3, NULL, 10));
	else if (*line == 'c')
		command(said);
	else if (*line == 'o' || *line == 'e')
		call_known(said, *line == 'e');
	else if (*line == '+')
		pass(line + 1);
}

static void end(void)
{
	struct cards_figures figures;
	cards_figures(cards, &figures);
	must(asked - answered == figures.requests, "every request has been answered or is open");
	auto_json cJSON *list = cards_list(cards, now, now);
	must_print(list);
	cards_free(cards);
	frames_clear(frames);
	free(frames);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cards_ops ops = {.emit = emit, .send = send_down, .result = result, .keep = keep};
	struct cards_opts opts = {.first_id = 1};
	auto_free char *text = bx_xstrndup((const char *)data, size);
	char *rest = text, *line;
	now = 1000;
	asked = answered = 0;
	cards = cards_new(&opts, &ops, NULL);
	frames = bx_xcalloc(1, sizeof *frames);
	frames->serve = &serve;
	serve.frames = frames;
	while ((line = next_line(&rest)))
		take(line);
	end();
	return 0;
}
