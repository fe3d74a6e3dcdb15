/* What is wanted and what is there, side by side. No requests, no output. */
#ifndef BX_BIND_PLAN_H
#define BX_BIND_PLAN_H

#include "kinds.h"

struct plan {
	const cJSON **wants, **rows; /* borrowed */
	size_t want_count, row_count;
	size_t *of;	 /* of each row: the number of what is wanted in its place, from 1; 0: nothing */
	bool *right;	 /* of each wanted: it is there as it should be */
};

/* Both lists must outlive the plan. */
void plan_make(struct plan *plan, const struct bind_kind *kind, const cJSON *wanted, const cJSON *rows);
void plan_release(struct plan *plan);

#endif
