#include "batch.h"

#include "clock.h"
#include "form.h"
#include "limit.h"
#include "log.h"
#include "banned.h"

#define WINDOW	      (2 * BX_BATCH_MAX)
#define COMMAND_MAX   (8 * 1024 * 1024)
#define ROUNDS_MAX    5
#define ROUND_WAIT_MS 2000

struct command {
	cJSON *id;
	char *key;  /* in the request, and in references of others */
	char *text; /* method?query */
	const struct bx_op *op;
	int64_t number; /* from 1 */
	int64_t first;	/* the lowest number that has to be in the same request */
	bool repeatable, tied; /* tied: refers, or is referred to */
	cJSON *result, *error;
	bool done;
};

struct bx_batch {
	struct bx_rest *rest;
	const struct bx_op *op;
	bool halt, halted; /* halted: nothing more is sent */
	struct bx_err broken; /* why a whole request failed */
	bx_batch_fn *fn;
	void *arg;
	struct command window[WINDOW];
	size_t count;
	int64_t number, failed, skipped;
};

struct bx_batch *bx_batch_new(struct bx_rest *rest, bool halt, bx_batch_fn *fn, void *arg)
{
	struct bx_batch *b = bx_xcalloc(1, sizeof *b);
	*b = (struct bx_batch){.rest = rest, .halt = halt, .fn = fn, .arg = arg};
	b->op = bx_op_by_verb(BX_METHOD, "batch");
	return b;
}

static void command_release(struct command *c)
{
	cJSON_Delete(c->id);
	cJSON_Delete(c->result);
	cJSON_Delete(c->error);
	free(c->key);
	free(c->text);
	*c = (struct command){0};
}

static void drop(struct bx_batch *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		command_release(b->window + i);
	b->count -= count;
	memmove(b->window, b->window + count, b->count * sizeof *b->window);
}

void bx_batch_free(struct bx_batch *b)
{
	if (!b)
		return;
	drop(b, b->count);
	free(b);
}

int64_t bx_batch_failed(const struct bx_batch *b)
{
	return b->failed;
}

int64_t bx_batch_skipped(const struct bx_batch *b)
{
	return b->skipped;
}

static struct command *by_key(struct bx_batch *b, const char *key, size_t len)
{
	for (size_t i = b->count; i--;) {
		if (strlen(b->window[i].key) == len && !memcmp(b->window[i].key, key, len))
			return b->window + i;
	}
	return NULL;
}

/* A key others can refer to: the id, where it is plain and free; else one of our own. */
static char *make_key(struct bx_batch *b, const struct command *c)
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
static int64_t first_with(const struct bx_batch *b, const struct command *other)
{
	int64_t first = other->first;
	for (size_t i = b->count; i-- && b->window[i].number > first;)
		first = b->window[i].first < first ? b->window[i].first : first;
	return first;
}

