#include "batch_impl.h"

#include "clock.h"
#include "limit.h"
#include "banned.h"

#define ROUNDS_MAX    5
#define ROUND_WAIT_MS 2000

struct bx_batch *bx_batch_new(struct bx_rest *rest, bool halt, bx_batch_fn *fn, void *arg)
{
	struct bx_batch *b = bx_xcalloc(1, sizeof *b);
	*b = (struct bx_batch){.rest = rest, .halt = halt, .fn = fn, .arg = arg};
	b->op = bx_op_by_verb(BX_METHOD, "batch");
	return b;
}

static void drop(struct bx_batch *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		batch_command_release(b->window + i);
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
		const struct batch_command *c = b->window + i;
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
		struct batch_command *c = b->window + i;
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
		const struct batch_command *c = b->window + i;
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
	struct batch_command c = {0};
	if (!batch_command(b, &c, item, err)) {
		batch_command_release(&c);
		return false;
	}
	b->window[b->count++] = c;
	return b->count < BATCH_WINDOW || send_some(b, err);
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
