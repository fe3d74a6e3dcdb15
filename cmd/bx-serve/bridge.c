#include "bridge.h"

#include <string.h>
#include "clock.h"
#include "dispatch.h"
#include "frames.h"
#include "log.h"
#include "banned.h"

struct command_wait {
	struct command_wait *next;
	uint64_t id;
	bridge_fn *fn;
	void *arg;
};

struct bridge {
	struct serve *serve;
	struct cards *cards;
	struct bx_timer *timer;
	int64_t due_ms; /* of the timer */
	struct command_wait *commands;
	uint64_t last_command;
};

static void emit(void *arg, const struct cards_record *record)
{
	struct serve *serve = ((struct bridge *)arg)->serve;
	struct bx_event event = {.ms = bx_now_ms(), .portal = bx_xstrdup(record->portal),
		.source = bx_xstrdup(record->source), .event = bx_xstrdup(record->event),
		.call = bx_xstrdup(record->call), .user = record->user,
		.frame = bx_xstrdup(record->frame), .own = record->own,
		.duplicate = record->duplicate,
		.data = record->data ? bx_json_print(record->data) : NULL};
	uint64_t upto = record->number && record->frame
				? frames_recorded(serve->frames, record->frame, record->number)
				: 0;
	journal_write(serve->journal, &event, upto ? record->frame : NULL, upto);
}

static void send_down(void *arg, const char *frame, uint64_t id, const char *call, const char *verb,
	const char *params)
{
	frames_send(((struct bridge *)arg)->serve->frames, frame, id, call, verb, params);
}

static struct command_wait *take_command(struct bridge *bridge, uint64_t id)
{
	for (struct command_wait **at = &bridge->commands; *at; at = &(*at)->next) {
		struct command_wait *command = *at;
		if (command->id != id)
			continue;
		*at = command->next;
		return command;
	}
	return NULL;
}

static void result(void *arg, uint64_t request, cJSON *answer, const struct bx_err *err)
{
	auto_json cJSON *owned = answer;
	struct command_wait *command = take_command(arg, request);
	if (!command)
		return;
	command->fn(command->arg, owned, err);
	free(command);
}

static void settled(void *arg, const char *portal, const char *call, bool own)
{
	dispatch_settled(((struct bridge *)arg)->serve, portal, call, own);
}

/* A call somebody registered while we were not listening. */
struct lookup {
	struct bridge *bridge;
	char *portal, *call;
	bool found;
};

static void look_up(void *arg, const struct reader_files *files)
{
	struct lookup *lookup = arg;
	auto_known_call struct bx_known_call known;
	bx_known_call_init(&known);
	lookup->found = bx_known_call_load(files->portals, lookup->portal, lookup->call, &known, NULL);
}

static void looked_up(void *arg)
{
	struct lookup *lookup = arg;
	if (lookup->found)
		bridge_own(lookup->bridge, lookup->portal, lookup->call, 0);
	free(lookup->portal);
	free(lookup->call);
	free(lookup);
}

static void ask(void *arg, const char *portal, const char *call)
{
	struct bridge *bridge = arg;
	struct lookup *lookup = bx_xcalloc(1, sizeof *lookup);
	*lookup = (struct lookup){.bridge = bridge, .portal = bx_xstrdup(portal), .call = bx_xstrdup(call)};
	reader_do(bridge->serve->reader, look_up, looked_up, lookup);
}

static void keep(void *arg, const char *frame, const char *layout)
{
	frames_keep(((struct bridge *)arg)->serve->frames, frame, layout);
}

static const struct cards_ops ops = {.emit = emit, .send = send_down, .result = result,
	.settled = settled, .ask = ask, .keep = keep};

static void tick(void *arg);

/* The machine's next deadline may have come closer with any input. */
static void set_timer(struct bridge *bridge)
{
	int64_t due = cards_next_deadline(bridge->cards);
	if (bridge->timer && bridge->due_ms == due)
		return;
	bx_loop_cancel(bridge->serve->loop, bridge->timer);
	bridge->timer = NULL;
	bridge->due_ms = due;
	if (due == INT64_MAX)
		return;
	int64_t wait = due - bx_mono_ms();
	bridge->timer = bx_loop_timer(bridge->serve->loop, wait > 0 ? wait : 0, tick, bridge);
}

static void tick(void *arg)
{
	struct bridge *bridge = arg;
	bridge->timer = NULL;
	cards_tick(bridge->cards, bx_mono_ms());
	set_timer(bridge);
}

struct bridge *bridge_new(struct serve *serve)
{
	struct bridge *bridge = bx_xcalloc(1, sizeof *bridge);
	struct cards_opts opts = {.first_id = (uint64_t)bx_now_ms() * 1000};
	bridge->serve = serve;
	bridge->cards = cards_new(&opts, &ops, bridge);
	return bridge;
}

void bridge_free(struct bridge *bridge)
{
	if (!bridge)
		return;
	bx_loop_cancel(bridge->serve->loop, bridge->timer);
	cards_free(bridge->cards);
	for (struct command_wait *c = bridge->commands, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	free(bridge);
}

bool bridge_open(struct bridge *bridge, const struct cards_hello *hello, struct bx_err *err)
{
	bool ok = cards_frame_open(bridge->cards, hello, bx_mono_ms(), err);
	set_timer(bridge);
	return ok;
}

bool bridge_event(struct bridge *bridge, const char *frame, const char *verb, const cJSON *data,
	uint64_t number)
{
	bool ok = cards_frame_event(bridge->cards, frame, verb, data, number, bx_mono_ms());
	set_timer(bridge);
	return ok;
}

void bridge_reply(struct bridge *bridge, const char *frame, uint64_t id, const cJSON *reply)
{
	cards_frame_reply(bridge->cards, frame, id, reply, bx_mono_ms());
	set_timer(bridge);
}

void bridge_lost(struct bridge *bridge, const char *frame, enum cards_lost why)
{
	cards_frame_lost(bridge->cards, frame, why, bx_mono_ms());
	set_timer(bridge);
}

void bridge_own(struct bridge *bridge, const char *portal, const char *call, int64_t user)
{
	cards_own(bridge->cards, portal, call, user, bx_mono_ms());
	set_timer(bridge);
}

void bridge_finished(struct bridge *bridge, const char *portal, const char *call)
{
	cards_finished(bridge->cards, portal, call, bx_mono_ms());
	set_timer(bridge);
}

uint64_t bridge_command(struct bridge *bridge, struct cards_request *request, bridge_fn *fn, void *arg)
{
	struct command_wait *command = bx_xcalloc(1, sizeof *command);
	request->id = ++bridge->last_command;
	*command = (struct command_wait){.next = bridge->commands, .id = request->id, .fn = fn, .arg = arg};
	bridge->commands = command;
	cards_command(bridge->cards, request, bx_mono_ms());
	set_timer(bridge);
	return request->id;
}

void bridge_cancel(struct bridge *bridge, uint64_t request)
{
	free(take_command(bridge, request));
	cards_cancel(bridge->cards, request);
	set_timer(bridge);
}

cJSON *bridge_list(struct bridge *bridge)
{
	return cards_list(bridge->cards, bx_mono_ms(), bx_now_ms());
}

void bridge_figures(const struct bridge *bridge, struct cards_figures *out)
{
	cards_figures(bridge->cards, out);
}
