/* batch (portal.md 4). */
#include <string.h>
#include <strings.h>
#include "entrance.h"
#include "faults.h"
#include "form.h"
#include "banned.h"

#define ITEMS_MAX 50
#define DOWNLOAD  "download" /* a method of portals that has no use here but to be refused */

/* The five answers so far, each a map by item key; their names are also the roots of references. */
struct batch {
	struct sb_call *outer;
	cJSON *result, *error, *total, *next, *time;
	bool halt;
};

static const cJSON *root_of(const struct batch *b, const char *text, size_t *len)
{
	const struct {
		const char *name;
		const cJSON *root;
	} roots[] = {{"$result", b->result}, {"$error", b->error}, {"$total", b->total},
		{"$next", b->next}, {"$time", b->time}};
	for (size_t i = 0; i < BX_COUNT(roots); i++) {
		*len = strlen(roots[i].name);
		if (!strncmp(text, roots[i].name, *len))
			return roots[i].root;
	}
	return NULL;
}

static const cJSON *step(const cJSON *from, const char *key)
{
	if (cJSON_IsObject(from))
		return bx_json_get(from, key);
	cJSON probe = {.type = cJSON_String, .valuestring = (char *)key};
	int64_t at;
	bool whole = cJSON_IsArray(from) && bx_json_as_int(&probe, &at) && at >= 0 && at < INT32_MAX;
	return whole ? cJSON_GetArrayItem(from, (int)at) : NULL;
}

/* Follows every [step] up to end; a step that is not there ends the walk. */
static const cJSON *follow(const cJSON *at, const char *p, const char *end)
{
	while ((p = memchr(p, '[', (size_t)(end - p)))) {
		const char *close = memchr(p, ']', (size_t)(end - p));
		if (!close)
			break;
		auto_free char *key = bx_xstrndup(p + 1, (size_t)(close - p - 1));
		const cJSON *below = step(at, key);
		if (!below)
			break;
		at = below;
		p = close + 1;
	}
	return at;
}

/* The value a reference at text stands for, and how long the reference is; NULL: none here. */
static const cJSON *refer(const struct batch *b, const char *text, size_t *len)
{
	size_t name;
	const cJSON *root = *text == '$' ? root_of(b, text, &name) : NULL;
	if (!root)
		return NULL;
	*len = strcspn(text, " \t\r\n\v\f");
	return follow(root, text + name, text + *len);
}

/* References inside a longer text, where strings and numbers alone are put in. */
static char *fill_text(const struct batch *b, const char *text)
{
	struct bx_str out = BX_STR_INIT(1024 * 1024);
	while (*text) {
		size_t len = 1;
		const cJSON *value = refer(b, text, &len);
		bool plain = cJSON_IsString(value) || cJSON_IsNumber(value) || cJSON_IsRaw(value);
		auto_free char *put = plain ? bx_json_as_text(value) : NULL;
		if (put)
			bx_str_puts(&out, put);
		else
			bx_str_add(&out, text, len);
		text += len;
	}
	return bx_str_take(&out);
}

static cJSON *fill(const struct batch *b, const cJSON *item)
{
	if (cJSON_IsString(item)) {
		size_t len;
		const cJSON *value = refer(b, item->valuestring, &len);
		if (value && !item->valuestring[len])
			return cJSON_Duplicate(value, true);
		auto_free char *text = fill_text(b, item->valuestring);
		return cJSON_CreateString(text);
	}
	cJSON *copy = cJSON_IsArray(item) ? cJSON_CreateArray() : cJSON_CreateObject();
	const cJSON *e;
	cJSON_ArrayForEach(e, item)
	{
		cJSON *value = fill(b, e);
		if (cJSON_IsArray(item)) {
			cJSON_AddItemToArray(copy, value);
			continue;
		}
		auto_free char *key = fill_text(b, e->string);
		bx_json_set(copy, key, value);
	}
	return copy;
}

static void put_error(struct batch *b, const char *key, struct sb_call *item)
{
	bx_json_set(b->error, key, item->error);
	item->error = NULL;
}

static void put_result(struct batch *b, const char *key, struct sb_call *item)
{
	bx_json_set(b->result, key, item->result);
	item->result = NULL;
	if (item->total >= 0)
		bx_json_set_int(b->total, key, item->total);
	if (item->next >= 0)
		bx_json_set_int(b->next, key, item->next);
	bx_json_set(b->time, key, sb_time(item));
}

static bool run_named(struct sb_call *item)
{
	item->method = sb_method_by_wire(item->name, &item->op);
	if (!strcasecmp(item->name, DOWNLOAD))
		return sb_refuse(item, "ERROR_BATCH_METHOD_NOT_ALLOWED", NULL);
	if (!item->method)
		return sb_refuse(item, "ERROR_METHOD_NOT_FOUND", NULL);
	sb_call_take(item);
	sb_call_fold(item);
	bool ok = sb_call_run(item);
	sb_fault_delay(item);
	sb_book_time(item);
	return ok;
}

static void take_text(struct batch *b, struct sb_call *item, const char *text)
{
	size_t len = strcspn(text, "?");
	auto_json cJSON *given = text[len] ? bx_form_decode(text + len + 1, strlen(text + len + 1), NULL)
					   : NULL;
	item->name = bx_xstrndup(text, len);
	item->params = given ? fill(b, given) : cJSON_CreateObject();
}

/* One item; false: it failed and the batch is to halt. */
static bool run_item(struct batch *b, const char *key, const char *text, int number)
{
	const struct sb_call *outer = b->outer;
	BX_CLEANUP(sb_call_release) struct sb_call item = {.sb = outer->sb, .item = true,
		.total = -1, .next = -1, .access = outer->access, .app = outer->app,
		.user = outer->user, .user_id = outer->user_id, .app_id = outer->app_id,
		.admin = outer->admin, .scopes = outer->scopes, .begun_us = sb_mono_us()};
	item.webhook_code = bx_xstrdup(outer->webhook_code);
	take_text(b, &item, text);
	bool ok = number < ITEMS_MAX ? run_named(&item)
				     : sb_refuse(&item, "ERROR_BATCH_LENGTH_EXCEEDED", NULL);
	if (ok)
		put_result(b, key, &item);
	else
		put_error(b, key, &item);
	return ok || !b->halt;
}

static void run_items(struct batch *b, const cJSON *cmd)
{
	int number = 0;
	const cJSON *e;
	cJSON_ArrayForEach(e, cmd)
	{
		auto_free char *position = bx_xprintf("%d", number);
		bool text = cJSON_IsString(e);
		if (text && !run_item(b, e->string ? e->string : position, e->valuestring, number))
			return;
		number++;
	}
}

static bool batch(struct sb_call *call)
{
	struct batch b = {.outer = call, .halt = bx_json_truthy(sb_param(call, "HALT"))};
	cJSON *answer = cJSON_CreateObject();
	bx_json_set(answer, "result", b.result = cJSON_CreateObject());
	bx_json_set(answer, "result_error", b.error = cJSON_CreateObject());
	bx_json_set(answer, "result_total", b.total = cJSON_CreateObject());
	bx_json_set(answer, "result_next", b.next = cJSON_CreateObject());
	bx_json_set(answer, "result_time", b.time = cJSON_CreateObject());
	run_items(&b, sb_param(call, "CMD"));
	for (cJSON *e = answer->child; e; e = e->next)
		sb_php_array(e);
	return sb_ok(call, answer);
}

const struct sb_method sb_batch_methods[] = {{"batch", batch}, {0}};
