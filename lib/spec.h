/* The vocabulary: one row for everything the portal's protocol names. Layer 2.
 *
 * The ops_*.c tables are the master copy. Option parsing, validation, help, completion, manual,
 * the pages' JavaScript and the sandbox's dispatch read them; no wire name stands anywhere else. */
#ifndef BX_SPEC_H
#define BX_SPEC_H

#include "json.h"

enum bx_kind {
	BX_METHOD,	 /* REST method (portal.md 4, 9-11) */
	BX_PORTAL_EVENT, /* REST event delivered by POST (10.5, 11.10); fields describe data[...] */
	BX_FRAME_CALL,	 /* command of every placement (12.4) */
	BX_CARD_COMMAND, /* CallCard… (13.8) */
	BX_CARD_EVENT,	 /* BackgroundCallCard::… (13.4, 13.5) */
};

enum bx_type {
	BX_STR,
	BX_INT,
	BX_NUM,
	BX_BOOL, /* a real boolean */
	BX_FLAG, /* a switch sent as 0 or 1, read by PHP truthiness */
	BX_YN,	 /* a switch sent as Y or N */
	BX_WORD, /* one of words, sent as its wire value */
	BX_DATE, /* ISO 8601 on the wire; the command line takes what bx_time_parse takes */
	BX_MAP,
	BX_LIST,
	BX_ROWS, /* list of maps described by rows */
	BX_ANY,
	BX_ARRAY, /* a list or a map: PHP has one type for both */
};

enum bx_field_flag {
	BX_REQUIRED = 1 << 0,
	BX_MANY = 1 << 1,  /* one value or a list of them */
	BX_BARE = 1 << 2,  /* the payload is this value itself, not a map with this key */
	BX_GROUP1 = 1 << 3, /* one of the fields with this bit is required */
	BX_GROUP2 = 1 << 4,
	BX_NULLABLE = 1 << 5,
	BX_ARG = 1 << 6, /* the command line takes it as an argument, not as an option */
	BX_HIDDEN = 1 << 7, /* of the wire, but not offered on the command line */
};

enum bx_op_flag {
	BX_NOREPLY = 1 << 0,   /* success is silence (13.8) */
	BX_APP_ONLY = 1 << 1,  /* needs the app context (9, 11) */
	BX_ADMIN = 1 << 2,     /* administrators only */
	BX_SAFE = 1 << 3,      /* may be repeated whatever happened */
	BX_SAFE_EXT = 1 << 4,  /* may be repeated when it carries EXTERNAL_CALL_ID (11.1) */
	BX_VERIFY = 1 << 5,    /* verify before repeating; without any of the three: never */
	BX_PAGED = 1 << 6,     /* total and next (5) */
	BX_NO_BATCH = 1 << 7,  /* not allowed inside batch */
	BX_ANYCASE = 1 << 8,   /* parameter names in any case (2.2) */
	BX_TOKENLESS = 1 << 9, /* portal event without tokens in auth */
	BX_WORKER = 1 << 10,   /* frame call a background worker has a use for */
	BX_ALONE = 1 << 11,    /* the portal takes it in a batch, but we never put it there */
};

struct bx_word {
	const char *word; /* as the command line says it */
	const char *wire; /* as the portal says it */
	const char *help; /* may be NULL */
};

struct bx_field {
	const char *key;	    /* the portal's spelling */
	const char *option;	    /* long option without dashes, or NULL */
	enum bx_type type;
	unsigned flags;		    /* enum bx_field_flag */
	/* Ends with word NULL. BX_WORD, BX_INT: one of these; BX_STR: known values beside which any
	 * other is allowed; BX_MAP: the known keys, before which a filter operator may stand. */
	const struct bx_word *words;
	const char *when;	    /* condition in words, for the manual; or NULL */
	const struct bx_field *rows; /* BX_ROWS, BX_MAP: its fields; ends with key NULL */
	const char *help;
	int64_t least, most; /* BX_INT, BX_NUM; no range when both are 0 */
	const char *pair; /* key of the field whose value may follow after a colon in the option; or NULL */
};

struct bx_op {
	const char *verb; /* what bx calls it: "register", "state", "answerButtonClick" */
	const char *wire; /* what the portal calls it */
	enum bx_kind kind;
	const struct bx_field *fields; /* ends with key NULL; never NULL */
	const char *help;
	unsigned states; /* card events of buttons: bit n = state n of bx_states has the button */
	unsigned flags;	 /* enum bx_op_flag */
	const char *scope; /* methods and portal events: "telephony", "placement", "" (basic) … */
	const char *section; /* of portal.md, e.g. "11.1" */
};

/* Before the verb of every card event on the wire. */
#define BX_CARD_EVENT_PREFIX "BackgroundCallCard::"

extern const struct bx_word bx_call_types[], bx_call_status[]; /* 11 */
extern const struct bx_word bx_placements[]; /* those bx has a short word for (9.1) */

/* Tables; each ends with wire NULL. */
extern const struct bx_op bx_ops_telephony[], bx_ops_line[], bx_ops_card[], bx_ops_placement[],
	bx_ops_event[], bx_ops_common[];
extern const struct bx_op *const bx_op_tables[]; /* all of them; ends with NULL */

enum bx_timer_rule { BX_TIMER_STOPS, BX_TIMER_STARTS, BX_TIMER_KEEPS };

/* The twelve states in the portal's order (13.6). */
struct bx_state {
	const char *name;
	enum bx_timer_rule timer;
	const char *help;
};
extern const struct bx_state bx_states[]; /* ends with name NULL */
int bx_state_index(const char *name); /* case-sensitive; -1 when unknown */

/* What the operator can press (13.6). bit n of the masks = state n of bx_states. */
struct bx_button {
	const char *name;
	const char *event;	/* verb of the card event; NULL: pressing sends none */
	unsigned states;	/* has it outside a call campaign */
	unsigned campaign;	/* has it in one */
	bool start;		/* on the card before the first state */
	const char *help;
};
extern const struct bx_button bx_buttons[]; /* ends with name NULL */

const struct bx_op *bx_op_by_verb(enum bx_kind kind, const char *verb);
/* Methods in any case, events of the portal in any case, all others exactly. */
const struct bx_op *bx_op_by_wire(enum bx_kind kind, const char *wire);
const struct bx_field *bx_field_by_key(const struct bx_field *fields, const char *key, bool anycase);

/* Checks a payload against the row: required, groups, types, words, nested rows. Unknown keys are
 * allowed; null is "not there". What bx sends is held to the types (numbers may be digit strings,
 * as in a form); in what the portal sends, strings and numbers stand for each other and an empty
 * string for nothing. BX_USAGE naming the key first (MESSAGES[1][SIDE]), the rule and the value. */
bool bx_op_check(const struct bx_op *op, const cJSON *params, struct bx_err *err);

/* Turns one command-line text into the wire value of the field (words, dates, numbers, flags).
 * NULL and BX_USAGE, naming option, value and rule. The caller deletes. */
cJSON *bx_field_value(const struct bx_field *field, const char *text, struct bx_err *err);

/* The vocabulary for the pages; the caller deletes. The shapes stand at the definitions. The
 * second is the small one for the frame. */
cJSON *bx_spec_json(void);
cJSON *bx_spec_json_frame(void);

/* Every row is well formed (names unique, flags sensible, words complete); for the tests. */
bool bx_spec_selfcheck(struct bx_err *err);

#endif
