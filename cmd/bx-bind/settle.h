/* One portal brought to what is wanted. */
#ifndef BX_BIND_SETTLE_H
#define BX_BIND_SETTLE_H

#include "kinds.h"
#include "rest.h"

struct bx_cli;

struct settle {
	struct bx_cli *cli;
	struct bx_rest *rest;
	bool dry;   /* only tells what would be done */
	bool prune; /* what is not wanted goes */
	bool quiet; /* what is right already is not told */
	/* Counted from 0 on by settle_kind. */
	int items, changed, failed;
};

/* Everything of one kind: what is right is kept, what differs is removed and made again, what is
 * missing is made; each is printed. An item the portal refuses is reported and counted, and the
 * others go on; false: the portal as a whole could not be dealt with. */
bool settle_kind(struct settle *settle, const struct bind_kind *kind, const cJSON *wanted,
	struct bx_err *err);
/* After all kinds: BX_REFUSED when items failed. */
bool settle_end(struct settle *settle, struct bx_err *err);

#endif
