/* bx-serve --flush: runs `bx-call flush` when a portal shows that it is there and something waits
 * for it in the outbox; and once a minute, for portals of which nobody has a page open. */
#ifndef BX_SERVE_OUTBOX_H
#define BX_SERVE_OUTBOX_H

#include "serve.h"

struct outbox;

struct outbox *outbox_new(struct serve *serve); /* looks at once */
void outbox_free(struct outbox *outbox); /* NULL allowed, here and below */
/* A portal has sent something that was proved to be its own. */
void outbox_seen(struct outbox *outbox);

#endif
