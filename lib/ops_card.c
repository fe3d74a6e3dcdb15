/* The call card: commands, events, states, buttons (portal.md 13). */
#include "spec.h"
#include "banned.h"

/* One list gives the table of states, the words of the state command and the bits. */
#define STATES(X)                                                                                  \
	X(INCOMING, "incoming", STOPS, "somebody calls: answer or skip")                           \
	X(TRANSFER_INCOMING, "transferIncoming", STOPS, "a colleague passes a call on")            \
	X(OUTGOING, "outgoing", STOPS, "ready to call")                                            \
	X(CONNECTING_INCOMING, "connectingIncoming", STOPS, "answered, being connected")           \
	X(CONNECTING_OUTGOING, "connectingOutgoing", STOPS, "dialling")                            \
	X(CONNECTED, "connected", STARTS, "the conversation")                                      \
	X(TRANSFERRING, "transferring", KEEPS, "being transferred")                                \
	X(TRANSFER_FAILED, "transferFailed", KEEPS, "the transfer failed")                         \
	X(TRANSFER_CONNECTED, "transferConnected", KEEPS, "talking to the target of the transfer") \
	X(ERROR, "error", STOPS, "the call failed")                                                \
	X(MONEY_ERROR, "moneyError", STOPS, "the account is empty")                                \
	X(REDIAL, "redial", STOPS, "offers to call again")

#define STATE_INDEX(id, name, rule, text) INDEX_##id,
#define STATE_ROW(id, name, rule, text)   {name, BX_TIMER_##rule, text},
#define STATE_WORD(id, name, rule, text)  {name, name, text},

enum { STATES(STATE_INDEX) STATE_COUNT };
#define IN(id)   (1u << INDEX_##id)
#define IN_EVERY ((1u << STATE_COUNT) - 1)

const struct bx_state bx_states[] = {STATES(STATE_ROW){0}};
static const struct bx_word state_words[] = {STATES(STATE_WORD){0}};

#define IN_RINGING (IN(INCOMING) | IN(TRANSFER_INCOMING))
#define IN_TALK                                                                                    \
	(IN(CONNECTING_INCOMING) | IN(CONNECTING_OUTGOING) | IN(CONNECTED) | IN(TRANSFER_CONNECTED))
#define IN_FAILURE  (IN(ERROR) | IN(MONEY_ERROR))
#define IN_RETURN   (IN(TRANSFERRING) | IN(TRANSFER_FAILED))
#define IN_CAMPAIGN (IN(OUTGOING) | IN(ERROR))
#define IN_DIAL     (IN(OUTGOING) | IN(ERROR) | IN(REDIAL))

#define BOTH(states) states, states

const struct bx_button bx_buttons[] = {
	{"answer", "answerButtonClick", BOTH(IN_RINGING), false, "Answer"},
	{"skip", "skipButtonClick", BOTH(IN_RINGING), false, "Skip"},
	{"hangup", "hangupButtonClick", BOTH(IN_TALK), false, "End"},
	{"mute", "muteButtonClick", BOTH(IN(CONNECTED)), false, "Mute"},
	{"hold", "holdButtonClick", BOTH(IN(CONNECTED)), false, "Hold"},
	{"transfer", "transferButtonClick", IN(CONNECTED), 0, false, "Transfer"},
	{"keypad", "dialpadButtonClick", BOTH(IN(CONNECTED)), false, "Keypad"},
	{"quality", "qualityMeterClick", BOTH(IN(CONNECTED)), false, "Quality"},
	{"complete", "completeTransferButtonClick", BOTH(IN(TRANSFERRING)), false, "Complete"},
	{"return", "cancelTransferButtonClick", BOTH(IN_RETURN), false, "Return to call"},
	{"call", "makeCallButtonClick", BOTH(IN(OUTGOING)), false, "Call"},
	{"redial", "makeCallButtonClick", IN(REDIAL), IN(REDIAL) | IN(ERROR), false, "Call again"},
	{"next", "nextButtonClick", 0, IN_CAMPAIGN, false, "Next client"},
	{"notify", "notifyAdminButtonClick", BOTH(IN(MONEY_ERROR)), false, "Notify administrator"},
	{"comment", "addCommentButtonClick", BOTH(IN_EVERY), false, "Comment"},
	{"close", "closeButtonClick", IN_FAILURE, IN_FAILURE | IN(OUTGOING), true, "Close"},
	{"fold", NULL, IN(CONNECTED), IN(CONNECTED) | IN_CAMPAIGN, true, "Fold"},
	{0},
};

static const struct bx_field none[] = {{0}};

static const struct bx_field mute_fields[] = {
	{.key = "muted",
		.option = "on|off",
		.type = BX_BOOL,
		.flags = BX_REQUIRED | BX_ARG,
		.help = "Mute or not"},
	{0},
};

