/* Between the card machine and everything around it: journal, frames, control socket, time. */
#ifndef BX_SERVE_BRIDGE_H
#define BX_SERVE_BRIDGE_H

#include "cards.h"
#include "serve.h"

struct bridge *bridge_new(struct serve *serve);
void bridge_free(struct bridge *bridge); /* NULL allowed */

/* The inputs of cards.h, at this moment. */
bool bridge_open(struct bridge *bridge, const struct cards_hello *hello, struct bx_err *err);
bool bridge_event(struct bridge *bridge, const char *frame, const char *verb, const cJSON *data,
	uint64_t number);
void bridge_reply(struct bridge *bridge, const char *frame, uint64_t id, const cJSON *reply);
void bridge_lost(struct bridge *bridge, const char *frame, enum cards_lost why);
void bridge_own(struct bridge *bridge, const char *portal, const char *call, int64_t user);
void bridge_finished(struct bridge *bridge, const char *portal, const char *call);

/* A command for a card. fn is called once, unless it is cancelled; answer is borrowed. */
typedef void bridge_fn(void *arg, const cJSON *answer, const struct bx_err *err);
uint64_t bridge_command(struct bridge *bridge, struct cards_request *request, bridge_fn *fn, void *arg);
void bridge_cancel(struct bridge *bridge, uint64_t request);

cJSON *bridge_list(struct bridge *bridge); /* the open cards; the caller deletes */
void bridge_figures(const struct bridge *bridge, struct cards_figures *out);

#endif
