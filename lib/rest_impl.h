/* What the rest*.c files share. Layer 4, private to them. */
#ifndef BX_REST_IMPL_H
#define BX_REST_IMPL_H

#include "rest.h"

#define BX_REST_REPLY_MAX (256UL * 1024 * 1024)

/* One call under way. */
struct bx_attempt {
	struct bx_rest *rest;
	const char *method;
	const cJSON *params;
	int64_t deadline;
	char *url; /* where to send it next; NULL: the profile's own address */
	bool refreshed;
	int hops;
	int failures; /* of transport, in a row */
};

enum bx_next { BX_NEXT_DONE, BX_NEXT_AGAIN, BX_NEXT_FAIL };

/* What the answer of a redirect leads to: AGAIN with attempt->url set, or FAIL. */
enum bx_next bx_rest_moved(struct bx_attempt *attempt, const struct bx_http_reply *reply,
	struct bx_err *err);

/* Whether an address is the portal's own: host and port, and TLS where that was used before. */
bool bx_rest_same_place(const struct bx_rest *rest, const struct bx_url *to);
/* Whether credentials may go to an address by its scheme; warns where that is on sufferance. */
bool bx_rest_may_go(struct bx_rest *rest, const char *address, struct bx_err *err);

/* Error objects of the portal to err. */
void bx_rest_error(const cJSON *answer, int http, struct bx_err *err);

#endif
