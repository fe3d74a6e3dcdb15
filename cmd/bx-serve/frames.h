/* The lines of frames: who is at the other end, what of theirs is on disk, what goes down. A line
 * is a WebSocket, or short posts where none passes; both carry the same bundles (worker.js). */
#ifndef BX_SERVE_FRAMES_H
#define BX_SERVE_FRAMES_H

#include "serve.h"

struct frames *frames_new(struct serve *serve, struct bx_err *err); /* reads the journal, blocking */
void frames_free(struct frames *frames); /* NULL allowed */

void frames_upgrade(struct serve *serve, struct bx_request *req); /* GET /frame */
void frames_post(struct serve *serve, struct bx_request *req);    /* POST /frame */

/* From the card machine: a command (for the card of call, or NULL), or what the frame is to keep. */
void frames_send(struct frames *frames, const char *id, uint64_t number, const char *call,
	const char *verb, const char *params);
void frames_keep(struct frames *frames, const char *frame, const char *layout);
/* The call whose card the frame shows; NULL: none any more. */
void frames_shows(struct frames *frames, const char *frame, const char *call);
/* The frame's message `number` has its record: up to which number nothing is missing once the
 * records handed over so far are on disk. 0: frame or number not known. */
uint64_t frames_recorded(struct frames *frames, const char *frame, uint64_t number);
/* From the journal: messages up to number are on disk. */
void frames_seen(struct frames *frames, const char *frame, uint64_t number);

/* The frames whose client leads, of these users (users_len 0: of all) and that portal (NULL: of
 * any), as a list of their ids; the caller deletes. */
cJSON *frames_leaders(const struct frames *frames, const char *portal, const int64_t *users, size_t users_len);

unsigned frames_lines(const struct frames *frames);

#endif
