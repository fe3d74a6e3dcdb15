#include "batch_impl.h"

#include "clock.h"
#include "crew.h"
#include "json_flat.h"
#include "limit.h"
#include "log.h"
#include "banned.h"

#define ROUNDS_MAX    5
#define ROUND_WAIT_MS 2000

static size_t window_size(const struct bx_batch *b)
{
	return (size_t)(b->most + 1) * BX_BATCH_MAX;
}

struct bx_batch *bx_batch_new(struct bx_rest *rest, bool halt, bx_batch_fn *fn, void *arg)
{
	struct bx_batch *b = bx_xcalloc(1, sizeof *b);
	*b = (struct bx_batch){.rest = rest, .halt = halt, .fn = fn, .arg = arg};
	b->op = bx_op_by_verb(BX_METHOD, "batch");
	bx_batch_parallel(b, 1);
	return b;
}

void bx_batch_parallel(struct bx_batch *b, unsigned most)
{
	b->most = most;
	b->window = bx_xrealloc(b->window, window_size(b) * sizeof *b->window);
	b->rests = bx_xrealloc(b->rests, most * sizeof *b->rests);
	for (unsigned i = 0; i + 1 < most; i++) {
		struct bx_rest *rest = b->rests + i;
		bx_rest_init(rest, b->rest->store, &b->rest->profile);
		rest->timeout_ms = b->rest->timeout_ms;
		rest->until = b->rest->until;
		rest->bulk = b->rest->bulk;
		rest->safe = b->rest->safe;
		rest->token = b->rest->token;
	}
}

