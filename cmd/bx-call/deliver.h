/* The outbox's hands: how each request goes out, and what is remembered of it. */
#ifndef BX_CALL_DELIVER_H
#define BX_CALL_DELIVER_H

#include "call.h"
#include "outbox.h"

struct deliverer {
	struct bx_cli *cli;
	struct bx_portal *portal; /* its ref is set to the call at hand */
	int64_t deadline;	  /* bx_mono_ms; 0: each request has the portal's timeout */
	struct bx_err last;	  /* of the last request that failed */
	cJSON *changed;		  /* gets a line of each item that is queued no longer; or NULL */
};

extern const struct bx_outbox_ops deliver_ops; /* arg is a struct deliverer */

#endif