static const struct bx_field hold_fields[] = {
	{.key = "held",
		.option = "on|off",
		.type = BX_BOOL,
		.flags = BX_REQUIRED | BX_ARG,
		.help = "On hold or not"},
	{0},
};

static const struct bx_field state_fields[] = {
	{.key = "uiState",
		.option = "STATE",
		.type = BX_WORD,
		.flags = BX_REQUIRED | BX_ARG,
		.words = state_words,
		.help = "The new state"},
	{.key = "disableAutoStartTimer",
		.option = "no-timer",
		.type = BX_BOOL,
		.when = "in state connected",
		.help = "Do not start the timer"},
	{0},
};

static const struct bx_field title_fields[] = {
	{.key = "title",
		.option = "TEXT",
		.type = BX_STR,
		.flags = BX_REQUIRED | BX_ARG,
		.help = "The new title; empty clears it"},
	{0},
};

static const struct bx_field status_fields[] = {
	{.key = "statusText",
		.option = "TEXT",
		.type = BX_STR,
		.flags = BX_REQUIRED | BX_ARG,
		.help = "The new status line; empty clears it"},
	{0},
};

static const struct bx_word call_directions[] = {
	{"incoming", "incoming", NULL},
	{"outgoing", "outgoing", NULL},
	{"callback", "callback", NULL},
	{0},
};

static const struct bx_word call_states[] = {
	{"idle", "idle", NULL},
	{"connecting", "connecting", NULL},
	{"connected", "connected", NULL},
	{0},
};

static const struct bx_field binding_rows[] = {
	{.key = "ENTITY_TYPE", .type = BX_STR, .flags = BX_REQUIRED, .help = "Kind of object"},
	{.key = "ENTITY_ID", .type = BX_INT, .flags = BX_REQUIRED, .help = "Its number"},
	{0},
};

static const struct bx_field initialized_fields[] = {
	{.key = "CALL_ID", .type = BX_STR, .flags = BX_REQUIRED, .help = "The call"},
	{.key = "PHONE_NUMBER",
		.type = BX_STR,
		.when = "missing when unknown, hidden when empty",
		.help = "Number of the client"},
	{.key = "LINE_NUMBER", .type = BX_STR, .help = "External line, or empty"},
	{.key = "LINE_NAME", .type = BX_STR, .help = "Name of the line, or its number, or empty"},
	{.key = "CRM_ENTITY_TYPE", .type = BX_STR, .help = "Kind of CRM object; empty: unbound"},
	{.key = "CRM_ENTITY_ID", .type = BX_INT, .help = "Its number; 0: unbound"},
	{.key = "CRM_ACTIVITY_ID", .type = BX_INT, .help = "Activity in the CRM"},
	{.key = "CRM_BINDINGS", .type = BX_ROWS, .rows = binding_rows, .help = "CRM objects"},
	{.key = "CALL_DIRECTION",
		.type = BX_STR,
		.words = call_directions,
		.help = "Direction as the card shows it"},
	{.key = "CALL_STATE", .type = BX_STR, .words = call_states, .help = "The page's own state"},
	{.key = "CALL_LIST_MODE", .type = BX_BOOL, .help = "A call campaign"},
	{0},
};

static const struct bx_field entity_fields[] = {
	{.key = "CRM_ENTITY_TYPE", .type = BX_STR, .help = "Kind of CRM object; empty: unbound"},
	{.key = "CRM_ENTITY_ID", .type = BX_INT, .help = "Its number; 0: unbound"},
	{.key = "PHONE_NUMBER", .type = BX_STR, .help = "Number of the client, or unknown"},
	{0},
};

static const struct bx_field comment_fields[] = {
	{.key = "comment", .type = BX_STR, .flags = BX_BARE | BX_REQUIRED, .help = "The comment"},
	{0},
};

static const struct bx_field muted_fields[] = {
	{.key = "muted",
		.type = BX_BOOL,
		.flags = BX_BARE | BX_REQUIRED,
		.help = "Whether it is mute now"},
	{0},
};

static const struct bx_field held_fields[] = {
	{.key = "held",
		.type = BX_BOOL,
		.flags = BX_BARE | BX_REQUIRED,
		.help = "Whether it is on hold now"},
	{0},
};

static const struct bx_word transfer_types[] = {
	{"user", "user", "employee"},
	{"pstn", "pstn", "phone"},
	{"queue", "queue", NULL},
	{0},
};

static const struct bx_field transfer_fields[] = {
	{.key = "phoneNumber", .type = BX_STR, .help = "Number of the present call"},
	{.key = "type",
		.type = BX_STR,
		.words = transfer_types,
		.when = "instead of phoneNumber, when no command was sent before the click",
		.help = "Kind of target"},
	{.key = "target",
		.type = BX_STR,
		.flags = BX_REQUIRED,
		.help = "Id of an employee, or a phone"},
	{0},
};

