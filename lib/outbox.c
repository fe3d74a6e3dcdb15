#include "outbox.h"

#include "clock.h"
#include "lock.h"
#include "spec.h"
#include "banned.h"

#define NOT_FOUND     "Call is not found" /* the rest of the text differs between versions */
#define PAUSE_MS      1000
#define UNFINISHED_MS (24 * 3600 * 1000LL) /* so long a record waits for its call's finish */

struct delivery {
	struct bx_outbox_chain *chain;
	int64_t own;
	const struct bx_outbox_ops *ops;
	void *arg;
	struct bx_err *err;
	char *call_id; /* "" until known */
	int64_t start_ms;
	bool registers; /* the register is one of the items */
	bool finished;	/* a finish is queued, or delivered */
	bool booked;	/* it was delivered */
};

enum step { GO_ON, LATER, TROUBLE, BROKEN };

static bool is(const struct bx_outbox_item *item, const char *verb)
{
	return !strcmp(item->verb, verb);
}

static bool has_state(const struct bx_outbox_item *item, const char *state)
{
	return !strcmp(item->state, state);
}

static bool attaches(const struct bx_outbox_item *item)
{
	return is(item, "record") || is(item, "transcript");
}

static int64_t now_of(const struct delivery *d)
{
	return d->ops->now(d->arg);
}

static enum step save(struct delivery *d, const struct bx_outbox_item *item, enum step next)
{
	struct bx_err why = {0};
	if (d->ops->save(d->arg, item, &why))
		return next;
	*d->err = why;
	return BROKEN;
}

static enum step set_state(struct delivery *d, struct bx_outbox_item *item, const char *state,
	const char *error, enum step next)
{
	bx_set_str(&item->state, state);
	bx_set_str(&item->error, error);
	item->sent_ms = item->due_ms = 0;
	return save(d, item, next);
}

static enum step done(struct delivery *d, struct bx_outbox_item *item, const cJSON *result)
{
	const char *call_id = bx_json_str(result, "CALL_ID");
	auto_free char *text = bx_json_print(result);
	if (cJSON_IsBool(result) && !bx_json_truthy(result))
		return set_state(d, item, BX_OUTBOX_DROPPED, "no live call has this CALL_ID", GO_ON);
	if (is(item, "register") && call_id)
		bx_set_str(&d->call_id, call_id);
	d->booked |= is(item, "finish");
	bx_set_str(&item->call_id, d->call_id);
	bx_set_str(&item->result, text);
	return set_state(d, item, BX_OUTBOX_DONE, "", GO_ON);
}

/* A register or finish that failed leaves nothing the later ones could refer to. */
static enum step park(struct delivery *d, struct bx_outbox_item *item, const struct bx_err *why)
{
	auto_free char *text = *why->code ? bx_xprintf("%s: %s", why->code, why->text)
					  : bx_xstrdup(why->text);
	bool blocks = is(item, "register") || is(item, "finish");
	return set_state(d, item, BX_OUTBOX_PARKED, text, blocks ? LATER : GO_ON);
}

static enum step put_off(struct delivery *d, struct bx_outbox_item *item, const struct bx_err *why,
	enum step next)
{
	int64_t pause = PAUSE_MS << (item->tries < 10 ? item->tries : 10);
	if (next == TROUBLE)
		*d->err = *why;
	bx_set_str(&item->error, why->text);
	item->due_ms = now_of(d) + (pause < BX_OUTBOX_PAUSE_MS ? pause : BX_OUTBOX_PAUSE_MS);
	return save(d, item, next);
}

/* A second file would replace the first; but each is to go up once. */
static bool must_settle(const struct bx_outbox_item *item)
{
	const struct bx_op *op = bx_op_by_verb(BX_METHOD, item->verb);
	return op && (op->flags & BX_VERIFY || (is(item, "record") && *item->path));
}

/* Whether the portal's answer to an item, or the row that was found instead, has that number. */
static bool names(const struct bx_outbox_item *item, const char *const keys[], const char *id)
{
	auto_json cJSON *result = bx_json_parse(item->result, strlen(item->result), NULL);
	bool found = false;
	for (size_t i = 0; keys[i] && !found; i++) {
		auto_free char *known = bx_json_as_text(bx_json_get(result, keys[i]));
		found = bx_streq(known, id);
	}
	return found;
}

/* What the row has under the key is of no other item. */
static bool is_new(const struct delivery *d, const cJSON *row, const char *key,
	const char *const keys[])
{
	auto_free char *id = bx_json_as_text(bx_json_get(row, key));
	bool fresh = id && *id;
	for (size_t i = 0; i < d->chain->count && fresh; i++)
		fresh = !names(&d->chain->items[i], keys, id);
	return fresh;
}

