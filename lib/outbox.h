/* Delivers what is queued for a call: each request once, in order, whatever is cut. Layer 4.
 *
 * Pure but for its ops: the portal, the clock and the store are the caller's, so that tests can cut
 * between any two steps. Whoever delivers holds the call's lock (bx_outbox_lock). */
#ifndef BX_OUTBOX_H
#define BX_OUTBOX_H

#include "json.h"
#include "store_outbox.h"

/* A request that was cut off runs at most that long (portal.md 3.3). */
#define BX_OUTBOX_RUNS_MS 60000
/* A card of an older call is not raised any more. */
#define BX_OUTBOX_LIVE_MS 60000
/* So long an item is put off at most; what is due later was written by a clock that was wrong. */
#define BX_OUTBOX_PAUSE_MS 60000

struct bx_outbox_ops {
	int64_t (*now)(void *arg);
	/* On disk when it returns. */
	bool (*save)(void *arg, const struct bx_outbox_item *item, struct bx_err *err);
	/* One attempt: the result to keep (for a register with CALL_ID; false from show and hide),
	 * or NULL and err as bx_rest_op has it; BX_ABSENT: the item's file is not there any more. */
	cJSON *(*send)(void *arg, const struct bx_outbox_item *item, const cJSON *params,
		struct bx_err *err);
	/* The statistics row of the call. NULL with err->exit BX_OK: there is none. */
	cJSON *(*statistics)(void *arg, const char *call_id, struct bx_err *err);
};

enum bx_outbox_end {
	BX_OUTBOX_EMPTY,   /* nothing of the call is left to do */
	BX_OUTBOX_LATER,   /* something is not due yet, blocked by a parked item, or unsettled */
	BX_OUTBOX_TROUBLE, /* a request failed, and is put off for a while: err says why */
	BX_OUTBOX_BROKEN,  /* the store failed: err */
};

/* Goes register, show and hide, finish, record and transcript, whichever was queued first; the
 * chain's items are sorted so. own: id of the item this process has just queued for a caller who
 * waits, else 0; its card is shown as asked. */
enum bx_outbox_end bx_outbox_deliver(struct bx_outbox_chain *chain, int64_t own,
	const struct bx_outbox_ops *ops, void *arg, struct bx_err *err);

/* The lock of a chain, waited for at most timeout_ms; as bx_lock. */
int bx_outbox_lock(int64_t chain, int timeout_ms, struct bx_err *err);

#endif
