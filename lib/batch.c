#include "batch_impl.h"

#include <poll.h>
#include "crew.h"
#include "form.h"
#include "banned.h"

#define HELD_TIMES 4 /* requests held for each under way, because an earlier one is slow */

struct bx_batch *bx_batch_new(struct bx_rest *rest, bool halt, bx_batch_fn *fn, void *arg)
{
	struct bx_batch *b = bx_xcalloc(1, sizeof *b);
	*b = (struct bx_batch){.rest = rest, .halt = halt, .fn = fn, .arg = arg, .most = 1, .room = 1};
	b->op = bx_op_by_verb(BX_METHOD, "batch");
	bx_str_init(&b->id, SIZE_MAX / 4);
	bx_str_init(&b->key, SIZE_MAX / 4);
	bx_str_init(&b->query, BATCH_COMMAND_MAX + 2);
	bx_str_init(&b->name, BX_FORM_NAME_MAX);
	bx_str_init(&b->method, SIZE_MAX / 4);
	bx_str_init(&b->spare, SIZE_MAX / 4);
	b->requests = bx_xcalloc(b->room, sizeof *b->requests);
	return b;
}

static void init_seat(struct bx_rest *seat, const struct bx_rest *like)
{
	bx_rest_init(seat, like->store, &like->profile);
	seat->timeout_ms = like->timeout_ms;
	seat->until = like->until;
	seat->bulk = like->bulk;
	seat->safe = like->safe;
	seat->token = like->token;
}

static bx_crew_fn send_request;

void bx_batch_parallel(struct bx_batch *b, unsigned most)
{
	if (most <= 1)
		return;
	b->most = most;
	b->room = (size_t)most * HELD_TIMES;
	free(b->requests);
	b->requests = bx_xcalloc(b->room, sizeof *b->requests);
	b->seats = bx_xcalloc(most, sizeof *b->seats);
	for (unsigned i = 0; i < most; i++)
		init_seat(&b->seats[i].rest, b->rest);
	bx_crew_open(most, send_request, b->requests);
}

void bx_batch_dry(struct bx_batch *b, bx_batch_request_fn *fn)
{
	b->dry = fn;
}

static struct batch_request *in_ring(const struct bx_batch *b, size_t i)
{
	return b->requests + (b->first + i) % b->room;
}

static void release_request(struct bx_batch *b, struct batch_request *r)
{
	for (size_t i = 0; i < r->size; i++)
		batch_command_release(r->commands + i);
	bx_str_release(&b->spare);
	bx_str_reset(&r->text);
	b->spare = r->text;
}

void bx_batch_free(struct bx_batch *b)
{
	if (!b)
		return;
	if (b->seats) {
		while (bx_crew_turn(-1))
			;
		bx_crew_close();
	}
	for (size_t i = 0; i < b->held; i++)
		release_request(b, in_ring(b, i));
	for (size_t i = 0; i < b->count; i++)
		batch_command_release(b->window + i);
	for (unsigned i = 0; b->seats && i < b->most; i++)
		bx_rest_release(&b->seats[i].rest);
	free(b->seats);
	free(b->requests);
	batch_slab_leave(b->slab);
	bx_str_release(&b->id);
	bx_str_release(&b->key);
	bx_str_release(&b->query);
	bx_str_release(&b->name);
	bx_str_release(&b->method);
	bx_str_release(&b->spare);
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

/* The most commands that can go without tearing apart what belongs together. */
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

/* There are as many seats as requests under way. */
static void send_request(void *arg, size_t i)
{
	struct batch_request *r = (struct batch_request *)arg + i;
	struct batch_seat *seat = r->batch->seats;
	while (seat->taken)
		seat++;
	seat->taken = true;
	r->rest = &seat->rest;
	batch_send(r);
	seat->taken = false;
}

static bool report(struct bx_batch *b, const struct batch_request *r, struct bx_err *err)
{
	for (size_t i = 0; i < r->size; i++) {
		const struct batch_command *c = r->commands + i;
		b->failed += c->error != NULL;
		b->skipped += !c->error && !c->good;
		const struct bx_outcome outcome = {.id = c->id, .result = c->good ? batch_part_of(r, c, BATCH_RESULT) : NULL,
			.result_len = c->result_len, .error = c->error, .more = i + 1 < r->size};
		if (!b->fn(b->arg, &outcome, err))
			return false;
	}
	return true;
}

static bool tell(struct bx_batch *b, struct bx_err *err)
{
	while (b->held && in_ring(b, 0)->over) {
		struct batch_request *r = in_ring(b, 0);
		bool told = report(b, r, err);
		release_request(b, r);
		b->first = (b->first + 1) % b->room;
		b->held--;
		if (!told)
			return false;
	}
	return true;
}

/* Moves what goes together next from the window to the end of the ring. */
static struct batch_request *fill_request(struct bx_batch *b)
{
	struct batch_request *r = in_ring(b, b->held++);
	*r = (struct batch_request){.batch = b, .rest = b->rest, .size = cut(b), .text = b->spare};
	bx_str_init(&b->spare, b->spare.max);
	memcpy(r->commands, b->window, r->size * sizeof *b->window);
	b->count -= r->size;
	memmove(b->window, b->window + r->size, b->count * sizeof *b->window);
	memset(b->keys, 0, sizeof b->keys);
	for (size_t i = 0; i < b->count; i++)
		b->keys[b->window[i].key_hash % BATCH_KEYS] = true;
	return r;
}

static bool show_request(struct bx_batch *b, struct batch_request *r, struct bx_err *err)
{
	bool repeatable;
	auto_json cJSON *params = batch_params(r, &repeatable);
	b->held--;
	bool shown = b->halted || b->dry(b->arg, b->op->wire, params, err);
	release_request(b, r);
	return shown;
}

static bool send_some(struct bx_batch *b, struct bx_err *err)
{
	while (b->held == b->room) {
		bx_crew_turn(-1);
		if (!tell(b, err))
			return false;
	}
	struct batch_request *r = fill_request(b);
	if (b->dry)
		return show_request(b, r, err);
	if (b->seats)
		bx_crew_add((size_t)(r - b->requests));
	else
		batch_send(r);
	return tell(b, err);
}

static bool take_command(struct bx_batch *b, const struct batch_command *c, struct bx_err *err)
{
	b->window[b->count++] = *c;
	b->keys[c->key_hash % BATCH_KEYS] = true;
	return b->count < BX_COUNT(b->window) || send_some(b, err);
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

static bool can_read(int fd)
{
	struct pollfd on = {.fd = fd, .events = POLLIN};
	return poll(&on, 1, 0) > 0;
}

bool bx_batch_await(struct bx_batch *b, int fd, struct bx_err *err)
{
	while (b->seats && !can_read(fd) && bx_crew_turn(fd)) {
		if (!tell(b, err))
			return false;
	}
	return true;
}

bool bx_batch_end(struct bx_batch *b, struct bx_err *err)
{
	while (b->count) {
		if (!send_some(b, err))
			return false;
	}
	while (b->held) {
		bx_crew_turn(-1);
		if (!tell(b, err))
			return false;
	}
	if (!b->broken.exit)
		return true;
	if (err)
		*err = b->broken;
	return false;
}
