/* Inside of the card state machine; only cards*.c include it. */
#ifndef BX_SERVE_CARDS_IMPL_H
#define BX_SERVE_CARDS_IMPL_H

#include "cards.h"
#include "map.h"
#include "spec.h"
#include "told.h"

#define CARDS_TEXT_MAX	 255   /* ids of frames, portals and calls */
#define CARDS_PARAMS_MAX 16384 /* bytes of one command's fields */

/* cards_index.c: lists, and a heap of deadlines. */
enum cards_due_kind { DUE_LINE, DUE_HOLD, DUE_PROBE, DUE_SETTLE, DUE_REQUEST, DUE_PENDING };

struct cards_due {
	int64_t at;
	uint64_t turn; /* equal times keep their order */
	unsigned slot; /* in the heap, from 1; 0: not set */
	enum cards_due_kind kind;
};

struct cards_heap {
	struct cards_due **items;
	size_t len, cap;
	uint64_t turn;
};

void cards_due_set(struct cards_heap *heap, struct cards_due *due, int64_t at);
void cards_due_clear(struct cards_heap *heap, struct cards_due *due);
void cards_heap_release(struct cards_heap *heap);

#define CARDS_OF(type, member, pointer) \
	((struct type *)(void *)((char *)(pointer)-offsetof(struct type, member)))

/* Doubly linked, in order of arrival. */
struct cards_link {
	struct cards_link *prev, *next;
};
void cards_list_init(struct cards_link *list);
void cards_list_append(struct cards_link *list, struct cards_link *link);
void cards_list_remove(struct cards_link *link); /* harmless when it is in none */
static inline bool cards_list_empty(const struct cards_link *list)
{
	return list->next == list;
}
#define CARDS_EACH(at, after, list) \
	for (struct cards_link *at = (list)->next, *after = at->next; at != (list); \
		at = after, after = at->next)

/* What the card is to look like. Unset: NULL or -1. */
struct cards_layout {
	char *state, *title, *status;
	int8_t mute, hold, timer;
};

struct cards_call {
	struct bx_map_node node; /* key: CALL_ID */
	struct cards_link idle; /* in cards->idle_calls while nothing refers to it */
	const char *portal;
	enum cards_own own;
	unsigned held; /* records with own null */
	unsigned refs; /* frames and requests */
	struct cards_due settle;
	struct cards_link cards;   /* in order of arrival */
	unsigned users, unused;	   /* cards; and those to which no frame refers */
	struct cards_card *few;	   /* the only slot of a call with few cards */
	struct cards_card **slots; /* of a hash by user; or NULL */
	size_t slots_len;
	unsigned announced;	   /* counts the cards that were to be expected */
	struct cards_link waiting; /* requests */
	char texts[];		   /* key and portal */
};

struct cards_card {
	struct cards_link link; /* in its call */
	struct cards_card *next; /* in its slot */
	struct cards_call *call;
	int64_t user;
	struct cards_link frames; /* those that show it */
	unsigned refs;		  /* frames, also those that no longer show it */
	bool open;		  /* at least one frame shows it */
	bool closed;		  /* ended for good: a second close is done already */
	bool sure;		  /* the mute flag is known, so that it may be probed */
	unsigned life;		  /* counts shows */
	uint64_t turn;		  /* order of the shows */
	const char *ending;	  /* why it is likely to go soon; or NULL */
	int64_t since, awaited;	  /* awaited: until when commands wait for it */
	struct cards_layout want;
};

enum cards_line { LINE_OPEN, LINE_LOST, LINE_GONE };

struct cards_frame {
	struct bx_map_node node; /* key: id */
	struct cards_link idle; /* in cards->idle_frames while its line is not open */
	struct cards_link show; /* in its card while shows */
	struct cards_link pending;
	unsigned pending_count;
	enum cards_line line;
	bool silent : 1, shows : 1;
	bool stale : 1; /* the layout changed without it */
	bool holds : 1; /* an entityChanged whose card is not known yet */
	uint8_t hurry;	/* quick probes left */
	int delay_ms;
	unsigned life;	     /* of the card it shows */
	unsigned show_count; /* how often it has shown one */
	const char *portal;
	int64_t user;
	struct cards_card *card; /* shown now or last: late events belong to it */
	struct cards_due line_due, hold_due, probe_due;
	cJSON *held;
	uint64_t held_number;
	char texts[]; /* key and portal */
};

