/* Whose card is it: the state machine behind every event and command of a call card.
 * (portal.md 12.2-12.3, 13.)
 *
 * Pure: no I/O, no clock, no loop. Inputs are the functions below, in the order in which things
 * happened; outputs are the callbacks, made before the function returns. A callback must not call
 * back into the machine (post to the loop instead). Times are milliseconds of one clock that
 * never jumps. Texts and trees are borrowed for the call, both ways, unless a line says otherwise.
 *
 * A card is (portal, CALL_ID, user). A frame is one document of ours in a browser; its id is
 * unique and outlives its connection: a frame that comes back under its id still shows its card. */
#ifndef BX_SERVE_CARDS_H
#define BX_SERVE_CARDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "err.h"
#include "json.h"

struct cards;

enum cards_own { CARDS_UNSETTLED = -1, CARDS_FOREIGN = 0, CARDS_OURS = 1 };

/* What the journal is to hold. Of one card, records "initialized" that are no duplicates or
 * records "card.back" alternate with "card.gone". Records of the machine's own have source "serve":
 *   card.back     a card that was taken for gone is shown after all (a page came back); begins
 *                 a life as "initialized" does
 *   card.gone     no frame of the user shows the card any more; data {"reason":TEXT}:
 *                 "operator" (Close was clicked), "command" (our close), "finished" (the call),
 *                 "navigated" (the page was left), "line lost", "silent" (hidden, Esc, or unknown),
 *                 "replaced" (another call in its place), "shown again", "forgotten" (a ceiling)
 *   call.settled  own says whose the call is; data {"held":N}: that many records before this one
 *                 have own null and are to be read with this value */
struct cards_record {
	const char *portal;
	const char *source; /* "card" or "serve" */
	const char *event;
	const char *call;  /* CALL_ID; NULL when the machine never learnt it */
	int64_t user;	   /* 0: none */
	const char *frame; /* NULL: none */
	enum cards_own own;
	bool duplicate;	    /* another tab of the user shows this card; waits and hooks skip it */
	const cJSON *data;  /* NULL: none */
	uint64_t number;    /* as given to cards_frame_event; 0: of the machine's own */
};

struct cards_ops {
	void (*emit)(void *arg, const struct cards_record *record);
	/* A command for a frame whose line is open. verb and params are a row's and its wire
	 * fields, as JSON text or NULL. call is the CALL_ID of the card it is meant for, or NULL: a frame whose document
	 * meanwhile shows another one answers "Call card is undefined" in its stead, so that no
	 * command ever reaches a foreign card. After a lost line it may be sent again with the
	 * same id: the frame executes an id once and repeats its reply. */
	void (*send)(void *arg, const char *frame, uint64_t id, const char *call, const char *verb,
		const char *params);
	/* Ends a request, once: answer on success and partial failure, else err. Takes answer.
	 * {"CALL_ID","verb","ok","users":[{"user","frames":[…],"ok","result"?,"confirmed"?,"error"?,
	 * "exit"?}…]}; "frames" are those it went to and that have not refused it. When some users
	 * failed, "ok" is false and "exit" stands beside it. */
	void (*result)(void *arg, uint64_t request, cJSON *answer, const struct bx_err *err);
	/* From now on records of this call with own null are to be read so. Follows the record
	 * call.settled. May be NULL. */
	void (*settled)(void *arg, const char *portal, const char *call, bool own);
	/* A call nobody told us about appeared; whoever finds it among the known calls within
	 * settle_ms tells it by cards_own. May be NULL. */
	void (*ask)(void *arg, const char *portal, const char *call);
	/* What the card in this frame looks like, as JSON text without meaning to others: the
	 * frame keeps the last one and gives it back in its hello, so that it survives a restart
	 * of the daemon. Called only for frames whose line is open. May be NULL. */
	void (*keep)(void *arg, const char *frame, const char *layout);
};

/* 0 takes the default given here. */
struct cards_opts {
	int settle_ms;	   /* 10000: a call not known as ours by then is foreign */
	int raise_ms;	   /* 5000: how long an announced card is awaited before a command fails */
	int hold_ms;	   /* 500: entityChanged waits that long for its initialized */
	int quiet_ms;	   /* 700: silence of a command that never answers is success */
	int command_ms;	   /* 5000: time limit of a command without one, once it is sent */
	int grace_ms;	   /* 15000: a lost line may come back for that long */
	int probe_ms;	   /* 5000: a shown card of ours is asked whether it is still there; <0: never */
	int probe_soon_ms; /* 300: the same when its end is likely */
	int forget_ms;	   /* 60000: late events of a left page still find their card */
	unsigned frames_max;   /* 20000 */
	unsigned calls_max;    /* 50000: known calls, with or without cards */
	unsigned users_max;    /* 200: cards of one call */
	unsigned requests_max; /* 10000 */
	unsigned pending_max;  /* 64: unanswered commands of one frame */
	uint64_t first_id;     /* 1: ids of commands; to be higher than any before a restart, below 2^53 */
};

