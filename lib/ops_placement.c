/* Placements (portal.md 9) and what every frame may ask of its page (12.4). */
#include "spec.h"
#include "banned.h"

static const struct bx_field none[] = {{0}};

static const struct bx_field list_fields[] = {
	{.key = "SCOPE",
		.option = "scope",
		.type = BX_STR,
		.help = "Only placements of this scope; empty: global ones"},
	{.key = "FULL",
		.option = "full",
		.type = BX_BOOL,
		.when = "without SCOPE",
		.help = "Placements of every scope"},
	{0},
};

static const struct bx_field option_rows[] = {
	{.key = "errorHandlerUrl",
		.type = BX_STR,
		.when = "required by the worker",
		.help = "Told when the portal removes the handler"},
	{0},
};

const struct bx_word bx_placements[] = {
	{"worker", "PAGE_BACKGROUND_WORKER", "hidden on every page of the portal"},
	{0},
};

#define PLACEMENT                                                                                  \
	{                                                                                          \
		.key = "PLACEMENT", .type = BX_STR, .flags = BX_REQUIRED | BX_ARG,                 \
		.words = bx_placements, .help = "The place"                                        \
	}

static const struct bx_field bind_fields[] = {
	PLACEMENT,
	{.key = "HANDLER",
		.type = BX_STR,
		.flags = BX_REQUIRED | BX_ARG,
		.help = "Address of the page"},
	{.key = "TITLE",
		.option = "title",
		.type = BX_STR,
		.when = "without LANG_ALL",
		.help = "Title; LANGUAGE=TEXT, as en=Phone, for each of several"},
	{.key = "DESCRIPTION",
		.option = "description",
		.type = BX_STR,
		.when = "without LANG_ALL",
		.help = "Description, likewise"},
	{.key = "GROUP_NAME",
		.option = "group",
		.type = BX_STR,
		.when = "without LANG_ALL",
		.help = "Group, likewise"},
	{.key = "LANG_ALL", .type = BX_MAP, .help = "The three texts by language"},
	{.key = "OPTIONS", .type = BX_MAP, .rows = option_rows, .help = "Options of the placement"},
	{.key = "USER_ID",
		.option = "user",
		.type = BX_INT,
		.when = "worker only",
		.help = "Employee it is for, or one of several; 0: all"},
	{0},
};

static const struct bx_field unbind_fields[] = {
	PLACEMENT,
	{.key = "HANDLER",
		.type = BX_STR,
		.flags = BX_ARG,
		.help = "Only this address; without it all of the placement"},
	{.key = "USER_ID",
		.option = "user",
		.type = BX_INT,
		.help = "Only of this employee, 0: the general one; without it both kinds"},
	{0},
};

static const struct bx_field event_name_fields[] = {
	{.key = "event", .type = BX_STR, .flags = BX_REQUIRED, .help = "Wire name of the event"},
	{0},
};

static const struct bx_field install_fields[] = {
	{.key = "install", .type = BX_BOOL, .flags = BX_REQUIRED, .help = "Being installed"},
	{0},
};

static const struct bx_field finish_fields[] = {
	{.key = "value", .type = BX_BOOL, .help = "Installed (default) or not"},
	{0},
};

static const struct bx_field option_fields[] = {
	{.key = "name", .type = BX_STR, .flags = BX_REQUIRED, .help = "Name of the option"},
	{.key = "value", .type = BX_ANY, .help = "Its value"},
	{0},
};

static const struct bx_field size_fields[] = {
	{.key = "width", .type = BX_ANY, .help = "Width"},
	{.key = "height", .type = BX_ANY, .help = "Height"},
	{0},
};

static const struct bx_field title_fields[] = {
	{.key = "title", .type = BX_STR, .flags = BX_REQUIRED, .help = "Title of the page"},
	{0},
};

static const struct bx_field scroll_fields[] = {
	{.key = "scroll", .type = BX_ANY, .flags = BX_REQUIRED, .help = "Position"},
	{0},
};

static const struct bx_field application_fields[] = {
	{.key = "bx24_width", .type = BX_INT, .help = "Width of the slider"},
	{.key = "bx24_title", .type = BX_STR, .help = "Title of the slider"},
	{.key = "bx24_leftBoundary", .type = BX_INT, .help = "Left edge of the slider"},
	{.key = "bx24_label", .type = BX_ANY, .help = "Label of the slider"},
	{0},
};

static const struct bx_field path_fields[] = {
	{.key = "path", .type = BX_STR, .flags = BX_REQUIRED, .help = "Path in the portal"},
	{0},
};

static const struct bx_field select_user_fields[] = {
	{.key = "title", .type = BX_STR, .help = "Title of the dialog"},
	{.key = "mult", .type = BX_BOOL, .help = "Several employees"},
	{0},
};

