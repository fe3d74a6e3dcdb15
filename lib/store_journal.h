/* journal.db: what happened, in the order in which it became durable. Layer 3.
 *
 * A struct bx_journal belongs to one thread; one writes, any number may read beside it. */
#ifndef BX_STORE_JOURNAL_H
#define BX_STORE_JOURNAL_H

#include "json.h"
#include "str.h"

#define BX_JOURNAL_NAME "journal.db"

enum { BX_OWN_UNSETTLED = -1, BX_OWN_FOREIGN = 0, BX_OWN_OURS = 1 };

/* One record. It owns its texts; those but source and event may be NULL. */
struct bx_event {
	int64_t seq; /* from 1, without a gap; 0 until it is written */
	int64_t ms;  /* Unix time of its arrival */
	char *portal, *source, *event, *call, *frame;
	char *data;   /* JSON text */
	int64_t user; /* 0: none */
	int own;      /* BX_OWN_… */
	bool duplicate;
};
void bx_event_clear(struct bx_event *event); /* frees the texts; all zero after */
cJSON *bx_event_json(const struct bx_event *event); /* the caller deletes */
bool bx_event_line(struct bx_str *out, const struct bx_event *event); /* with its line end */

/* What somebody wants to hear; NULL, 0 and false: everything. Texts are borrowed. */
struct bx_event_filter {
	const char *portal, *call;
	int64_t user;
	const char *const *events;
	size_t events_len;
	bool ours; /* neither foreign nor unsettled nor a duplicate */
};
bool bx_event_matches(const struct bx_event *event, const struct bx_event_filter *filter);

struct bx_journal;
/* Creates the file when it is missing. NULL: BX_LOCAL. */
struct bx_journal *bx_journal_open(struct bx_err *err);
void bx_journal_close(struct bx_journal *journal); /* NULL allowed */

/* Everything below that writes stands between begin and commit; after commit it is on disk. */
bool bx_journal_begin(struct bx_journal *journal, struct bx_err *err);
bool bx_journal_commit(struct bx_journal *journal, struct bx_err *err);
void bx_journal_undo(struct bx_journal *journal);

bool bx_journal_append(struct bx_journal *journal, struct bx_event *event, struct bx_err *err); /* sets seq */
/* Every unsettled record of the call is from now on read with this own. */
bool bx_journal_settle(struct bx_journal *journal, const char *portal, const char *call, int own,
	struct bx_err *err);
/* The frame's messages up to number are taken and need not be sent again. */
bool bx_journal_seen(struct bx_journal *journal, const char *frame, uint64_t number, int64_t ms,
	struct bx_err *err);
/* The reader called name has taken everything of the call up to seq. */
bool bx_journal_move(struct bx_journal *journal, const char *call, const char *name, int64_t seq,
	int64_t ms, struct bx_err *err);
/* Records older than ms go, and what is kept of frames and readers not heard of since. */
bool bx_journal_prune(struct bx_journal *journal, int64_t ms, struct bx_err *err);

/* Reading. */
bool bx_journal_last(struct bx_journal *journal, int64_t *seq, struct bx_err *err); /* 0: empty */
bool bx_journal_cursor(struct bx_journal *journal, const char *call, const char *name, int64_t *seq,
	struct bx_err *err); /* 0: nothing taken yet */
/* Calls fn for records with a seq above since, in order, at most limit of them (of one call when
 * call is given), until fn returns false. fn may take texts out of the event. */
typedef bool bx_event_fn(void *arg, struct bx_event *event);
bool bx_journal_each(struct bx_journal *journal, int64_t since, const char *call, int64_t limit,
	bx_event_fn *fn, void *arg, struct bx_err *err);
/* The same for what the daemon noted of itself, without a call: few records, found by an index. */
bool bx_journal_own(struct bx_journal *journal, bx_event_fn *fn, void *arg, struct bx_err *err);
typedef void bx_frame_fn(void *arg, const char *frame, uint64_t number);
/* The last number of each frame that was heard after since_ms, the latest first. */
bool bx_journal_frames(struct bx_journal *journal, int64_t since_ms, bx_frame_fn *fn, void *arg, struct bx_err *err);

#endif
