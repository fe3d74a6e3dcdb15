/* Event handlers, the offline queue, and the events themselves (portal.md 7, 10, 11.10). */
#include "spec.h"
#include "banned.h"

static const struct bx_word event_types[] = {
	{"online", "online", "posted to the handler"},
	{"offline", "offline", "kept in a queue"},
	{0},
};

static const struct bx_field option_rows[] = {
	{.key = "minTimeout",
		.type = BX_INT,
		.help = "Least seconds between two notices",
		.most = INT32_MAX},
	{0},
};

#define EVENT_NAME                                                                                 \
	{                                                                                          \
		.key = "event", .type = BX_STR, .flags = BX_REQUIRED | BX_ARG,                     \
		.help = "Name of the event"                                                        \
	}
#define EVENT_TYPE                                                                                 \
	{                                                                                          \
		.key = "event_type", .option = "type", .type = BX_WORD, .words = event_types,      \
		.help = "How it is delivered; default online"                                      \
	}
#define AUTH_TYPE(text)                                                                            \
	{                                                                                          \
		.key = "auth_type", .option = "user", .type = BX_INT, .help = text                 \
	}
#define CONNECTOR                                                                                  \
	{                                                                                          \
		.key = "auth_connector", .option = "connector", .type = BX_STR,                    \
		.when = "offline only", .help = "Source of the queue"                              \
	}

static const struct bx_field bind_fields[] = {
	EVENT_NAME,
	{.key = "handler",
		.type = BX_STR,
		.flags = BX_ARG,
		.when = "online only, where it is required",
		.help = "Address the event is posted to"},
	AUTH_TYPE("Employee whose rights the handler gets; 0: whoever caused the event"),
	EVENT_TYPE,
	CONNECTOR,
	{.key = "options",
		.type = BX_MAP,
		.rows = option_rows,
		.when = "ONOFFLINEEVENT only",
		.help = "Options of the event"},
	{0},
};

static const struct bx_field unbind_fields[] = {
	EVENT_NAME,
	{.key = "handler",
		.type = BX_STR,
		.flags = BX_ARG,
		.when = "online only, where it is required",
		.help = "Address the event is posted to"},
	AUTH_TYPE("Only of this employee, 0: of none; without it all"),
	EVENT_TYPE,
	CONNECTOR,
	{0},
};

static const struct bx_field events_fields[] = {
	{.key = "SCOPE", .option = "scope", .type = BX_STR, .help = "Only events of this scope"},
	{.key = "FULL", .option = "full", .type = BX_BOOL, .help = "Events of every scope"},
	{0},
};

#define COLUMN(name)                                                                               \
	{                                                                                          \
		name, name, NULL                                                                   \
	}
#define QUEUE_COLUMNS                                                                              \
	COLUMN("ID"), COLUMN("TIMESTAMP_X"), COLUMN("EVENT_NAME"), COLUMN("MESSAGE_ID")

static const struct bx_word get_columns[] = {QUEUE_COLUMNS, {0}};
static const struct bx_word list_columns[] = {
	QUEUE_COLUMNS, COLUMN("PROCESS_ID"), COLUMN("ERROR"), {0}};

static const struct bx_field queue_get_fields[] = {
	{.key = "filter", .type = BX_MAP, .words = get_columns, .help = "Conditions"},
	{.key = "order", .type = BX_MAP, .words = get_columns, .help = "Column and direction"},
	{.key = "limit",
		.option = "limit",
		.type = BX_INT,
		.help = "Most records; default 50",
		.least = 1,
		.most = INT32_MAX},
	{.key = "clear",
		.option = "clear",
		.type = BX_FLAG,
		.help = "Remove what is returned (default)"},
	{.key = "process_id", .option = "process", .type = BX_STR, .help = "Reserved package"},
	CONNECTOR,
	{.key = "error", .option = "failed", .type = BX_FLAG, .help = "Records marked as failed"},
	{0},
};

static const struct bx_field queue_list_fields[] = {
	{.key = "filter", .type = BX_MAP, .words = list_columns, .help = "Conditions"},
	{.key = "order", .type = BX_MAP, .words = list_columns, .help = "Column and direction"},
	{.key = "start",
		.type = BX_INT,
		.flags = BX_HIDDEN,
		.help = "First row; -1: without counting",
		.least = -1,
		.most = INT32_MAX},
	CONNECTOR,
	{0},
};

#define PROCESS                                                                                    \
	{                                                                                          \
		.key = "process_id", .option = "process", .type = BX_STR, .flags = BX_REQUIRED,    \
		.help = "Reserved package"                                                         \
	}

static const struct bx_field queue_clear_fields[] = {
	PROCESS,
	{.key = "id", .type = BX_LIST, .help = "Numbers of records"},
	{.key = "message_id", .type = BX_LIST, .help = "Message ids of records"},
	CONNECTOR,
	{0},
};

