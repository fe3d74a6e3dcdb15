/* The verbs of ctl as rows. */
#include "ctl.h"
#include "banned.h"

#define TEXT(k, o, h)	  {.key = k, .option = o, .type = BX_STR, .help = h}
#define NUMBER(k, o, h)	  {.key = k, .option = o, .type = BX_INT, .help = h}
#define SWITCH(k, o, h)	  {.key = k, .option = o, .type = BX_BOOL, .help = h}
#define ARG(k, h)	  {.key = k, .type = BX_STR, .flags = BX_REQUIRED | BX_ARG, .help = h}
#define ARG_INT(k, h)	  {.key = k, .type = BX_INT, .flags = BX_REQUIRED | BX_ARG, .help = h}
#define MAYBE(k, h)	  {.key = k, .type = BX_STR, .flags = BX_ARG, .help = h}
#define APP		  TEXT("app", "app", "the app's name or client_id; default: the first one")
#define USER(h)		  NUMBER("user", "user", h)

static const struct bx_field none_fields[] = {{0}};
static const struct bx_field install_fields[] = {APP,
	TEXT("install_url", "install-url", "where the installation is told"),
	TEXT("event_url", "event-url", "bound to the app's events right away"),
	TEXT("redirect_url", "redirect-url", "where an authorisation returns to"),
	SWITCH("ui", "ui", "the installation address is a page in a frame, which must finish it"),
	USER("the administrator who installs; default: the first one"), {0}};
static const struct bx_field uninstall_fields[] = {APP, SWITCH("clean", "clean", "delete the app's data"), {0}};
static const struct bx_field app_only_fields[] = {APP, {0}};
static const struct bx_field app_new_fields[] = {ARG("name", "its name"),
	TEXT("scope", "scope", "its scopes, comma-separated"),
	TEXT("redirect_url", "redirect-url", "where an authorisation returns to"), {0}};
static const struct bx_field change_fields[] = {APP, {0}};
static const struct bx_field token_fields[] = {APP, USER("for whom; default: the first administrator"), {0}};
static const struct bx_field webhook_fields[] = {USER("whose; default: the first administrator"),
	TEXT("scope", "scope", "its scopes, comma-separated"), {0}};
static const struct bx_field access_fields[] = {APP,
	{.key = "users", .type = BX_LIST, .help = "employees who may use the app; null: all"}, {0}};
static const struct bx_field expire_fields[] = {MAYBE("token", "one access token; default: all"), {0}};
static const struct bx_field confirm_fields[] = {ARG("decision", "yes or no"), APP, {0}};
static const struct bx_field fault_fields[] = {ARG("fault", "METHOD=CODE[:N]; N 0: until cleared"),
	TEXT("text", "text", "the error's text"), NUMBER("status", "status", "its HTTP status"),
	NUMBER("ms", "ms", "between the bytes of a trickle; default 100"), {0}};
static const struct bx_field method_fields[] = {ARG("method", "wire name, verb, oauth or *"), {0}};
static const struct bx_field latency_fields[] = {ARG("latency", "METHOD=MS[:N]; N 0: until cleared"),
	SWITCH("counted", "counted", "counts as operation time without being waited for"), {0}};
static const struct bx_field clock_fields[] = {ARG("move", "+SECONDS, -SECONDS, 0 for the true time, freeze or run"), {0}};
static const struct bx_field move_fields[] = {ARG("host", "the new address"), {0}};
static const struct bx_field limit_fields[] = {MAYBE("limit", "X:Y, or off"),
	NUMBER("operating", "operating", "operation time in ms per ten minutes; 0: off"),
	NUMBER("duration", "duration", "how long one call may take, in ms; default 60000"), {0}};
static const struct bx_field slow_fields[] = {NUMBER("limit", "limit", "slow loads that are allowed"),
	NUMBER("ms", "ms", "what is slow"), SWITCH("reset", "reset", "forget the counters"), {0}};
static const struct bx_field delivery_fields[] = {NUMBER("delay", "delay", "how late events are, in ms"),
	NUMBER("slow", "slow", "what is slow of a handler, in ms; 0: every answer"), {0}};
static const struct bx_field idle_fields[] = {
	SWITCH("held", "held", "what is held back is not waited for"), {0}};
static const struct bx_field load_fields[] = {ARG_INT("registration", "the registration's number"),
	ARG_INT("ms", "how long its frame took"), {0}};
static const struct bx_field variant_fields[] = {ARG("name", "which"), SWITCH("on", "on", "default on"), {0}};
static const struct bx_field foreign_fields[] = {USER("whose card; default 1"),
	TEXT("phone", "phone", "number of the client"),
	NUMBER("type", "type", "kind of call; default 2"),
	TEXT("finish", "finish", "finish this CALL_ID instead"), {0}};
static const struct bx_field builtin_fields[] = {USER("whose card; default 1"),
	TEXT("phone", "phone", "number of the client"),
	NUMBER("type", "type", "kind of call; default 2"),
	TEXT("answer", "answer", "this CALL_ID has been answered"),
	TEXT("finish", "finish", "this CALL_ID is over"), {0}};
