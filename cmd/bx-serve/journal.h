/* The journal's one writer: a thread, because a sync may take a hundred milliseconds. What is
 * handed over while a commit runs shares the next one. All functions belong to the loop's thread. */
#ifndef BX_SERVE_JOURNAL_H
#define BX_SERVE_JOURNAL_H

#include "loop.h"
#include "store_journal.h"

struct journal;

/* Called in the loop: hooks when a record is handed over, the others in the order of handing over,
 * once it is on disk. */
struct journal_ops {
	/* Names of the hooks that want it, for words_free; they are written with it. NULL: none. */
	char **(*hooks)(void *arg, const struct bx_event *event);
	void (*hooked)(void *arg); /* there is one that hooks want */
	void (*written)(void *arg, const struct bx_event *event);
	void (*seen)(void *arg, const char *frame, uint64_t number);
};

/* Opens the journal and starts the thread. printed_to: records are printed there as lines. */
struct journal *journal_start(struct bx_loop *loop, int print_to, const struct journal_ops *ops,
	void *arg, struct bx_err *err);
/* Writes what was handed over, then ends; NULL allowed. Callbacks may not follow. */
void journal_stop(struct journal *journal);

/* Takes the texts of event. When frame is given, its messages up to number are taken with it. */
void journal_write(struct journal *journal, struct bx_event *event, const char *frame, uint64_t number);
void journal_seen(struct journal *journal, const char *frame, uint64_t number);
/* hooks: those that waited for it may run. */
void journal_settle(struct journal *journal, const char *portal, const char *call, int own, bool hooks);
void journal_move(struct journal *journal, const char *call, const char *cursor, int64_t seq);
void journal_prune(struct journal *journal, int64_t older_than_ms);
/* work runs on the journal's thread, within a commit, and again when that fails; then done in the
 * loop. */
typedef bool journal_work_fn(void *arg, struct bx_journal *store, struct bx_err *err);
void journal_do(struct journal *journal, journal_work_fn *work, bx_loop_fn *done, void *arg);
/* fn runs in the loop when everything handed over before is on disk. */
void journal_after(struct journal *journal, bx_loop_fn *fn, void *arg);

struct journal_figures {
	int64_t last;	      /* seq of the last record on disk */
	uint64_t records, commits;
	size_t waiting;	      /* handed over, not yet on disk */
	bool failing;	      /* the last commit failed and is tried again */
};
void journal_figures(struct journal *journal, struct journal_figures *out);

#endif