static const struct bx_field queue_error_fields[] = {
	PROCESS,
	{.key = "message_id",
		.type = BX_LIST,
		.flags = BX_REQUIRED,
		.help = "Message ids of records"},
	CONNECTOR,
	{0},
};

static const struct bx_field none[] = {{0}};

#define CALL_ID                                                                                    \
	{                                                                                          \
		.key = "CALL_ID", .type = BX_STR, .flags = BX_REQUIRED, .help = "The call"         \
	}
#define CALL_TYPE                                                                                  \
	{                                                                                          \
		.key = "CALL_TYPE", .type = BX_INT, .flags = BX_REQUIRED, .words = bx_call_types,  \
		.help = "Kind of call"                                                             \
	}
#define TEXT(name, text)                                                                           \
	{                                                                                          \
		.key = name, .type = BX_STR, .help = text                                          \
	}
#define NUMBER(name, text)                                                                         \
	{                                                                                          \
		.key = name, .type = BX_INT, .help = text                                          \
	}

static const struct bx_field call_init_fields[] = {
	CALL_ID,
	CALL_TYPE,
	TEXT("CALLER_ID", "Number of the client"),
	{.key = "REST_APP_ID", .type = BX_INT, .when = "external calls", .help = "App of the call"},
	{.key = "ACCOUNT_SEARCH_ID",
		.type = BX_STR,
		.when = "built-in telephony",
		.help = "Account it came in on"},
	{.key = "PHONE_NUMBER",
		.type = BX_STR,
		.when = "built-in telephony",
		.help = "Number it came in on"},
	{0},
};

static const struct bx_field call_start_fields[] = {
	CALL_ID,
	{.key = "USER_ID", .type = BX_INT, .flags = BX_REQUIRED, .help = "Employee"},
	{0},
};

static const struct bx_field call_end_fields[] = {
	CALL_ID,
	CALL_TYPE,
	TEXT("PHONE_NUMBER", "Number of the client"),
	TEXT("PORTAL_NUMBER", "Line"),
	NUMBER("PORTAL_USER_ID", "Employee"),
	NUMBER("CALL_DURATION", "Seconds"),
	{.key = "CALL_START_DATE", .type = BX_DATE, .help = "When it began"},
	{.key = "COST", .type = BX_NUM, .help = "Price"},
	TEXT("COST_CURRENCY", "Currency of the price"),
	TEXT("CALL_FAILED_CODE", "How it ended"),
	TEXT("CALL_FAILED_REASON", "Why it failed"),
	NUMBER("CRM_ACTIVITY_ID", "Activity in the CRM"),
	{0},
};

static const struct bx_field external_start_fields[] = {
	{.key = "PHONE_NUMBER",
		.type = BX_STR,
		.flags = BX_REQUIRED,
		.help = "Number as it was clicked"},
	TEXT("PHONE_NUMBER_INTERNATIONAL", "The same in international form"),
	TEXT("EXTENSION", "Extension to dial"),
	{.key = "USER_ID", .type = BX_INT, .flags = BX_REQUIRED, .help = "Employee who clicked"},
	NUMBER("CALL_LIST_ID", "Call campaign"),
	TEXT("LINE_NUMBER", "Line; empty: the default one"),
	{.key = "IS_MOBILE", .type = BX_FLAG, .help = "Clicked in the mobile app"},
	CALL_ID,
	TEXT("CRM_ENTITY_TYPE", "Kind of CRM object"),
	NUMBER("CRM_ENTITY_ID", "Its number"),
	NUMBER("CRM_CREATED_LEAD", "Lead that was created"),
	{.key = "CRM_CREATED_ENTITIES", .type = BX_LIST, .help = "Objects that were created"},
	{0},
};

static const struct bx_field callback_fields[] = {
	{.key = "PHONE_NUMBER", .type = BX_STR, .flags = BX_REQUIRED, .help = "Number to call"},
	TEXT("TEXT", "Words for the employee"),
	TEXT("VOICE", "Voice that says them"),
	TEXT("CRM_ENTITY_TYPE", "Kind of CRM object"),
	NUMBER("CRM_ENTITY_ID", "Its number"),
	TEXT("LINE_NUMBER", "Line"),
	{0},
};

static const struct bx_field install_fields[] = {
	{.key = "VERSION", .type = BX_STR, .flags = BX_REQUIRED, .help = "Version of the app"},
	{.key = "ACTIVE", .type = BX_YN, .help = "The app is active"},
	{.key = "INSTALLED", .type = BX_YN, .help = "The app is installed"},
	TEXT("LANGUAGE_ID", "Language of the portal"),
	{0},
};

