#include "form.h"

#include <ctype.h>
#include <string.h>
#include "eight.h"
#include "banned.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t bx_form_unescape(char *text, size_t len)
{
	text[len] = 0;
	size_t out = strcspn(text, "%+");
	for (size_t i = out; i < len;) {
		int high = text[i] == '%' && i + 2 < len ? hex_digit(text[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
		if (low >= 0) {
			text[out++] = (char)(high << 4 | low);
			i += 3;
		} else {
			text[out++] = text[i] == '+' ? ' ' : text[i];
			i++;
		}
		/* Most texts have long parts without any escape. */
		size_t plain = strcspn(text + i, "%+");
		memmove(text + out, text + i, plain);
		out += plain;
		i += plain;
	}
	text[out] = 0;
	return out;
}

static bool is_plain(unsigned char c)
{
	unsigned char letter = c | 32;
	return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
		c == '~';
}

bool bx_form_plain(const char *data, size_t len)
{
	while (len && is_plain((unsigned char)*data)) {
		data++;
		len--;
	}
	return !len;
}

void bx_form_escape(struct bx_str *out, const char *data, size_t len)
{
	static const char hex[] = "0123456789ABCDEF";
	const unsigned char *p = (const unsigned char *)data, *end = p + len;
	while (p < end) {
		const unsigned char *from = p;
		while (p < end && is_plain(*p))
			p++;
		bx_str_add(out, from, (size_t)(p - from));
		for (; p < end && !is_plain(*p); p++)
			bx_str_add(out, (char[]){'%', hex[*p >> 4], hex[*p & 15]}, 3);
	}
}

/* A whole number as PHP writes one itself; any other key is a word to it. Asked of every key of a
 * map for each value appended to it, so it does nothing but count. */
static bool is_index(const char *key, int64_t *out)
{
	const char *p = key + (*key == '-');
	int64_t n = 0;
	if (*p == '0' && (p[1] || p != key))
		return false;
	do {
		if (!isdigit((unsigned char)*p) || __builtin_mul_overflow(n, 10, &n) ||
			__builtin_sub_overflow(n, *p - '0', &n))
			return false;
	} while (*++p);
	*out = n;
	return *key == '-' || !__builtin_sub_overflow(0, n, out);
}

/* PHP's key for "append": one above the highest whole number used so far; NULL: there is none. */
static char *next_index(const cJSON *map)
{
	int64_t next = 0, n;
	for (const cJSON *e = map->child; e; e = e->next) {
		if (!is_index(e->string, &n) || n < next)
			continue;
		if (n == INT64_MAX)
			return NULL;
		next = n + 1;
	}
	return bx_xprintf("%lld", (long long)next);
}

/* The level below key, made a map when it is missing or a plain value. */
static cJSON *descend(cJSON *map, const char *key)
{
	cJSON *below = bx_json_get(map, key);
	if (cJSON_IsObject(below))
		return below;
	below = cJSON_CreateObject();
	bx_json_set(map, key, below);
	return below;
}

static char *step_key(const cJSON *map, const char *text, size_t len)
{
	bool append = !len || (len == 1 && isspace((unsigned char)*text));
	return append ? next_index(map) : bx_xstrndup(text, len);
}

static int depth_of(const char *steps)
{
	int depth = 0;
	for (const char *close; *steps == '[' && (close = strchr(steps, ']')); steps = close + 1)
		depth++;
	return depth;
}

static void put_steps(cJSON *map, char *key, const char *steps, cJSON *value)
{
	for (const char *close; key && *steps == '[' && (close = strchr(steps, ']'));
		steps = close + 1) {
		auto_free char *here = key;
		map = descend(map, here);
		key = step_key(map, steps + 1, (size_t)(close - steps - 1));
	}
	auto_free char *last = key;
	if (last)
		bx_json_set(map, last, value);
	else
		cJSON_Delete(value);
}

bool bx_form_put(cJSON *root, const char *name, cJSON *value)
{
	name += strspn(name, " ");
	size_t top = strcspn(name, "[");
	if (name[top] && !strchr(name + top, ']'))
		top = strlen(name);
	char *key = top ? bx_xstrndup(name, top) : NULL;
	for (char *p = key; p && *p; p++) {
		if (*p == ' ' || *p == '.' || *p == '[')
			*p = '_';
	}
	bool fits = depth_of(name + top) <= BX_FORM_DEPTH_MAX;
	if (fits) {
		put_steps(root, key, name + top, value);
		return true;
	}
	auto_free char *dropped = key;
	if (dropped)
		bx_json_set(root, dropped, NULL);
	cJSON_Delete(value);
	return false;
}

cJSON *bx_form_lists(cJSON *item)
{
	bool list = cJSON_IsObject(item);
	long at = 0;
	for (cJSON *e = item->child, *next; e; e = next, at++) {
		next = e->next;
		if (e->child || cJSON_IsObject(e))
			bx_form_lists(e);
		auto_free char *expected = bx_xprintf("%ld", at);
		list = list && bx_streq(e->string, expected);
	}
	if (list) {
		item->type = (item->type & ~0xff) | cJSON_Array;
		for (cJSON *e = item->child; e; e = e->next) {
			cJSON_free(e->string);
			e->string = NULL;
		}
	}
	return item;
}

static bool put_field(cJSON *root, const char *text, size_t len, struct bx_err *err)
{
	auto_free char *name = bx_xmemdup(text, len);
	char *equal = memchr(name, '=', len);
	size_t name_len = equal ? (size_t)(equal - name) : len;
	char *value = equal ? equal + 1 : name + len;
	bx_form_unescape(value, len - (size_t)(value - name));
	bx_form_unescape(name, name_len);
	cJSON *item = cJSON_CreateString(value);
	if (!item)
		return bx_fail(err, BX_LOCAL, "", "out of memory");
	bx_form_put(root, name, item);
	return true;
}

cJSON *bx_form_decode(const char *text, size_t len, struct bx_err *err)
{
	auto_json cJSON *root = cJSON_CreateObject();
	int fields = 0;
	for (const char *p = text, *end = text + len; p < end;) {
		const char *amp = memchr(p, '&', (size_t)(end - p));
		size_t part = amp ? (size_t)(amp - p) : (size_t)(end - p);
		if (part && ++fields > BX_FORM_FIELDS_MAX) {
			bx_fail(err, BX_USAGE, "", "more than %d form fields", BX_FORM_FIELDS_MAX);
			return NULL;
		}
		if (part && !put_field(root, p, part, err))
			return NULL;
		p += part + 1;
	}
	for (cJSON *e = root->child; e; e = e->next) {
		if (cJSON_IsObject(e))
			bx_form_lists(e);
	}
	cJSON *result = root;
	root = NULL;
	return result;
}

/* What ends a name ('=', '&') or has to be looked at closely: an escape, a NUL, which also stands at
 * the end of the text. */
static const char *skip_plain(const char *p)
{
	static const bool stops[256] = {[0] = true, ['%'] = true, ['+'] = true, ['='] = true, ['&'] = true};
	while (!stops[(unsigned char)*p])
		p++;
	return p;
}

/* Of eight bytes at once, that none is '%', '+' or NUL; false may be wrong. */
static bool plain_eight(uint64_t eight)
{
	return !(bx_eight_below(eight, 1) | bx_eight_below(eight ^ BX_EIGHT_TIMES('%'), 1) |
		bx_eight_below(eight ^ BX_EIGHT_TIMES('+'), 1));
}

/* Decodes a piece to where there is room for it and a NUL; most stand as they are. */
static void copy_decoded(char *out, const char *piece, size_t len)
{
	uint64_t eight;
	for (; len >= sizeof eight; piece += sizeof eight, out += sizeof eight, len -= sizeof eight) {
		memcpy(&eight, piece, sizeof eight);
		if (!plain_eight(eight))
			break;
		memcpy(out, &eight, sizeof eight);
	}
	memcpy(out, piece, len);
	out[len] = 0;
	if (skip_plain(out) < out + len)
		bx_form_unescape(out, len);
}

static struct bx_pick *find_pick(struct bx_pick *picks, const char *name, size_t len)
{
	for (; picks->name; picks++)
		if (picks->len == len && !memcmp(picks->name, name, len))
			return picks;
	return NULL;
}

/* The room is as long as what of the text is not read yet, with a byte more. */
static struct bx_pick *find_decoded(struct bx_pick *picks, char *room, const char *name, size_t len)
{
	copy_decoded(room, name, len);
	return find_pick(picks, room, strlen(room));
}

/* One field; where there is room for the next value. */
static char *pick_field(struct bx_pick *picks, char *room, const char *name, size_t name_len, bool plain,
	const char *stop)
{
	struct bx_pick *pick = plain ? find_pick(picks, name, name_len) : find_decoded(picks, room, name, name_len);
	if (!pick)
		return room;
	const char *value = name + name_len < stop ? name + name_len + 1 : stop;
	copy_decoded(room, value, (size_t)(stop - value));
	pick->value = *room ? room : NULL;
	return room + (stop - value) + 1;
}

bool bx_form_pick(struct bx_pick *picks, char *room, const char *text, size_t len, struct bx_err *err)
{
	int count = 0;
	for (const char *p = text, *end = text + len, *stop; p < end; p = stop + 1) {
		const char *name_end = skip_plain(p), *equal;
		bool plain = *name_end == '=' || *name_end == '&' || name_end == end;
		stop = memchr(name_end, '&', (size_t)(end - name_end));
		stop = stop ? stop : end;
		if (!plain)
			name_end = (equal = memchr(name_end, '=', (size_t)(stop - name_end))) ? equal : stop;
		if (name_end == p)
			continue;
		if (++count > BX_FORM_FIELDS_MAX)
			return bx_fail(err, BX_USAGE, "", "more than %d form fields", BX_FORM_FIELDS_MAX);
		room = pick_field(picks, room, p, (size_t)(name_end - p), plain, stop);
	}
	return true;
}

void bx_form_field(struct bx_str *out, const char *name, const char *text, size_t len)
{
	bool more = out->len && out->buf[out->len - 1] != '?';
	const struct bx_piece pieces[] = {{"&", more}, {name, strlen(name)}, BX_PIECE("=")};
	bx_str_pieces(out, pieces, BX_COUNT(pieces));
	bx_form_escape(out, text, len);
}

static void encode_value(struct bx_str *out, const char *name, const cJSON *item)
{
	bool number = cJSON_IsNumber(item);
	auto_free char *printed = number ? bx_json_as_text(item) : NULL;
	const char *text = number ? printed : cJSON_IsBool(item) ? (cJSON_IsTrue(item) ? "1" : "0") : item->valuestring;
	bx_form_field(out, name, text, strlen(text));
}

/* Names of what is below name, which is as before in the end. */
static void encode_level(struct bx_str *out, struct bx_str *name, const cJSON *level)
{
	long at = 0;
	size_t len = name->len;
	for (const cJSON *e = level->child; e; e = e->next, at++) {
		if (cJSON_IsNull(e))
			continue;
		auto_free char *number = e->string ? NULL : bx_xprintf("%ld", at);
		const char *key = e->string ? e->string : number;
		bx_str_puts(name, len ? "%5B" : "");
		bx_form_escape(name, key, strlen(key));
		bx_str_puts(name, len ? "%5D" : "");
		out->over = out->over || name->over;
		if (cJSON_IsObject(e) || cJSON_IsArray(e))
			encode_level(out, name, e);
		else
			encode_value(out, name->buf, e);
		bx_str_end_at(name, len);
	}
}

bool bx_form_encode(struct bx_str *out, const cJSON *tree)
{
	auto_str struct bx_str name = BX_STR_INIT(BX_FORM_NAME_MAX);
	encode_level(out, &name, tree);
	return !out->over;
}