static const struct bx_field select_access_fields[] = {
	{.key = "value", .type = BX_ANY, .help = "What is selected already"},
	{0},
};

static const struct bx_field select_crm_fields[] = {
	{.key = "entityType", .type = BX_ANY, .help = "Kinds of objects"},
	{.key = "multiple", .type = BX_BOOL, .help = "Several objects"},
	{.key = "value", .type = BX_ANY, .help = "What is selected already"},
	{0},
};

static const struct bx_field call_fields[] = {
	{.key = "userId", .type = BX_INT, .flags = BX_REQUIRED, .help = "Employee to call"},
	{.key = "video", .type = BX_BOOL, .help = "With picture"},
	{0},
};

static const struct bx_field phone_fields[] = {
	{.key = "phone", .type = BX_STR, .flags = BX_REQUIRED, .help = "Number to call"},
	{0},
};

static const struct bx_field dialog_fields[] = {
	{.key = "dialogId", .type = BX_ANY, .help = "The conversation"},
	{0},
};

#define CALL(name, payload, bits, text)                                                            \
	{                                                                                          \
		.verb = name, .wire = name, .kind = BX_FRAME_CALL, .fields = payload,              \
		.help = text, .flags = bits, .section = "12.4"                                     \
	}

const struct bx_op bx_ops_placement[] = {
	{.verb = "placement available",
		.wire = "placement.list",
		.kind = BX_METHOD,
		.fields = list_fields,
		.help = "List the placements there are",
		.flags = BX_APP_ONLY | BX_SAFE | BX_ANYCASE,
		.scope = "placement",
		.section = "9.1"},
	/* It is to be known of each registration whether it is there, before the next one is made. */
	{.verb = "placement add",
		.wire = "placement.bind",
		.kind = BX_METHOD,
		.fields = bind_fields,
		.help = "Register a handler in a placement",
		.flags = BX_APP_ONLY | BX_ADMIN | BX_VERIFY | BX_ANYCASE | BX_ALONE,
		.scope = "placement",
		.section = "9.2"},
	{.verb = "placement rm",
		.wire = "placement.unbind",
		.kind = BX_METHOD,
		.fields = unbind_fields,
		.help = "Remove handlers from a placement",
		.flags = BX_APP_ONLY | BX_ADMIN | BX_SAFE | BX_ANYCASE,
		.scope = "placement",
		.section = "9.3"},
	{.verb = "placement ls",
		.wire = "placement.get",
		.kind = BX_METHOD,
		.fields = none,
		.help = "List the registered handlers",
		.flags = BX_APP_ONLY | BX_ADMIN | BX_SAFE | BX_ANYCASE,
		.scope = "placement",
		.section = "9.4"},

	CALL("getInitData", none, BX_SAFE | BX_WORKER, "Tokens and place of the frame"),
	CALL("getInterface", none, BX_SAFE | BX_WORKER, "Commands and events of the placement"),
	CALL("placementBindEvent", event_name_fields, BX_NOREPLY | BX_WORKER,
		"Subscribe to an event"),
	CALL("refreshAuth", none, BX_SAFE | BX_WORKER, "A new pair of tokens"),
	CALL("setInstall", install_fields, 0, "Say whether the app is being installed"),
	CALL("setInstallFinish", finish_fields, BX_NOREPLY | BX_WORKER, "End the installation"),
	CALL("setUserOption", option_fields, BX_SAFE, "Keep an option of the user"),
	CALL("setAppOption", option_fields, BX_SAFE | BX_ADMIN, "Keep an option of the app"),
	CALL("resizeWindow", size_fields, BX_SAFE, "Set the size of the frame"),
	CALL("reloadWindow", none, BX_NOREPLY, "Load the page again"),
	CALL("setTitle", title_fields, BX_NOREPLY, "Set the title of the page"),
	CALL("setScroll", scroll_fields, BX_NOREPLY, "Scroll the page"),
	CALL("openApplication", application_fields, 0, "Open the app in a slider"),
	CALL("closeApplication", none, 0, "Close that slider"),
	CALL("openPath", path_fields, 0, "Open a page of the portal in a slider"),
	CALL("selectUser", select_user_fields, 0, "Let the user choose employees"),
	CALL("selectAccess", select_access_fields, 0, "Let the user choose access rights"),
	CALL("selectCRM", select_crm_fields, 0, "Let the user choose CRM objects"),
	CALL("imCallTo", call_fields, BX_NOREPLY, "Call an employee"),
	CALL("imPhoneTo", phone_fields, BX_NOREPLY, "Call a phone"),
	CALL("imOpenMessenger", dialog_fields, BX_NOREPLY, "Open the messenger"),
	CALL("imOpenHistory", dialog_fields, BX_NOREPLY, "Open the history of a conversation"),
	{0},
};
