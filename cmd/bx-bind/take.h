/* Packages of the offline queue (portal.md 10.6). */
#ifndef BX_BIND_TAKE_H
#define BX_BIND_TAKE_H

#include "rest.h"

/* What is taken, and how. */
struct take {
	struct bx_rest *rest;
	const char *connector; /* NULL: none */
	int64_t limit;	       /* at most so many at once */
	bool failed;	       /* those that were marked as failed */
	bool plain;	       /* the portal's plan has no packages: what is taken is gone there */
};

/* One package under way. While it is, its number stands in the store with a lock of ours, so that
 * one that was cut off is finished by whoever comes next. */
struct package {
	cJSON *events; /* a list */
	char *id;      /* NULL: none, as with plain */
	int lock;
};
void package_release(struct package *package);

/* The next package; its list is empty when nothing is there. Turns to plain, with a warning, when
 * the portal has no packages. */
bool take_next(struct take *take, struct package *package, struct bx_err *err);
/* A package of this connector that was cut off, in the same way. */
bool take_left(struct take *take, struct package *package, struct bx_err *err);

/* The events of these message ids are dealt with, or have failed; both lists may be empty. Then the
 * package is forgotten. */
bool take_end(struct take *take, struct package *package, const cJSON *done, const cJSON *failed,
	struct bx_err *err);

#endif
