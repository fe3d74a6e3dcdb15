/* `wait` of the control socket. A wait never races: each call has a cursor, the first matching
 * record behind it is the answer, also one of before the wait, and the cursor moves when the
 * client says that it has taken the line. */
#ifndef BX_SERVE_WAITS_H
#define BX_SERVE_WAITS_H

#include "serve.h"

struct waits *waits_new(struct serve *serve);
void waits_free(struct waits *waits); /* NULL allowed */
void waits_request(struct waits *waits, struct bx_peer *peer, int64_t id, const cJSON *request);
void waits_taken(struct waits *waits, struct bx_peer *peer, int64_t id, const cJSON *request);
void waits_event(struct waits *waits, const struct bx_event *event);
void waits_gone(struct waits *waits, struct bx_peer *peer);
unsigned waits_count(const struct waits *waits);

#endif
