/* The bucket: against a model of the portal's own, with many callers and an imagined clock. */
#include "check.h"
#include "limit.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>
#include "clock.h"

/* The portal's counter (portal.md 3.1), draining continuously or in steps of a second. */
struct portal {
	double level;
	int64_t at_ms;
	int64_t burst;
	double rate;
	bool steps;
	int refused;
};

static void arrive(struct portal *p, int64_t now)
{
	int64_t passed = now - p->at_ms;
	if (p->steps)
		passed -= passed % 1000;
	p->level = fmax(0, p->level - p->rate * (double)passed / 1000);
	p->at_ms += passed;
	p->level += 1;
	p->refused += p->level > (double)p->burst;
}

/* calls calls by one caller after the other, each taking latency ms to arrive. Returns when the
 * last one arrived. */
static int64_t run(struct portal *p, bool bulk, int calls, int64_t latency)
{
	struct bx_bucket bucket = {0};
	int64_t now = 1000000;
	p->at_ms = now;
	for (int done = 0; done < calls;) {
		bool taken;
		int64_t wait = bx_bucket_slot(&bucket, p->burst, p->rate, bulk, now, INT64_MAX, &taken);
		now += wait;
		if (!taken)
			continue;
		arrive(p, now + latency);
		done++;
	}
	return now - 1000000;
}

static void keeps_to(int64_t burst, double rate, bool steps, bool bulk)
{
	struct portal p = {.burst = burst, .rate = rate, .steps = steps};
	int calls = (int)burst * 4 + 100;
	int64_t took = run(&p, bulk, calls, 0);
	double best = fmax(1, calls - (double)burst) * 1000 / rate;
	auto_free char *what = bx_xprintf("%lld:%g %s, %s calls: none refused", (long long)burst, rate,
		steps ? "in steps" : "continuously", bulk ? "bulk" : "live");
	CHECK(p.refused == 0, what);
	auto_free char *time = bx_xprintf("and not much slower than could be (%lld of %.0f ms)", (long long)took, best);
	/* The margin is a second's worth, and for bulk a fifth of the bucket: paid once. */
	double margin = 1000 + ceil(rate) * 1000 / rate + (bulk ? (double)burst / 5 * 1000 / rate + 1000 : 0);
	CHECK((double)took <= best + margin, time);
}

static void priorities(void)
{
	struct bx_bucket bucket = {0};
	bool taken = true;
	int bulk = 0, live = 0;
	while (bx_bucket_slot(&bucket, 50, 2, true, 1000, 0, &taken) == 0)
		bulk++;
	while (bx_bucket_slot(&bucket, 50, 2, false, 1000, 0, &taken) == 0)
		live++;
	CHECK(bulk < 45 && live >= 5, "bulk work leaves room for live calls");
	int64_t first = bx_bucket_slot(&bucket, 50, 2, false, 1000, 10000, &taken);
	CHECK(taken && first > 0, "a live call is promised the next place");
	int64_t second = bx_bucket_slot(&bucket, 50, 2, false, 1000, 10000, &taken);
	CHECK(taken && second == first + 500, "and the one after it the next");
	CHECK(bx_bucket_slot(&bucket, 50, 2, true, 1000, 100000, &taken) > second && !taken,
		"bulk work is promised nothing");
}

static void edges(void)
{
	struct bx_bucket bucket = {0};
	bool taken;
	CHECK(bx_bucket_slot(&bucket, 1, 2, false, 1000, 0, &taken) == 0 && taken, "a bucket of one takes one");
	double level = bucket.level;
	CHECK(bx_bucket_slot(&bucket, 1, 2, false, 1000, 100, &taken) > 100 && !taken && bucket.level == level,
		"what would take too long takes nothing");
	bucket = (struct bx_bucket){.level = 10, .at_ms = 100000};
	bx_bucket_slot(&bucket, 50, 2, false, 5000, 0, &taken);
	CHECK(bucket.level == 11, "a clock set back drains nothing");
	bucket = (struct bx_bucket){.blocked_ms = 9000};
	CHECK(bx_bucket_slot(&bucket, 50, 2, false, 5000, 100000, &taken) == 4000, "a refusal holds everybody back");
}

static void refusals(void)
{
	struct bx_bucket bucket = {0};
	for (int i = 0; i < 8; i++)
		bx_bucket_refused(&bucket, 50, 2, 1000 + i, 500);
	CHECK(bucket.refusals == 1 && bucket.blocked_ms == 2000, "what is refused together is one refusal");
	bx_bucket_refused(&bucket, 50, 2, 3000, 500);
	CHECK(bucket.refusals == 2 && bucket.blocked_ms == 4500, "the next one makes all wait longer");
	for (int i = 0; i < 20; i++)
		bx_bucket_refused(&bucket, 50, 2, bucket.blocked_ms, 4294967295u);
	int64_t last = bucket.blocked_ms;
	bx_bucket_refused(&bucket, 50, 2, last, 59999);
	CHECK(bucket.blocked_ms - last <= 90000, "but there is an end to that");
	bool taken;
	CHECK(bx_bucket_slot(&bucket, 50, 2, false, last - 365LL * 86400000, 1000000, &taken) < 60000,
		"a clock set back by a year does not block for a year");
	bx_bucket_refused(&bucket, 50, 2, bucket.blocked_ms + 120001, 500);
	CHECK(bucket.refusals == 1, "after two quiet minutes it is forgotten");
}

