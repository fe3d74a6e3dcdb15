/* Runs of hooks that are still to be done, or failed, in journal.db: written with the record that
 * they are for. Layer 3. */
#ifndef BX_STORE_HOOKS_H
#define BX_STORE_HOOKS_H

#include "store_journal.h"

/* READY: due at its time. UNSETTLED: somebody has to find out whose call it is. FAILED: after its
 * last try. IDLE: its hook is not wanted at present. */
enum bx_hook_state { BX_HOOK_READY = 0, BX_HOOK_UNSETTLED, BX_HOOK_FAILED, BX_HOOK_IDLE };

struct bx_hook_run {
	const char *hook; /* borrowed */
	int64_t seq, due_ms; /* due: Unix time */
	int64_t tries;	     /* so far */
	int64_t status;	     /* of the last one */
	enum bx_hook_state state;
};

/* Between bx_journal_begin and bx_journal_commit. */
bool bx_hook_add(struct bx_journal *journal, const struct bx_hook_run *run, struct bx_err *err);
/* Tried in vain: its state, tries, status and due time are kept. */
bool bx_hook_keep(struct bx_journal *journal, const struct bx_hook_run *run, struct bx_err *err);
bool bx_hook_done(struct bx_journal *journal, const char *hook, int64_t seq, struct bx_err *err);
/* The unsettled ones of a call become ready, or go. */
bool bx_hooks_settle(struct bx_journal *journal, const char *portal, const char *call, bool run,
	struct bx_err *err);
/* names is a JSON list of texts: ready ones of other hooks become idle, idle ones of these ready. */
bool bx_hooks_wanted(struct bx_journal *journal, const char *names, struct bx_err *err);
/* Failed ones are ready again, as if never tried: of that hook (NULL: of all), of that record (0: of
 * all). */
bool bx_hooks_retry(struct bx_journal *journal, const char *hook, int64_t seq, int64_t now_ms,
	struct bx_err *err);
/* Those of records that are no more. */
bool bx_hooks_prune(struct bx_journal *journal, struct bx_err *err);

/* Calls fn for the ready ones, those that are due first, at most limit of them, until it returns
 * false; fn may take texts out of the event. */
typedef bool bx_hook_fn(void *arg, const struct bx_hook_run *run, struct bx_event *event);
bool bx_hooks_ready(struct bx_journal *journal, int64_t limit, bx_hook_fn *fn, void *arg,
	struct bx_err *err);
/* The same for failed ones, oldest first. */
bool bx_hooks_failed(struct bx_journal *journal, bx_hook_fn *fn, void *arg, struct bx_err *err);
/* How many are ready or unsettled, and how many failed. */
bool bx_hooks_count(struct bx_journal *journal, const char *hook, int64_t *waiting, int64_t *failed,
	struct bx_err *err);
/* Calls that somebody has to settle for hooks. */
typedef void bx_hook_call_fn(void *arg, const char *portal, const char *call);
bool bx_hooks_unsettled(struct bx_journal *journal, bx_hook_call_fn *fn, void *arg, struct bx_err *err);

#endif
