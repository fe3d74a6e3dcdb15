#include "frames_impl.h"

#include <string.h>
#include "bridge.h"
#include "clock.h"
#include "log.h"
#include "ws.h"
#include "banned.h"

#define FRAMES_MAX 100000
#define POLL_MS	   600	 /* between two posts at most (worker.js) */

struct frame *frames_find(struct frames *frames, const char *id)
{
	return (struct frame *)bx_map_first(&frames->map, id);
}

struct frame *frames_next(const struct frames *frames, const struct frame *frame)
{
	return (struct frame *)bx_map_walk(&frames->map, frame ? &frame->node : NULL);
}

static struct frame *frame_new(struct frames *frames, const char *id)
{
	struct frame *frame = bx_xcalloc(1, sizeof *frame);
	snprintf(frame->id, sizeof frame->id, "%s", id);
	frame->heard_ms = bx_mono_ms();
	frame->node.key = frame->id;
	bx_map_add(&frames->map, &frame->node);
	return frame;
}

struct portal_name {
	struct bx_map_node node; /* first */
	char text[];
};

static const char *portal_name(struct frames *frames, const char *text)
{
	const struct bx_map_node *known = bx_map_first(&frames->portals, text);
	if (known)
		return known->key;
	size_t size = strlen(text) + 1;
	struct portal_name *name = bx_xcalloc(1, sizeof *name + size);
	name->node.key = memcpy(name->text, text, size);
	bx_map_add(&frames->portals, &name->node);
	return name->text;
}

struct frame *frames_get(struct frames *frames, const struct token *token)
{
	struct frame *frame = frames_find(frames, token->frame);
	if (!frame && frames->map.count >= FRAMES_MAX)
		return NULL;
	if (!frame)
		frame = frame_new(frames, token->frame);
	frame->portal = portal_name(frames, token->portal);
	frame->heard_ms = bx_mono_ms();
	return frame;
}

static void commands_clear(struct frame *frame)
{
	for (struct command *c = frame->commands, *next; c; c = next) {
		next = c->next;
		free(c->text);
		free(c);
	}
	frame->commands = NULL;
}

void frame_free(struct frames *frames, struct frame *frame)
{
	bx_map_remove(&frames->map, &frame->node);
	commands_clear(frame);
	free(frame->layout);
	free(frame->unrecorded);
	free(frame->call);
	free(frame);
}

void frame_unlink(struct frame *frame, int why)
{
	struct link *link = frame->link;
	if (!link)
		return;
	frame->link = NULL;
	link->frame = NULL;
	bx_line_close(link->line, why, "");
}

void frame_lost(struct frames *frames, struct frame *frame, bool left)
{
	frame->posting = false;
	frame->left = frame->left || left;
	commands_clear(frame);
	if (!frame->open)
		return;
	frame->open = false;
	leaders_lost(frames, frame);
	bridge_lost(frames->serve->bridge, frame->id, left ? CARDS_PAGE_LEFT : CARDS_LINE_LOST);
}

static void say_farewell(void *arg)
{
	struct frames *frames = arg;
	struct frame *frame;
	frames->farewell = NULL;
	while ((frame = frames->gone)) {
		frames->gone = frame->next_gone;
		frame->gone = false;
		if (!frame->link && !frame->posting)
			frame_lost(frames, frame, false);
	}
}

/* It may end in the middle of a callback of the card machine, which is told on the next turn. */
void frame_line_ended(struct frames *frames, struct frame *frame)
{
	frame->link = NULL;
	if (frame->gone)
		return;
	frame->gone = true;
	frame->next_gone = frames->gone;
	frames->gone = frame;
	if (!frames->farewell)
		frames->farewell = bx_loop_timer(frames->serve->loop, 0, say_farewell, frames);
}

static int64_t user_of(const cJSON *bundle)
{
	int64_t user = 0;
	return bx_json_int(bundle, "u", &user) && user > 0 ? user : 0;
}

bool frame_open(struct frames *frames, struct frame *frame, const cJSON *bundle, struct bx_err *err)
{
	const cJSON *kept = bx_json_get(bundle, "k");
	struct cards_hello hello = {.frame = frame->id, .portal = frame->portal,
		.user = user_of(bundle), .call = bx_json_str(kept, "call"),
		.kept = bx_json_get(kept, "layout")};
	if (frame->open && frame->user == hello.user && frame->posting)
		return true;
	if (frame->open)
		frame_lost(frames, frame, false);
	frame->user = hello.user;
	frame->posting = !frame->link;
	hello.delay_ms = frame->posting ? POLL_MS : 0;
	frame->left = false;
	if (!cJSON_HasObjectItem(bundle, "l"))
		frame->active_ms = bx_mono_ms();
	/* Callbacks come before it returns, and they speak to an open frame. */
	frame->open = true;
	bx_set_str(&frame->call, hello.call);
	frame->open = bridge_open(frames->serve->bridge, &hello, err);
	return frame->open;
}

void frame_add_kept(struct bx_str *out, const struct frame *frame)
{
	bx_str_puts(out, "{\"call\":");
	if (frame->call)
		bx_json_quote(out, frame->call);
	else
		bx_str_puts(out, "null");
	if (frame->layout) {
		bx_str_puts(out, ",\"layout\":");
		bx_str_puts(out, frame->layout);
	}
	bx_str_putc(out, '}');
}