static const struct bx_field dial_fields[] = {ARG("number", "what the employee clicks"),
	USER("who clicks; default 1"), TEXT("line", "line", "the app's line; default: none in particular"),
	SWITCH("lead", "lead", "an unknown number becomes a lead"), {0}};
static const struct bx_field callback_fields[] = {ARG("number", "whom to call"),
	TEXT("text", "text", "words for the employee"), {0}};
static const struct bx_field click_fields[] = {ARG("button", "an element of the card, e.g. answer"),
	USER("whose pages; default 1"), {0}};
static const struct bx_field tabs_fields[] = {ARG("mode", "first, all or race"), {0}};
static const struct bx_field join_fields[] = {ARG("call", "CALL_ID"), USER("whose pages; default 1"), {0}};
static const struct bx_field reload_fields[] = {USER("whose pages; default: everybody's"), {0}};
static const struct bx_field user_fields[] = {NUMBER("ID", "id", "default: a new employee"), {0}};
static const struct bx_field entity_fields[] = {ARG("call", "CALL_ID"), TEXT("type", "type", "kind of object"),
	NUMBER("id", "id", "its number"), {0}};
static const struct bx_field log_fields[] = {NUMBER("since", "since", "only entries after this number"),
	SWITCH("mask", "mask", "make secrets unreadable"), {0}};
static const struct bx_field serve_fields[] = {ARG("name", "the last part of its address"),
	NUMBER("status", "status", "HTTP status; default 200"),
	TEXT("type", "type", "its Content-Type"), TEXT("base64", "base64", "its bytes"), {0}};
static const struct bx_field portals_fields[] = {
	SWITCH("install", "install", "install the app in each, and give a pair of tokens"),
	SWITCH("forget", "forget", "empty their logs"), {0}};
static const struct bx_field sink_fields[] = {ARG("name", "the last part of its address"),
	SWITCH("take", "take", "and forget them"), {0}};

#define VERB(name, payload, text)                                                                  \
	{                                                                                          \
		.verb = "ctl " name, .wire = name, .kind = BX_METHOD, .fields = payload, .help = text \
	}

const struct bx_op sb_ctl_ops[] = {
	VERB("install", install_fields, "install the app and tell it"),
	VERB("uninstall", uninstall_fields, "remove the app and tell it"),
	VERB("update", app_only_fields, "update the app and tell it"),
	VERB("app", app_new_fields, "add an app to the portal's list"),
	VERB("change", change_fields, "change an app: STATUS, ACTIVE, EXPIRED, NAME as KEY=VALUE"),
	VERB("token", token_fields, "a token pair for the app"),
	VERB("webhook", webhook_fields, "a new webhook"),
	VERB("access", access_fields, "who may use the app"),
	VERB("confirm", confirm_fields, "decide on methods that wait for an administrator"),
	VERB("expire", expire_fields, "make access tokens expire now"),
	VERB("fault", fault_fields, "let calls fail"),
	VERB("drop", method_fields, "execute the next call, then cut the connection"),
	VERB("latency", latency_fields, "let answers be late"),
	VERB("clear", none_fields, "forget every fault"),
	VERB("clock", clock_fields, "move the portal's clock"),
	VERB("move", move_fields, "give the portal a new address"),
	VERB("limit", limit_fields, "set the limits"),
	VERB("slow", slow_fields, "set the limits of slow loads"),
	VERB("delivery", delivery_fields, "set how events are delivered"),
	VERB("load", load_fields, "report how long a frame took to load"),
	VERB("variant", variant_fields, "choose the other reading of the protocol"),
	VERB("foreign", foreign_fields, "another app's call with its card"),
	VERB("builtin", builtin_fields, "a call of the portal's own telephony with its card"),
	VERB("dial", dial_fields, "an employee clicks a number"),
	VERB("callback", callback_fields, "a callback form is filled in"),
	VERB("click", click_fields, "an employee presses a button of his card"),
	VERB("tabs", tabs_fields, "which pages are told to show a card"),
	VERB("join", join_fields, "pages without the card join"),
	VERB("reload", reload_fields, "load pages again"),
	VERB("pages", none_fields, "the open pages"),
	VERB("portals", portals_fields, "every portal of this process, and what it was asked"),
	VERB("users", none_fields, "the employees"),
	VERB("user", user_fields, "add or change an employee: KEY=VALUE"),
	VERB("entity", entity_fields, "bind an open card to a CRM object"),
	VERB("idle", idle_fields, "wait until every event is delivered"),
	VERB("sink", sink_fields, "what was posted to /sandbox/sink/NAME"),
	VERB("serve", serve_fields, "what /sandbox/sink/NAME answers"),
	VERB("log", log_fields, "requests as received, and what was sent"),
	VERB("dump", none_fields, "the whole portal"),
	VERB("restore", none_fields, "go back to what dump printed: -"),
	VERB("figures", none_fields, "counts of the server"),
	{0},
};
