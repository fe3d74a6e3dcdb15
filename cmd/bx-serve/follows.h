/* `events` of the control socket: history from the journal, then live, without gap or repeat. */
#ifndef BX_SERVE_FOLLOWS_H
#define BX_SERVE_FOLLOWS_H

#include "serve.h"

struct follows *follows_new(struct serve *serve);
void follows_free(struct follows *follows); /* NULL allowed */
void follows_request(struct follows *follows, struct bx_peer *peer, int64_t id, const cJSON *request);
void follows_event(struct follows *follows, const struct bx_event *event);
void follows_drained(struct follows *follows, struct bx_peer *peer);
void follows_gone(struct follows *follows, struct bx_peer *peer);

#endif