static const struct bx_field update_fields[] = {
	{.key = "VERSION", .type = BX_STR, .flags = BX_REQUIRED, .help = "Version of the app"},
	TEXT("PREVIOUS_VERSION", "Version before"),
	TEXT("LANGUAGE_ID", "Language of the portal"),
	{0},
};

static const struct bx_field uninstall_fields[] = {
	TEXT("LANGUAGE_ID", "Language of the portal"),
	{.key = "CLEAN", .type = BX_FLAG, .help = "The app's data is to be deleted"},
	{0},
};

static const struct bx_field test_fields[] = {
	{.key = "QUERY", .type = BX_ARRAY, .help = "Parameters of the test"},
	{0},
};

static const struct bx_field confirm_fields[] = {
	{.key = "TOKEN", .type = BX_STR, .flags = BX_REQUIRED, .help = "Token the decision is for"},
	{.key = "METHOD", .type = BX_STR, .flags = BX_REQUIRED, .help = "Method it is for"},
	{.key = "CONFIRMED", .type = BX_FLAG, .flags = BX_REQUIRED, .help = "The decision"},
	TEXT("LANGUAGE_ID", "Language of the portal"),
	{0},
};

#define METHOD(short, name, payload, bits, part, text)                                             \
	{                                                                                          \
		.verb = short, .wire = name, .kind = BX_METHOD, .fields = payload, .help = text,    \
		.flags = (bits) | BX_ANYCASE, .scope = "", .section = part                         \
	}
#define EVENT(name, payload, bits, area, part, text)                                               \
	{                                                                                          \
		.verb = name, .wire = name, .kind = BX_PORTAL_EVENT, .fields = payload,            \
		.help = text, .flags = bits, .scope = area, .section = part                        \
	}

const struct bx_op bx_ops_event[] = {
	METHOD("event add", "event.bind", bind_fields, BX_APP_ONLY | BX_VERIFY, "10.1",
		"Bind an event handler"),
	METHOD("event rm", "event.unbind", unbind_fields, BX_SAFE, "10.2", "Remove event handlers"),
	METHOD("event ls", "event.get", none, BX_SAFE, "10.3", "List the event handlers"),
	METHOD("event available", "events", events_fields, BX_SAFE, "10.4",
		"List the events there are"),
	/* Its parameters are the test's own: the portal leaves their names as they are. */
	{.verb = "event test",
		.wire = "event.test",
		.kind = BX_METHOD,
		.fields = none,
		.help = "Send a test event",
		.flags = BX_APP_ONLY,
		.scope = "",
		.section = "10.4"},
	METHOD("queue take", "event.offline.get", queue_get_fields, BX_APP_ONLY | BX_ADMIN, "10.6",
		"Take records from the offline queue"),
	METHOD("queue ls", "event.offline.list", queue_list_fields, BX_APP_ONLY | BX_ADMIN | BX_SAFE | BX_PAGED,
		"10.6", "Read the offline queue"),
	METHOD("queue clear", "event.offline.clear", queue_clear_fields, BX_APP_ONLY | BX_ADMIN | BX_SAFE, "10.6",
		"Remove a package from the offline queue"),
	METHOD("queue fail", "event.offline.error", queue_error_fields, BX_APP_ONLY | BX_ADMIN | BX_SAFE, "10.6",
		"Mark records of the offline queue as failed"),

	EVENT("ONVOXIMPLANTCALLINIT", call_init_fields, 0, "telephony", "11.10",
		"A call is being registered"),
	EVENT("ONVOXIMPLANTCALLSTART", call_start_fields, 0, "telephony", "11.10",
		"A call was registered or answered"),
	EVENT("ONVOXIMPLANTCALLEND", call_end_fields, 0, "telephony", "11.10",
		"A call was finished"),
	EVENT("ONEXTERNALCALLSTART", external_start_fields, 0, "telephony", "11.10",
		"An employee clicked a number"),
	EVENT("ONEXTERNALCALLBACKSTART", callback_fields, 0, "telephony", "11.10",
		"A callback form was filled in"),
	EVENT("ONAPPINSTALL", install_fields, 0, "", "7.2", "The app was installed"),
	EVENT("ONAPPUPDATE", update_fields, 0, "", "7.2", "The app was updated"),
	EVENT("ONAPPUNINSTALL", uninstall_fields, BX_TOKENLESS, "", "7.4", "The app was removed"),
	EVENT("ONAPPTEST", test_fields, 0, "", "10.4", "The answer to a test"),
	EVENT("ONAPPMETHODCONFIRM", confirm_fields, BX_TOKENLESS, "", "11.9",
		"An administrator decided on a method"),
	EVENT("ONOFFLINEEVENT", none, 0, "", "10.6", "The offline queue has new records"),
	{0},
};
