#include "json.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <string.h>
#include "banned.h"

#define CHUNK	     65536 /* bytes of lines read at once */
#define EXACT_DIGITS 15 /* a number of more, or beyond what a double holds, stays text */

/* The next number outside of strings: where it begins, its length and how many digits it has. */
static const char *next_number(const char *p, const char *end, size_t *len, size_t *digits)
{
	bool quoted = false;
	for (; p < end; p++) {
		if (quoted && *p == '\\')
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (!quoted && (isdigit((unsigned char)*p) || *p == '-'))
			break;
	}
	const char *q = p;
	*digits = 0;
	for (; q < end && (isdigit((unsigned char)*q) || (*q && strchr("+-.eE", *q))); q++)
		*digits += isdigit((unsigned char)*q) != 0;
	*len = p < end ? (size_t)(q - p) : 0;
	return p;
}

static bool is_json_number(const char *p)
{
	p += *p == '-';
	if (*p == '0' && isdigit((unsigned char)p[1]))
		return false;
	size_t whole = strspn(p, "0123456789");
	p += whole;
	if (*p == '.') {
		size_t part = strspn(++p, "0123456789");
		whole = part ? whole : 0;
		p += part;
	}
	if (whole && (*p == 'e' || *p == 'E')) {
		p++;
		p += *p == '+' || *p == '-';
		whole = strspn(p, "0123456789");
		p += whole;
	}
	return whole && !*p;
}

/* The numbers of a text come in the order of its tree, so both are walked side by side. cJSON is
 * lax about the form of a number, and reads it as a double. */
static bool take_numbers(cJSON *item, const char **at, const char *end)
{
	for (; item; item = item->next) {
		if (item->child && !take_numbers(item->child, at, end))
			return false;
		if (!cJSON_IsNumber(item))
			continue;
		size_t len, digits;
		*at = next_number(*at, end, &len, &digits);
		char brief[64];
		bool exact = digits <= EXACT_DIGITS && len < sizeof brief && isfinite(item->valuedouble);
		auto_free char *number = exact ? NULL : bx_xstrndup(*at, len);
		if (exact) {
			memcpy(brief, *at, len);
			brief[len] = 0;
		}
		if (!is_json_number(exact ? brief : number))
			return false;
		*at += len;
		if (exact)
			continue;
		item->type = cJSON_Raw;
		item->valuestring = number;
		number = NULL;
	}
	return true;
}

cJSON *bx_json_parse_at(const char *text, size_t len, size_t *fault)
{
	const char *end = text, *at = text;
	cJSON *item = cJSON_ParseWithLengthOpts(text, len, &end, false);
	while (item && end < text + len && *end && strchr(" \t\r\n", *end))
		end++;
	if (item && end == text + len) {
		if (take_numbers(item, &at, text + len))
			return item;
		end = at;
	}
	cJSON_Delete(item);
	*fault = (size_t)(end - text);
	return NULL;
}

cJSON *bx_json_parse(const char *text, size_t len, struct bx_err *err)
{
	size_t at = 0;
	cJSON *item = bx_json_parse_at(text, len, &at);
	if (!item)
		bx_fail(err, BX_USAGE, "", "not JSON at byte %zu", at + 1);
	return item;
}

cJSON *bx_json_get(const cJSON *o, const char *key)
{
	return cJSON_IsObject(o) ? cJSON_GetObjectItemCaseSensitive(o, key) : NULL;
}

const char *bx_json_str(const cJSON *o, const char *key)
{
	return cJSON_GetStringValue(bx_json_get(o, key));
}

cJSON *bx_json_take(cJSON *item)
{
	cJSON *taken = cJSON_CreateNull();
	taken->type = item->type & 0xff;
	taken->child = item->child;
	taken->valuestring = item->valuestring;
	taken->valuedouble = item->valuedouble;
	taken->valueint = item->valueint;
	item->type = cJSON_NULL | (item->type & ~0xff);
	item->child = NULL;
	item->valuestring = NULL;
	return taken;
}

static bool text_to_int(const char *text, int64_t *out)
{
	char *end;
	errno = 0;
	long long value = strtoll(text, &end, 10);
	if (errno || end == text || *end || isspace((unsigned char)*text))
		return false;
	*out = value;
	return true;
}

bool bx_json_as_int(const cJSON *item, int64_t *out)
{
	if (cJSON_IsString(item) || cJSON_IsRaw(item))
		return text_to_int(item->valuestring, out);
	if (!cJSON_IsNumber(item) || floor(item->valuedouble) != item->valuedouble ||
		fabs(item->valuedouble) > 9007199254740992.0)
		return false;
	*out = (int64_t)item->valuedouble;
	return true;
}

bool bx_json_int(const cJSON *o, const char *key, int64_t *out)
{
	return bx_json_as_int(bx_json_get(o, key), out);
}

bool bx_json_bool(const cJSON *o, const char *key, bool fallback)
{
	const cJSON *item = bx_json_get(o, key);
	return cJSON_IsBool(item) ? cJSON_IsTrue(item) : fallback;
}

char *bx_json_as_text(const cJSON *item)
{
	if (cJSON_IsString(item) || cJSON_IsRaw(item))
		return bx_xstrdup(item->valuestring);
	int64_t whole;
	if (cJSON_IsNumber(item) && bx_json_as_int(item, &whole) && whole < 1000000000000000 && whole > -1000000000000000)
		return bx_xprintf("%lld", (long long)whole);
	if (cJSON_IsNumber(item) || cJSON_IsBool(item))
		return bx_json_print(item);
	return cJSON_IsNull(item) ? bx_xstrdup("") : NULL;
}

