/* What a client of the control socket wants to hear, out of its request. */
#ifndef BX_SERVE_WANTED_H
#define BX_SERVE_WANTED_H

#include "store_journal.h"

/* Owns the texts its filter borrows. */
struct wanted {
	struct bx_event_filter filter;
	char *portal, *call;
	char **events;
};
/* Keys portal, call, user, events. BX_USAGE when one has a wrong type. */
bool wanted_init(struct wanted *wanted, const cJSON *request, struct bx_err *err);
void wanted_release(struct wanted *wanted);

#endif