static const struct bx_word ratings[] = {
	{"1", "1", NULL},
	{"2", "2", NULL},
	{"3", "3", NULL},
	{"4", "4", NULL},
	{"5", "5", NULL},
	{0},
};

static const struct bx_field quality_fields[] = {
	{.key = "rating",
		.type = BX_WORD,
		.flags = BX_BARE | BX_REQUIRED,
		.words = ratings,
		.help = "1 to 5"},
	{0},
};

#define KEY(name)                                                                                  \
	{                                                                                          \
		name, name, NULL                                                                   \
	}
static const struct bx_word keys[] = {KEY("0"), KEY("1"), KEY("2"), KEY("3"), KEY("4"), KEY("5"),
	KEY("6"), KEY("7"), KEY("8"), KEY("9"), KEY("*"), KEY("#"), {0}};

static const struct bx_field key_fields[] = {
	{.key = "key",
		.type = BX_WORD,
		.flags = BX_BARE | BX_REQUIRED,
		.words = keys,
		.help = "The key"},
	{0},
};

#define COMMAND(name, wirename, payload, bits, text)                                               \
	{                                                                                          \
		.verb = name, .wire = wirename, .kind = BX_CARD_COMMAND, .fields = payload,        \
		.help = text, .flags = bits, .section = "13.8"                                     \
	}
#define EVENT(name, payload, bits, part, text)                                                     \
	{                                                                                          \
		.verb = name, .wire = BX_CARD_EVENT_PREFIX name, .kind = BX_CARD_EVENT,            \
		.fields = payload, .help = text, .states = bits, .section = part                   \
	}

/* Both groups in the order getInterface lists them. */
const struct bx_op bx_ops_card[] = {
	COMMAND("mute", "CallCardSetMute", mute_fields, BX_SAFE, "Mute the microphone on the card"),
	COMMAND("hold", "CallCardSetHold", hold_fields, BX_SAFE,
		"Put the call on hold on the card"),
	COMMAND("state", "CallCardSetUiState", state_fields, BX_SAFE, "Set the state of the card"),
	COMMAND("states", "CallCardGetListUiStates", none, BX_SAFE, "List the states of a card"),
	COMMAND("title", "CallCardSetCardTitle", title_fields, BX_SAFE,
		"Set the title of the card"),
	COMMAND("status", "CallCardSetStatusText", status_fields, BX_SAFE, "Set the status line"),
	COMMAND("close", "CallCardClose", none, BX_SAFE, "Close the card"),
	COMMAND("timer start", "CallCardStartTimer", none, BX_SAFE | BX_NOREPLY, "Start the timer"),
	COMMAND("timer stop", "CallCardStopTimer", none, BX_SAFE | BX_NOREPLY, "Stop the timer"),

	EVENT("initialized", initialized_fields, 0, "13.4", "The card appeared"),
	EVENT("addCommentButtonClick", comment_fields, IN_EVERY, "13.5", "A comment was saved"),
	EVENT("muteButtonClick", muted_fields, IN(CONNECTED), "13.5", "Mute was clicked"),
	EVENT("holdButtonClick", held_fields, IN(CONNECTED), "13.5", "Hold was clicked"),
	EVENT("closeButtonClick", none, IN_FAILURE | IN(OUTGOING), "13.5", "Close was clicked"),
	EVENT("transferButtonClick", transfer_fields, IN(CONNECTED), "13.5",
		"A transfer target was chosen"),
	EVENT("cancelTransferButtonClick", none, IN_RETURN, "13.5", "Return to call was clicked"),
	EVENT("completeTransferButtonClick", none, IN(TRANSFERRING), "13.5",
		"The transfer was confirmed"),
	EVENT("hangupButtonClick", none, IN_TALK, "13.5", "End was clicked"),
	EVENT("nextButtonClick", none, IN_CAMPAIGN, "13.5", "The next client of a campaign"),
	EVENT("skipButtonClick", none, IN_RINGING, "13.5", "Skip was clicked"),
	EVENT("answerButtonClick", none, IN_RINGING, "13.5", "Answer was clicked"),
	EVENT("entityChanged", entity_fields, 0, "13.5", "The card loaded its CRM object"),
	EVENT("qualityMeterClick", quality_fields, IN(CONNECTED), "13.5", "A rating was chosen"),
	EVENT("dialpadButtonClick", key_fields, IN(CONNECTED), "13.5", "A key of the keypad"),
	EVENT("makeCallButtonClick", none, IN_DIAL, "13.5", "Call or call again was clicked"),
	EVENT("notifyAdminButtonClick", none, IN(MONEY_ERROR), "13.5",
		"Notify administrator was clicked"),
	{0},
};