/* The call may have had a record before what is queued here: of an address that a finish or
 * another item gave, or of a time before its finish is among the items. */
static bool may_have_record(const struct delivery *d)
{
	bool may = !d->booked;
	for (size_t i = 0; i < d->chain->count && !may; i++) {
		const char *given = d->chain->items[i].params;
		auto_json cJSON *params = bx_json_parse(given, strlen(given), NULL);
		may = bx_json_get(params, "RECORD_URL") != NULL;
	}
	return may;
}

static bool shows_in(const struct delivery *d, const struct bx_outbox_item *item, const cJSON *row)
{
	static const char *const files[] = {"FILE_ID", "RECORD_FILE_ID", NULL};
	static const char *const transcripts[] = {"TRANSCRIPT_ID", NULL};
	if (is(item, "transcript"))
		return is_new(d, row, "TRANSCRIPT_ID", transcripts);
	return !is(item, "record") || (is_new(d, row, "RECORD_FILE_ID", files) && !may_have_record(d));
}

/* What the statistics say of a request that may have been executed. The caller deletes. */
static cJSON *executed(struct delivery *d, const struct bx_outbox_item *item, struct bx_err *why)
{
	cJSON *row = *d->call_id ? d->ops->statistics(d->arg, d->call_id, why) : NULL;
	if (row && shows_in(d, item, row))
		return row;
	cJSON_Delete(row);
	return NULL;
}

/* True: it is settled that the item was not executed, and it may go out. Else *step. */
static bool settled(struct delivery *d, struct bx_outbox_item *item, enum step *step)
{
	struct bx_err why = {0};
	if (!item->sent_ms)
		return true;
	auto_json cJSON *row = executed(d, item, &why);
	int64_t now = now_of(d);
	if (item->sent_ms > now)
		item->sent_ms = now; /* the clock was set back: count from here */
	if (row)
		*step = done(d, item, row);
	else if (why.exit)
		*step = put_off(d, item, &why, TROUBLE);
	else if (now - item->sent_ms <= BX_OUTBOX_RUNS_MS) {
		item->due_ms = item->sent_ms + BX_OUTBOX_RUNS_MS + 1;
		*step = save(d, item, LATER);
	} else
		return true;
	return false;
}

/* A record may come before its call's finish does. */
static bool comes_early(const struct delivery *d, const struct bx_outbox_item *item,
	const struct bx_err *why)
{
	bool unknown = bx_starts(why->text, "Call ") && strstr(why->text, "is not found");
	return attaches(item) && unknown && d->registers && !d->booked &&
		now_of(d) - item->queued_ms < UNFINISHED_MS;
}

/* Not when it is an app, a plan or an address that is refused, which somebody will put right: that
 * is no verdict on the call. */
static bool for_good(const struct bx_err *why)
{
	bool everything = (why->http >= 401 && why->http <= 412) || why->http >= 423;
	return why->exit == BX_ABSENT || (why->exit == BX_REFUSED && !everything);
}

static enum step failed(struct delivery *d, struct bx_outbox_item *item, bool tried,
	const struct bx_err *why)
{
	struct bx_err none = {0};
	auto_json cJSON *row = NULL;
	if (!for_good(why)) {
		item->sent_ms = why->exit == BX_UNKNOWN && must_settle(item) ? now_of(d) : 0;
		return put_off(d, item, why, TROUBLE);
	}
	if (comes_early(d, item, why)) {
		item->sent_ms = 0;
		return put_off(d, item, why, LATER);
	}
	if (tried && is(item, "finish") && bx_starts(why->text, NOT_FOUND))
		row = executed(d, item, &none);
	if (none.exit)
		return put_off(d, item, &none, TROUBLE);
	return row ? done(d, item, row) : park(d, item, why);
}

static cJSON *params_of(const struct delivery *d, const struct bx_outbox_item *item, bool fresh)
{
	cJSON *params = bx_json_parse(item->params, strlen(item->params), NULL);
	if (is(item, "register")) {
		if (!fresh)
			bx_json_set_int(params, "SHOW", 0);
		return params;
	}
	cJSON *whole = cJSON_CreateObject();
	const cJSON *e;
	bx_json_set_str(whole, "CALL_ID", d->call_id);
	cJSON_ArrayForEach(e, params)
		bx_json_set(whole, e->string, cJSON_Duplicate(e, true));
	cJSON_Delete(params);
	return whole;
}

