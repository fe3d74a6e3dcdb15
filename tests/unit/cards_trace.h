/* Replays traces of the card state machine. A line of a trace is an input ("in", at time "t"), or
 * an output ("out") that the inputs above it must have caused, in this order and exactly; other
 * lines are notes. With BX_TRACE_WRITE set the outputs are written anew, to be read and judged. */
#ifndef BX_TEST_CARDS_TRACE_H
#define BX_TEST_CARDS_TRACE_H

#include <fcntl.h>
#include "check.h"

struct trace {
	struct cards *cards;
	int64_t now;
	cJSON *out; /* outputs not compared yet */
	FILE *anew;
};

static cJSON *trace_output(struct trace *trace, const char *kind)
{
	cJSON *out = cJSON_CreateObject();
	bx_json_set_str(out, "out", kind);
	cJSON_AddItemToArray(trace->out, out);
	return out;
}

static void trace_copy(cJSON *out, const char *key, const cJSON *item)
{
	if (item)
		bx_json_set(out, key, cJSON_Duplicate(item, true));
}

static void trace_text(cJSON *out, const char *key, const char *json)
{
	if (json)
		bx_json_set(out, key, bx_json_parse(json, strlen(json), NULL));
}

static void trace_emit(void *arg, const struct cards_record *record)
{
	cJSON *out = trace_output(arg, bx_streq(record->source, "card") ? "event" : record->source);
	bx_json_set_str(out, "event", record->event);
	if (!bx_streq(record->portal, "p"))
		bx_json_set_str(out, "portal", record->portal);
	bx_json_set_str(out, "CALL_ID", record->call);
	if (record->user)
		bx_json_set_int(out, "user", record->user);
	if (record->frame)
		bx_json_set_str(out, "frame", record->frame);
	bx_json_set(out, "own",
		record->own < 0 ? cJSON_CreateNull() : cJSON_CreateBool(record->own));
	if (record->duplicate)
		bx_json_set_bool(out, "duplicate", true);
	trace_copy(out, "data", record->data);
	if (record->number)
		bx_json_set_int(out, "number", (int64_t)record->number);
}

static void trace_send(void *arg, const char *frame, uint64_t id, const char *call, const char *verb,
	const char *params)
{
	cJSON *out = trace_output(arg, "send");
	bx_json_set_str(out, "frame", frame);
	bx_json_set_int(out, "id", (int64_t)id);
	if (call)
		bx_json_set_str(out, "CALL_ID", call);
	bx_json_set_str(out, "verb", verb);
	trace_text(out, "params", params);
}

static void trace_result(void *arg, uint64_t request, cJSON *answer, const struct bx_err *err)
{
	cJSON *out = trace_output(arg, "result");
	bx_json_set_int(out, "id", (int64_t)request);
	if (answer)
		bx_json_set(out, "answer", answer);
	if (err) {
		bx_json_set_str(out, "error", err->text);
		bx_json_set_int(out, "exit", err->exit);
	}
}

static void trace_settled(void *arg, const char *portal, const char *call, bool own)
{
	(void)portal;
	cJSON *out = trace_output(arg, "settled");
	bx_json_set_str(out, "CALL_ID", call);
	bx_json_set_bool(out, "own", own);
}

static void trace_ask(void *arg, const char *portal, const char *call)
{
	(void)portal;
	bx_json_set_str(trace_output(arg, "ask"), "CALL_ID", call);
}

static void trace_keep(void *arg, const char *frame, const char *layout)
{
	cJSON *out = trace_output(arg, "keep");
	bx_json_set_str(out, "frame", frame);
	trace_text(out, "layout", layout);
}

static const struct cards_ops trace_ops = {trace_emit, trace_send, trace_result, trace_settled,
	trace_ask, NULL};
static const struct cards_ops trace_ops_keep = {trace_emit, trace_send, trace_result, trace_settled,
	trace_ask, trace_keep};

static int trace_int(const cJSON *line, const char *key, int fallback)
{
	int64_t value = fallback;
	bx_json_int(line, key, &value);
	return (int)value;
}

static void trace_start(struct trace *trace, const cJSON *line)
{
	/* Probing has traces of its own; elsewhere it would only be noise. */
	struct cards_opts opts = {.probe_ms = trace_int(line, "probe_ms", -1),
		.frames_max = (unsigned)trace_int(line, "frames_max", 0),
		.calls_max = (unsigned)trace_int(line, "calls_max", 0),
		.users_max = (unsigned)trace_int(line, "users_max", 0),
		.requests_max = (unsigned)trace_int(line, "requests_max", 0),
		.pending_max = (unsigned)trace_int(line, "pending_max", 0),
		.first_id = (uint64_t)trace_int(line, "first_id", 0)};
	cards_free(trace->cards);
	trace->cards = cards_new(&opts, bx_json_bool(line, "keep", false) ? &trace_ops_keep : &trace_ops,
		trace);
}

static void trace_open(struct trace *trace, const cJSON *line)
{
	const char *portal = bx_json_str(line, "portal");
	struct cards_hello hello = {.frame = bx_json_str(line, "frame"), .portal = portal ? portal : "p",
		.user = trace_int(line, "user", 0), .call = bx_json_str(line, "call"),
		.kept = bx_json_get(line, "kept"), .delay_ms = trace_int(line, "delay", 0),
		.silent = bx_json_bool(line, "silent", false)};
	struct bx_err err = {0};
	if (!cards_frame_open(trace->cards, &hello, trace->now, &err))
		bx_json_set_str(trace_output(trace, "refused"), "error", err.text);
}

