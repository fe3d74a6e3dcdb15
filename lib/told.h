/* What bx-serve records of its own accord, beside what portal and frames say; and how people name an event
 * of any of the three. Layer 2.
 *
 * This is the master copy of these names: the daemon, waits, hooks and completion read it. Of what comes with
 * each, bx-json(7) tells. */
#ifndef BX_TOLD_H
#define BX_TOLD_H

#include "err.h"

#define BX_TOLD(X)                                                                                 \
	X(CARD_GONE, "card.gone", "no tab of the user shows the card any more")                    \
	X(CARD_BACK, "card.back", "a card that was taken for gone is shown after all")             \
	X(CALL_SETTLED, "call.settled", "whose call it is turned out after the first records")     \
	X(APP_INSTALLED, "app.installed", "an installation was proved")                            \
	X(APP_REMOVED, "app.removed", "the portal confirmed that the app was removed")             \
	X(APP_PRESENT, "app.present", "the app is there although an event said otherwise")         \
	X(WORKER_DISABLED, "placement.disabled", "the portal has removed the worker")              \
	X(WORKER_RESTORED, "placement.restored", "the worker was registered again")                \
	X(WORKER_KEPT, "placement.kept", "the worker was found registered")                        \
	X(WORKER_WAITING, "placement.waiting", "the worker could not be registered yet")           \
	X(WORKER_LOST, "placement.lost", "the worker cannot be registered before somebody helps")  \
	X(FRAME_SLOW, "frame.slow", "the handler page took too long to load")                      \
	X(FRAME_BUDGET, "frame.budget", "one more slow load may cost the registration")            \
	X(FRAME_LOG, "frame.log", "an error or message of a script in the frame")                  \
	X(OUTBOX_FLUSHED, "outbox.flushed", "requests that waited were sent")                      \
	X(HOOK_FAILED, "hook.failed", "a hook failed for the last time")

#define BX_CLIENT_EVENTS "client::" /* before the names of the user's own client in the frame */

#define BX_TOLD_NAME(name, text, help) BX_TOLD_##name,
enum bx_told { BX_TOLD(BX_TOLD_NAME) BX_TOLD_NONE };

struct bx_told_row {
	const char *name, *help;
};
extern const struct bx_told_row bx_told[]; /* by enum bx_told; ends with name NULL */

enum bx_told bx_told_by_name(const char *name); /* BX_TOLD_NONE: it is not one of them */

/* The name that the journal has for an event: of a card, a button that sends one, of the portal (in any case,
 * and unknown ones too), of the daemon, or client::NAME. NULL: BX_USAGE. The caller frees. */
char *bx_event_named(const char *word, struct bx_err *err);

#endif
