/* More portals of the same process, told apart by the Host of a request. */
#ifndef BX_SANDBOX_PORTALS_H
#define BX_SANDBOX_PORTALS_H

#include "sandbox.h"

/* Portal N is at pN.localhost and the port; any other Host means the first one. It is founded with
 * a demo company of its own when it is first asked for. host may be NULL. */
struct sandbox *sb_portal_of(struct sandbox *first, const char *host);
/* From 1 on; NULL: there are not so many. */
struct sandbox *sb_portal(struct sandbox *first, int64_t number);

/* What hangs on the loop, of the first one or a further one. */
void sb_portal_open(struct sandbox *sb);
void sb_portal_close(struct sandbox *sb);
/* Those beyond the first, after the server is gone. */
void sb_portals_close(struct sandbox *first);

#endif
