/* Faults on order: errors, latency and broken transports of chosen methods. */
#ifndef BX_SANDBOX_FAULTS_H
#define BX_SANDBOX_FAULTS_H

#include "call.h"

/* Refuses the call when an error was ordered for its method; true: refused. */
bool sb_fault_refuses(struct sb_call *call);
/* The connection is to be cut before the call is executed. */
bool sb_fault_cuts(struct sb_call *call);
/* Answers the executed call in a broken way, if that was ordered; true: answered. */
bool sb_fault_breaks(struct sb_call *call, const cJSON *tree);
/* Milliseconds the answer is to be late; what only counts as operation time is added to the
 * call's extra_ms. */
int64_t sb_fault_delay(struct sb_call *call);

/* Answers a request to the token endpoint with a fault ordered for it (method "oauth"). */
bool sb_fault_oauth(struct sandbox *sb, struct bx_request *req);
/* The same for an answer of that endpoint that is to break. */
bool sb_fault_breaks_oauth(struct sandbox *sb, struct bx_request *req, int status, const cJSON *tree);

/* Orders a fault. code: an error code of portal.md, or a word of sb_breaks; count: how many
 * calls, 0: until cleared. ms: of latency, or between the bytes of a trickle. */
struct sb_order {
	const char *method, *code, *text;
	int64_t count, ms, status;
	bool only_counted; /* of latency: not waited for */
};
bool sb_fault_order(struct sandbox *sb, const struct sb_order *order, struct bx_err *err);

/* ---- breaks.c ---- */

/* The words of broken transports: the first one is for calls that are not executed. Ends with NULL. */
extern const char *const sb_breaks[];
/* Answers in the way that order says instead of with that status and tree. */
void sb_break(struct bx_request *req, const cJSON *order, int status, const cJSON *tree);

#endif
