/* Commands the user wants run when something happens: --on EVENT=COMMAND, or an executable of
 * the hooks folder named after the event. The record goes to its standard input and BX_*.
 *
 * A run is on disk with the record it is for, and stays there until it has succeeded or has failed
 * for the last time: it happens at least once, whatever ends the daemon meanwhile. */
#ifndef BX_SERVE_HOOKS_H
#define BX_SERVE_HOOKS_H

#include "serve.h"

struct hooks *hooks_new(struct serve *serve, struct bx_err *err); /* BX_USAGE: a bad --on or folder */
void hooks_free(struct hooks *hooks); /* ends what runs; NULL allowed */
/* Takes up what was left undone before the start. */
bool hooks_resume(struct hooks *hooks, struct bx_err *err);
void hooks_look(struct hooks *hooks); /* at the folder, anew */

/* Names of the hooks that want the record, to be freed by words_free; NULL: none. */
char **hooks_for(const struct hooks *hooks, const struct bx_event *event);
void hooks_look_for_work(struct hooks *hooks); /* there may be runs that are ready */
unsigned hooks_running(const struct hooks *hooks);

/* {"cmd":"hooks"} and {"cmd":"hooks retry"} */
void hooks_list(struct hooks *hooks, struct bx_peer *peer, int64_t id);
void hooks_retry(struct hooks *hooks, struct bx_peer *peer, int64_t id, const cJSON *request);

#endif
