/* Commands the user wants run when something happens: --on EVENT=COMMAND, or an executable of
 * the hooks folder named after the event. The record goes to its standard input and BX_*. */
#ifndef BX_SERVE_HOOKS_H
#define BX_SERVE_HOOKS_H

#include "serve.h"

struct hooks *hooks_new(struct serve *serve, struct bx_err *err); /* BX_USAGE: a bad --on or folder */
void hooks_free(struct hooks *hooks); /* ends what runs; NULL allowed */
void hooks_look(struct hooks *hooks); /* at the folder, anew */
void hooks_event(struct hooks *hooks, const struct bx_event *event);
unsigned hooks_running(const struct hooks *hooks);

#endif
