/* The portal's request limit (portal.md 3.1), shared by every process of this machine. Layer 4.
 *
 * The portal counts per source address, so all share one leaky bucket per portal, in the store.
 * Live calls take the next slot; bulk work leaves them a part of the bucket. Where the bucket drains
 * fast, as that of a portal of one's own, bulk work that goes on takes several slots at once. */
#ifndef BX_LIMIT_H
#define BX_LIMIT_H

#include "store_portal.h"

/* Waits for a slot, at most until deadline (bx_mono_ms); BX_AGAIN, at once, when it would take
 * longer. */
bool bx_limit_wait(struct bx_store *store, const struct bx_profile *profile, bool bulk,
	int64_t deadline, struct bx_err *err);

/* The portal refused for its limit: someone else calls from this address too. Everyone here waits
 * a growing time with jitter. */
bool bx_limit_refused(struct bx_store *store, const struct bx_profile *profile, struct bx_err *err);

/* The pure parts, for tests. A refusal at now_ms; noise is random. */
void bx_bucket_refused(struct bx_bucket *bucket, int64_t burst, double rate, int64_t now_ms,
	uint32_t noise);
/* Takes a slot from bucket at now_ms. Returns the milliseconds to wait;
 * *taken tells whether the slot is ours after that, or has to be asked for again. */
int64_t bx_bucket_slot(struct bx_bucket *bucket, int64_t burst, double rate, bool bulk,
	int64_t now_ms, int64_t longest_ms, bool *taken);

/* Right after a slot for bulk work was taken: takes some more, if they drain in no time, at most that
 * many, and returns how many. */
int64_t bx_bucket_ahead(struct bx_bucket *bucket, int64_t burst, double rate, int64_t most);

/* Sleeps for ms, but not beyond deadline; false when that or Ctrl-C (cancel.h) cut it short. */
bool bx_sleep_until(int64_t ms, int64_t deadline);

#endif
