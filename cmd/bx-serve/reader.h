/* Everything bx-serve reads from disk, on a thread of its own: nothing in the loop waits for it. */
#ifndef BX_SERVE_READER_H
#define BX_SERVE_READER_H

#include "loop.h"
#include "store_journal.h"

struct bx_store;
struct reader;

/* What a job may use while it runs. */
struct reader_files {
	struct bx_journal *journal;
	struct bx_store *portals;
};
typedef void reader_fn(void *arg, const struct reader_files *files);

struct reader *reader_start(struct bx_loop *loop, struct bx_err *err);
void reader_stop(struct reader *reader); /* after the jobs under way; NULL allowed */
/* work runs on the thread, then done in the loop; one after the other, in order. */
void reader_do(struct reader *reader, reader_fn *work, bx_loop_fn *done, void *arg);

#endif
