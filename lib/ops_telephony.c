/* Calls, lines, statistics (portal.md 11). */
#include "spec.h"
#include "banned.h"

#define TELEPHONY .scope = "telephony"
#define CALL_ID                                                                                    \
	{                                                                                          \
		.key = "CALL_ID", .type = BX_STR, .flags = BX_REQUIRED, .help = "The call"         \
	}
#define USER_OF(text)                                                                              \
	{.key = "USER_ID",                                                                         \
		.option = "user",                                                                  \
		.type = BX_INT,                                                                    \
		.flags = BX_GROUP1,                                                                \
		.help = text " (wins over the internal number)"},                                  \
	{                                                                                          \
		.key = "USER_PHONE_INNER", .option = "ext", .type = BX_STR, .flags = BX_GROUP1,    \
		.help = "Internal number of the employee"                                          \
	}

const struct bx_word bx_call_types[] = {
	{"out", "1", "outgoing"},
	{"in", "2", "incoming"},
	{"redirect", "3", "incoming with redirection"},
	{"callback", "4", "callback"},
	{"info", "5", "info call"},
	{0},
};

static const struct bx_word call_status[] = {
	{"ok", "200", "success"},
	{"missed", "304", "missed"},
	{"declined", "603", "declined"},
	{"cancelled", "603-S", "cancelled"},
	{"forbidden", "403", "forbidden"},
	{"wrong", "404", "wrong number"},
	{"busy", "486", "busy"},
	{"no-direction", "484", "direction unavailable"},
	{"out-of-service", "503", "direction unavailable"},
	{"unavailable", "480", "temporarily unavailable"},
	{"no-funds", "402", "no funds"},
	{"blocked", "423", "blocked"},
	{"other", "OTHER", "anything else"},
	{0},
};

static const struct bx_word entity_types[] = {
	{"contact", "CONTACT", NULL},
	{"company", "COMPANY", NULL},
	{"lead", "LEAD", NULL},
	{"deal", "DEAL", NULL},
	{0},
};

static const struct bx_word directions[] = {
	{"asc", "ASC", "ascending"},
	{"desc", "DESC", "descending"},
	{0},
};

#define COLUMN(name) {name, name, NULL}
#define STATISTIC_COLUMNS                                                                          \
	COLUMN("ID"), COLUMN("CALL_ID"), COLUMN("EXTERNAL_CALL_ID"), COLUMN("CALL_CATEGORY"),      \
		COLUMN("PORTAL_USER_ID"), COLUMN("PORTAL_NUMBER"), COLUMN("PHONE_NUMBER"),         \
		COLUMN("CALL_DURATION"), COLUMN("CALL_START_DATE"), COLUMN("CALL_LOG"),            \
		COLUMN("CALL_RECORD_URL"), COLUMN("CALL_VOTE"), COLUMN("COST"),                    \
		COLUMN("COST_CURRENCY"), COLUMN("CALL_FAILED_CODE"), COLUMN("CALL_FAILED_REASON"), \
		COLUMN("CRM_ENTITY_TYPE"), COLUMN("CRM_ENTITY_ID"), COLUMN("CRM_ACTIVITY_ID"),     \
		COLUMN("REST_APP_ID"), COLUMN("REST_APP_NAME"), COLUMN("TRANSCRIPT_ID"),           \
		COLUMN("TRANSCRIPT_PENDING"), COLUMN("SESSION_ID"), COLUMN("REDIAL_ATTEMPT"),      \
		COLUMN("COMMENT"), COLUMN("RECORD_DURATION")

static const struct bx_word statistic_sort[] = {STATISTIC_COLUMNS, {0}};
static const struct bx_word statistic_filter[] = {STATISTIC_COLUMNS, COLUMN("CALL_TYPE"), {0}};

static const struct bx_field none[] = {{0}};

static const struct bx_field register_fields[] = {
	USER_OF("Employee who has the call"),
	{.key = "PHONE_NUMBER",
		.option = "phone",
		.type = BX_STR,
		.flags = BX_REQUIRED,
		.help = "Number of the client"},
	{.key = "TYPE",
		.option = "type",
		.type = BX_INT,
		.flags = BX_REQUIRED,
		.words = bx_call_types,
		.help = "Kind of call"},
	{.key = "CALL_START_DATE", .option = "start", .type = BX_DATE, .help = "When the call began"},
	{.key = "CRM_CREATE",
		.option = "crm-create",
		.type = BX_FLAG,
		.help = "Create a lead when the number is unknown"},
	{.key = "CRM_SOURCE", .option = "crm-source", .type = BX_STR, .help = "Source in the CRM"},
	{.key = "CRM_ENTITY_TYPE",
		.type = BX_WORD,
		.flags = BX_HIDDEN,
		.words = entity_types,
		.when = "with CRM_ENTITY_ID; no search by number then",
		.help = "Kind of the CRM object the call belongs to"},
	{.key = "CRM_ENTITY_ID",
		.type = BX_INT,
		.flags = BX_HIDDEN,
		.when = "with CRM_ENTITY_TYPE",
		.help = "Number of that object"},
	{.key = "SHOW", .option = "show", .type = BX_FLAG, .help = "Show the card at once (default)"},
	{.key = "ADD_TO_CHAT", .option = "chat", .type = BX_FLAG, .help = "Tell the employee's chat"},
	{.key = "CALL_LIST_ID", .option = "list", .type = BX_INT, .help = "Call campaign"},
	{.key = "LINE_NUMBER",
		.option = "line",
		.type = BX_STR,
		.help = "External line; an unknown one is created"},
	{.key = "EXTERNAL_CALL_ID",
		.option = "id",
		.type = BX_STR,
		.help = "The caller's own id of the call"},
	{0},
};

