#include "captions.h"

#include <ctype.h>
#include "banned.h"

struct reader {
	char *next; /* the next line, NULL at the end */
	int number; /* of the last line */
	char speaker[128];
	captions_side_fn *side;
	void *arg;
	cJSON *messages;
};

/* Cuts the next line off; NULL at the end. */
static char *next_line(struct reader *r)
{
	char *line = r->next;
	if (!line)
		return NULL;
	char *end = line + strcspn(line, "\n");
	r->next = *end ? end + 1 : NULL;
	*end = 0;
	if (end > line && end[-1] == '\r')
		end[-1] = 0;
	r->number++;
	return line;
}

/* [H:]MM:SS and .mmm or ,mmm; the text behind it, or NULL. */
static char *read_time(char *text, int64_t *ms)
{
	int64_t value = 0;
	int parts = 0, digits = 0;
	text += strspn(text, " \t");
	for (int64_t part = 0;; text++) {
		if (isdigit((unsigned char)*text) && digits++ < 6) {
			part = part * 10 + (*text - '0');
			continue;
		}
		if (!digits || ++parts > 3 || digits > 6 || (parts > 1 && part > 59))
			return NULL;
		value = value * 60 + part;
		part = digits = 0;
		if (*text != ':')
			break;
	}
	if (parts < 2 || (*text != '.' && *text != ','))
		return NULL;
	if (strspn(text + 1, "0123456789") != 3)
		return NULL;
	*ms = value * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
	return text + 4;
}

static bool read_times(char *line, int64_t *start, int64_t *stop)
{
	char *p = read_time(line, start);
	p = p ? p + strspn(p, " \t") : NULL;
	if (!p || !bx_starts(p, "-->"))
		return false;
	p = read_time(p + 3, stop);
	return p && (!*p || isspace((unsigned char)*p)) && *stop >= *start;
}

static void set_speaker(struct reader *r, const char *name, size_t len)
{
	while (len && isspace((unsigned char)*name))
		name++, len--;
	while (len && isspace((unsigned char)name[len - 1]))
		len--;
	snprintf(r->speaker, sizeof r->speaker, "%.*s", (int)len, name);
}

/* <v Ann> of WebVTT, or "Ann: " as most SubRip files have it: what is left is the words. */
static const char *take_speaker(struct reader *r, const char *text)
{
	if (bx_starts(text, "<v") && strchr(text, '>')) {
		const char *name = text + strcspn(text, " \t>"), *end = strchr(text, '>');
		set_speaker(r, name, (size_t)(end - name));
		return end + 1;
	}
	size_t len = strcspn(text, ":<");
	if (text[len] == ':' && len && len <= 40 && isspace((unsigned char)text[len + 1])) {
		set_speaker(r, text, len);
		return text + len + 2;
	}
	return text;
}

/* Other tags are only looks. */
static void add_words(struct bx_str *words, const char *text)
{
	static const char *const entities[][2] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"},
		{"&nbsp;", " "}};
	text += strspn(text, " \t");
	if (words->len && *text)
		bx_str_putc(words, ' ');
	while (*text) {
		size_t skip = *text == '<' && strchr(text, '>') ? strcspn(text, ">") + 1 : 0;
		const char *plain = NULL;
		for (size_t i = 0; i < BX_COUNT(entities) && !plain; i++) {
			if (bx_starts(text, entities[i][0])) {
				plain = entities[i][1];
				skip = strlen(entities[i][0]);
			}
		}
		if (plain)
			bx_str_puts(words, plain);
		else if (!skip)
			bx_str_putc(words, *text);
		text += skip ? skip : 1;
	}
}

static bool add_message(struct reader *r, int64_t start, int64_t stop, const struct bx_str *words,
	struct bx_err *err)
{
	const char *side = r->side(r->arg, r->speaker);
	if (!side)
		return bx_fail(err, BX_USAGE, "", "line %d: who is '%s'? give --speaker '%s=user' or '%s=client'",
			r->number, r->speaker, r->speaker, r->speaker);
	cJSON *message = cJSON_CreateObject();
	int64_t end = (stop + 999) / 1000;
	bx_json_set_str(message, "SIDE", side);
	bx_json_set_int(message, "START_TIME", start / 1000);
	bx_json_set_int(message, "STOP_TIME", end > 0 ? end : 1);
	bx_json_set_str(message, "MESSAGE", words->buf);
	cJSON_AddItemToArray(r->messages, message);
	return true;
}

/* The lines of one caption up to an empty one; a new speaker within it begins a new message. */
static bool read_caption(struct reader *r, int64_t start, int64_t stop, struct bx_err *err)
{
	auto_str struct bx_str words = BX_STR_INIT(65536);
	char *line;
	while ((line = next_line(r)) && *line) {
		char before[sizeof r->speaker], after[sizeof r->speaker];
		memcpy(before, r->speaker, sizeof before);
		const char *text = take_speaker(r, line + strspn(line, " \t"));
		memcpy(after, r->speaker, sizeof after);
		if (words.len && strcmp(before, after) != 0) {
			memcpy(r->speaker, before, sizeof before);
			if (!add_message(r, start, stop, &words, err))
				return false;
			memcpy(r->speaker, after, sizeof after);
			bx_str_reset(&words);
		}
		add_words(&words, text);
	}
	return !words.len || add_message(r, start, stop, &words, err);
}

static bool read_all(struct reader *r, struct bx_err *err)
{
	int64_t start, stop;
	char *line;
	while ((line = next_line(r))) {
		if (!strstr(line, "-->"))
			continue;
		if (!read_times(line, &start, &stop))
			return bx_fail(err, BX_USAGE, "", "line %d: '%.60s' is not START --> END", r->number, line);
		if (!read_caption(r, start, stop, err))
			return false;
	}
	return cJSON_GetArraySize(r->messages) || bx_fail(err, BX_USAGE, "", "no caption was found");
}

cJSON *captions_parse(char *text, captions_side_fn *side, void *arg, struct bx_err *err)
{
	struct reader r = {.next = text, .side = side, .arg = arg, .messages = cJSON_CreateArray()};
	if (read_all(&r, err))
		return r.messages;
	cJSON_Delete(r.messages);
	return NULL;
}
