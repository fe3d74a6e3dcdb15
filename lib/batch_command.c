/* One command of a batch: its key, its text, and what it has to travel with. */
#include "batch_impl.h"

#include <string.h>
#include "form.h"
#include "json_flat.h"
#include "banned.h"

#define KEY_MAX	  102 /* with its quotes */
#define SLAB_SIZE 4096

void batch_slab_leave(struct batch_slab *slab)
{
	if (slab && !--slab->refs)
		free(slab);
}

static char *take_memory(struct bx_batch *b, size_t len)
{
	struct batch_slab *slab = b->slab;
	if (!slab || slab->size - slab->used < len) {
		size_t size = len < SLAB_SIZE ? SLAB_SIZE : len;
		batch_slab_leave(slab);
		slab = b->slab = bx_xrealloc(NULL, sizeof *slab + size);
		*slab = (struct batch_slab){.refs = 1, .size = size};
	}
	slab->refs++;
	slab->used += len;
	return slab->memory + slab->used - len;
}

void batch_command_release(struct batch_command *c)
{
	cJSON_Delete(c->error);
	batch_slab_leave(c->slab);
	*c = (struct batch_command){0};
}

const char *batch_command_method(const struct batch_command *c)
{
	return c->member + c->key_len + 2;
}

static uint32_t hash_of(const char *key, size_t len)
{
	uint32_t hash = 2166136261;
	for (; len--; key++)
		hash = (hash ^ (unsigned char)*key) * 16777619;
	return hash;
}

/* Keys have their quotes, and are as they are printed. */
static struct batch_command *by_key(struct bx_batch *b, const char *key, size_t len, uint32_t hash)
{
	for (size_t i = b->keys[hash % BATCH_KEYS] ? b->count : 0; i--;) {
		const struct batch_command *c = b->window + i;
		if (c->key_hash == hash && c->key_len == len && !memcmp(c->member, key, len))
			return b->window + i;
	}
	return NULL;
}

/* Whether others can refer to it by that id, which is as it is printed. */
static bool can_be_key(const char *id, size_t len)
{
	if (strchr("{[n", *id) || len > KEY_MAX || !strcmp(id, "\"\""))
		return false;
	for (const char *p = id; *p; p++) {
		bool escape = *p == '\\';
		if (escape ? strchr("nrt", *++p) != NULL : *p == '[' || *p == ']' || *p == '$' || *p == ' ')
			return false;
	}
	return true;
}

/* A key others can refer to: the id, where it is plain and free; else one of our own. */
static const struct bx_str *key_of(struct bx_batch *b, struct batch_command *c)
{
	struct bx_str *id = &b->id, *key = *id->buf == '"' ? id : &b->key;
	bool fits = can_be_key(id->buf, id->len);
	bx_str_reset(&b->key);
	if (key != id && fits)
		bx_str_printf(key, "\"%s\"", id->buf);
	for (int twin = 0;; twin++) {
		c->key_hash = hash_of(key->buf, key->len);
		if (fits && !by_key(b, key->buf, key->len, c->key_hash))
			return key;
		key = &b->key;
		fits = true;
		bx_str_reset(key);
		bx_str_printf(key, "\"bx%lld.%d\"", (long long)c->number, twin);
	}
}

/* Makes the command's text of id (nothing: its number) and query in the scratch. */
static void take_text(struct bx_batch *b, struct batch_command *c)
{
	if (!b->id.len)
		bx_str_number(&b->id, c->number);
	const struct bx_str *key = key_of(b, c);
	c->key_len = key->len;
	c->len = key->len + 1 + b->query.len;
	c->id = take_memory(b, b->id.len + 1 + c->len + 1);
	c->slab = b->slab;
	char *p = mempcpy((char *)c->id, b->id.buf, b->id.len + 1);
	c->member = p;
	p = mempcpy(p, key->buf, key->len);
	*p++ = ':';
	memcpy(p, b->query.buf, b->query.len + 1);
}

/* The next reference in text: its key, and where to look on. */
static const char *next_reference(const char *text, const char **key, size_t *len)
{
	static const char *const roots[] = {"$result[", "$next[", "$total[", "$time[", "$error["};
	for (const char *p = strchr(text, '$'); p; p = strchr(p + 1, '$')) {
		for (size_t i = 0; i < BX_COUNT(roots); i++) {
			size_t root = strlen(roots[i]);
			const char *end = strncmp(p, roots[i], root) ? NULL : strchr(p + root, ']');
			if (!end)
				continue;
			*key = p + root;
			*len = (size_t)(end - *key);
			return end;
		}
	}
	return NULL;
}

/* The lowest number that has to travel with a command that refers to other: whatever stands
 * between the two does too, and so does what that refers to. */
static int64_t first_with(const struct bx_batch *b, const struct batch_command *other)
{
	int64_t first = other->first;
	for (size_t i = b->count; i-- && b->window[i].number > first;)
		first = b->window[i].first < first ? b->window[i].first : first;
	return first;
}

static struct batch_command *by_reference(struct bx_batch *b, const char *key, size_t len)
{
	auto_free char *plain = bx_xmemdup(key, len);
	auto_str struct bx_str quoted = BX_STR_INIT(SIZE_MAX / 4);
	bx_json_quote(&quoted, plain);
	return by_key(b, quoted.buf, quoted.len, hash_of(quoted.buf, quoted.len));
}

