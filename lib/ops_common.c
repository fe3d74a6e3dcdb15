/* Methods every app may call (portal.md 4, 10.7, 11.4). */
#include "spec.h"
#include "banned.h"

static const struct bx_field none[] = {{0}};

static const struct bx_field batch_fields[] = {
	{.key = "cmd", .type = BX_ARRAY, .help = "Calls: method?query, by key, at most 50"},
	{.key = "halt", .option = "halt", .type = BX_FLAG, .help = "Stop at the first failure"},
	{0},
};

static const struct bx_field upload_fields[] = {
	{.key = "token", .type = BX_STR, .flags = BX_REQUIRED, .help = "Of the upload address"},
	{0},
};

static const struct bx_field access_fields[] = {
	{.key = "ACCESS", .type = BX_LIST, .flags = BX_REQUIRED, .help = "Access codes"},
	{0},
};

static const struct bx_field scope_fields[] = {
	{.key = "full", .option = "full", .type = BX_BOOL, .help = "Every scope there is"},
	{0},
};

static const struct bx_field methods_fields[] = {
	{.key = "full", .option = "full", .type = BX_BOOL, .help = "Every method there is"},
	{.key = "scope", .option = "scope", .type = BX_STR, .help = "Only methods of this scope"},
	{0},
};

static const struct bx_field method_fields[] = {
	{.key = "name", .type = BX_STR, .flags = BX_REQUIRED | BX_ARG, .help = "The method"},
	{0},
};

static const struct bx_field feature_fields[] = {
	{.key = "CODE", .type = BX_STR, .flags = BX_REQUIRED | BX_ARG, .help = "The feature"},
	{0},
};

static const struct bx_field user_fields[] = {
	{.key = "FILTER", .type = BX_MAP, .help = "Conditions"},
	{.key = "sort", .option = "sort", .type = BX_STR, .help = "Column to sort by"},
	{.key = "order", .option = "order", .type = BX_STR, .help = "Direction"},
	{.key = "select", .type = BX_LIST, .help = "Columns"},
	{.key = "start",
		.type = BX_INT,
		.flags = BX_HIDDEN,
		.help = "First row; -1: without counting",
		.least = -1,
		.most = INT32_MAX},
	{.key = "ADMIN_MODE",
		.option = "admin-mode",
		.type = BX_BOOL,
		.help = "Administrator mode"},
	{0},
};

#define METHOD(name, payload, bits, area, part, text)                                              \
	{                                                                                          \
		.verb = name, .wire = name, .kind = BX_METHOD, .fields = payload, .help = text,    \
		.flags = bits, .scope = area, .section = part                                      \
	}

const struct bx_op bx_ops_common[] = {
	METHOD("batch", batch_fields, BX_NO_BATCH | BX_ANYCASE, "", "4", "Many calls in one"),
	METHOD("upload", upload_fields, BX_NO_BATCH | BX_SAFE, "", "11.4", "Upload a record"),
	METHOD("app.info", none, BX_SAFE, "", "10.7", "What the portal knows about the app"),
	METHOD("profile", none, BX_SAFE, "", "10.7", "The user of the token, in short"),
	METHOD("user.admin", none, BX_SAFE, "", "10.7", "Whether the user is administrator"),
	METHOD("user.access", access_fields, BX_SAFE, "", "10.7", "Whether the user has access"),
	METHOD("scope", scope_fields, BX_SAFE | BX_ANYCASE, "", "10.7", "Scopes of the token"),
	METHOD("methods", methods_fields, BX_SAFE, "", "10.7", "Methods of the token"),
	METHOD("method.get", method_fields, BX_SAFE, "", "10.7", "Whether there is a method"),
	METHOD("server.time", none, BX_SAFE, "", "10.7", "The portal's clock"),
	METHOD("feature.get", feature_fields, BX_SAFE | BX_ANYCASE, "", "10.7",
		"Whether the portal has a feature"),
	METHOD("user.current", none, BX_SAFE, "user", "10.7", "The user of the token"),
	METHOD("user.get", user_fields, BX_SAFE | BX_PAGED, "user", "10.7", "List employees"),
	{0},
};
