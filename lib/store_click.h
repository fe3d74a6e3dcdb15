/* Click-to-calls in portals.db: the portal has registered them already, and no register may double
 * one (portal.md 11.10). Layer 3. */
#ifndef BX_STORE_CLICK_H
#define BX_STORE_CLICK_H

#include "json.h"
#include "store_portal.h"

struct bx_click {
	const char *portal; /* profile */
	const char *call_id;
	const char *phone;	   /* as clicked */
	const char *international; /* the same as the portal completed it; NULL allowed */
	const char *line;	   /* NULL or "": the app's default one */
	int64_t user;
};

/* Its call is known here from now on, and the click waits for a register. Several clicks may carry
 * one CALL_ID. */
bool bx_click_add(struct bx_store *store, const struct bx_click *click, struct bx_err *err);

/* The same from the data of the event ONEXTERNALCALLSTART, as bx-serve hears it and bx-bind pulls it.
 * True also when it lacks what makes a click. */
bool bx_click_note(struct bx_store *store, const char *portal, const cJSON *data, struct bx_err *err);

/* The open click that a register of these fields (call_id and international are not read) means:
 * its call is not finished and it is no older than the half hour in which the portal itself would
 * find the call again. user 0: anybody's. A click that taker (an EXTERNAL_CALL_ID) took before comes
 * first, then the newest that nobody has, then with any true the newest of all. 0 and BX_OK: none. */
int64_t bx_click_find(struct bx_store *store, const struct bx_click *wanted, const char *taker,
	bool any, struct bx_err *err);
/* The same, and taken: its call goes by that id from now on, unless it has one of a former taker.
 * BX_ABSENT: none. call was initialised. */
bool bx_click_take(struct bx_store *store, const struct bx_click *wanted, const char *taker, bool any,
	struct bx_known_call *call, struct bx_err *err);

#endif
