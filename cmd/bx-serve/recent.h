/* The last records of the journal, in short, for the status page. */
#ifndef BX_SERVE_RECENT_H
#define BX_SERVE_RECENT_H

#include "store_journal.h"

#define RECENT_MAX 40

struct recent;
struct recent *recent_new(void);
void recent_free(struct recent *recent); /* NULL allowed */
void recent_note(struct recent *recent, const struct bx_event *event); /* copied; data is cut */
/* Records as bx_event_json has them, the newest first, their data as a text; the caller deletes. */
cJSON *recent_list(const struct recent *recent);

#endif