bool bx_json_truthy(const cJSON *item)
{
	if (cJSON_IsString(item))
		return *item->valuestring && strcmp(item->valuestring, "0") != 0;
	if (cJSON_IsRaw(item))
		return strtod(item->valuestring, NULL) != 0;
	if (cJSON_IsNumber(item))
		return item->valuedouble != 0;
	return cJSON_IsTrue(item) || (item && item->child);
}

void bx_json_set(cJSON *o, const char *key, cJSON *item)
{
	if (!item)
		cJSON_DeleteItemFromObjectCaseSensitive(o, key);
	else if (bx_json_get(o, key))
		cJSON_ReplaceItemInObjectCaseSensitive(o, key, item);
	else
		cJSON_AddItemToObject(o, key, item);
}

void bx_json_set_str(cJSON *o, const char *key, const char *text)
{
	bx_json_set(o, key, text ? cJSON_CreateString(text) : cJSON_CreateNull());
}

cJSON *bx_json_int_item(int64_t value)
{
	if (value > -1000000000000000 && value < 1000000000000000)
		return cJSON_CreateNumber((double)value);
	auto_free char *text = bx_xprintf("%lld", (long long)value);
	return cJSON_CreateRaw(text);
}

void bx_json_set_int(cJSON *o, const char *key, int64_t value)
{
	bx_json_set(o, key, bx_json_int_item(value));
}

void bx_json_set_bool(cJSON *o, const char *key, bool value)
{
	bx_json_set(o, key, cJSON_CreateBool(value));
}

static char *printed(char *text)
{
	/* cJSON reports nothing but failed allocation here. */
	return text ? text : bx_xrealloc(NULL, SIZE_MAX / 2);
}

char *bx_json_print(const cJSON *item)
{
	return printed(cJSON_PrintUnformatted(item));
}

char *bx_json_pretty(const cJSON *item)
{
	return printed(cJSON_Print(item));
}

bool bx_json_quote(struct bx_str *out, const char *text)
{
	const cJSON item = {.type = cJSON_String, .valuestring = (char *)text};
	auto_free char *quoted = bx_json_print(&item);
	return bx_str_puts(out, quoted);
}

void bx_lines_init(struct bx_lines *in, int fd, size_t max)
{
	*in = (struct bx_lines){.fd = fd, .buf = BX_STR_INIT(max + 1)};
}

void bx_lines_release(struct bx_lines *in)
{
	bx_str_release(&in->buf);
}

static bool fill(struct bx_lines *in, struct bx_err *err)
{
	size_t len = in->buf.len, room = in->buf.max - len;
	if (!room)
		return bx_fail(err, BX_USAGE, "", "line %lu is longer than %zu bytes", in->number + 1,
			in->buf.max - 1);
	if (in->before && !in->before(in->arg, in->fd, err))
		return false;
	room = room < CHUNK ? room : CHUNK;
	char *to = bx_str_grow(&in->buf, room);
	ssize_t got;
	do
		got = read(in->fd, to, room);
	while (got < 0 && errno == EINTR);
	bx_str_end_at(&in->buf, len + (got > 0 ? (size_t)got : 0));
	if (got < 0)
		return bx_fail_errno(err, "reading line %lu", in->number + 1);
	in->eof = got == 0;
	return true;
}

/* The line from in->taken on; its end, or the end of the file, is at len. */
static int take_line(struct bx_lines *in, size_t len, bool ended, char **line, struct bx_err *err)
{
	*line = in->buf.buf + in->taken;
	(*line)[len] = 0;
	in->taken += len + ended;
	in->number++;
	if (strlen(*line) == len)
		return 1;
	bx_fail(err, BX_USAGE, "", "line %lu has a NUL in it", in->number);
	return -1;
}

int bx_lines_text(struct bx_lines *in, char **line, struct bx_err *err)
{
	size_t looked = in->taken;
	for (;;) {
		const char *end = memchr(in->buf.buf + looked, '\n', in->buf.len - looked);
		if (end)
			return take_line(in, (size_t)(end - in->buf.buf) - in->taken, true, line, err);
		if (in->eof && in->taken == in->buf.len)
			return 0;
		if (in->eof)
			return take_line(in, in->buf.len - in->taken, false, line, err);
		bx_str_cut(&in->buf, in->taken);
		in->taken = 0;
		looked = in->buf.len;
		if (!fill(in, err))
			return -1;
	}
}

cJSON *bx_lines_parse(const struct bx_lines *in, const char *line, struct bx_err *err)
{
	struct bx_err why = {0};
	cJSON *item = bx_json_parse(line, strlen(line), &why);
	if (!item)
		bx_fail(err, BX_USAGE, "", "line %lu: %s", in->number, why.text);
	return item;
}

int bx_lines_next(struct bx_lines *in, cJSON **item, struct bx_err *err)
{
	char *line;
	int got;
	while ((got = bx_lines_text(in, &line, err)) == 1) {
		if (!line[strspn(line, " \t\r")])
			continue;
		*item = bx_lines_parse(in, line, err);
		return *item ? 1 : -1;
	}
	return got;
}

bool bx_json_emit(int fd, const cJSON *item, struct bx_err *err)
{
	auto_free char *text = bx_json_print(item);
	size_t len = strlen(text), done = 0;
	text[len] = '\n';
	while (done < len + 1) {
		ssize_t put = write(fd, text + done, len + 1 - done);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return bx_fail_errno(err, "writing a line");
		done += (size_t)put;
	}
	return true;
}
