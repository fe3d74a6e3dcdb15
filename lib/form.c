#include "form.h"

#include <ctype.h>
#include <string.h>
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

/* Before each field stand the lengths of its name and its value. */
struct lengths {
	uint32_t name, value;
};

/* To the end of fields, decoded where it is not plain, with its NUL; the length up to the first NUL. */
static uint32_t add_piece(struct bx_fields *fields, const char *piece, size_t len, bool plain)
{
	char *out = fields->text + fields->len;
	memcpy(out, piece, len);
	out[len] = 0;
	if (!plain) {
		bx_form_unescape(out, len);
		len = strlen(out);
	}
	fields->len += len + 1;
	return (uint32_t)len;
}

/* Most fields stand as they are. */
static bool is_plain_text(const char *text, size_t len)
{
	return !memchr(text, '%', len) && !memchr(text, '+', len) && !memchr(text, 0, len);
}

/* NAME, or NAME=VALUE. */
static void add_pair(struct bx_fields *fields, const char *text, size_t len, size_t name_len)
{
	struct lengths lengths;
	size_t at = fields->len, value = name_len < len ? name_len + 1 : len;
	bool plain = is_plain_text(text, len);
	fields->len += sizeof lengths;
	lengths.name = add_piece(fields, text, name_len, plain);
	lengths.value = add_piece(fields, text + value, len - value, plain);
	memcpy(fields->text + at, &lengths, sizeof lengths);
}

static size_t count_parts(const char *text, size_t len)
{
	size_t count = 1;
	for (const char *p = text, *end = text + len; p < end && (p = memchr(p, '&', (size_t)(end - p))); p++)
		count++;
	return count;
}

bool bx_fields_read(struct bx_fields *fields, const char *text, size_t len, struct bx_err *err)
{
	int count = 0;
	/* Decoding never lengthens; each field has its lengths and two NULs. */
	*fields = (struct bx_fields){
		.text = bx_xrealloc(NULL, len + count_parts(text, len) * (sizeof(struct lengths) + 2))};
	for (const char *p = text, *end = text + len; p < end;) {
		const char *amp = memchr(p, '&', (size_t)(end - p)), *stop = amp ? amp : end;
		const char *equal = memchr(p, '=', (size_t)(stop - p)), *name_end = equal ? equal : stop;
		if (name_end > p) {
			if (++count > BX_FORM_FIELDS_MAX)
				return bx_fail(err, BX_USAGE, "", "more than %d form fields",
					BX_FORM_FIELDS_MAX);
			add_pair(fields, p, (size_t)(stop - p), (size_t)(name_end - p));
		}
		p = stop + 1;
	}
	return true;
}

void bx_fields_release(struct bx_fields *fields)
{
	free(fields->text);
	*fields = (struct bx_fields){0};
}

const char *bx_fields_get(const struct bx_fields *fields, const char *name)
{
	const char *found = NULL, *end = fields->text + fields->len;
	size_t len = strlen(name);
	for (const char *p = fields->text; p && p < end;) {
		struct lengths lengths;
		memcpy(&lengths, p, sizeof lengths);
		p += sizeof lengths;
		if (lengths.name == len && !memcmp(p, name, len))
			found = p + len + 1;
		p += lengths.name + lengths.value + 2;
	}
	return found && *found ? found : NULL;
}

void bx_form_field(struct bx_str *out, const char *name, const char *text, size_t len)
{
	if (out->len && out->buf[out->len - 1] != '?')
		bx_str_putc(out, '&');
	bx_str_puts(out, name);
	bx_str_putc(out, '=');
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