static void trace_command(struct trace *trace, const cJSON *line)
{
	int64_t users[8];
	const char *frames[8];
	struct cards_request request = {.id = (uint64_t)trace_int(line, "id", 0),
		.portal = bx_json_str(line, "portal"), .call = bx_json_str(line, "call"),
		.verb = bx_json_str(line, "verb"), .params = bx_json_get(line, "params"),
		.users = users, .frames = frames, .timeout_ms = trace_int(line, "timeout", 0)};
	const cJSON *e;
	cJSON_ArrayForEach(e, bx_json_get(line, "users"))
		bx_json_as_int(e, &users[request.users_len++]);
	cJSON_ArrayForEach(e, bx_json_get(line, "frames"))
		frames[request.frames_len++] = e->valuestring;
	cards_command(trace->cards, &request, trace->now);
}

static void trace_event(struct trace *trace, const cJSON *line)
{
	if (!cards_frame_event(trace->cards, bx_json_str(line, "frame"), bx_json_str(line, "event"),
		    bx_json_get(line, "data"), (uint64_t)trace_int(line, "number", 0), trace->now))
		trace_output(trace, "dropped");
}

static bool trace_input(struct trace *trace, const cJSON *line)
{
	const char *in = bx_json_str(line, "in"), *frame = bx_json_str(line, "frame");
	const char *call = bx_json_str(line, "call");
	struct cards *cards = trace->cards;
	if (bx_streq(in, "start"))
		trace_start(trace, line);
	else if (bx_streq(in, "open"))
		trace_open(trace, line);
	else if (bx_streq(in, "event"))
		trace_event(trace, line);
	else if (bx_streq(in, "reply"))
		cards_frame_reply(cards, frame, (uint64_t)trace_int(line, "id", 0),
			bx_json_get(line, "reply"), trace->now);
	else if (bx_streq(in, "lost") || bx_streq(in, "left"))
		cards_frame_lost(cards, frame, bx_streq(in, "lost") ? CARDS_LINE_LOST : CARDS_PAGE_LEFT,
			trace->now);
	else if (bx_streq(in, "own"))
		cards_own(cards, "p", call, trace_int(line, "user", 0), trace->now);
	else if (bx_streq(in, "finished"))
		cards_finished(cards, "p", call, trace->now);
	else if (bx_streq(in, "command"))
		trace_command(trace, line);
	else if (bx_streq(in, "cancel"))
		cards_cancel(cards, (uint64_t)trace_int(line, "id", 0));
	else if (bx_streq(in, "list"))
		bx_json_set(trace_output(trace, "list"), "cards",
			cards_list(cards, trace->now, 1785744060000 + trace->now));
	else
		return bx_streq(in, "tick");
	return true;
}

static bool trace_empty(struct trace *trace)
{
	if (trace->anew) {
		const cJSON *e;
		cJSON_ArrayForEach(e, trace->out) {
			auto_free char *text = bx_json_print(e);
			fprintf(trace->anew, "%s\n", text);
		}
		cJSON_Delete(trace->out);
		trace->out = cJSON_CreateArray();
	}
	return !trace->out->child;
}

static bool trace_expect(struct trace *trace, const char *line, struct bx_str *why)
{
	auto_json cJSON *got = cJSON_DetachItemFromArray(trace->out, 0);
	auto_free char *text = got ? bx_json_print(got) : NULL;
	if (bx_streq(text, line))
		return true;
	bx_str_printf(why, "want %s\n# got  %s", line, text ? text : "nothing");
	return false;
}

static bool trace_line(struct trace *trace, const char *text, struct bx_str *why)
{
	auto_json cJSON *line = bx_json_parse(text, strlen(text), NULL);
	if (bx_json_str(line, "out"))
		return trace->anew || trace_expect(trace, text, why);
	if (!trace_empty(trace)) {
		auto_free char *left = bx_json_print(trace->out);
		bx_str_printf(why, "not foreseen: %s\n# before   %s", left, text);
		return false;
	}
	if (trace->anew)
		fprintf(trace->anew, "%s\n", text);
	int64_t t = trace->now;
	bx_json_int(line, "t", &t);
	while (trace->cards && cards_next_deadline(trace->cards) <= t)
		cards_tick(trace->cards, cards_next_deadline(trace->cards));
	trace->now = t;
	if (!bx_json_str(line, "in") || trace_input(trace, line))
		return line != NULL;
	bx_str_printf(why, "no such input: %s", text);
	return false;
}

/* True when the trace ends as foreseen; else why says where it went astray. */
static bool trace_replay(const char *path, struct bx_str *why)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct trace trace = {.out = cJSON_CreateArray()};
	auto_free char *temp = bx_xprintf("%s.new", path);
	trace.anew = getenv("BX_TRACE_WRITE") ? fopen(temp, "w") : NULL;
	struct bx_lines lines;
	bx_lines_init(&lines, fd, 1 << 20);
	char *text;
	bool ok = true;
	while (ok && bx_lines_text(&lines, &text, NULL) == 1) {
		ok = trace_line(&trace, text, why);
		if (!ok)
			bx_str_printf(why, "\n# at line %lu of %s", lines.number, path);
	}
	if (ok && !trace_empty(&trace)) {
		auto_free char *left = bx_json_print(trace.out);
		bx_str_printf(why, "not foreseen at the end: %s", left);
		ok = false;
	}
	ok = ok && lines.number > 0;
	bx_lines_release(&lines);
	cards_free(trace.cards);
	cJSON_Delete(trace.out);
	if (trace.anew) {
		fclose(trace.anew);
		rename(temp, path);
	}
	return ok;
}

#endif
