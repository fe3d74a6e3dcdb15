/* What hidden frames write: a hundred records of a portal's hour, short ones, without tokens. */
#include "check.h"
#include <string.h>
#include "bx-serve/frame_log.c"

#define MINUTE (60 * 1000LL)

static unsigned written;
static char *said, *portal; /* of the last record */

struct frame *frames_find(struct frames *frames, const char *id)
{
	(void)frames, (void)id;
	return NULL;
}

void journal_write(struct journal *journal, struct bx_event *event, const char *frame, uint64_t number)
{
	(void)journal, (void)frame, (void)number;
	auto_json cJSON *data = bx_json_parse(event->data, strlen(event->data), NULL);
	written++;
	bx_set_str(&said, bx_json_str(data, "text"));
	bx_set_str(&portal, event->portal);
	bx_event_clear(event);
}

static bool take(struct frame_logs *logs, const char *name, const char *line, int64_t now)
{
	struct token token = {.frame = "f1"};
	snprintf(token.portal, sizeof token.portal, "%s", name);
	auto_json cJSON *item = bx_json_parse(line, strlen(line), NULL);
	return frame_logs_take(logs, &token, item, now);
}

/* So many messages at that time; how many of them were written. */
static unsigned many(struct frame_logs *logs, const char *name, unsigned count, int64_t now)
{
	unsigned before = written;
	for (unsigned i = 0; i < count; i++)
		take(logs, name, "[\"log\",\"x\"]", now);
	return written - before;
}

static void hours(struct serve *serve)
{
	struct frame_logs *logs = frame_logs_new(serve);
	CHECK(many(logs, "demo", 99, 1) == 99, "ninety-nine messages are ninety-nine records");
	CHECK(many(logs, "demo", 3, 59 * MINUTE) == 1, "the hundredth of the hour is the last");
	CHECK(many(logs, "other", 101, 59 * MINUTE) == 100, "another portal has a hundred of its own");
	CHECK_STR(portal, "other", "under its own name");
	CHECK(many(logs, "demo", 1, 60 * MINUTE) == 0, "until the hour is over");
	CHECK(many(logs, "demo", 101, 60 * MINUTE + 1) == 100, "then there are a hundred again");
	CHECK(many(logs, "other", 1, 60 * MINUTE + 1) == 0, "each portal has its own hour");
	CHECK(serve->figures.frame_logs == 99 + 3 + 101 + 1 + 101 + 1, "what is not written is counted all the same");
	frame_logs_free(logs);
}

static void texts(struct serve *serve)
{
	struct frame_logs *logs = frame_logs_new(serve);
	CHECK(!take(logs, "demo", "[\"shout\",\"x\"]", 0) && !take(logs, "demo", "[\"log\"]", 0) &&
			!take(logs, "demo", "7", 0) && !take(logs, "demo", "[\"log\",7]", 0),
		"what is no message is none");
	CHECK(take(logs, "demo", "[\"warn\",\"key a1b2c3d4e5f6a1b2 of 12, abcdefghijklmnopq\"]", 0), "one is");
	CHECK_STR(said, "key ... of 12, abcdefghijklmnopq", "what looks like a token is left out");
	auto_str struct bx_str line = BX_STR_INIT(8000);
	bx_str_puts(&line, "[\"error\",\"");
	for (int i = 0; i < 999; i++)
		bx_str_puts(&line, "-");
	bx_str_puts(&line, "\u00e4\u00e4\"]");
	take(logs, "demo", line.buf, 0);
	CHECK(strlen(said) == 999 && said[998] == '-', "a long one is cut, and no character in two");
	frame_logs_free(logs);
}

int main(void)
{
	struct serve serve = {0};
	hours(&serve);
	texts(&serve);
	free(said);
	free(portal);
	return check_end();
}
