/* For the frames*.c files alone. */
#ifndef BX_SERVE_FRAMES_IMPL_H
#define BX_SERVE_FRAMES_IMPL_H

#include "frames.h"
#include "map.h"
#include "token.h"

/* A command on its way to a frame that posts. */
struct command {
	struct command *next;
	uint64_t id;
	char *text;
};

/* One document. It outlives its line, so that it may come back and nothing is taken twice. */
struct frame {
	struct bx_map_node node; /* by id; first, for frames_next */
	char id[FRAME_ID_SIZE];
	bool posting;  /* it comes by posts */
	bool open;     /* as the card machine knows it */
	bool left;     /* it said goodbye */
	bool gone;     /* its line has ended and the machine does not know yet */
	bool client;   /* the user's own client is in it (client.js) */
	bool leads;    /* of its browser's frames it is the one, as it says; or of the user's, as we do */
	bool asks;     /* its browser cannot tell, so we do */
	bool lead_new; /* and it has not been told while it posts */
	bool keep_new; /* what it is to keep has not been told while it posts */
	int pause_ms;  /* so long it was told to wait for the next post; 0: as the script does */
	unsigned unrecorded_len;
	uint64_t *unrecorded;  /* message numbers: taken, still without a record; ascending */
	uint64_t taken, acked; /* given to the machine, on disk */
	int64_t user;
	const char *portal; /* in frames->portals */
	char *call;	   /* whose card it shows */
	char *layout;	   /* the last one it was given to keep; JSON */
	struct link *link; /* its WebSocket */
	struct command *commands;
	struct frame *next_gone;
	int64_t active_ms; /* something happened (monotonic); 0: nothing yet */
	int64_t heard_ms;  /* it was heard of */
	int64_t left_expires_ms; /* the token it said goodbye with */
};

struct link {
	struct serve *serve;
	struct bx_line *line;
	struct frame *frame; /* NULL before its first bundle, and once it was replaced */
	struct bx_timer *patience;
};

struct frames {
	struct serve *serve;
	struct bx_map map; /* of struct frame, by id */
	struct bx_map portals; /* of struct portal_name: few portals have many frames */
	unsigned lines;
	struct bx_timer *sweep, *farewell;
	struct frame *gone; /* those whose line has ended */
};

/* Close codes of the line (worker.js). */
enum { LINE_IDLE = 1000, LINE_BAD = 1008, LINE_EXPIRED = 4401, LINE_REFUSED = 4403, LINE_REPLACED = 4409 };

struct frame *frames_find(struct frames *frames, const char *id); /* NULL: none */
/* The one after frame in no particular order; NULL begins, and ends. */
struct frame *frames_next(const struct frames *frames, const struct frame *frame);
/* Makes it when it is new; NULL: too many. */
struct frame *frames_get(struct frames *frames, const struct token *token);
/* Tells the machine that the frame can be spoken to, after what it keeps. */
bool frame_open(struct frames *frames, struct frame *frame, const cJSON *bundle, struct bx_err *err);
void frame_lost(struct frames *frames, struct frame *frame, bool left);
void frame_line_ended(struct frames *frames, struct frame *frame);
void frame_unlink(struct frame *frame, int why); /* closes its WebSocket, if any */
void frame_add_kept(struct bx_str *out, const struct frame *frame);
void frames_tell_acked(struct frame *frame); /* by its WebSocket */

void frame_line_send(struct frame *frame, const char *key, const char *value); /* value: JSON */
void frame_free(struct frames *frames, struct frame *frame);
void frames_clear(struct frames *frames); /* frees all of them */
void frames_sweep_later(struct frames *frames);

/* leaders.c: what a bundle says about the lead. */
void leaders_note(struct frames *frames, struct frame *frame, const cJSON *bundle);
void leaders_lost(struct frames *frames, struct frame *frame);

/* lines.c: a browser names the origin of the document that connects, and ours alone may. Counts the others. */
bool frame_origin_ok(struct serve *serve, struct bx_request *req, bool required);

/* bundle.c: the token of a bundle, and its events and replies. */
enum token_state bundle_token(struct serve *serve, const cJSON *bundle, struct token *token);
void bundle_take(struct frames *frames, struct frame *frame, const cJSON *bundle);

#endif