void frame_line_send(struct frame *frame, const char *key, const char *value)
{
	auto_free char *text = bx_xprintf("{\"%s\":%s}", key, value);
	bx_line_send(frame->link->line, text, strlen(text));
}

static void add_command(struct bx_str *out, uint64_t number, const char *call, const char *verb,
	const char *params)
{
	bx_str_puts(out, "{\"i\":");
	bx_str_number(out, (int64_t)number);
	bx_str_puts(out, ",\"o\":");
	bx_json_quote(out, verb);
	if (call) {
		bx_str_puts(out, ",\"w\":");
		bx_json_quote(out, call);
	}
	if (params) {
		bx_str_puts(out, ",\"p\":");
		bx_str_puts(out, params);
	}
	bx_str_putc(out, '}');
}

void frames_send(struct frames *frames, const char *id, uint64_t number, const char *call,
	const char *verb, const char *params)
{
	struct frame *frame = frames_find(frames, id);
	if (!frame)
		return;
	auto_str struct bx_str text = BX_STR_INIT(SIZE_MAX / 2);
	frame->active_ms = bx_mono_ms();
	if (frame->link) {
		bx_str_puts(&text, "{\"c\":[");
		add_command(&text, number, call, verb, params);
		bx_str_puts(&text, "]}");
		bx_line_send(frame->link->line, text.buf, text.len);
		return;
	}
	add_command(&text, number, call, verb, params);
	struct command *command = bx_xcalloc(1, sizeof *command), **at = &frame->commands;
	*command = (struct command){.id = number, .text = bx_str_take(&text)};
	while (*at)
		at = &(*at)->next;
	*at = command;
}

static void tell_kept(struct frame *frame)
{
	frame->keep_new = !frame->link;
	if (!frame->link)
		return;
	auto_str struct bx_str kept = BX_STR_INIT(SIZE_MAX / 2);
	frame_add_kept(&kept, frame);
	frame_line_send(frame, "k", kept.buf);
}

void frames_keep(struct frames *frames, const char *id, const char *layout)
{
	struct frame *frame = frames_find(frames, id);
	if (!frame)
		return;
	bx_set_str(&frame->layout, layout);
	tell_kept(frame);
}

void frames_shows(struct frames *frames, const char *id, const char *call)
{
	struct frame *frame = frames_find(frames, id);
	if (!frame || bx_streq(frame->call, call))
		return;
	bx_set_str(&frame->call, call);
	bx_set_str(&frame->layout, NULL);
	tell_kept(frame);
}

/* Messages may get their records in another order than they came in. */
uint64_t frames_recorded(struct frames *frames, const char *id, uint64_t number)
{
	struct frame *frame = frames_find(frames, id);
	if (!frame)
		return 0;
	size_t at = 0;
	while (at < frame->unrecorded_len && frame->unrecorded[at] != number)
		at++;
	if (at == frame->unrecorded_len)
		return 0;
	frame->unrecorded_len--;
	memmove(frame->unrecorded + at, frame->unrecorded + at + 1,
		(frame->unrecorded_len - at) * sizeof *frame->unrecorded);
	if (frame->unrecorded_len)
		return frame->unrecorded[0] - 1;
	free(frame->unrecorded);
	frame->unrecorded = NULL;
	return frame->taken;
}

void frames_tell_acked(struct frame *frame)
{
	char number[24];
	snprintf(number, sizeof number, "%llu", (unsigned long long)frame->acked);
	frame_line_send(frame, "a", number);
}

void frames_seen(struct frames *frames, const char *id, uint64_t number)
{
	struct frame *frame = frames_find(frames, id);
	if (!frame || number <= frame->acked)
		return;
	frame->acked = number;
	if (frame->link)
		frames_tell_acked(frame);
}

unsigned frames_lines(const struct frames *frames)
{
	return frames->lines;
}

static void remember(void *arg, const char *id, uint64_t number)
{
	struct frames *frames = arg;
	/* Those of tokens that have expired come no more; half of the room is for new ones. */
	if (strlen(id) >= FRAME_ID_SIZE || frames->map.count >= FRAMES_MAX / 2 || frames_find(frames, id))
		return;
	struct frame *frame = frame_new(frames, id);
	frame->taken = frame->acked = number;
}

struct frames *frames_new(struct serve *serve, struct bx_err *err)
{
	struct bx_journal *journal = bx_journal_open(err);
	struct frames *frames = bx_xcalloc(1, sizeof *frames);
	frames->serve = serve;
	bool ok = journal && bx_journal_frames(journal, bx_now_ms() - TOKEN_LIFE_MS, remember, frames, err);
	bx_journal_close(journal);
	if (!ok) {
		frames_free(frames);
		return NULL;
	}
	frames_sweep_later(frames);
	return frames;
}

void frames_clear(struct frames *frames)
{
	for (struct frame *next, *frame = frames_next(frames, NULL); frame; frame = next) {
		next = frames_next(frames, frame);
		frame_free(frames, frame);
	}
	for (struct bx_map_node *next, *name = bx_map_walk(&frames->portals, NULL); name; name = next) {
		next = bx_map_walk(&frames->portals, name);
		free(name);
	}
	bx_map_release(&frames->map);
	bx_map_release(&frames->portals);
}

void frames_free(struct frames *frames)
{
	if (!frames)
		return;
	bx_loop_cancel(frames->serve->loop, frames->sweep);
	bx_loop_cancel(frames->serve->loop, frames->farewell);
	frames_clear(frames);
	free(frames);
}
