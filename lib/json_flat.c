#include "json_flat.h"

#include <math.h>
#include <string.h>
#include "banned.h"

#define DEPTH_MAX  64 /* cJSON allows more */
#define DIGITS_MAX 15 /* longer ones are printed as they came (json.h) */

/* Most of a text is printed as it stands: `from` is where such a stretch began. The functions take where
 * a thing begins and return where it ends, NULL where only a tree can tell. */
struct pass {
	const char *from;
	struct bx_str *out; /* or NULL */
	int depth;
};

static void end_stretch(struct pass *s, const char *p)
{
	if (s->out)
		bx_str_add(s->out, s->from, (size_t)(p - s->from));
}

static const char *leave_out(struct pass *s, const char *p, size_t len)
{
	end_stretch(s, p);
	return s->from = p + len;
}

static inline const char *skip_blank(struct pass *s, const char *p)
{
	return (unsigned char)*p > ' ' ? p : leave_out(s, p, strspn(p, " \t\r\n"));
}

/* Four hex digits; -1: they are not. */
static int unit_of(const char *p)
{
	int unit = 0;
	for (int i = 0; i < 4; i++) {
		int c = (unsigned char)p[i], letter = c | 32;
		bool digit = c >= '0' && c <= '9';
		if (!digit && (letter < 'a' || letter > 'f'))
			return -1;
		unit = unit << 4 | (digit ? c - '0' : letter - 'a' + 10);
	}
	return unit;
}

/* The code point of an escape, and how long that is; 0: not a plain one. */
static int point_of(const char *p, size_t *len)
{
	int unit = unit_of(p + 2);
	*len = 6;
	if (unit < 0xd800 || unit > 0xdfff)
		return unit < ' ' || unit == '"' || unit == '\\' ? 0 : unit;
	int low = unit < 0xdc00 && p[6] == '\\' && p[7] == 'u' ? unit_of(p + 8) : 0;
	*len = 12;
	return low >= 0xdc00 && low <= 0xdfff ? 0x10000 + ((unit - 0xd800) << 10 | (low - 0xdc00)) : 0;
}

static size_t utf8_of(int point, char out[4])
{
	size_t len = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	for (size_t i = len; i-- > 1; point >>= 6)
		out[i] = (char)(0x80 | (point & 0x3f));
	out[0] = (char)(len == 1 ? point : (0xf00 >> len & 0xff) | point);
	return len;
}

static const char *pass_escape(struct pass *s, const char *p)
{
	char text[4];
	size_t len;
	if (p[1] == '/')
		return leave_out(s, p, 1) + 1;
	if (p[1] != 'u')
		return p[1] && strchr("\"\\bfnrt", p[1]) ? p + 2 : NULL;
	int point = point_of(p, &len);
	if (!point)
		return NULL;
	p = leave_out(s, p, len);
	if (s->out)
		bx_str_add(s->out, text, utf8_of(point, text));
	return p;
}

/* What ends a plain stretch of a string. Most of an answer is read here, and one look-up a byte costs half
 * of three comparisons; sixteen bytes at once cost more than the few that most strings have. */
static const bool ends[256] = {
	[0x00] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* up to 0x0f */
	[0x10] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* up to 0x1f */
	['"'] = 1, ['\\'] = 1,
};

static inline const char *plain_end(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	for (;; p += 4) {
		if (ends[p[0]])
			return (const char *)p;
		if (ends[p[1]])
			return (const char *)p + 1;
		if (ends[p[2]])
			return (const char *)p + 2;
		if (ends[p[3]])
			return (const char *)p + 3;
	}
}

static const char *pass_escapes(struct pass *s, const char *p)
{
	while (p && *p != '"') {
		p = *p == '\\' ? pass_escape(s, p) : NULL;
		p = p ? plain_end(p) : NULL;
	}
	return p ? p + 1 : NULL;
}

static inline const char *pass_string(struct pass *s, const char *p)
{
	p = plain_end(p + 1);
	return *p == '"' ? p + 1 : pass_escapes(s, p);
}

static const char *digits(const char *p)
{
	while (*p >= '0' && *p <= '9')
		p++;
	return p;
}

/* A fraction or a power is printed as cJSON does, for it may do so otherwise. */
static void print_number(struct pass *s, const char *from, const char *end)
{
	char text[BX_JSON_NUMBER_MAX + 1] = {0};
	if (!s->out)
		return;
	memcpy(text, from, (size_t)(end - from));
	double value = strtod(text, NULL);
	if (!isfinite(value))
		return; /* as it came (json.c) */
	auto_json cJSON *number = cJSON_CreateNumber(value);
	auto_free char *printed = bx_json_print(number);
	leave_out(s, from, (size_t)(end - from));
	bx_str_puts(s->out, printed);
}

static const char *pass_number(struct pass *s, const char *from)
{
	const char *first = from + (*from == '-'), *p = digits(first), *part = p;
	bool whole = first == from || *first != '0';
	ptrdiff_t count = p - first;
	if (!count || (*first == '0' && count > 1))
		return NULL;
	if (*p == '.') {
		part = p + 1;
		p = digits(part);
		count += p - part;
		if (p == part)
			return NULL;
		whole = false;
	}
	if (*p == 'e' || *p == 'E') {
		part = p + 1 + (p[1] == '+' || p[1] == '-');
		p = digits(part);
		count += p - part;
		if (p == part)
			return NULL;
		whole = false;
	}
	if (p - from > BX_JSON_NUMBER_MAX)
		return NULL;
	if (!whole && count <= DIGITS_MAX)
		print_number(s, from, p);
	return p;
}

