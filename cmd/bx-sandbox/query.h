/* Filters, sorting and pages of list methods (portal.md 5, 11.8). */
#ifndef BX_SANDBOX_QUERY_H
#define BX_SANDBOX_QUERY_H

#include "call.h"

#define SB_PAGE 50

/* True when the row passes every condition of the filter: keys are field names with an operator
 * in front. A key whose field is not among fields (NULL-terminated; NULL: any) is ignored. */
bool sb_matches(const cJSON *row, const cJSON *filter, const char *const *fields);

/* Sorts a list of rows by a field, numbers as numbers; stable. */
void sb_sort(cJSON *rows, const char *field, bool descending);

/* Copies of the page the call asks for of this list (taken; references will do), with total and
 * next set. exact: start is an
 * offset, else it is rounded down to a whole page. The caller deletes. */
cJSON *sb_page(struct sb_call *call, cJSON *rows, bool exact);

#endif
