/* portals.db: what is still to be told to the portals, and what was lately. Layer 3. */
#ifndef BX_STORE_OUTBOX_H
#define BX_STORE_OUTBOX_H

#include "store.h"

#define BX_OUTBOX_QUEUED  "queued"
#define BX_OUTBOX_DONE	  "done"
#define BX_OUTBOX_PARKED  "parked"  /* refused for good; waits for a person */
#define BX_OUTBOX_DROPPED "dropped" /* not needed any more, or given up */

/* One request about a call. Texts are never NULL once initialised; "" stands for none. */
struct bx_outbox_item {
	int64_t id;
	int64_t chain; /* id of the first item of the same call: they go in the order of their ids */
	char *portal;
	char *verb; /* of its row */
	char *external_id;
	char *call_id; /* "" until the register was delivered */
	char *params;  /* JSON, without CALL_ID */
	char *path;    /* of a file to upload, with its size and time as they were */
	char *state;
	char *error;  /* the portal's words */
	char *result; /* JSON, of a delivered one */
	int64_t size, mtime_ms;
	int64_t queued_ms;
	int64_t sent_ms; /* of an attempt whose outcome is not known; 0: none */
	int64_t due_ms;	 /* not before */
	int64_t tries;
};
void bx_outbox_item_init(struct bx_outbox_item *item);
void bx_outbox_item_release(struct bx_outbox_item *item);
#define auto_outbox_item BX_CLEANUP(bx_outbox_item_release)

struct bx_outbox_chain {
	struct bx_outbox_item *items; /* by id */
	size_t count;
};
void bx_outbox_chain_release(struct bx_outbox_chain *chain);
#define auto_outbox_chain BX_CLEANUP(bx_outbox_chain_release)

/* Inserts; chain 0 begins one. Sets id, chain and queued_ms. */
bool bx_outbox_add(struct bx_store *store, struct bx_outbox_item *item, struct bx_err *err);
/* Stores call_id, state, error, result, sent_ms, due_ms and tries. */
bool bx_outbox_save(struct bx_store *store, const struct bx_outbox_item *item, struct bx_err *err);
/* BX_ABSENT when there is none. item was initialised. */
bool bx_outbox_load(struct bx_store *store, int64_t id, struct bx_outbox_item *item,
	struct bx_err *err);
bool bx_outbox_chain_load(struct bx_store *store, int64_t id, struct bx_outbox_chain *chain,
	struct bx_err *err);

/* The newest chain of the call with that CALL_ID, else EXTERNAL_CALL_ID ("" both allowed), which
 * has it as a register when registered is set. portal NULL: of any. 0: none, or err. */
int64_t bx_outbox_find(struct bx_store *store, const char *portal, const char *call_id,
	const char *external_id, bool registered, struct bx_err *err);
/* The next chain of that portal after `after` with something queued, nothing put off beyond now_ms
 * and no parked item in its way; 0: none, or err. */
int64_t bx_outbox_next(struct bx_store *store, const char *portal, int64_t after, int64_t now_ms,
	struct bx_err *err);
/* The next portal by name after `after` ("": the first) with something queued. NULL: none, or err.
 * The caller frees. */
char *bx_outbox_portal(struct bx_store *store, const char *after, struct bx_err *err);
/* What was put off is due now; what may still be running is asked for, not repeated. */
bool bx_outbox_hurry(struct bx_store *store, const char *portal, struct bx_err *err);
/* How many items are queued; portal NULL: of any. -1: err. */
int64_t bx_outbox_waiting(struct bx_store *store, const char *portal, struct bx_err *err);
/* Items in that state (NULL: queued and parked), oldest first; each returns false to stop. */
typedef bool bx_outbox_fn(void *arg, const struct bx_outbox_item *item);
bool bx_outbox_each(struct bx_store *store, const char *portal, const char *state,
	bx_outbox_fn *each, void *arg, struct bx_err *err);
/* Forgets chains of which nothing is left to do, a week after they began. */
bool bx_outbox_prune(struct bx_store *store, struct bx_err *err);

#endif
