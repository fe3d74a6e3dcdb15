/* Which employees have a page of the portal open, as the frames tell it (presence.js): after their
 * load, every few minutes, and when the page is left. No connection is held for it. A page that
 * ended without a goodbye is forgotten PRESENCE_LIFE_MS after it was heard last. */
#ifndef BX_SERVE_PRESENCE_H
#define BX_SERVE_PRESENCE_H

#include <stdint.h>
#include "json.h"

#define PRESENCE_TELL_MS (330 * 1000) /* a page tells at least that often (presence.js) */
#define PRESENCE_LIFE_MS (2 * PRESENCE_TELL_MS)
#define PRESENCE_MAX	 20000 /* pages; those beyond are not noted */

struct presence *presence_new(void);
void presence_free(struct presence *presence); /* NULL allowed */

/* now is of a clock that never jumps. frame and portal are copied, and cut where a token's could
 * not be as long. */
void presence_here(struct presence *presence, const char *frame, const char *portal, int64_t user,
	int64_t now);
void presence_left(struct presence *presence, const char *frame);
unsigned presence_pages(struct presence *presence, int64_t now);
/* [{"portal","user","pages","since","heard"}…] by portal and user; portal NULL and user 0: all.
 * wall_ms is the Unix time of now. The caller deletes. */
cJSON *presence_list(struct presence *presence, const char *portal, int64_t user, int64_t now,
	int64_t wall_ms);

#endif
