/* Tables in memory: rows are JSON maps, so that the whole portal can be dumped and loaded. */
#ifndef BX_SANDBOX_TABLE_H
#define BX_SANDBOX_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "json.h"

enum sb_table_id {
	SB_USERS,
	SB_DEPARTMENTS,
	SB_CONTACTS,
	SB_APPS,
	SB_WEBHOOKS,
	SB_TOKENS,
	SB_CODES,
	SB_FRAMES,
	SB_PLACEMENTS,
	SB_HANDLERS,
	SB_OFFLINE,
	SB_LINES,
	SB_CALLS,
	SB_BUILTIN,
	SB_HISTORY,
	SB_FILES,
	SB_TRANSCRIPTS,
	SB_FAULTS,
	SB_ACTIVITIES,
	SB_SINKS,
	SB_SERVED,
	SB_LOG,
	SB_TABLES,
};

struct sb_row;

/* Rows in the order they were added; found at once by the text under their key field, which is
 * unique and does not change while the row is in the table. */
struct sb_table {
	const char *name, *key;
	struct sb_row **buckets;
	size_t bucket_count, count;
	struct sb_row *first, *last;
	int64_t next_id;
};

void sb_table_init(struct sb_table *t, const char *name, const char *key);
void sb_table_release(struct sb_table *t);

/* Takes row and returns it. A key field ID without a value gets the next number. An older row
 * with the same key is removed first. */
cJSON *sb_add(struct sb_table *t, cJSON *row);
cJSON *sb_find(const struct sb_table *t, const char *key); /* NULL key allowed */
cJSON *sb_find_id(const struct sb_table *t, int64_t id);
void sb_remove(struct sb_table *t, const cJSON *row);
void sb_clear(struct sb_table *t);
/* Drops the oldest rows beyond that many. */
void sb_trim(struct sb_table *t, size_t keep);

/* for (struct sb_row *r = t->first; r; r = r->next) … r->data. Take next before a removal. */
struct sb_row {
	cJSON *data;
	struct sb_row *prev, *next;
	struct sb_row *chain; /* of the bucket */
};

cJSON *sb_table_dump(const struct sb_table *t);
bool sb_table_load(struct sb_table *t, const cJSON *rows);

#endif