static const struct bx_field show_fields[] = {
	CALL_ID,
	{.key = "USER_ID",
		.option = "user",
		.type = BX_INT,
		.flags = BX_MANY,
		.help = "Employees; default: the one of the registration"},
	{0},
};

static const struct bx_field finish_fields[] = {
	CALL_ID,
	USER_OF("Employee the call is booked to"),
	{.key = "DURATION",
		.option = "duration",
		.type = BX_INT,
		.help = "Length of the call in seconds",
		.most = INT32_MAX},
	{.key = "COST", .option = "cost", .type = BX_NUM, .help = "Price of the call"},
	{.key = "COST_CURRENCY",
		.option = "currency",
		.type = BX_STR,
		.help = "Currency of the price"},
	{.key = "STATUS_CODE",
		.option = "status",
		.type = BX_STR,
		.words = call_status,
		.help = "How it ended; default: ok with a duration, else missed"},
	{.key = "FAILED_REASON", .option = "reason", .type = BX_STR, .help = "Why it failed"},
	{.key = "RECORD_URL",
		.type = BX_STR,
		.flags = BX_HIDDEN,
		.when = "deprecated",
		.help = "Address of the record"},
	{.key = "VOTE",
		.option = "vote",
		.type = BX_INT,
		.help = "The client's rating, 1 to 5; 0: none",
		.most = 5},
	{.key = "ADD_TO_CHAT", .option = "chat", .type = BX_FLAG, .help = "Tell the employee's chat"},
	{0},
};

static const struct bx_field record_fields[] = {
	CALL_ID,
	{.key = "RECORD_URL",
		.type = BX_STR,
		.flags = BX_GROUP1 | BX_HIDDEN,
		.help = "Address the portal downloads from"},
	{.key = "FILENAME",
		.option = "name",
		.type = BX_STR,
		.flags = BX_GROUP1,
		.help = "Name of the record, ending in .wav or .mp3"},
	{.key = "FILE_CONTENT",
		.type = BX_STR,
		.flags = BX_HIDDEN,
		.when = "with FILENAME; without it the answer tells where to upload",
		.help = "The record in base64"},
	{0},
};

static const struct bx_word sides[] = {
	{"user", "User", "the employee"},
	{"client", "Client", "the client"},
	{0},
};

static const struct bx_field message_rows[] = {
	{.key = "SIDE", .type = BX_WORD, .flags = BX_REQUIRED, .words = sides, .help = "Who speaks"},
	{.key = "START_TIME",
		.type = BX_INT,
		.flags = BX_REQUIRED,
		.help = "Second it begins",
		.most = INT32_MAX},
	{.key = "STOP_TIME",
		.type = BX_INT,
		.flags = BX_REQUIRED,
		.help = "Second it ends",
		.least = 1,
		.most = INT32_MAX},
	{.key = "MESSAGE", .type = BX_STR, .flags = BX_REQUIRED, .help = "The words"},
	{0},
};

static const struct bx_field transcript_fields[] = {
	CALL_ID,
	{.key = "MESSAGES",
		.type = BX_ROWS,
		.flags = BX_REQUIRED | BX_HIDDEN,
		.rows = message_rows,
		.help = "What was said"},
	{.key = "COST", .option = "cost", .type = BX_NUM, .help = "Price of the transcription"},
	{.key = "COST_CURRENCY",
		.option = "currency",
		.type = BX_STR,
		.when = "with COST",
		.help = "Currency of the price"},
	{0},
};

static const struct bx_field search_fields[] = {
	{.key = "PHONE_NUMBER",
		.type = BX_STR,
		.flags = BX_REQUIRED | BX_ARG,
		.help = "Number to look for"},
	{0},
};

#define LINE_NUMBER                                                                                \
	{                                                                                          \
		.key = "NUMBER", .type = BX_STR, .flags = BX_REQUIRED | BX_ARG,                    \
		.help = "Number of the line"                                                       \
	}

static const struct bx_field line_add_fields[] = {
	LINE_NUMBER,
	{.key = "NAME", .option = "name", .type = BX_STR, .help = "Name of the line"},
	{.key = "CRM_AUTO_CREATE",
		.option = "crm-create",
		.type = BX_YN,
		.help = "Calls of this line create CRM objects (default)"},
	{0},
};

