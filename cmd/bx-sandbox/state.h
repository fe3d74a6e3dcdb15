/* The whole portal as JSON, for dump and --load; and its tables' life. */
#ifndef BX_SANDBOX_STATE_H
#define BX_SANDBOX_STATE_H

#include "sandbox.h"

void sb_state_init(struct sandbox *sb);
void sb_state_release(struct sandbox *sb);
cJSON *sb_state_dump(const struct sandbox *sb);
/* Replaces what the tables named in state hold. BX_USAGE naming the table, and nothing replaced. */
bool sb_state_load(struct sandbox *sb, const cJSON *state, struct bx_err *err);
/* {"listening",…} as printed at the start. */
cJSON *sb_state_line(const struct sandbox *sb);

/* ---- shape.c ---- */

/* Whether a row has what the sandbox takes for granted; else BX_USAGE naming what is missing. */
bool sb_row_fits(enum sb_table_id table, const cJSON *row, struct bx_err *err);
/* Puts every key of changes but ID into the row, if it still fits then. */
bool sb_row_change(enum sb_table_id table, cJSON *row, const cJSON *changes, struct bx_err *err);

/* ---- variants ---- */
struct sb_variant_row {
	const char *name;
	unsigned bit; /* enum sb_variant */
	const char *help;
};
extern const struct sb_variant_row sb_variants[]; /* ends with name NULL */
bool sb_variant_set(struct sandbox *sb, const char *name, bool on, struct bx_err *err);

#endif
