/* Rows of the statistics, counted by day and user. */
#ifndef BX_CALL_SUMMARY_H
#define BX_CALL_SUMMARY_H

#include "cli.h"

struct summary_row {
	char day[11]; /* as the portal says it, in its own time zone */
	int64_t user, calls;
	int64_t talked;	  /* calls with a duration */
	int64_t missed;	  /* incoming ones that nobody took */
	int64_t duration; /* seconds, of all */
};

struct summary {
	struct summary_row *rows; /* by day, then by user */
	size_t count, room;
};
void summary_release(struct summary *summary);

/* Counts one row; arg is the summary. Always true (a bx_row_fn). */
bool summary_add(void *arg, const cJSON *row, struct bx_err *err);
/* A line each; on a terminal a table with bars. */
bool summary_print(struct bx_cli *cli, const struct summary *summary, struct bx_err *err);

#endif
