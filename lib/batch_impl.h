/* What the batch*.c files share. Layer 4, private to them. */
#ifndef BX_BATCH_IMPL_H
#define BX_BATCH_IMPL_H

#include "batch.h"

struct batch_command {
	cJSON *id;
	char *key;  /* in the request, and in references of others */
	uint32_t key_hash;
	char *text; /* method?query */
	const struct bx_op *op;
	int64_t number; /* from 1 */
	int64_t first;	/* the lowest number that has to be in the same request */
	bool repeatable, tied; /* tied: refers, or is referred to */
	cJSON *result, *error;
	bool done;
};

struct bx_batch {
	struct bx_rest *rest;
	const struct bx_op *op;
	bool halt, halted; /* halted: nothing more is sent */
	bool flat;
	struct bx_err broken; /* why a whole request failed */
	bx_batch_fn *fn;
	void *arg;
	/* Commands that wait for their outcome, one request more than are under way at once, so that
	 * what belongs together is seen before it is cut. */
	struct batch_command *window;
	size_t count;
	struct bx_rest *rests; /* of the requests beyond the first; NULL: one at a time */
	unsigned most;
	int64_t number, failed, skipped;
};

/* Fills c, which is zero, from an item, with what it refers to in b. BX_USAGE; c is released by the
 * caller in any case. */
bool batch_command(struct bx_batch *b, struct batch_command *c, const cJSON *item, struct bx_err *err);
/* The same of a line of JSON that is plain: nothing in it refers to another command, and no rule of
 * a row asks for its parameters. False, with c as it was, where it has to be looked at as a tree. */
bool batch_command_plain(struct bx_batch *b, struct batch_command *c, const char *line);
void batch_command_release(struct batch_command *c);

#endif
