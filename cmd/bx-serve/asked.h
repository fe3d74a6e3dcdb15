/* Requests of the control socket that are answered later, when their client may have left. */
#ifndef BX_SERVE_ASKED_H
#define BX_SERVE_ASKED_H

#include "serve.h"

struct asked {
	struct asked *next;
	struct serve *serve;
	struct bx_peer *peer; /* NULL: left */
	int64_t id;
	uint64_t command; /* for a card; 0: none */
	char *portal;
};
struct asked *asked_new(struct serve *serve, struct bx_peer *peer, int64_t id);
/* Answers, if anybody is left to hear it, and frees asked. Takes answer (NULL: only done). */
void asked_done(struct asked *asked, cJSON *answer);
void asked_error(struct asked *asked, const struct bx_err *err);
void asked_gone(struct serve *serve, struct bx_peer *peer);
void asked_release(struct serve *serve); /* frees all */

/* {"cmd":"card"} */
void card_command(struct serve *serve, struct bx_peer *peer, int64_t id, const cJSON *request);

#endif
