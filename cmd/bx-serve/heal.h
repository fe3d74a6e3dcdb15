/* Puts the worker's registration back when the portal may have removed it: `bx-bind worker` looks
 * and binds, at most once a minute and ever more seldom while nothing is wrong (pace.h). What came
 * of it is journalled. A portal whose app was removed is left alone. */
#ifndef BX_SERVE_HEAL_H
#define BX_SERVE_HEAL_H

#include "serve.h"

struct heal *heal_new(struct serve *serve);
void heal_free(struct heal *heal); /* ends what runs; NULL allowed */

/* The portal, or somebody who knows the address, says that it has removed the worker. False: a
 * question is due already, so there is nothing new in it. */
bool heal_signal(struct heal *heal, const char *portal);
/* The app was installed again or updated, which is proved. */
void heal_installed(struct heal *heal, const char *portal);
/* Somebody else has seen that the registration is right. */
void heal_seen(struct heal *heal, const char *portal);
/* The app is said to be removed; `bx-auth alive` finds out. */
void heal_uninstalled(struct heal *heal, const char *portal);

/* A record of before the start, oldest first; heal_resume takes up what was left undone. */
void heal_replay(struct heal *heal, const struct bx_event *event);
void heal_resume(struct heal *heal);

unsigned heal_running(const struct heal *heal);
cJSON *heal_list(const struct heal *heal); /* portals that had something to heal; the caller deletes */

#endif
