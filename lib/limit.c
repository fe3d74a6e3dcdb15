#include "limit.h"

#include <math.h>
#include "cancel.h"
#include "clock.h"
#include "crew.h"
#include "log.h"
#include "secret.h"
#include "banned.h"

#define BACKOFF_MS     1000
#define BACKOFF_MAX_MS 60000
#define BLOCKED_MAX_MS (BACKOFF_MAX_MS * 3 / 2)
#define FORGET_MS      120000
#define AHEAD_MS       100 /* what others were refused meanwhile is not known to it */
#define AHEAD_MAX      16

static double drained(const struct bx_bucket *bucket, double rate, int64_t now_ms)
{
	/* A clock set back drains nothing. */
	int64_t passed = now_ms > bucket->at_ms ? now_ms - bucket->at_ms : 0;
	double level = bucket->level - rate * (double)passed / 1000;
	return level > 0 ? level : 0;
}

int64_t bx_bucket_slot(struct bx_bucket *bucket, int64_t burst, double rate, bool bulk,
	int64_t now_ms, int64_t longest_ms, bool *taken)
{
	/* A second's worth stays free: the portal may drain in steps of a second, and what was sent
	 * in order may arrive bunched. */
	double room = fmax(1, (double)burst - ceil(rate));
	double mine = bulk ? fmax(1, room - fmax(1, floor(room / 5))) : room;
	bucket->level = drained(bucket, rate, now_ms);
	bucket->at_ms = now_ms;
	int64_t wait = (int64_t)ceil(fmax(0, bucket->level + 1 - mine) * 1000 / rate);
	/* A clock set back must not hold everybody for years. */
	int64_t blocked = bucket->blocked_ms - now_ms;
	if (blocked > wait && blocked <= BLOCKED_MAX_MS)
		wait = blocked;
	/* A live call is promised its place in the line; bulk work asks again. */
	*taken = wait <= longest_ms && (!bulk || !wait);
	if (*taken)
		bucket->level += 1;
	return wait;
}

int64_t bx_bucket_ahead(struct bx_bucket *bucket, int64_t burst, double rate, int64_t most)
{
	/* What drains in ten milliseconds is a trifle of the second's worth that stays free, whenever it
	 * is used; a bucket smaller than that has less to spare. */
	double trifle = floor(fmin(rate, (double)burst - 1) / 100);
	int64_t slots = trifle < (double)most ? (int64_t)trifle : most;
	bucket->level += (double)slots;
	return slots;
}

bool bx_sleep_until(int64_t ms, int64_t deadline)
{
	int64_t left = deadline - bx_mono_ms();
	int64_t nap = ms < left ? ms : left;
	if (nap > 0)
		bx_crew_pause(nap);
	return ms <= left && !bx_cancelled();
}

/* What this process has taken for bulk work that comes at once: a transaction for each of many short
 * requests would cost as much as they do. */
static struct {
	char *domain;
	int64_t slots, until_ms;
	int64_t most; /* to take at the next time: more while all are used, nothing for a single call */
} ahead;

static bool take_ahead(const char *domain)
{
	bool goes_on = bx_streq(ahead.domain, domain) && bx_mono_ms() < ahead.until_ms;
	if (goes_on && ahead.slots) {
		ahead.slots--;
		return true;
	}
	ahead.most = !goes_on ? 0 : ahead.most < AHEAD_MAX / 2 ? 2 * ahead.most + 1 : AHEAD_MAX;
	return false;
}

static void drop_ahead(void)
{
	ahead.slots = ahead.until_ms = 0;
}

static bool ask(struct bx_store *store, const struct bx_profile *p, bool bulk, int64_t longest,
	int64_t *wait, bool *taken, struct bx_err *err)
{
	struct bx_bucket bucket;
	if (!bx_bucket_take(store, p->domain, &bucket, err))
		return false;
	*wait = bx_bucket_slot(&bucket, p->limit_burst, p->limit_rate, bulk, bx_now_ms(), longest, taken);
	int64_t slots = bulk && *taken ? bx_bucket_ahead(&bucket, p->limit_burst, p->limit_rate, ahead.most) : 0;
	if (!bx_bucket_save(store, p->domain, &bucket, err))
		return false;
	if (bulk && *taken) {
		bx_set_str(&ahead.domain, p->domain);
		ahead.slots = slots;
		ahead.until_ms = bx_mono_ms() + AHEAD_MS;
	}
	return true;
}

bool bx_limit_wait(struct bx_store *store, const struct bx_profile *p, bool bulk, int64_t deadline,
	struct bx_err *err)
{
	if (bulk && !bx_cancelled() && take_ahead(p->domain))
		return true;
	for (;;) {
		int64_t wait, left = deadline - bx_mono_ms();
		bool taken;
		if (!ask(store, p, bulk, left, &wait, &taken, err))
			return false;
		if (wait > left)
			return bx_fail(err, BX_AGAIN, "",
				"%s takes no more calls from this machine for %lld ms, which is beyond the timeout",
				p->domain, (long long)wait);
		if (wait)
			bx_log(BX_LOG_TRACE, "limit: waiting %lld ms", (long long)wait);
		bx_sleep_until(wait, deadline);
		if (bx_cancelled())
			return bx_fail(err, BX_AGAIN, "", "interrupted; nothing was sent");
		if (taken)
			return true;
	}
}

void bx_bucket_refused(struct bx_bucket *bucket, int64_t burst, double rate, int64_t now_ms, uint32_t noise)
{
	/* The portal's own bucket is full, whatever ours said. */
	bucket->level = fmax(drained(bucket, rate, now_ms), (double)burst);
	bucket->at_ms = now_ms;
	/* What was under way together is refused together: that is one refusal. */
	if (bucket->blocked_ms > now_ms && bucket->blocked_ms - now_ms <= BLOCKED_MAX_MS)
		return;
	if (now_ms - bucket->blocked_ms > FORGET_MS)
		bucket->refusals = 0;
	int64_t pause = BACKOFF_MS << (bucket->refusals < 6 ? bucket->refusals : 6);
	pause = pause < BACKOFF_MAX_MS ? pause : BACKOFF_MAX_MS;
	bucket->refusals++;
	bucket->blocked_ms = now_ms + pause / 2 + noise % (uint32_t)pause;
}

bool bx_limit_refused(struct bx_store *store, const struct bx_profile *p, struct bx_err *err)
{
	struct bx_bucket bucket;
	uint32_t noise;
	drop_ahead();
	if (!bx_bucket_take(store, p->domain, &bucket, err))
		return false;
	bx_random(&noise, sizeof noise);
	bx_bucket_refused(&bucket, p->limit_burst, p->limit_rate, bx_now_ms(), noise);
	return bx_bucket_save(store, p->domain, &bucket, err);
}