static void some_ahead(void)
{
	struct bx_bucket bucket = {.level = 3};
	CHECK(bx_bucket_ahead(&bucket, 250, 5, 16) == 0 && bucket.level == 3, "nothing is taken ahead of a slow bucket");
	CHECK(bx_bucket_ahead(&bucket, 2000, 1000, 16) == 10 && bucket.level == 13, "of a fast one what drains in no time");
	CHECK(bx_bucket_ahead(&bucket, 1000000, 1000000, 16) == 16 && bucket.level == 29, "and no more than is asked for");
	CHECK(bx_bucket_ahead(&bucket, 20, 2000, 16) == 0, "a bucket smaller than its rate has nothing to spare");
}

/* Sixteen processes at once, each of which takes ahead as much as it may and uses it late. */
static void many_ahead(bool steps)
{
	enum { MANY = 16, ROUNDS = 200 };
	struct portal p = {.burst = 3000, .rate = 1000, .steps = steps};
	struct bx_bucket bucket = {0};
	int64_t now = p.at_ms = 1000000, held[MANY] = {0};
	for (int round = 0; round < ROUNDS * MANY; round++) {
		int64_t *own = held + round % MANY, wait = 0;
		for (; *own; --*own)
			arrive(&p, now);
		bool taken = false;
		while (!taken) {
			wait = bx_bucket_slot(&bucket, p.burst, p.rate, true, now, INT64_MAX, &taken);
			now += wait;
		}
		arrive(&p, now);
		*own = bx_bucket_ahead(&bucket, p.burst, p.rate, 16);
	}
	CHECK(p.refused == 0, "what is taken ahead and used late is not refused");
}

/* How many of the first slots of this process cost a transaction. */
static int transactions(struct bx_store *store, struct bx_store *other, struct bx_profile *p, bool bulk, int slots)
{
	int count = 0;
	struct bx_err err;
	for (int i = 0; i < slots; i++) {
		int64_t before = bx_store_data_version(other);
		CHECK(bx_limit_wait(store, p, bulk, bx_mono_ms() + 60000, &err), "a slot");
		count += bx_store_data_version(other) != before;
	}
	return count;
}

static void taken_ahead(void)
{
	static const char *const domains[] = {"fast", "live", "slow", "refused"};
	struct bx_err err;
	struct bx_store *store = bx_portals_open(&err), *other = bx_portals_open(&err);
	auto_profile struct bx_profile p;
	bx_profile_init(&p);
	int cost[4] = {0};
	for (size_t i = 0; i < BX_COUNT(domains); i++) {
		bx_set_str(&p.domain, domains[i]);
		p.limit_burst = 1000000;
		p.limit_rate = i == 2 ? 5 : 1000000;
		cost[i] = transactions(store, other, &p, i != 1, i == 3 ? 4 : i ? 40 : 200);
	}
	CHECK(cost[0] >= 3 && cost[0] < 100, "bulk work that goes on takes more and more slots at once");
	CHECK(cost[1] == 40, "live calls take one each");
	CHECK(cost[2] == 40, "as does everybody from a slow bucket");
	CHECK(bx_limit_refused(store, &p, &err), "a refusal");
	struct bx_bucket bucket;
	CHECK(!bx_limit_wait(store, &p, true, bx_mono_ms(), &err) && err.exit == BX_AGAIN, "ends what was taken ahead");
	CHECK(bx_bucket_take(other, p.domain, &bucket, &err) && bucket.blocked_ms > bx_now_ms() - 60000, "and holds all back");
	bx_store_undo(other);
	bx_store_close(other);
	bx_store_close(store);
}

int main(void)
{
	char dir[] = "/tmp/bx-limit-XXXXXX";
	if (!mkdtemp(dir))
		return 1;
	setenv("BX_STATE", dir, 1);
	static const struct {
		int64_t burst;
		double rate;
	} limits[] = {{50, 2}, {250, 5}, {10, 1}, {30, 20}, {5, 1}, {5000, 1000}};
	for (size_t i = 0; i < BX_COUNT(limits); i++) {
		for (int mode = 0; mode < 4; mode++)
			keeps_to(limits[i].burst, limits[i].rate, mode & 1, mode & 2);
	}
	priorities();
	edges();
	refusals();
	some_ahead();
	many_ahead(false);
	many_ahead(true);
	taken_ahead();
	const char *clean = check_end() ? "rm -rf \"$0\"; exit 1" : "rm -rf \"$0\"";
	fflush(stdout);
	execlp("sh", "sh", "-c", clean, dir, (char *)NULL);
	return 1;
}
