/* What becomes of a record once it is on disk. */
#ifndef BX_SERVE_DISPATCH_H
#define BX_SERVE_DISPATCH_H

#include "serve.h"

/* Ops of the journal. */
void dispatch_written(void *arg, const struct bx_event *event);
char **dispatch_hooks(void *arg, const struct bx_event *event);
void dispatch_hooked(void *arg);
void dispatch_seen(void *arg, const char *frame, uint64_t number);
/* From the card machine: unsettled records of the call have this owner, on disk and in memory. */
void dispatch_settled(struct serve *serve, const char *portal, const char *call, bool own);
void dispatch_release(struct serve *serve); /* forgets what is held */

#endif
