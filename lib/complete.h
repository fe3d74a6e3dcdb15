/* What completes a word that the rows do not know: portals, calls, users, frames. Layer 5.
 * Reads the store and asks a running bx-serve; makes no file and never goes to the network. */
#ifndef BX_COMPLETE_H
#define BX_COMPLETE_H

#include "cli.h"

bx_complete_fn bx_complete;

/* The methods of each portal, as its own list had them last: a small value of the store, of when
 * that was (bx_now_ms) and the names, with spaces between. */
#define BX_METHODS_MAX (1024 * 1024)
char *bx_methods_key(const char *portal); /* the caller frees */
/* Whether it is time to ask again; known is that value or NULL. */
bool bx_methods_old(const char *known, int64_t now_ms);
struct bx_store;
/* Offers those of the portal, and those of our rows. */
void bx_methods_offer(struct bx_store *store, const char *portal, bx_candidate_fn *add, void *arg);

#endif
