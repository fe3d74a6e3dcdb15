/* POST /event: what the portal's event service delivers. Once, without a repeat, so it is
 * answered when it is on disk. */
#ifndef BX_SERVE_PORTAL_EVENT_H
#define BX_SERVE_PORTAL_EVENT_H

#include "serve.h"

void portal_event_request(struct serve *serve, struct bx_request *req);
/* Journals an event that was proved; tokens do not go with it. */
void portal_event_note(struct serve *serve, const char *portal, const cJSON *body);

#endif