/* Fields of a command as they go down, printed once for all the frames it is meant for. */
struct cards_text {
	unsigned refs;
	char text[];
};

/* FOR_CLIENT: a message to the frame itself, whatever it shows. */
enum cards_purpose { FOR_REQUEST, FOR_CLIENT, FOR_LAYOUT, FOR_PROBE };

/* One command sent, or to be sent, to one frame. */
struct cards_pending {
	struct cards_link link; /* in its frame, by id */
	struct cards_frame *frame;
	unsigned show; /* the frame's show_count when it was sent */
	const struct cards_call *call; /* that of the frame's card; or NULL */
	uint64_t id;
	const struct bx_op *op;
	struct cards_text *params; /* or NULL */
	enum cards_purpose purpose;
	bool muted; /* what a probe sets */
	struct cards_sought *sought; /* NULL: nobody waits for the answer any more */
	struct cards_due due;
	int64_t limit;
};

/* The answer of one user within a request. */
struct cards_sought {
	struct cards_request_state *request;
	int64_t user;
	cJSON *frames; /* list of ids */
	unsigned out;  /* unanswered */
	bool done, confirmed;
	cJSON *result;
	enum bx_exit exit; /* of the most telling failure */
	char *error;
};

struct cards_request_state {
	struct cards_link link, wait;
	uint64_t id;
	struct cards_call *call; /* NULL: none was needed */
	const struct bx_op *op;
	cJSON *params;
	struct cards_text *text; /* of params */
	int64_t *users;
	size_t users_len;
	char **frames;
	size_t frames_len;
	int64_t limit;
	bool patient; /* no time limit was asked for: what it waits does not count */
	struct cards_due due;
	struct cards_sought *sought;
	size_t sought_len, open; /* open: those that may still answer */
	unsigned announced;	 /* of the call, when it became part of what is wanted */
};

enum cards_row { ROW_STATE, ROW_STATES, ROW_MUTE, ROW_HOLD, ROW_TITLE, ROW_STATUS, ROW_START, ROW_STOP,
	ROW_CLOSE, ROW_COUNT };

struct cards {
	struct cards_opts opts;
	const struct cards_ops *ops;
	void *arg;
	const struct bx_op *rows[ROW_COUNT];
	struct bx_map frames, calls;
	struct cards_link idle_frames, idle_calls, requests;
	struct cards_heap heap;
	struct cards_figures figures;
	uint64_t next_id, turn;
};

/* cards.c */
/* Memory of that size, zeroes, and behind it the two texts, the second at *other. */
void *cards_with_texts(size_t size, const char *one, const char *two, const char **other);
bool cards_is_id(const char *text);
struct cards_frame *cards_find_frame(const struct cards *cards, const char *id);

/* cards_show.c */
void cards_show(struct cards *cards, struct cards_frame *frame, struct cards_card *card, int64_t now);
void cards_unshow(struct cards *cards, struct cards_frame *frame, const char *reason, int64_t now);
void cards_end_before(struct cards *cards, struct cards_frame *frame, struct cards_card *card,
	int64_t now);
void cards_serve(struct cards *cards, struct cards_frame *frame, int64_t now);
/* The frame forgets its card, and what was on its way to it. */
void cards_drop_card(struct cards *cards, struct cards_frame *frame, int64_t now);
void cards_look(struct cards *cards, struct cards_frame *frame, uint8_t times, int64_t now);
void cards_look_soon(struct cards *cards, struct cards_card *card, int64_t now);

/* cards_event.c */
void cards_release_held(struct cards *cards, struct cards_frame *frame, bool duplicate);