/* The texts of opts need not live on; ops and arg must. */
struct cards *cards_new(const struct cards_opts *opts, const struct cards_ops *ops, void *arg);
void cards_free(struct cards *cards); /* no callbacks; NULL allowed */

/* A frame's line is open (the first time, or again). */
struct cards_hello {
	const char *frame, *portal;
	int64_t user;
	const char *call;  /* CALL_ID of the card it believes to show, once the "initialized" of it
			      was acknowledged; NULL: none */
	const cJSON *kept; /* what `keep` gave it last, or NULL */
	int delay_ms;	   /* how late commands may reach it, when it polls */
	bool silent;	   /* another frame of ours speaks for this document: no commands, no events */
};
/* False: frames_max frames are open (BX_AGAIN), or a text is empty or too long (BX_USAGE). */
bool cards_frame_open(struct cards *cards, const struct cards_hello *hello, int64_t now,
	struct bx_err *err);

/* One card event by its verb; other names (the user's own client) are journalled with the card
 * the frame shows, unless that is a foreign one. number comes back in the record. False: no record will follow, because the
 * frame is unknown or silent. */
bool cards_frame_event(struct cards *cards, const char *frame, const char *verb, const cJSON *data,
	uint64_t number, int64_t now);

/* The reply to a command; NULL: an empty one. Unknown ids are ignored. */
void cards_frame_reply(struct cards *cards, const char *frame, uint64_t id, const cJSON *reply,
	int64_t now);

enum cards_lost {
	CARDS_LINE_LOST, /* it may come back */
	CARDS_PAGE_LEFT, /* navigated or closed: its card is gone */
};
void cards_frame_lost(struct cards *cards, const char *frame, enum cards_lost why, int64_t now);

/* The call is ours; known later than settle_ms, it is so from then on. user > 0: a card of that user is to be expected (registered with SHOW, or
 * shown): commands wait raise_ms for it. */
void cards_own(struct cards *cards, const char *portal, const char *call, int64_t user, int64_t now);
/* The call ended on the server: its cards close by themselves and their layout is forgotten. */
void cards_finished(struct cards *cards, const char *portal, const char *call, int64_t now);

struct cards_request {
	uint64_t id;	    /* the caller's, unique among open requests */
	const char *portal; /* NULL: whichever has the call */
	const char *call;   /* NULL: the only open card of ours; for "states", any frame; for
			     "send", the frames named */
	const char *verb;    /* of a row, or "send": anything for the user's client in the frame */
	const cJSON *params; /* wire fields; not checked here; may be NULL */
	const int64_t *users;
	size_t users_len; /* 0: all users of the call */
	const char *const *frames;
	size_t frames_len; /* 0: all frames of the users. Otherwise no wanted layout is changed */
	int timeout_ms;	   /* for all of it; 0: command_ms from when it is sent */
};
/* Ends in one `result`, possibly before this returns. Errors: BX_ABSENT (no such call, card or
 * frame, a foreign call, "Call card is undefined"), BX_REFUSED ("Invalid ui state", and anything
 * else the card said), BX_TIMEOUT, BX_USAGE (no such verb), BX_AGAIN (ceilings). */
void cards_command(struct cards *cards, const struct cards_request *request, int64_t now);
/* Its client left: no result follows. What was sent stays sent. */
void cards_cancel(struct cards *cards, uint64_t request);

void cards_tick(struct cards *cards, int64_t now);
int64_t cards_next_deadline(const struct cards *cards); /* INT64_MAX: none */

/* [{"portal","CALL_ID","user","own","state","frames","title","status","mute","hold","timer",
 * "since","age"}…] of the open cards, oldest first. wall_ms is the Unix time of now. The caller deletes. */
cJSON *cards_list(const struct cards *cards, int64_t now, int64_t wall_ms);

struct cards_figures {
	unsigned frames_open, frames, calls, cards_open, requests;
	uint64_t sent, foreign;
};
void cards_figures(const struct cards *cards, struct cards_figures *out);

#endif
