/* Whose calls are those that only the portal's events name: known ones are ours. */
#ifndef BX_SERVE_CALLS_H
#define BX_SERVE_CALLS_H

#include "serve.h"

struct calls *calls_new(struct serve *serve);
void calls_free(struct calls *calls); /* NULL allowed */

/* Somebody here registered the call, or the portal did so for us. user: whom its card is shown; 0: none. */
void calls_own(struct calls *calls, const char *portal, const char *call, int64_t user);
/* Records of this call are in the journal with own null: settles them within ten seconds. */
void calls_unsettled(struct calls *calls, const char *portal, const char *call);

#endif