static const char *pass_word(const char *p, const char *word)
{
	for (; *word; word++) {
		if (*p++ != *word)
			return NULL;
	}
	return p;
}

static const char *pass_value(struct pass *s, const char *p);

/* The key of a map, and all up to its value. */
static const char *pass_key(struct pass *s, const char *p)
{
	p = *p == '"' ? pass_string(s, p) : NULL;
	p = p ? skip_blank(s, p) : NULL;
	return p && *p == ':' ? skip_blank(s, p + 1) : NULL;
}

static const char *pass_container(struct pass *s, const char *p)
{
	char close = *p == '{' ? '}' : ']';
	if (++s->depth > DEPTH_MAX)
		return NULL;
	p = skip_blank(s, p + 1);
	for (bool first = true; *p != close || !first; first = false) {
		p = close == '}' ? pass_key(s, p) : p;
		p = !p ? NULL : *p == '"' ? pass_string(s, p) : pass_value(s, p);
		p = p ? skip_blank(s, p) : NULL;
		if (!p || (*p != ',' && *p != close))
			return NULL;
		if (*p == close)
			break;
		p = skip_blank(s, p + 1);
	}
	s->depth--;
	return p + 1;
}

static const char *pass_value(struct pass *s, const char *p)
{
	switch (*p) {
	case '"':
		return pass_string(s, p);
	case '{':
	case '[':
		return pass_container(s, p);
	case 't':
		return pass_word(p, "true");
	case 'f':
		return pass_word(p, "false");
	case 'n':
		return pass_word(p, "null");
	default:
		return pass_number(s, p);
	}
}

bool bx_json_pass(struct bx_str *out, const char **text)
{
	struct pass s = {.from = *text, .out = out};
	const char *p = pass_value(&s, *text);
	if (!p)
		return false;
	end_stretch(&s, p);
	*text = p;
	return !(out && out->over);
}

bool bx_json_bare(const char **text, const char **inside, size_t *len)
{
	if (**text != '"')
		return false;
	const char *end = plain_end(*inside = *text + 1);
	*len = (size_t)(end - *inside);
	if (*end == '"')
		*text = end + 1;
	else
		bx_json_pass(NULL, text);
	return *end == '"';
}

const char *bx_json_find(const char *map, const char *key)
{
	const char *p = map + 1, *name = NULL;
	size_t len = 0, wanted = strlen(key);
	for (bool first = true; *map == '{' && bx_json_next(&p, '}', first) == 1; first = false) {
		bool bare = bx_json_bare(&p, &name, &len);
		if (!bx_json_colon(&p))
			break;
		if (bare && len == wanted && !memcmp(name, key, len))
			return p;
		if (!bx_json_pass(NULL, &p))
			break;
	}
	return NULL;
}

bool bx_json_find_int(const char *map, const char *key, int64_t *out)
{
	const char *from = bx_json_find(map, key), *end = from;
	if (!from || !bx_json_pass(NULL, &end))
		return false;
	auto_json cJSON *item = bx_json_parse(from, (size_t)(end - from), NULL);
	return bx_json_as_int(item, out);
}

static cJSON *take_value(struct bx_str *scratch, const char **p, int depth);

/* A key without escapes, which are so rare there that the whole text is left to cJSON. */
static bool take_member(struct bx_str *scratch, const char **p, cJSON *to, int depth)
{
	const char *from;
	size_t len;
	if (cJSON_IsArray(to)) {
		cJSON *item = take_value(scratch, p, depth);
		return item && cJSON_AddItemToArray(to, item);
	}
	if (!bx_json_bare(p, &from, &len) || !bx_json_colon(p))
		return false;
	auto_free char *key = bx_xmemdup(from, len);
	cJSON *item = take_value(scratch, p, depth);
	return item && cJSON_AddItemToObject(to, key, item);
}

static cJSON *take_container(struct bx_str *scratch, const char **p, int depth)
{
	char close = **p == '{' ? '}' : ']';
	auto_json cJSON *to = close == '}' ? cJSON_CreateObject() : cJSON_CreateArray();
	int got;
	++*p;
	for (bool first = true; (got = bx_json_next(p, close, first)) == 1; first = false) {
		if (!take_member(scratch, p, to, depth - 1))
			return NULL;
	}
	cJSON *whole = got ? NULL : to;
	to = got ? to : NULL;
	return whole;
}

static cJSON *take_value(struct bx_str *scratch, const char **p, int depth)
{
	const char *from = *p;
	if (depth && (*from == '{' || *from == '['))
		return take_container(scratch, p, depth);
	if (depth)
		return bx_json_pass(NULL, p) ? bx_json_parse(from, (size_t)(*p - from), NULL) : NULL;
	bx_str_reset(scratch);
	return bx_json_pass(scratch, p) ? cJSON_CreateRaw(scratch->buf) : NULL;
}

cJSON *bx_json_parse_flat(const char *text, size_t len, int depth)
{
	auto_str struct bx_str scratch = BX_STR_INIT(SIZE_MAX / 4);
	const char *p = text;
	bx_json_blank(&p);
	cJSON *item = take_value(&scratch, &p, depth);
	bx_json_blank(&p);
	if (item && p == text + len)
		return item;
	cJSON_Delete(item);
	return bx_json_parse(text, len, NULL);
}

const cJSON *bx_json_whole(const cJSON *item, cJSON **tree)
{
	if (!cJSON_IsRaw(item))
		return item;
	*tree = bx_json_parse(item->valuestring, strlen(item->valuestring), NULL);
	return *tree;
}
