/* Events and their delivery (portal.md 10). */
#ifndef BX_SANDBOX_EVENT_H
#define BX_SANDBOX_EVENT_H

#include "sandbox.h"
#include "spec.h"

/* Who caused an event. */
struct sb_cause {
	int64_t user;	 /* 0: nobody */
	int64_t app;	 /* 0: every app may hear of it, else this one alone */
	int depth;	 /* of the token used, 0: an ordinary one */
};

/* Sends the event of that row to every handler bound to it, or keeps it for the offline queue.
 * data is not taken. */
void sb_event(struct sandbox *sb, const char *verb, const struct sb_cause *cause, const cJSON *data);

/* The same to one handler. data NULL: none. */
void sb_deliver(struct sandbox *sb, const cJSON *handler, const struct bx_op *op,
	const struct sb_cause *cause, const cJSON *data);

/* The auth block of a delivery. user 0 or a tokenless row: no tokens. */
cJSON *sb_event_auth(struct sandbox *sb, const cJSON *app, const struct bx_op *op, int64_t user,
	int depth);

/* Posts one event to one address. handler_id 0: none is told. auth is taken. */
void sb_event_post(struct sandbox *sb, const char *url, const struct bx_op *op, int64_t handler_id,
	const cJSON *data, cJSON *auth);

#endif
