/* The queue service: posts to the handlers of applications, one attempt each (portal.md 10.5). */
#ifndef BX_SANDBOX_SENDER_H
#define BX_SANDBOX_SENDER_H

#include "sandbox.h"

struct sb_sender *sb_sender_new(struct sandbox *sb);
/* Waits a short while for posts under way; what has not begun is dropped. */
void sb_sender_free(struct sb_sender *sender);

/* Posts an urlencoded body once, after the portal's delivery delay. Posts to one address keep
 * their order; one that is slow to answer is posted to at growing intervals (lanes.h). */
void sb_send(struct sandbox *sb, const char *url, const char *body);

/* Fetches an address in the background; fn runs in the loop, unless the sender is freed first. */
struct sb_fetched {
	int status; /* 0: no answer, for this reason: */
	const char *error;
	const char *body;
	size_t len;
};
typedef void sb_fetched_fn(void *arg, const struct sb_fetched *got);
void sb_fetch(struct sandbox *sb, const char *url, sb_fetched_fn *fn, void *arg);

/* Calls fn in the loop as soon as nothing is on its way, at once when nothing is. but_held: what is
 * held back is not waited for. */
void sb_when_idle(struct sandbox *sb, bool but_held, bx_loop_fn *fn, void *arg);
/* The portal's clock was moved. */
void sb_sender_clock(struct sandbox *sb);

#endif
