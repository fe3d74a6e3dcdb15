#include "json_flat.h"

#include <string.h>
#include "banned.h"

#define DEPTH_MAX  64 /* cJSON allows more */
#define NUMBER_MAX 63 /* characters: cJSON's own limit */
#define DIGITS_MAX 15 /* longer ones are printed as they came (json.h) */

/* Most of a text is printed as it stands: `from` is where such a stretch began. */
struct pass {
	const char *p, *from;
	struct bx_str *out; /* or NULL */
	int depth;
};

static void end_stretch(struct pass *s)
{
	if (s->out)
		bx_str_add(s->out, s->from, (size_t)(s->p - s->from));
}

static void skip_blank(struct pass *s)
{
	if ((unsigned char)*s->p > ' ')
		return;
	end_stretch(s);
	s->from = s->p += strspn(s->p, " \t\r\n");
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

static bool pass_escape(struct pass *s)
{
	char text[4];
	size_t len;
	if (s->p[1] == '/') {
		end_stretch(s);
		s->from = s->p + 1;
		s->p += 2;
		return true;
	}
	if (s->p[1] != 'u') {
		bool known = s->p[1] && strchr("\"\\bfnrt", s->p[1]);
		s->p += known ? 2 : 0;
		return known;
	}
	int point = point_of(s->p, &len);
	if (!point)
		return false;
	end_stretch(s);
	if (s->out)
		bx_str_add(s->out, text, utf8_of(point, text));
	s->from = s->p += len;
	return true;
}

/* What ends a plain stretch of a string. Most of an answer is read here, and one look-up a byte
 * costs half of three comparisons. */
static const bool ends[256] = {
	[0x00] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* up to 0x0f */
	[0x10] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* up to 0x1f */
	['"'] = 1, ['\\'] = 1,
};

static bool pass_string(struct pass *s)
{
	for (s->p++;;) {
		const char *p = s->p;
		while (!ends[(unsigned char)*p])
			p++;
		s->p = p;
		if (*p == '"')
			return s->p++;
		if (*p != '\\' || !pass_escape(s))
			return false;
	}
}

static size_t digits(struct pass *s)
{
	const char *p = s->p;
	while (*p >= '0' && *p <= '9')
		p++;
	size_t count = (size_t)(p - s->p);
	s->p = p;
	return count;
}

/* A fraction or a power is printed as cJSON does, for it may do so otherwise. */
static void print_number(struct pass *s, const char *from)
{
	char text[NUMBER_MAX + 1] = {0};
	if (!s->out)
		return;
	memcpy(text, from, (size_t)(s->p - from));
	auto_json cJSON *number = cJSON_CreateNumber(strtod(text, NULL));
	auto_free char *printed = bx_json_print(number);
	bx_str_add(s->out, s->from, (size_t)(from - s->from));
	bx_str_puts(s->out, printed);
	s->from = s->p;
}

static bool pass_number(struct pass *s)
{
	const char *from = s->p, *first = from + (*from == '-');
	s->p = first;
	size_t count = digits(s), part = 1;
	bool whole = first == from || *first != '0'; /* -0 is printed as 0 */
	if (!count || (*first == '0' && count > 1))
		return false;
	if (*s->p == '.') {
		s->p++;
		count += part = digits(s);
		whole = false;
	}
	if (part && (*s->p == 'e' || *s->p == 'E')) {
		s->p++;
		s->p += *s->p == '+' || *s->p == '-';
		count += part = digits(s);
		whole = false;
	}
	if (!part || s->p - from > NUMBER_MAX)
		return false;
	if (!whole && count <= DIGITS_MAX)
		print_number(s, from);
	return true;
}

static bool pass_word(struct pass *s, const char *word)
{
	bool is = bx_starts(s->p, word);
	s->p += is ? strlen(word) : 0;
	return is;
}

static bool pass_value(struct pass *s);

/* The key of a map, and all up to its value; in a list there is none. */
static bool pass_key(struct pass *s, char close)
{
	if (close == ']')
		return true;
	if (*s->p != '"' || !pass_string(s))
		return false;
	skip_blank(s);
	if (*s->p != ':')
		return false;
	s->p++;
	skip_blank(s);
	return true;
}

/* After the bracket that opens: 1 at a value, 0 behind the bracket that closes, -1: neither. */
static int next_value(struct pass *s, char close, bool first)
{
	skip_blank(s);
	if (*s->p == close && ++s->p)
		return 0;
	if (!first && *s->p != ',')
		return -1; /* perhaps the end of the text, which is not passed */
	s->p += !first;
	skip_blank(s);
	return 1;
}

static bool pass_container(struct pass *s)
{
	char close = *s->p++ == '{' ? '}' : ']';
	int got;
	if (++s->depth > DEPTH_MAX)
		return false;
	for (bool first = true; (got = next_value(s, close, first)) == 1; first = false) {
		if (!pass_key(s, close) || !pass_value(s))
			return false;
	}
	s->depth--;
	return !got;
}

static bool pass_value(struct pass *s)
{
	switch (*s->p) {
	case '"':
		return pass_string(s);
	case '{':
	case '[':
		return pass_container(s);
	case 't':
		return pass_word(s, "true");
	case 'f':
		return pass_word(s, "false");
	case 'n':
		return pass_word(s, "null");
	default:
		return pass_number(s);
	}
}

bool bx_json_pass(struct bx_str *out, const char **text)
{
	struct pass s = {.p = *text, .from = *text, .out = out};
	bool ok = pass_value(&s);
	if (ok)
		end_stretch(&s);
	*text = s.p;
	return ok && !(out && out->over);
}

bool bx_json_bare(const char **text, const char **inside, size_t *len)
{
	*inside = *text + 1;
	if (**text != '"' || !bx_json_pass(NULL, text))
		return false;
	*len = (size_t)(*text - *inside) - 1;
	return !memchr(*inside, '\\', *len);
}

int bx_json_next(const char **text, char close, bool first)
{
	struct pass s = {.p = *text};
	int got = next_value(&s, close, first);
	*text = s.p;
	return got;
}

const char *bx_json_find(const char *map, const char *key)
{
	const char *p = map + 1, *name;
	size_t len, wanted = strlen(key);
	for (bool first = true; *map == '{' && bx_json_next(&p, '}', first) == 1; first = false) {
		bool bare = bx_json_bare(&p, &name, &len);
		if (*p++ != ':')
			break;
		if (bare && len == wanted && !memcmp(name, key, len))
			return p;
		if (!bx_json_pass(NULL, &p))
			break;
	}
	return NULL;
}

struct taking {
	struct pass pass;
	struct bx_str text; /* scratch */
};

static cJSON *take_value(struct taking *t, int depth);

/* A key without escapes, which are so rare there that the whole text is left to cJSON. */
static bool take_key(struct taking *t)
{
	const char *from = t->pass.p + 1;
	if (!pass_key(&t->pass, '}'))
		return false;
	size_t len = strcspn(from, "\"\\");
	bx_str_reset(&t->text);
	return from[len] == '"' && bx_str_add(&t->text, from, len);
}

static bool take_member(struct taking *t, cJSON *to, int depth)
{
	if (cJSON_IsArray(to)) {
		cJSON *item = take_value(t, depth);
		return item && cJSON_AddItemToArray(to, item);
	}
	if (!take_key(t))
		return false;
	auto_free char *key = bx_xmemdup(t->text.buf, t->text.len);
	cJSON *item = take_value(t, depth);
	return item && cJSON_AddItemToObject(to, key, item);
}

static cJSON *take_container(struct taking *t, int depth)
{
	char close = *t->pass.p == '{' ? '}' : ']';
	auto_json cJSON *to = close == '}' ? cJSON_CreateObject() : cJSON_CreateArray();
	int got;
	t->pass.p++;
	for (bool first = true; (got = next_value(&t->pass, close, first)) == 1; first = false) {
		if (!take_member(t, to, depth - 1))
			return NULL;
	}
	cJSON *whole = got ? NULL : to;
	to = got ? to : NULL;
	return whole;
}

static cJSON *take_value(struct taking *t, int depth)
{
	const char *from = t->pass.p;
	if (depth && (*from == '{' || *from == '['))
		return take_container(t, depth);
	if (depth)
		return pass_value(&t->pass) ? bx_json_parse(from, (size_t)(t->pass.p - from), NULL) : NULL;
	bx_str_reset(&t->text);
	return bx_json_pass(&t->text, &t->pass.p) ? cJSON_CreateRaw(t->text.buf) : NULL;
}

cJSON *bx_json_parse_flat(const char *text, size_t len, int depth)
{
	struct taking t = {.pass = {.p = text}, .text = BX_STR_INIT(SIZE_MAX / 4)};
	skip_blank(&t.pass);
	auto_json cJSON *item = take_value(&t, depth);
	skip_blank(&t.pass);
	bx_str_release(&t.text);
	if (!item || t.pass.p != text + len)
		return bx_json_parse(text, len, NULL);
	cJSON *taken = item;
	item = NULL;
	return taken;
}

const cJSON *bx_json_whole(const cJSON *item, cJSON **tree)
{
	if (!cJSON_IsRaw(item))
		return item;
	*tree = bx_json_parse(item->valuestring, strlen(item->valuestring), NULL);
	return *tree;
}
