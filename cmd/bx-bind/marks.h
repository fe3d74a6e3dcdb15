/* What was removed to be made again and is not there yet: noted in the store before it is removed,
 * so that the next run finishes what was cut off. */
#ifndef BX_BIND_MARKS_H
#define BX_BIND_MARKS_H

#include "kinds.h"
#include "store_portal.h"

/* Those of the kind, as a list of what was wanted. The caller deletes. */
cJSON *marks_of(struct bx_store *store, const char *portal, const struct bind_kind *kind);
/* In place of the mark of the same registration, if there is one. */
bool marks_add(struct bx_store *store, const char *portal, const struct bind_kind *kind,
	const cJSON *want, struct bx_err *err);
/* row names the registration as the portal lists it. Nothing is written when there is no mark. */
bool marks_drop(struct bx_store *store, const char *portal, const struct bind_kind *kind,
	const cJSON *row, struct bx_err *err);

#endif