/* cards_call.c */
struct cards_call *cards_find_call(const struct cards *cards, const char *portal, const char *id);
struct cards_call *cards_get_call(struct cards *cards, const char *portal, const char *id);
void cards_call_ref(struct cards *cards, struct cards_call *call, int by);
void cards_call_free(struct cards *cards, struct cards_call *call);
struct cards_card *cards_find_card(struct cards_call *call, int64_t user);
struct cards_card *cards_get_card(struct cards_call *call, unsigned users_max, int64_t user);
void cards_card_ref(struct cards *cards, struct cards_card *card, int by); /* and its call */
void cards_meet(struct cards *cards, struct cards_call *call, int64_t now); /* an event names it */
void cards_settle(struct cards *cards, struct cards_call *call, enum cards_own own, int64_t now);
void cards_emit(struct cards *cards, struct cards_record *record, struct cards_call *call);
void cards_emit_serve(struct cards *cards, enum bx_told event, const struct cards_card *card,
	const char *frame, const char *key, cJSON *value);

/* cards_layout.c */
void cards_layout_clear(struct cards_layout *layout);
/* False: the row is none of the layout's. */
bool cards_layout_note(struct cards *cards, struct cards_card *card, const struct bx_op *op,
	const cJSON *params);
void cards_layout_load(struct cards_layout *layout, const cJSON *kept);
void cards_layout_print(const struct cards_layout *layout, cJSON *out);
void cards_layout_click(struct cards *cards, struct cards_card *card, const char *verb,
	const cJSON *data);
void cards_layout_apply(struct cards *cards, struct cards_frame *frame, int64_t now);
void cards_probe(struct cards *cards, struct cards_frame *frame, int64_t now);
/* set: what a probe has just set; or NULL. */
void cards_probed(struct cards *cards, struct cards_frame *frame, const bool *set, int64_t now);

/* cards_send.c */
struct cards_text *cards_text(const cJSON *params); /* NULL gives NULL */
void cards_text_drop(struct cards_text *text);	    /* one reference less; NULL allowed */
/* Refers to params, which may be NULL, as well. NULL: too many commands of this frame are unanswered. */
struct cards_pending *cards_send(struct cards *cards, struct cards_frame *frame, const struct bx_op *op,
	struct cards_text *params, enum cards_purpose purpose, int64_t limit, int64_t now);
void cards_pending_due(struct cards *cards, struct cards_pending *pending, int64_t now);
void cards_pending_drop_layout(struct cards *cards, struct cards_frame *frame);
void cards_pending_pause(struct cards *cards, struct cards_frame *frame, int64_t now);
void cards_pending_again(struct cards *cards, struct cards_frame *frame, int64_t now);
/* All of them, or those that were meant for its card. */
void cards_pending_fail(struct cards *cards, struct cards_frame *frame, bool all, int64_t now);
void cards_pending_free(struct cards *cards, struct cards_pending *pending);

/* cards_command.c */
void cards_request_retry(struct cards *cards, struct cards_call *call, int64_t now);
void cards_request_due(struct cards *cards, struct cards_request_state *request, int64_t now);
void cards_request_free(struct cards *cards, struct cards_request_state *request);

/* cards_answer.c */
/* The user's place in the answer, made when it has none yet; there is room for all. */
struct cards_sought *cards_sought(struct cards_request_state *request, int64_t user);
struct cards_sought *cards_sought_new(struct cards_request_state *request, int64_t user);
void cards_sought_release(struct cards *cards, struct cards_sought *sought);
void cards_sought_note(struct cards_sought *sought, enum bx_exit status, const char *error);
void cards_request_check(struct cards *cards, struct cards_request_state *request);
void cards_commit(struct cards *cards, const struct cards_sought *sought, int64_t now);
/* One frame's answer, BX_OK or a failure; result may be NULL. */
void cards_answer(struct cards *cards, struct cards_pending *pending, enum bx_exit status,
	const char *error, const cJSON *result, bool confirmed, int64_t now);

#endif
