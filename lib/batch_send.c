/* One request of a batch: sent, and again for what a limit refused, and what became of each command. */
#include "batch_impl.h"

#include "clock.h"
#include "limit.h"
#include "log.h"
#include "banned.h"

#define ROUNDS_MAX    5
#define ROUND_WAIT_MS 2000

/* After how many milliseconds a refused command may be sent again; 0: never. */
static int64_t again_in(const struct batch_request *r, const struct batch_command *c, const cJSON *error)
{
	const char *code = bx_json_str(error, "error");
	if (c->tied || r->batch->halt)
		return 0;
	if (bx_streq(code, "OPERATION_TIME_LIMIT"))
		return bx_rest_time_wait(r->rest, batch_command_method(c), r->deadline);
	return bx_streq(code, "QUERY_LIMIT_EXCEEDED") ? ROUND_WAIT_MS : 0;
}

cJSON *batch_params(const struct batch_request *r, bool *repeatable)
{
	auto_str struct bx_str cmd = BX_STR_INIT(SIZE_MAX / 4);
	size_t len = 0;
	*repeatable = true;
	for (size_t i = 0; i < r->size; i++)
		len += r->commands[i].len + 1;
	bx_str_room(&cmd, len + 1);
	for (size_t i = 0; i < r->size; i++) {
		const struct batch_command *c = r->commands + i;
		if (c->done)
			continue;
		bx_str_putc(&cmd, cmd.len ? ',' : '{');
		bx_str_add(&cmd, c->member, c->len);
		*repeatable = *repeatable && c->repeatable;
	}
	bx_str_putc(&cmd, '}');
	cJSON *params = cJSON_CreateObject();
	bx_json_set_int(params, "halt", r->batch->halt);
	bx_json_set(params, "cmd", cJSON_CreateRaw(cmd.buf));
	return params;
}

static cJSON *error_item(const char *code, const char *text)
{
	cJSON *e = cJSON_CreateObject();
	bx_json_set_str(e, "error", code);
	bx_json_set_str(e, "error_description", text);
	return e;
}

/* Of what the portal says of a command that failed, which should be a map. */
static cJSON *error_of(const char *said)
{
	auto_json cJSON *item = bx_json_parse(said, strlen(said), NULL);
	if (!cJSON_IsObject(item))
		return error_item("", cJSON_IsString(item) ? item->valuestring : said);
	cJSON *error = item;
	item = NULL;
	return error;
}

const char *batch_part_of(const struct batch_request *r, const struct batch_command *c, enum batch_part part)
{
	return c->part[part] ? r->text.buf + c->part[part] - 1 : NULL;
}

static void note_time(const struct batch_request *r, const struct batch_command *c)
{
	if (c)
		bx_rest_note_time_text(r->rest, batch_command_method(c), batch_part_of(r, c, BATCH_TIME));
}

/* Of what one method used, the command that ran last tells most. */
static void note_times(const struct batch_request *r)
{
	const struct batch_command *last = NULL;
	size_t len = 0; /* of its method */
	for (size_t i = 0; i < r->size; i++) {
		const struct batch_command *c = r->commands + i;
		if (c->done || !c->part[BATCH_RESULT] || c->part[BATCH_ERROR] || !c->part[BATCH_TIME])
			continue;
		const char *method = batch_command_method(c);
		if (!last || strncmp(batch_command_method(last), method, len) != 0) {
			note_time(r, last);
			len = strcspn(method, "?") + 1;
		}
		last = c;
	}
	note_time(r, last);
}

/* Takes the outcome of each command. In r->wait, after how long those refused for limits may be
 * sent again; 0: there are none. */
static void take_outcomes(struct batch_request *r, bool last)
{
	struct bx_batch *b = r->batch;
	for (size_t i = 0; i < r->size; i++) {
		struct batch_command *c = r->commands + i;
		if (c->done)
			continue;
		const char *said = batch_part_of(r, c, BATCH_ERROR);
		auto_json cJSON *error = said ? error_of(said) : NULL;
		int64_t wait = error && !last ? again_in(r, c, error) : 0;
		r->wait = wait > r->wait ? wait : r->wait;
		if (wait)
			continue;
		c->good = c->part[BATCH_RESULT] && !error;
		c->error = error;
		error = NULL;
		if (!c->error && !c->good && !b->halted)
			c->error = error_item("", "the portal's answer does not mention this command");
		c->done = true;
		b->halted = b->halted || (b->halt && c->error);
	}
}

static void send_round(struct batch_request *r, bool last)
{
	struct bx_rest *rest = r->rest;
	bool repeatable, safe = rest->safe;
	r->wait = 0;
	auto_json cJSON *params = batch_params(r, &repeatable);
	rest->safe = repeatable;
	rest->read = batch_answer;
	rest->read_arg = r;
	auto_json cJSON *result = bx_rest_op(rest, r->batch->op, params, &r->err);
	rest->safe = safe;
	rest->read = NULL;
	for (size_t i = 0; i < r->size && !result; i++) {
		if (!r->commands[i].done)
			r->commands[i].error = error_item(r->err.code, r->err.text);
	}
	if (!result)
		return;
	note_times(r);
	take_outcomes(r, last);
}

/* A request that fails as a whole is the last one; the rest is told as not run. */
void batch_send(struct batch_request *r)
{
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
	r->over = true;
}