static bool refer(struct bx_batch *b, struct batch_command *c, const char *text, struct bx_err *err)
{
	const char *key;
	size_t len;
	while ((text = next_reference(text, &key, &len))) {
		struct batch_command *other = by_reference(b, key, len);
		if (!other)
			return bx_fail(err, BX_USAGE, "",
				"command %lld refers to '%.*s', which is the id of none of the %d commands before it",
				(long long)c->number, (int)(len < 100 ? len : 100), key, BX_BATCH_MAX - 1);
		int64_t first = first_with(b, other);
		if (c->number - first >= BX_BATCH_MAX)
			return bx_fail(err, BX_USAGE, "",
				"command %lld refers to '%.*s', which does not fit into one request of %d with it",
				(long long)c->number, (int)(len < 100 ? len : 100), key, BX_BATCH_MAX);
		other->tied = c->tied = true;
		c->first = first < c->first ? first : c->first;
	}
	return true;
}

static bool find_references(struct bx_batch *b, struct batch_command *c, const cJSON *value, struct bx_err *err)
{
	const cJSON *e;
	if (cJSON_IsString(value))
		return refer(b, c, value->valuestring, err);
	cJSON_ArrayForEach(e, value) {
		if ((e->string && !refer(b, c, e->string, err)) || !find_references(b, c, e, err))
			return false;
	}
	return true;
}

bool batch_command(struct bx_batch *b, struct batch_command *c, const cJSON *item, struct bx_err *err)
{
	const char *method = bx_json_str(item, "method");
	const cJSON *params = bx_json_get(item, "params"), *id = bx_json_get(item, "id");
	const struct bx_op *op = method ? bx_op_by_wire(BX_METHOD, method) : NULL;
	c->number = c->first = ++b->number;
	if (!method || !*method || strpbrk(method, "?&# "))
		return bx_fail(err, BX_USAGE, "", "command %lld has no \"method\"", (long long)c->number);
	if (params && !cJSON_IsObject(params))
		return bx_fail(err, BX_USAGE, "", "command %lld: \"params\" is not a map", (long long)c->number);
	if (op && op->flags & (BX_NO_BATCH | BX_ALONE))
		return bx_fail(err, BX_USAGE, "", "command %lld: %s cannot be part of a batch",
			(long long)c->number, method);
	auto_str struct bx_str query = BX_STR_INIT(BATCH_COMMAND_MAX);
	bx_str_puts(&query, method);
	bx_str_putc(&query, '?');
	if (params)
		bx_form_encode(&query, params);
	bx_str_reset(&b->query);
	if (query.over || !bx_json_quote(&b->query, query.buf))
		return bx_fail(err, BX_USAGE, "", "command %lld is larger than %d bytes", (long long)c->number,
			BATCH_COMMAND_MAX);
	auto_free char *printed = id ? bx_json_print(id) : NULL;
	bx_str_reset(&b->id);
	bx_str_puts(&b->id, id ? printed : "");
	take_text(b, c);
	c->repeatable = b->rest->safe || bx_rest_repeatable(op, params);
	return !params || find_references(b, c, params, err);
}

static void look_up_method(struct bx_batch *b, const char *method, size_t len)
{
	struct bx_str *last = &b->method;
	bx_str_reset(last);
	bx_str_add(last, method, len);
	b->row = bx_op_by_wire(BX_METHOD, last->buf);
	b->plain = len && !strpbrk(last->buf, "?&# ") &&
		!(b->row && b->row->flags & (BX_NO_BATCH | BX_ALONE | BX_SAFE_EXT));
}

/* False where the method's row wants a look at the parameters. */
static bool take_method(struct bx_batch *b, const char *method, size_t len)
{
	const struct bx_piece pieces[] = {BX_PIECE("\""), {method, len}, BX_PIECE("?")};
	if (b->method.len != len || memcmp(b->method.buf, method, len) != 0)
		look_up_method(b, method, len);
	return b->plain && bx_str_pieces(&b->query, pieces, BX_COUNT(pieces));
}

static bool take_part(struct bx_batch *b, bool *params, const char *key, size_t len, const char **p)
{
	if (batch_is(key, len, "id"))
		return !b->id.len && bx_json_pass(&b->id, p);
	if (batch_is(key, len, "method"))
		return !b->query.len && bx_json_bare(p, &key, &len) && take_method(b, key, len);
	if (*params || !batch_is(key, len, "params"))
		return false;
	*params = true;
	return b->query.len && bx_form_pass(&b->query, &b->name, p);
}

/* Each part once, the method before its parameters, and nothing else; what is not so plain is looked
 * at as a tree. */
static bool take_parts(struct bx_batch *b, const char *line)
{
	const char *p = line, *key;
	size_t len;
	bx_json_blank(&p);
	int got = *p++ == '{' ? 1 : -1;
	bool params = false;
	bx_str_reset(&b->id);
	bx_str_reset(&b->query);
	for (bool first = true; got == 1 && (got = bx_json_next(&p, '}', first)) == 1; first = false) {
		if (!bx_json_bare(&p, &key, &len) || !bx_json_colon(&p) || !take_part(b, &params, key, len, &p))
			return false;
	}
	if (!got)
		bx_json_blank(&p);
	return !got && b->query.len && bx_str_putc(&b->query, '"') && !*p;
}

bool batch_command_plain(struct bx_batch *b, struct batch_command *c, const char *line)
{
	if (strchr(line, '$') || !take_parts(b, line))
		return false;
	c->number = c->first = ++b->number;
	take_text(b, c);
	c->repeatable = b->rest->safe || bx_rest_repeatable(b->row, NULL);
	return true;
}
