/* The profiles as the store has them, kept in memory: no request waits for the disk. */
#ifndef BX_SERVE_PORTALS_H
#define BX_SERVE_PORTALS_H

#include "loop.h"
#include "reader.h"
#include "store_portal.h"

struct portals;

/* Loads them, blocking, and from then on looks for changes every other second. */
struct portals *portals_new(struct bx_loop *loop, struct reader *reader, struct bx_err *err);
void portals_free(struct portals *portals); /* after the reader has stopped; NULL allowed */
/* Reads them anew; fn, which may be NULL, runs when that is done. */
void portals_reload(struct portals *portals, bx_loop_fn *fn, void *arg);

/* Borrowed until the loop's next turn; NULL: none. */
const struct bx_profile *portals_all(const struct portals *portals, size_t *count);
const struct bx_profile *portals_by_name(const struct portals *portals, const char *name);
/* Several apps may serve one portal: the one whose token it is, which *proved (or NULL) then tells,
 * else the first. */
const struct bx_profile *portals_by_member(const struct portals *portals, const char *member_id,
	const char *application_token, bool *proved);
/* Whose authorisation this may be, one after the other, nth from 0: the apps of the portal, and those
 * that wait for that domain. NULL: no more. */
const struct bx_profile *portals_for_code(const struct portals *portals, const char *member_id,
	const char *domain, size_t nth);
const struct bx_profile *portals_by_error(const struct portals *portals, const char *secret);
bool portals_any_waiting(const struct portals *portals);

#endif
