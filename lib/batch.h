/* Lists of any length and batches of any size (portal.md 4, 5). Layer 4. */
#ifndef BX_BATCH_H
#define BX_BATCH_H

#include "rest.h"

/* One row of a list; false stops, with err filled if that is a failure. */
typedef bool bx_row_fn(void *arg, const cJSON *row, struct bx_err *err);

/* Calls a list method page by page and gives each row to fn; only one page is in memory. At most
 * limit rows (0: all). A cursor that does not move is BX_REFUSED. */
bool bx_list(struct bx_rest *rest, const char *method, const cJSON *params, int64_t limit,
	bx_row_fn *fn, void *arg, struct bx_err *err);
/* For rest->read where rows are only printed: most are their text then (cJSON_Raw). */
bx_rest_read_fn bx_list_flat;

#define BX_BATCH_MAX 50 /* commands in one request */

/* The outcome of a command: result, or error, or neither when it did not run after a failure with
 * halt. */
struct bx_outcome {
	const char *id, *result; /* as bx_json_print prints them */
	size_t result_len;
	const cJSON *error;	 /* the portal's map */
	bool more;		 /* the next one follows at once, without a wait for the portal */
};
/* Called in the order in which they were added; false stops. */
typedef bool bx_batch_fn(void *arg, const struct bx_outcome *outcome, struct bx_err *err);

struct bx_batch;
struct bx_batch *bx_batch_new(struct bx_rest *rest, bool halt, bx_batch_fn *fn, void *arg);
/* Before the first command: that many requests (1 to 64) are under way at once, and one that is
 * slow holds up the others only when a few times as many wait for it to be told of. Outcomes keep
 * the order of the commands, but the portal may run one request's before another's. Not with halt. */
void bx_batch_parallel(struct bx_batch *batch, unsigned most);
/* Before the first command: nothing is sent. Each request that would be is given to fn; false stops. */
typedef bool bx_batch_request_fn(void *arg, const char *method, const cJSON *params, struct bx_err *err);
void bx_batch_dry(struct bx_batch *batch, bx_batch_request_fn *fn);
void bx_batch_free(struct bx_batch *batch); /* NULL allowed */

/* Adds {"id","method","params"}, which is not taken; id may be missing and is the number of the
 * command then. Sends what is complete. A command that refers to another by $result[ID] and its
 * kind travels with it in one request; where that cannot be, BX_USAGE. When a whole request
 * fails, its commands are reported with that error and all later ones as not run; the failure is
 * that of bx_batch_end. */
bool bx_batch_add(struct bx_batch *batch, const cJSON *item, struct bx_err *err);
/* The same of a line of JSON, if it is so plain that no tree is needed to understand it: *taken. */
bool bx_batch_add_plain(struct bx_batch *batch, const char *line, bool *taken, struct bx_err *err);
/* While the next command is waited for: lets requests go on until fd can be read, and tells of those
 * that are done. */
bool bx_batch_await(struct bx_batch *batch, int fd, struct bx_err *err);
/* Nothing more is sent: what was added and waits is reported as not run by bx_batch_end. */
void bx_batch_stop(struct bx_batch *batch);
bool bx_batch_end(struct bx_batch *batch, struct bx_err *err);

/* How many commands ended in an error, and how many did not run. */
int64_t bx_batch_failed(const struct bx_batch *batch);
int64_t bx_batch_skipped(const struct bx_batch *batch);

#endif
