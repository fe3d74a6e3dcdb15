/* For the files of journal.db alone. Layer 3. */
#ifndef BX_STORE_JOURNAL_IMPL_H
#define BX_STORE_JOURNAL_IMPL_H

#include "store.h"
#include "store_journal.h"

struct bx_journal {
	struct bx_store *store;
	struct bx_stmt *append, *seen; /* the two that are run thousands of times a second */
};

/* Columns of the table events for bx_journal_event, which reads them from the first on. */
#define BX_EVENT_COLUMNS                                                                            \
	"events.seq, ms, portal, source, event, call, user, frame, ifnull(own, -1), duplicate, data"
#define BX_EVENT_COLUMNS_LEN 11
struct bx_event bx_journal_event(struct bx_stmt *stmt);

#endif
