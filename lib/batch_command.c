/* One command of a batch: its key, its text, and what it has to travel with. */
#include "batch_impl.h"

#include <string.h>
#include "form.h"
#include "json_flat.h"
#include "banned.h"

#define COMMAND_MAX (8 * 1024 * 1024)
#define KEY_MAX	    102 /* with its quotes */

void batch_command_release(struct batch_command *c)
{
	cJSON_Delete(c->error);
	free(c->id);
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
	for (size_t i = b->count; i--;) {
		const struct batch_command *c = b->window + i;
		if (c->key_hash == hash && c->key_len == len && !memcmp(c->member, key, len))
			return b->window + i;
	}
	return NULL;
}

/* Whether others can refer to it by that id, which is as it is printed. */
static bool can_be_key(const char *id, size_t len)
{
	if (strchr("{[n", *id) || len > KEY_MAX || strcspn(id, "[]$ ") < len || !strcmp(id, "\"\""))
		return false;
	for (const char *p = strchr(id, '\\'); p; p = strchr(p + 2, '\\')) {
		if (strchr("nrt", p[1]))
			return false;
	}
	return true;
}

/* False: another command has it. */
static bool take_key(struct bx_batch *b, struct batch_command *c, const char *key, size_t len)
{
	c->key_len = len;
	c->key_hash = hash_of(key, len);
	return !by_key(b, key, len, c->key_hash);
}

/* Appends a key others can refer to: the id that begins text, where it is plain and free; else one of
 * our own. */
static void add_key(struct bx_batch *b, struct batch_command *c, struct bx_str *text, size_t id_len)
{
	size_t at = text->len;
	bool fits = can_be_key(text->buf, id_len), bare = *text->buf != '"';
	bx_str_room(text, id_len + 2);
	bx_str_add(text, "\"", fits && bare);
	bx_str_add(text, text->buf, fits ? id_len : 0);
	bx_str_add(text, "\"", fits && bare);
	for (int twin = 0; !fits || !take_key(b, c, text->buf + at, text->len - at); twin++) {
		bx_str_end_at(text, at);
		bx_str_printf(text, "\"bx%lld.%d\"", (long long)c->number, twin);
		fits = true;
	}
}

/* Begins the command's text: the id (NULL: its number), and the member up to its value. */
static void begin_text(struct bx_batch *b, struct batch_command *c, const char *id, struct bx_str *text)
{
	if (id)
		bx_str_puts(text, id);
	else
		bx_str_number(text, c->number);
	size_t id_len = text->len;
	bx_str_putc(text, 0);
	add_key(b, c, text, id_len);
	bx_str_putc(text, ':');
}

static void end_text(struct batch_command *c, struct bx_str *text)
{
	c->id = bx_str_take(text);
	c->member = c->id + strlen(c->id) + 1;
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
		int64_t first = other ? first_with(b, other) : 0;
		if (!other || c->number - first >= BX_BATCH_MAX)
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
	auto_str struct bx_str query = BX_STR_INIT(COMMAND_MAX), text = BX_STR_INIT(SIZE_MAX / 4);
	bx_str_puts(&query, method);
	bx_str_putc(&query, '?');
	if (params)
		bx_form_encode(&query, params);
	if (query.over)
		return bx_fail(err, BX_USAGE, "", "command %lld is larger than %d bytes", (long long)c->number,
			COMMAND_MAX);
	auto_free char *printed = id ? bx_json_print(id) : NULL;
	begin_text(b, c, printed, &text);
	bx_json_quote(&text, query.buf);
	end_text(c, &text);
	c->repeatable = b->rest->safe || bx_rest_repeatable(op, params);
	return !params || find_references(b, c, params, err);
}

/* A command as its line has it. */
struct parts {
	const char *method; /* NULL: not there */
	size_t method_len;
	bool id, params;
};

/* Of id and parameters, what is sent of them is in the scratch of the batch. */
static bool take_part(struct bx_batch *b, struct parts *parts, const char *key, size_t len, const char **p)
{
	if (len == 6 && !memcmp(key, "method", len) && !parts->method)
		return bx_json_bare(p, &parts->method, &parts->method_len);
	if (len == 6 && !memcmp(key, "params", len) && !parts->params)
		return (parts->params = true) && bx_form_pass(&b->query, p);
	if (len != 2 || memcmp(key, "id", len) != 0 || parts->id)
		return false;
	return (parts->id = true) && bx_json_pass(&b->id, p);
}

/* Each part once and nothing else; what is not so plain is looked at as a tree. */
static bool take_parts(struct bx_batch *b, struct parts *parts, const char *line)
{
	const char *p = line + strspn(line, " \t\r"), *key;
	size_t len;
	int got = *p++ == '{' ? 1 : -1;
	bx_str_reset(&b->id);
	bx_str_reset(&b->query);
	for (bool first = true; got == 1 && (got = bx_json_next(&p, '}', first)) == 1; first = false) {
		if (!bx_json_bare(&p, &key, &len))
			return false;
		p += strspn(p, " \t\r");
		if (*p++ != ':')
			return false;
		p += strspn(p, " \t\r");
		if (!take_part(b, parts, key, len, &p))
			return false;
	}
	return !got && parts->method && parts->method_len && !p[strspn(p, " \t\r")];
}

/* False where its row wants a look at the parameters. */
static bool plain_method(const struct parts *parts, const struct bx_op **op)
{
	auto_free char *method = bx_xmemdup(parts->method, parts->method_len);
	if (strpbrk(method, "?&# "))
		return false;
	*op = bx_op_by_wire(BX_METHOD, method);
	return !*op || !((*op)->flags & (BX_NO_BATCH | BX_ALONE | BX_SAFE_EXT));
}

bool batch_command_plain(struct bx_batch *b, struct batch_command *c, const char *line)
{
	struct parts parts = {0};
	const struct bx_op *op;
	if (strchr(line, '$') || !take_parts(b, &parts, line) || !plain_method(&parts, &op) ||
		parts.method_len + 1 + b->query.len > COMMAND_MAX)
		return false;
	auto_str struct bx_str text = BX_STR_INIT(SIZE_MAX / 4);
	c->number = c->first = ++b->number;
	begin_text(b, c, parts.id ? b->id.buf : NULL, &text);
	bx_str_putc(&text, '"');
	bx_str_add(&text, parts.method, parts.method_len);
	bx_str_putc(&text, '?');
	bx_str_add(&text, b->query.buf, b->query.len);
	bx_str_putc(&text, '"');
	end_text(c, &text);
	c->repeatable = b->rest->safe || bx_rest_repeatable(op, NULL);
	return true;
}