static bool refer(struct bx_batch *b, struct command *c, const char *text, struct bx_err *err)
{
	const char *key;
	size_t len;
	while ((text = next_reference(text, &key, &len))) {
		struct command *other = by_key(b, key, len);
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

static bool find_references(struct bx_batch *b, struct command *c, const cJSON *value, struct bx_err *err)
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

static bool make_command(struct bx_batch *b, struct command *c, const cJSON *item, struct bx_err *err)
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
	if (c->op && c->op->flags & BX_NO_BATCH)
		return bx_fail(err, BX_USAGE, "", "command %lld: %s cannot be part of a batch",
			(long long)c->number, method);
	auto_str struct bx_str text = BX_STR_INIT(COMMAND_MAX);
	bx_str_printf(&text, "%s?", method);
	if (params)
		bx_form_encode(&text, params);
	if (text.over)
		return bx_fail(err, BX_USAGE, "", "command %lld is larger than %d bytes", (long long)c->number,
			COMMAND_MAX);
	c->text = bx_str_take(&text);
	c->key = make_key(b, c);
	c->repeatable = b->rest->safe || bx_rest_repeatable(c->op, params);
	return !params || find_references(b, c, params, err);
}

/* The most commands that can go now without tearing apart what belongs together. */
static size_t cut(const struct bx_batch *b)
{
	size_t size = b->count < BX_BATCH_MAX ? b->count : BX_BATCH_MAX;
	for (; size; size--) {
		int64_t next = b->window[0].number + (int64_t)size;
		bool torn = false;
		for (size_t i = size; i < b->count && !torn; i++)
			torn = b->window[i].first < next;
		if (!torn)
			break;
	}
	return size;
}

/* The portal gives lists for keys 0, 1, 2 … and maps for all others. Outcomes come in the order of
 * the commands, so the next one is mostly the one looked for. */
static cJSON *at(const cJSON *outcome, const char *key, cJSON **next)
{
	int64_t index;
	cJSON probe = {.type = cJSON_String, .valuestring = (char *)key}, *found;
	if (cJSON_IsArray(outcome))
		return bx_json_as_int(&probe, &index) && index >= 0 && index < BX_BATCH_MAX
			? cJSON_GetArrayItem(outcome, (int)index)
			: NULL;
	found = *next && !strcmp((*next)->string, key) ? *next : bx_json_get(outcome, key);
	*next = found ? found->next : *next;
	return found;
}

static bool refused_for_limits(const cJSON *error)
{
	const char *code = bx_json_str(error, "error");
	return code && (!strcmp(code, "QUERY_LIMIT_EXCEEDED") || !strcmp(code, "OPERATION_TIME_LIMIT"));
}

static cJSON *request_of(const struct bx_batch *b, size_t size, bool *repeatable)
{
	cJSON *params = cJSON_CreateObject(), *cmd = cJSON_CreateObject();
	bx_json_set_int(params, "halt", b->halt);
	*repeatable = true;
	for (size_t i = 0; i < size; i++) {
		const struct command *c = b->window + i;
		if (c->done)
			continue;
		cJSON_AddStringToObject(cmd, c->key, c->text);
		*repeatable = *repeatable && c->repeatable;
	}
	bx_json_set(params, "cmd", cmd);
	return params;
}

static cJSON *error_item(const char *code, const char *text)
{
	cJSON *e = cJSON_CreateObject();
	bx_json_set_str(e, "error", code);
	bx_json_set_str(e, "error_description", text);
	return e;
}

/* Takes the outcome of each command. True when some were refused for limits and may be sent
 * again. */
static bool take_outcomes(struct bx_batch *b, size_t size, const cJSON *result, bool last)
{
	const cJSON *results = bx_json_get(result, "result"), *errors = bx_json_get(result, "result_error");
	cJSON *next_good = cJSON_IsObject(results) ? results->child : NULL;
	cJSON *next_error = cJSON_IsObject(errors) ? errors->child : NULL;
	bool again = false;
	for (size_t i = 0; i < size; i++) {
		struct command *c = b->window + i;
		if (c->done)
			continue;
		cJSON *error = at(errors, c->key, &next_error), *good = at(results, c->key, &next_good);
		if (error && refused_for_limits(error) && !c->tied && !b->halt && !last) {
			again = true;
			continue;
		}
		c->error = error ? bx_json_take(error) : NULL;
		c->result = good && !error ? bx_json_take(good) : NULL;
		if (!error && !good && !b->halted)
			c->error = error_item("", "the portal's answer does not mention this command");
		c->done = true;
		b->halted = b->halted || (b->halt && c->error);
	}
	return again;
}

static bool send_round(struct bx_batch *b, size_t size, bool last, bool *again, struct bx_err *err)
{
	struct bx_rest *rest = b->rest;
	bool repeatable, safe = rest->safe;
	auto_json cJSON *params = request_of(b, size, &repeatable);
	rest->safe = repeatable;
	auto_json cJSON *result = bx_rest_op(rest, b->op, params, err);
	rest->safe = safe;
	for (size_t i = 0; i < size && !result; i++) {
		if (!b->window[i].done)
			b->window[i].error = error_item(err->code, err->text);
	}
	*again = result && take_outcomes(b, size, result, last);
	return result != NULL;
}

static bool report(struct bx_batch *b, size_t size, struct bx_err *err)
{
	for (size_t i = 0; i < size; i++) {
		const struct command *c = b->window + i;
		b->failed += c->error != NULL;
		b->skipped += !c->error && !c->result;
		if (!b->fn(b->arg, c->id, c->result, c->error, err))
			return false;
	}
	return true;
}

/* A request that fails as a whole is the last one; the rest is told as not run. */
static bool send_some(struct bx_batch *b, struct bx_err *err)
{
	size_t size = cut(b);
	bool again = !b->halted;
	for (int round = 1; again; round++) {
		if (round > 1)
			bx_sleep_until(ROUND_WAIT_MS, bx_mono_ms() + ROUND_WAIT_MS);
		if (!send_round(b, size, round == ROUNDS_MAX, &again, &b->broken))
			b->halted = true;
	}
	bool told = report(b, size, err);
	drop(b, size);
	return told;
}

bool bx_batch_add(struct bx_batch *b, const cJSON *item, struct bx_err *err)
{
	struct command c = {0};
	if (!make_command(b, &c, item, err)) {
		command_release(&c);
		return false;
	}
	b->window[b->count++] = c;
	return b->count < WINDOW || send_some(b, err);
}

void bx_batch_stop(struct bx_batch *b)
{
	b->halted = true;
}

bool bx_batch_end(struct bx_batch *b, struct bx_err *err)
{
	while (b->count) {
		if (!send_some(b, err))
			return false;
	}
	if (!b->broken.exit)
		return true;
	if (err)
		*err = b->broken;
	return false;
}
