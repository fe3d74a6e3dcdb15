/* The answer of a batch: what it has of each command stays text, which is only printed. */
#include "batch_impl.h"

#include <ctype.h>
#include <string.h>
#include "json_flat.h"
#include "banned.h"

static const char *const maps[BATCH_PARTS] = {"result", "result_error", "result_time"};

struct answer {
	struct batch_request *request;
	struct bx_str key; /* scratch */
	const char *p;
	size_t next; /* outcomes come in the order of the commands: the one looked at first */
};

/* The command whose key that is, with its quotes and as it is printed. */
static struct batch_command *command_of(struct answer *a, const char *key, size_t len)
{
	struct batch_request *r = a->request;
	for (size_t i = 0; i < r->size; i++) {
		size_t at = (a->next + i) % r->size;
		struct batch_command *c = r->commands + at;
		if (c->done || c->key_len != len || memcmp(c->member, key, len) != 0)
			continue;
		a->next = (at + 1) % r->size;
		return c;
	}
	return NULL;
}

/* Whether the brace at end stands in no text: before it is a key and its number. What stands before a quote
 * that begins a text is no letter or digit, so that one behind them ends a text. */
static bool ends_map(const char *from, const char *end)
{
	const char *p = end;
	while (p > from && ((p[-1] >= '0' && p[-1] <= '9') || p[-1] == '.' || p[-1] == '-'))
		p--;
	return p < end && p - from > 4 && p[-1] == ':' && p[-2] == '"' && isalnum((unsigned char)p[-3]);
}

/* Behind a map in which no map is, as times are: its first brace ends it. Where that is another's, the answer
 * has a brace too many in the end, and the tree tells. NULL: it may stand in a text. */
static const char *flat_end(const char *p)
{
	const char *end = *p == '{' ? strchr(p, '}') : NULL;
	return end && ends_map(p, end) ? end + 1 : NULL;
}

static bool read_part(struct answer *a, struct batch_command *c, enum batch_part part)
{
	struct bx_str *text = &a->request->text;
	const char *from = a->p;
	size_t at = text->len;
	if (c && c->part[part])
		return false;
	/* Times are full of fractions, which cost much to print, and nobody looks at most of them. */
	bool came = c && part == BATCH_TIME;
	const char *end = came ? flat_end(a->p) : NULL;
	if (end)
		a->p = end;
	else if (!bx_json_pass(c && !came ? text : NULL, &a->p))
		return false;
	if (!c)
		return true;
	c->part[part] = at + 1;
	if (part == BATCH_RESULT)
		c->result_len = text->len - at;
	return bx_str_add(text, from, came ? (size_t)(a->p - from) : 0) && bx_str_putc(text, 0);
}

/* A key of a map, and all up to its value. */
static bool read_key(struct answer *a, const char **key, size_t *len)
{
	const char *from = a->p, *inside;
	bool bare = bx_json_bare(&a->p, &inside, len);
	*key = from;
	*len = (size_t)(a->p - from);
	if (!bare) {
		bx_str_reset(&a->key);
		a->p = from;
		if (*from != '"' || !bx_json_pass(&a->key, &a->p))
			return false;
		*key = a->key.buf;
		*len = a->key.len;
	}
	return bx_json_colon(&a->p);
}

/* The portal gives lists for keys 0, 1, 2 … and maps for all others. */
static bool read_map(struct answer *a, enum batch_part part)
{
	char close = *a->p == '{' ? '}' : ']', number[16];
	int got, i = 0;
	if (*a->p != '{' && *a->p != '[')
		return bx_json_pass(NULL, &a->p);
	a->p++;
	for (; (got = bx_json_next(&a->p, close, !i)) == 1; i++) {
		const char *key = number;
		size_t len = close == '}' ? 0 : (size_t)snprintf(number, sizeof number, "\"%d\"", i);
		if ((close == '}' && !read_key(a, &key, &len)) || !read_part(a, command_of(a, key, len), part))
			return false;
	}
	a->next = 0;
	return !got;
}