void bx_batch_flat(struct bx_batch *b)
{
	b->flat = true;
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
	for (unsigned i = 0; i + 1 < b->most; i++)
		bx_rest_release(b->rests + i);
	free(b->rests);
	free(b->window);
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

/* One request. */
struct request {
	struct bx_batch *batch;
	struct bx_rest *rest;
	struct batch_command *commands;
	size_t size;
	int64_t deadline; /* bx_mono_ms; for a wait that the portal's clock asks for */
	int64_t wait;	  /* ms until what was refused for limits may be sent again; 0: nothing was */
	struct bx_err err; /* of the request as a whole */
};

/* The most commands from start on that can go without tearing apart what belongs together. */
static size_t cut(const struct bx_batch *b, size_t start)
{
	size_t left = b->count - start, size = left < BX_BATCH_MAX ? left : BX_BATCH_MAX;
	for (; size; size--) {
		int64_t next = b->window[start].number + (int64_t)size;
		bool torn = false;
		for (size_t i = start + size; i < b->count && !torn; i++)
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

/* After how many milliseconds a refused command may be sent again; 0: never. */
static int64_t again_in(const struct request *r, const struct batch_command *c, const cJSON *error)
{
	const char *code = bx_json_str(error, "error");
	if (c->tied || r->batch->halt)
		return 0;
	if (bx_streq(code, "OPERATION_TIME_LIMIT"))
		return bx_rest_time_wait(r->rest, c->text, r->deadline);
	return bx_streq(code, "QUERY_LIMIT_EXCEEDED") ? ROUND_WAIT_MS : 0;
}

static cJSON *params_of(const struct request *r, bool *repeatable)
{
	cJSON *params = cJSON_CreateObject(), *cmd = cJSON_CreateObject();
	bx_json_set_int(params, "halt", r->batch->halt);
	*repeatable = true;
	for (size_t i = 0; i < r->size; i++) {
		const struct batch_command *c = r->commands + i;
		if (c->done)
			continue;
		cJSON_AddItemToObjectCS(cmd, c->key, cJSON_CreateStringReference(c->text));
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

/* An error is looked into. */
static cJSON *take_whole(cJSON *item)
{
	cJSON *tree = NULL;
	return bx_json_whole(item, &tree) == item ? bx_json_take(item) : tree;
}

/* Takes the outcome of each command. In r->wait, after how long those refused for limits may be
 * sent again; 0: there are none. */
static void take_outcomes(struct request *r, const cJSON *result, bool last)
{
	struct bx_batch *b = r->batch;
	const cJSON *results = bx_json_get(result, "result"), *errors = bx_json_get(result, "result_error");
	const cJSON *times = bx_json_get(result, "result_time");
	cJSON *next_good = cJSON_IsObject(results) ? results->child : NULL;
	cJSON *next_error = cJSON_IsObject(errors) ? errors->child : NULL;
	cJSON *next_time = cJSON_IsObject(times) ? times->child : NULL;
	for (size_t i = 0; i < r->size; i++) {
		struct batch_command *c = r->commands + i;
		if (c->done)
			continue;
		cJSON *found = at(errors, c->key, &next_error), *good = at(results, c->key, &next_good);
		auto_json cJSON *error = found ? take_whole(found) : NULL;
		int64_t wait = error && !last ? again_in(r, c, error) : 0;
		r->wait = wait > r->wait ? wait : r->wait;
		if (wait)
			continue;
		if (good && !error)
			bx_rest_note_time(r->rest, c->text, at(times, c->key, &next_time));
		c->result = good && !error ? bx_json_take(good) : NULL;
		c->error = error;
		error = NULL;
		if (!c->error && !good && !b->halted)
			c->error = error_item("", "the portal's answer does not mention this command");
		c->done = true;
		b->halted = b->halted || (b->halt && c->error);
	}
}

/* Of an answer each command's result, error and time are wanted. */
static void send_round(struct request *r, bool last)
{
	static const char *const unread[] = {"result_total", "result_next", NULL}, *const times[] = {"result_time", NULL};
	static const struct bx_json_flat flat = {.depth = 3, .without = unread, .as_came = times};
	bool repeatable, safe = r->rest->safe;
	r->wait = 0;
	auto_json cJSON *params = params_of(r, &repeatable);
	r->rest->safe = repeatable;
	r->rest->flat = r->batch->flat ? &flat : NULL;
	auto_json cJSON *result = bx_rest_op(r->rest, r->batch->op, params, &r->err);
	r->rest->safe = safe;
	r->rest->flat = NULL;
	for (size_t i = 0; i < r->size && !result; i++) {
		if (!r->commands[i].done)
			r->commands[i].error = error_item(r->err.code, r->err.text);
	}
	if (result)
		take_outcomes(r, result, last);
}

/* A request that fails as a whole is the last one; the rest is told as not run. */
static void send_request(void *arg, size_t i)
{
	struct request *r = (struct request *)arg + i;
	struct bx_batch *b = r->batch;
	r->deadline = bx_rest_deadline(r->rest);
	for (int round = 1; round == 1 ? !b->halted : r->wait > 0; round++) {
		if (round > 1) {
			bx_log(BX_LOG_INFO, "commands were refused for a limit: sent again in %lld s",
				(long long)(r->wait + 999) / 1000);
			bx_sleep_until(r->wait, bx_mono_ms() + r->wait);
		}
		send_round(r, round == ROUNDS_MAX);
	}
	b->halted = b->halted || r->err.exit;
	if (!b->broken.exit)
		b->broken = r->err;
}

static bool report(struct bx_batch *b, size_t size, struct bx_err *err)
{
	for (size_t i = 0; i < size; i++) {
		const struct batch_command *c = b->window + i;
		b->failed += c->error != NULL;
		b->skipped += !c->error && !c->result;
		if (!b->fn(b->arg, c->id, c->result, c->error, i + 1 < size, err))
			return false;
	}
	return true;
}

/* As many requests as may be under way. */
static bool send_some(struct bx_batch *b, struct bx_err *err)
{
	auto_free struct request *requests = bx_xcalloc(b->most, sizeof *requests);
	size_t size = 0;
	unsigned count = 0;
	for (; count < b->most && size < b->count; count++) {
		struct request *r = requests + count;
		*r = (struct request){.batch = b, .rest = count ? b->rests + count - 1 : b->rest,
			.commands = b->window + size, .size = cut(b, size)};
		size += r->size;
	}
	if (b->most == 1)
		send_request(requests, 0);
	else
		bx_crew_run(count, count, send_request, requests);
	bool told = report(b, size, err);
	drop(b, size);
	return told;
}

static bool take_command(struct bx_batch *b, const struct batch_command *c, struct bx_err *err)
{
	b->window[b->count++] = *c;
	return b->count < window_size(b) || send_some(b, err);
}

bool bx_batch_add(struct bx_batch *b, const cJSON *item, struct bx_err *err)
{
	struct batch_command c = {0};
	if (!batch_command(b, &c, item, err)) {
		batch_command_release(&c);
		return false;
	}
	return take_command(b, &c, err);
}

bool bx_batch_add_plain(struct bx_batch *b, const char *line, bool *taken, struct bx_err *err)
{
	struct batch_command c = {0};
	*taken = batch_command_plain(b, &c, line);
	return !*taken || take_command(b, &c, err);
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
