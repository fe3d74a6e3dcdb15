/* When a post goes out: one after another to each address, late when the queue service is, and at
 * growing intervals while the address answers slowly (portal.md 10.5). Times are the portal's. */
#ifndef BX_SANDBOX_LANES_H
#define BX_SANDBOX_LANES_H

#include "sandbox.h"

struct sb_lane;
struct sb_lanes;

/* A post on its way to one address; embedded in the sender's own. */
struct sb_turn {
	struct sb_turn *next;
	struct sb_lane *lane;
	int64_t due_ms;
};
typedef void sb_turn_fn(struct sb_turn *turn);

/* go: the turn's post begins; drop: it never will. */
struct sb_lanes *sb_lanes_new(struct sandbox *sb, sb_turn_fn *go, sb_turn_fn *drop);
void sb_lanes_free(struct sb_lanes *lanes);

/* go is called when the address may be posted to, perhaps at once. */
void sb_lanes_add(struct sb_lanes *lanes, const char *url, struct sb_turn *turn);
/* The post has been answered, or has failed, after that time. */
void sb_lanes_done(struct sb_lanes *lanes, struct sb_turn *turn, int64_t took_ms);
/* The portal's clock was moved. */
void sb_lanes_clock(struct sb_lanes *lanes);

#endif