static bool read_result(struct answer *a)
{
	const char *key;
	size_t len;
	int got;
	bool came[BATCH_PARTS + 1] = {0};
	if (*a->p != '{')
		return bx_json_pass(NULL, &a->p);
	a->p++;
	for (bool first = true; (got = bx_json_next(&a->p, '}', first)) == 1; first = false) {
		if (!read_key(a, &key, &len))
			return false;
		int part = 0;
		while (part < BATCH_PARTS && !batch_is(key + 1, len - 2, maps[part]))
			part++;
		if (part < BATCH_PARTS && came[part])
			return false;
		came[part] = true;
		if (!(part < BATCH_PARTS ? read_map(a, (enum batch_part)part) : bx_json_pass(NULL, &a->p)))
			return false;
	}
	return !got;
}

/* A member of the envelope; in place of the result, which is read, stands null. */
static cJSON *read_member(struct answer *a, const char *name)
{
	const char *from = a->p;
	if (!strcmp(name, maps[BATCH_RESULT]))
		return read_result(a) ? cJSON_CreateNull() : NULL;
	if (!bx_json_pass(NULL, &a->p))
		return NULL;
	auto_free char *text = bx_xmemdup(from, (size_t)(a->p - from));
	/* Of the times, all that is looked at is found in the text. */
	return !strcmp(name, "time") && *text == '{' ? cJSON_CreateRaw(text) : bx_json_parse(text, strlen(text), NULL);
}

/* NULL where only a tree can tell. */
static cJSON *read_envelope(struct answer *a, const char *end)
{
	auto_json cJSON *envelope = cJSON_CreateObject();
	const char *key;
	size_t len;
	int got = -1;
	bx_json_blank(&a->p);
	if (*a->p != '{')
		return NULL;
	a->p++;
	for (bool first = true; (got = bx_json_next(&a->p, '}', first)) == 1; first = false) {
		if (!read_key(a, &key, &len))
			return NULL;
		auto_free char *name = bx_xmemdup(key + 1, len - 2);
		cJSON *item = bx_json_get(envelope, name) ? NULL : read_member(a, name);
		if (!item)
			return NULL;
		cJSON_AddItemToObject(envelope, name, item);
	}
	bx_json_blank(&a->p);
	cJSON *whole = !got && a->p == end ? envelope : NULL;
	envelope = whole ? NULL : envelope;
	return whole;
}

static void take_part(struct answer *a, const cJSON *item, int i, enum batch_part part)
{
	struct bx_str *text = &a->request->text;
	bx_str_reset(&a->key);
	if (item->string)
		bx_json_quote(&a->key, item->string);
	else
		bx_str_printf(&a->key, "\"%d\"", i);
	struct batch_command *c = command_of(a, a->key.buf, a->key.len);
	if (!c || c->part[part])
		return;
	auto_free char *printed = bx_json_print(item);
	size_t len = strlen(printed);
	c->part[part] = text->len + 1;
	if (part == BATCH_RESULT)
		c->result_len = len;
	bx_str_add(text, printed, len + 1);
}

static void take_tree(struct answer *a, const cJSON *result)
{
	for (int part = 0; part < BATCH_PARTS; part++) {
		const cJSON *map = bx_json_get(result, maps[part]);
		int i = 0;
		a->next = 0;
		if (!cJSON_IsObject(map) && !cJSON_IsArray(map))
			continue;
		for (const cJSON *e = map->child; e; e = e->next)
			take_part(a, e, i++, (enum batch_part)part);
	}
}

static void forget_parts(struct batch_request *r)
{
	for (size_t i = 0; i < r->size; i++) {
		if (!r->commands[i].done)
			memset(r->commands[i].part, 0, sizeof r->commands[i].part);
	}
}

cJSON *batch_answer(void *request, const struct bx_str *body)
{
	struct answer a = {.request = request, .key = BX_STR_INIT(SIZE_MAX / 4), .p = body->buf};
	forget_parts(a.request);
	bx_str_room(&a.request->text, body->len);
	cJSON *envelope = read_envelope(&a, body->buf + body->len);
	if (!envelope) {
		forget_parts(a.request);
		envelope = bx_json_parse(body->buf, body->len, NULL);
		take_tree(&a, bx_json_get(envelope, maps[BATCH_RESULT]));
	}
	bx_str_release(&a.key);
	return envelope;
}
