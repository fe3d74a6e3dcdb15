/* One command of a batch: its key, its text, and what it has to travel with. */
#include "batch_impl.h"

#include <string.h>
#include "form.h"
#include "json_flat.h"
#include "banned.h"

#define COMMAND_MAX (8 * 1024 * 1024)

void batch_command_release(struct batch_command *c)
{
	cJSON_Delete(c->id);
	cJSON_Delete(c->result);
	cJSON_Delete(c->error);
	free(c->key);
	free(c->text);
	*c = (struct batch_command){0};
}

static uint32_t hash_of(const char *key, size_t len)
{
	uint32_t hash = 2166136261;
	for (; len--; key++)
		hash = (hash ^ (unsigned char)*key) * 16777619;
	return hash;
}

static struct batch_command *by_key(struct bx_batch *b, const char *key, size_t len)
{
	uint32_t hash = hash_of(key, len);
	for (size_t i = b->count; i--;) {
		if (b->window[i].key_hash == hash && strlen(b->window[i].key) == len &&
			!memcmp(b->window[i].key, key, len))
			return b->window + i;
	}
	return NULL;
}

/* A key others can refer to: the id, where it is plain and free; else one of our own. */
static char *make_key(struct bx_batch *b, const struct batch_command *c)
{
	char *key = bx_json_as_text(c->id);
	size_t len = key ? strlen(key) : 0;
	if (len && len <= 100 && strcspn(key, "[]$ \t\r\n") == len && !by_key(b, key, len))
		return key;
	for (int twin = 0;; twin++) {
		free(key);
		key = bx_xprintf("bx%lld.%d", (long long)c->number, twin);
		if (!by_key(b, key, strlen(key)))
			return key;
	}
}

static void take_key(struct bx_batch *b, struct batch_command *c)
{
	c->key = make_key(b, c);
	c->key_hash = hash_of(c->key, strlen(c->key));
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

static bool refer(struct bx_batch *b, struct batch_command *c, const char *text, struct bx_err *err)
{
	const char *key;
	size_t len;
	while ((text = next_reference(text, &key, &len))) {
		struct batch_command *other = by_key(b, key, len);
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
	c->number = c->first = ++b->number;
	c->id = id ? cJSON_Duplicate(id, true) : bx_json_int_item(c->number);
	c->op = method ? bx_op_by_wire(BX_METHOD, method) : NULL;
	if (!method || !*method || strpbrk(method, "?&# "))
		return bx_fail(err, BX_USAGE, "", "command %lld has no \"method\"", (long long)c->number);
	if (params && !cJSON_IsObject(params))
		return bx_fail(err, BX_USAGE, "", "command %lld: \"params\" is not a map", (long long)c->number);
	if (c->op && c->op->flags & (BX_NO_BATCH | BX_ALONE))
		return bx_fail(err, BX_USAGE, "", "command %lld: %s cannot be part of a batch",
			(long long)c->number, method);
	auto_str struct bx_str text = BX_STR_INIT(COMMAND_MAX);
	bx_str_puts(&text, method);
	bx_str_putc(&text, '?');
	if (params)
		bx_form_encode(&text, params);
	if (text.over)
		return bx_fail(err, BX_USAGE, "", "command %lld is larger than %d bytes", (long long)c->number,
			COMMAND_MAX);
	c->text = bx_str_take(&text);
	take_key(b, c);
	c->repeatable = b->rest->safe || bx_rest_repeatable(c->op, params);
	return !params || find_references(b, c, params, err);
}

/* A command as its line has it. */
struct parts {
	const char *id, *method, *params; /* NULL: not there */
	size_t id_len, method_len;
};

static bool take_part(struct parts *parts, const char *key, size_t len, const char **p)
{
	const char *from = *p;
	if (len == 2 && !memcmp(key, "id", len) && !parts->id) {
		parts->id = from;
		bool ok = bx_json_pass(NULL, p);
		parts->id_len = (size_t)(*p - from);
		return ok;
	}
	if (len == 6 && !memcmp(key, "method", len) && !parts->method)
		return bx_json_bare(p, &parts->method, &parts->method_len);
	if (len != 6 || memcmp(key, "params", len) != 0 || parts->params)
		return false;
	parts->params = from;
	return *from == '{' && bx_json_pass(NULL, p);
}

/* Each part once and nothing else; what is not so plain is looked at as a tree. */
static bool take_parts(struct parts *parts, const char *line)
{
	const char *p = line + strspn(line, " \t\r"), *key;
	size_t len;
	int got = *p++ == '{' ? 1 : -1;
	for (bool first = true; got == 1 && (got = bx_json_next(&p, '}', first)) == 1; first = false) {
		if (!bx_json_bare(&p, &key, &len))
			return false;
		p += strspn(p, " \t\r");
		if (*p++ != ':')
			return false;
		p += strspn(p, " \t\r");
		if (!take_part(parts, key, len, &p))
			return false;
	}
	return !got && !p[strspn(p, " \t\r")];
}

/* "method?fields"; false where anything but these has to be looked at. */
static bool plain_text(const struct parts *parts, const struct bx_op **op, struct bx_str *text)
{
	const char *params = parts->params;
	bx_str_add(text, parts->method, parts->method_len);
	if (!text->len || strpbrk(text->buf, "?&# "))
		return false;
	*op = bx_op_by_wire(BX_METHOD, text->buf);
	if (*op && (*op)->flags & (BX_NO_BATCH | BX_ALONE | BX_SAFE_EXT))
		return false;
	bx_str_putc(text, '?');
	return (!params || bx_form_pass(text, &params)) && !text->over;
}

bool batch_command_plain(struct bx_batch *b, struct batch_command *c, const char *line)
{
	struct parts parts = {0};
	auto_str struct bx_str text = BX_STR_INIT(COMMAND_MAX);
	if (strchr(line, '$') || !take_parts(&parts, line) || !parts.method || !plain_text(&parts, &c->op, &text))
		return false;
	c->number = c->first = ++b->number;
	c->id = parts.id ? bx_json_parse(parts.id, parts.id_len, NULL) : bx_json_int_item(c->number);
	c->text = bx_str_take(&text);
	take_key(b, c);
	c->repeatable = b->rest->safe || bx_rest_repeatable(c->op, NULL);
	return true;
}
