/* The offline queue of events (portal.md 10.6). */
#ifndef BX_SANDBOX_OFFLINE_H
#define BX_SANDBOX_OFFLINE_H

#include "event.h"

/* Keeps one record per event and object; the newest replaces the older. */
void sb_offline_add(struct sandbox *sb, const cJSON *handler, const struct bx_op *op,
	const struct sb_cause *cause, const cJSON *data);

#endif