static const struct bx_field line_set_fields[] = {
	LINE_NUMBER,
	{.key = "NAME",
		.option = "name",
		.type = BX_STR,
		.flags = BX_GROUP1,
		.help = "Name of the line"},
	{.key = "CRM_AUTO_CREATE",
		.option = "crm-create",
		.type = BX_YN,
		.flags = BX_GROUP1,
		.help = "Calls of this line create CRM objects"},
	{0},
};

static const struct bx_field line_rm_fields[] = {LINE_NUMBER, {0}};

static const struct bx_field statistic_fields[] = {
	{.key = "FILTER",
		.type = BX_MAP,
		.words = statistic_filter,
		.help = "Conditions: an operator (= ! > >= < <= >< !>< ? % !%) and a column"},
	{.key = "SORT",
		.option = "sort",
		.type = BX_WORD,
		.words = statistic_sort,
		.when = "with ORDER",
		.help = "Column to sort by"},
	{.key = "ORDER",
		.option = "order",
		.type = BX_WORD,
		.words = directions,
		.when = "with SORT",
		.help = "Direction"},
	{.key = "start",
		.type = BX_INT,
		.flags = BX_HIDDEN,
		.help = "First row; -1: without counting",
		.least = -1,
		.most = INT32_MAX},
	{0},
};

static const struct bx_field phone_user_fields[] = {
	{.key = "USER_ID",
		.type = BX_INT,
		.flags = BX_REQUIRED | BX_MANY | BX_ARG,
		.help = "Employee or several"},
	{0},
};

const struct bx_op bx_ops_telephony[] = {
	{.verb = "register",
		.wire = "telephony.externalCall.register",
		.kind = BX_METHOD,
		.fields = register_fields,
		.help = "Register a call and show its card",
		.flags = BX_APP_ONLY | BX_SAFE_EXT,
		TELEPHONY,
		.section = "11.1"},
	{.verb = "show",
		.wire = "telephony.externalCall.show",
		.kind = BX_METHOD,
		.fields = show_fields,
		.help = "Show the card of a call",
		.flags = BX_SAFE,
		TELEPHONY,
		.section = "11.2"},
	{.verb = "hide",
		.wire = "telephony.externalCall.hide",
		.kind = BX_METHOD,
		.fields = show_fields,
		.help = "Hide the card of a call",
		.flags = BX_SAFE,
		TELEPHONY,
		.section = "11.2"},
	{.verb = "finish",
		.wire = "telephony.externalCall.finish",
		.kind = BX_METHOD,
		.fields = finish_fields,
		.help = "Finish a call and book it",
		.flags = BX_APP_ONLY | BX_VERIFY,
		TELEPHONY,
		.section = "11.3"},
	{.verb = "record",
		.wire = "telephony.externalCall.attachRecord",
		.kind = BX_METHOD,
		.fields = record_fields,
		.help = "Attach a record to a finished call",
		.flags = BX_SAFE,
		TELEPHONY,
		.section = "11.4"},
	{.verb = "transcript",
		.wire = "telephony.call.attachTranscription",
		.kind = BX_METHOD,
		.fields = transcript_fields,
		.help = "Attach a transcript to a finished call",
		.flags = BX_VERIFY,
		TELEPHONY,
		.section = "11.5"},
	{.verb = "search",
		.wire = "telephony.externalCall.searchCrmEntities",
		.kind = BX_METHOD,
		.fields = search_fields,
		.help = "Find CRM objects by a phone number",
		.flags = BX_SAFE,
		TELEPHONY,
		.section = "11.6"},
	{.verb = "line add",
		.wire = "telephony.externalLine.add",
		.kind = BX_METHOD,
		.fields = line_add_fields,
		.help = "Add an external line",
		.flags = BX_APP_ONLY | BX_VERIFY,
		TELEPHONY,
		.section = "11.7"},
	{.verb = "line set",
		.wire = "telephony.externalLine.update",
		.kind = BX_METHOD,
		.fields = line_set_fields,
		.help = "Change an external line",
		.flags = BX_APP_ONLY | BX_SAFE,
		TELEPHONY,
		.section = "11.7"},
	{.verb = "line ls",
		.wire = "telephony.externalLine.get",
		.kind = BX_METHOD,
		.fields = none,
		.help = "List the external lines",
		.flags = BX_APP_ONLY | BX_SAFE,
		TELEPHONY,
		.section = "11.7"},
	{.verb = "line rm",
		.wire = "telephony.externalLine.delete",
		.kind = BX_METHOD,
		.fields = line_rm_fields,
		.help = "Delete an external line",
		.flags = BX_APP_ONLY | BX_VERIFY,
		TELEPHONY,
		.section = "11.7"},
	{.verb = "history",
		.wire = "voximplant.statistic.get",
		.kind = BX_METHOD,
		.fields = statistic_fields,
		.help = "List finished calls",
		.flags = BX_SAFE | BX_PAGED | BX_ANYCASE,
		TELEPHONY,
		.section = "11.8"},
	{.verb = "check",
		.wire = "voximplant.user.get",
		.kind = BX_METHOD,
		.fields = phone_user_fields,
		.help = "Telephony settings of employees",
		.flags = BX_SAFE,
		TELEPHONY,
		.section = "11.9"},
	{0},
};
