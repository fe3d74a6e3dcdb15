#include "frame_log.h"

#include <string.h>
#include "clock.h"
#include "frames_impl.h"
#include "log.h"
#include "banned.h"

#define TEXT_MAX    1000 /* bytes */
#define HOUR_MS	    (3600 * 1000LL)
#define TOKEN_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
#define TOKEN_MIN   16 /* so many of them in a row, with a digit, are a secret for all we know */
#define RECORDS_MAX 100 /* of a portal's hour */

struct hour {
	struct hour *next;
	char *portal;
	int64_t until_ms; /* monotonic */
	unsigned count;
};

struct frame_logs {
	struct serve *serve;
	struct hour *hours;
};

static bool room(struct frame_logs *logs, const char *portal, int64_t now)
{
	struct hour *h = logs->hours;
	while (h && strcmp(h->portal, portal) != 0)
		h = h->next;
	if (!h) {
		h = bx_xcalloc(1, sizeof *h);
		*h = (struct hour){.next = logs->hours, .portal = bx_xstrdup(portal)};
		logs->hours = h;
	}
	if (now >= h->until_ms) {
		h->until_ms = now + HOUR_MS;
		h->count = 0;
	}
	if (++h->count == RECORDS_MAX)
		bx_log(BX_LOG_WARN, "%s: its frames write much; their messages of this hour are not recorded"
				    " any more", portal);
	return h->count <= RECORDS_MAX;
}

static bool level_ok(const char *level)
{
	static const char *const levels[] = {"error", "warn", "log"};
	for (size_t i = 0; i < BX_COUNT(levels); i++)
		if (bx_streq(levels[i], level))
			return true;
	return false;
}

/* At most so many bytes, and no half of a character at the end. */
static char *cut(const char *text)
{
	char *copy = bx_xstrndup(text, TEXT_MAX);
	size_t len = strlen(copy);
	while (text[len] && len && (text[len] & 0xc0) == 0x80)
		len--;
	copy[len] = 0;
	return copy;
}

/* A page logs what it gets, and that may be a token of the portal. */
static void add_masked(struct bx_str *out, const char *text)
{
	while (*text) {
		size_t len = strspn(text, TOKEN_CHARS), plain = len ? len : 1;
		if (len >= TOKEN_MIN && strcspn(text, "0123456789") < len)
			bx_str_puts(out, "...");
		else
			bx_str_add(out, text, plain);
		text += plain;
	}
}

static void record(struct frame_logs *logs, const struct token *token, const char *level, const char *text)
{
	const struct frame *frame = frames_find(logs->serve->frames, token->frame);
	auto_json cJSON *data = cJSON_CreateObject();
	auto_free char *short_text = cut(text);
	auto_str struct bx_str masked = BX_STR_INIT(8 * TEXT_MAX);
	add_masked(&masked, short_text);
	bx_redact(&masked);
	bx_json_set_str(data, "level", level);
	bx_json_set_str(data, "text", masked.buf);
	struct bx_event event = {.ms = bx_now_ms(), .portal = bx_xstrdup(token->portal),
		.source = bx_xstrdup("serve"), .event = bx_xstrdup(bx_told[BX_TOLD_FRAME_LOG].name),
		.frame = bx_xstrdup(token->frame), .user = frame ? frame->user : 0, .own = BX_OWN_OURS,
		.data = bx_json_print(data)};
	journal_write(logs->serve->journal, &event, NULL, 0);
}

bool frame_logs_take(struct frame_logs *logs, const struct token *token, const cJSON *line, int64_t now)
{
	const cJSON *level = cJSON_GetArrayItem(line, 0), *text = cJSON_GetArrayItem(line, 1);
	if (!cJSON_IsString(level) || !cJSON_IsString(text) || !level_ok(level->valuestring))
		return false;
	logs->serve->figures.frame_logs++;
	if (room(logs, token->portal, now))
		record(logs, token, level->valuestring, text->valuestring);
	return true;
}

struct frame_logs *frame_logs_new(struct serve *serve)
{
	struct frame_logs *logs = bx_xcalloc(1, sizeof *logs);
	logs->serve = serve;
	return logs;
}

void frame_logs_free(struct frame_logs *logs)
{
	for (struct hour *h = logs ? logs->hours : NULL, *next; h; h = next) {
		next = h->next;
		free(h->portal);
		free(h);
	}
	free(logs);
}
