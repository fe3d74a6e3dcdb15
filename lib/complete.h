/* What completes a word that the rows do not know: portals, calls, users, frames,
 * and the methods, placements, events and scopes of a portal. Layer 5.
 * Reads the store and asks a running bx-serve; makes no file and never goes to the network. */
#ifndef BX_COMPLETE_H
#define BX_COMPLETE_H

#include "cli.h"

bx_complete_fn bx_complete;

struct bx_store;

/* The names that each portal's own lists had last: a small value of the store, of when that was
 * (bx_now_ms) and the names, with spaces between. */
#define BX_HEARD_METHODS    "methods"
#define BX_HEARD_PLACEMENTS "placements"
#define BX_HEARD_EVENTS	    "events"
#define BX_HEARD_MAX	    (1024 * 1024)
char *bx_heard_key(const char *list, const char *portal); /* the caller frees */
/* Remembers names; a store that cannot be written keeps what it had. */
void bx_heard(struct bx_store *store, const char *list, const char *portal, const cJSON *names);
/* Whether it is time to ask again; known is that value or NULL. */
bool bx_heard_old(const char *known, int64_t now_ms);
/* Offers those of the portal, and those of our rows. */
void bx_methods_offer(struct bx_store *store, const char *portal, bx_candidate_fn *add, void *arg);

#endif
