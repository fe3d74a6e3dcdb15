/* What the batch*.c files share. Layer 4, private to them. */
#ifndef BX_BATCH_IMPL_H
#define BX_BATCH_IMPL_H

#include <string.h>
#include "batch.h"

#define BATCH_KEYS	  1024
#define BATCH_COMMAND_MAX (8 * 1024 * 1024) /* bytes of method?query */

/* What an answer has of each command. */
enum batch_part { BATCH_RESULT, BATCH_ERROR, BATCH_TIME, BATCH_PARTS };

struct batch_command {
	struct batch_slab *slab; /* the memory of its texts */
	const char *id;	    /* as it is printed */
	const char *member; /* "key":"method?query", as the request has it */
	size_t len, key_len; /* of member, and of the key in it with the quotes */
	uint32_t key_hash;
	int64_t number; /* from 1 */
	int64_t first;	/* the lowest number that has to be in the same request */
	bool repeatable, tied; /* tied: refers, or is referred to */
	bool good, done;       /* good: done, and there is a result */
	size_t part[BATCH_PARTS]; /* where it begins in the request's text, from 1; 0: there is none */
	size_t result_len;
	cJSON *error;
};

/* One request. */
struct batch_request {
	struct bx_batch *batch;
	struct bx_rest *rest;
	struct batch_command commands[BX_BATCH_MAX];
	size_t size;
	struct bx_str text; /* what answers had of the commands, each as it is printed, and a NUL behind it */
	int64_t deadline; /* bx_mono_ms; for a wait that the portal's clock asks for */
	int64_t wait;	  /* ms until what was refused for limits may be sent again; 0: nothing was */
	struct bx_err err; /* of the request as a whole */
	bool over;
};

/* The texts of many commands, which are released about together. */
struct batch_slab {
	size_t refs, used, size;
	char memory[];
};

struct batch_seat {
	struct bx_rest rest;
	bool taken;
};

struct bx_batch {
	struct bx_rest *rest;
	const struct bx_op *op;
	bool halt, halted; /* halted: nothing more is sent */
	struct bx_err broken; /* why a whole request failed */
	bx_batch_fn *fn;
	void *arg;
	bx_batch_request_fn *dry; /* NULL: requests are sent */
	/* Commands that are not sent yet, one request more than goes at once, so that what belongs
	 * together is seen before it is cut. */
	struct batch_command window[2 * BX_BATCH_MAX];
	size_t count;
	bool keys[BATCH_KEYS]; /* by the hash of a key: whether one of them has such a one */
	/* Requests that are not told of yet, a ring in the order of the commands. */
	struct batch_request *requests;
	size_t first, held, room;
	struct bx_str spare; /* memory of a text that was told of */
	struct batch_seat *seats; /* as many as are under way at once; NULL: one, without a crew */
	unsigned most;
	struct batch_slab *slab; /* for the texts of those that come; or NULL */
	struct bx_str id, key, query, name; /* scratch of the command that comes */
	struct bx_str method; /* that was looked up last, and its row: it is mostly that of the next line */
	const struct bx_op *row;
	bool plain; /* no rule of it asks for parameters */
	int64_t number, failed, skipped;
};

/* Fills c, which is zero, from an item, with what it refers to in b. BX_USAGE; c is released by the
 * caller in any case. */
bool batch_command(struct bx_batch *b, struct batch_command *c, const cJSON *item, struct bx_err *err);
/* The same of a line of JSON that is plain: nothing in it refers to another command, and no rule of
 * a row asks for its parameters. False, with c as it was, where it has to be looked at as a tree. */
bool batch_command_plain(struct bx_batch *b, struct batch_command *c, const char *line);
void batch_command_release(struct batch_command *c);
void batch_slab_leave(struct batch_slab *slab); /* one that holds it less; NULL allowed */
static inline bool batch_is(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && !memcmp(text, word, len);
}
const char *batch_command_method(const struct batch_command *c); /* method?query */

/* What a request has to send of its commands that are not done; *repeatable: each of them may be repeated. The
 * caller deletes. */
cJSON *batch_params(const struct batch_request *r, bool *repeatable);
/* What its answer had of a command; NULL: nothing. */
const char *batch_part_of(const struct batch_request *r, const struct batch_command *c, enum batch_part part);
/* Sends it, in as many rounds as it takes, and is over then: each command is done, or has its error, or did not run. */
void batch_send(struct batch_request *r);

/* Reads an answer (struct bx_rest, read) into the parts of those commands of r that are not done. */
cJSON *batch_answer(void *r, const struct bx_str *body);

#endif