static enum step send_item(struct delivery *d, struct bx_outbox_item *item, bool fresh)
{
	struct bx_err why = {0};
	bool tried = item->sent_ms != 0;
	item->tries++;
	if (must_settle(item)) {
		item->sent_ms = now_of(d);
		if (save(d, item, GO_ON) != GO_ON)
			return BROKEN;
	}
	auto_json cJSON *params = params_of(d, item, fresh);
	auto_json cJSON *result = d->ops->send(d->arg, item, params, &why);
	return result ? done(d, item, result) : failed(d, item, tried, &why);
}

/* Whoever waits for an answer is not put off. */
static bool put_off_still(const struct delivery *d, const struct bx_outbox_item *item, int64_t now)
{
	return !d->own && item->due_ms > now &&
		item->due_ms <= now + BX_OUTBOX_PAUSE_MS + BX_OUTBOX_RUNS_MS;
}

static enum step deliver_item(struct delivery *d, struct bx_outbox_item *item)
{
	int64_t now = now_of(d);
	bool young = now - d->start_ms < BX_OUTBOX_LIVE_MS;
	bool fresh = !d->finished && (item->id == d->own || young);
	enum step step = LATER;
	if (!fresh && (is(item, "show") || is(item, "hide")))
		return set_state(d, item, BX_OUTBOX_DROPPED, "the call is over, or older than a minute", GO_ON);
	if (put_off_still(d, item, now) || (!*d->call_id && !is(item, "register")))
		return LATER;
	return settled(d, item, &step) ? send_item(d, item, fresh) : step;
}

/* What the chain as a whole says: its CALL_ID, when the call began, whether it has ended. */
static void look_over(struct delivery *d)
{
	d->start_ms = d->chain->count ? d->chain->items[0].queued_ms : 0;
	for (size_t i = 0; i < d->chain->count; i++) {
		const struct bx_outbox_item *item = &d->chain->items[i];
		if (*item->call_id)
			bx_set_str(&d->call_id, item->call_id);
		if (has_state(item, BX_OUTBOX_DROPPED))
			continue;
		d->finished |= is(item, "finish");
		d->booked |= is(item, "finish") && has_state(item, BX_OUTBOX_DONE);
		if (!is(item, "register"))
			continue;
		d->registers = true;
		auto_json cJSON *params = bx_json_parse(item->params, strlen(item->params), NULL);
		const char *date = bx_json_str(params, "CALL_START_DATE");
		if (date)
			bx_time_parse(date, &d->start_ms, NULL);
	}
}

static int rank(const struct bx_outbox_item *item)
{
	return is(item, "register") ? 0 : is(item, "finish") ? 2 : attaches(item) ? 3 : 1;
}

static int by_rank(const void *a, const void *b)
{
	const struct bx_outbox_item *one = a, *two = b;
	int ranks = rank(one) - rank(two);
	return ranks ? ranks : one->id < two->id ? -1 : one->id > two->id;
}

static enum step deliver_next(struct delivery *d, struct bx_outbox_item *item)
{
	if (has_state(item, BX_OUTBOX_QUEUED))
		return deliver_item(d, item);
	bool blocks = is(item, "register") || is(item, "finish");
	return has_state(item, BX_OUTBOX_PARKED) && blocks ? LATER : GO_ON;
}

enum bx_outbox_end bx_outbox_deliver(struct bx_outbox_chain *chain, int64_t own,
	const struct bx_outbox_ops *ops, void *arg, struct bx_err *err)
{
	static const enum bx_outbox_end ends[] = {[GO_ON] = BX_OUTBOX_EMPTY, [LATER] = BX_OUTBOX_LATER,
		[TROUBLE] = BX_OUTBOX_TROUBLE, [BROKEN] = BX_OUTBOX_BROKEN};
	struct bx_err unused = {0};
	struct delivery d = {.chain = chain, .own = own, .ops = ops, .arg = arg,
		.err = err ? err : &unused, .call_id = bx_xstrdup("")};
	enum step step = GO_ON;
	look_over(&d);
	if (chain->count)
		qsort(chain->items, chain->count, sizeof *chain->items, by_rank);
	for (size_t i = 0; i < chain->count && step == GO_ON; i++)
		step = deliver_next(&d, &chain->items[i]);
	free(d.call_id);
	return ends[step];
}

int bx_outbox_lock(int64_t chain, int timeout_ms, struct bx_err *err)
{
	auto_str struct bx_str path = BX_STR_INIT(BX_PATH_MAX);
	return bx_store_path(&path, "outbox-calls.lock", err)
		? bx_lock_one(path.buf, chain, timeout_ms, err) : -1;
}
