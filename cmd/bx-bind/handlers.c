/* Handlers of events, compared (portal.md 10). */
#include "kinds.h"

#include <ctype.h>
#include <string.h>
#include "bind.h"
#include "banned.h"

static bool wants_offline(const cJSON *want)
{
	return !strcmp(bind_text(want, "event_type"), "offline");
}

static void normal(cJSON *want)
{
	auto_free char *name = bx_xstrdup(bind_text(want, "event"));
	int64_t user;
	for (char *p = name; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	bx_json_set_str(want, "event", name);
	if (!bx_json_int(want, "auth_type", &user) || !user)
		bx_json_set(want, "auth_type", NULL);
}

/* With the keys and types of the portal's list, as far as they name the registration. */
static cJSON *named(const char *event, bool offline, const char *handler, int64_t user, const char *connector)
{
	cJSON *row = cJSON_CreateObject();
	bx_json_set_str(row, "event", event);
	if (!offline) {
		bx_json_set_str(row, "handler", handler);
		bx_json_set_int(row, "auth_type", user);
	} else {
		bx_json_set_str(row, "connector_id", connector);
	}
	bx_json_set_int(row, "offline", offline);
	return row;
}

static cJSON *row_of(const cJSON *want)
{
	return named(bind_text(want, "event"), wants_offline(want), bind_text(want, "handler"),
		bind_number(want, "auth_type"), bind_text(want, "auth_connector"));
}

static cJSON *name_of(const cJSON *row)
{
	auto_free char *upper = bx_xstrdup(bind_text(row, "event"));
	for (char *p = upper; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return named(upper, bind_number(row, "offline"), bind_text(row, "handler"),
		bind_number(row, "auth_type"), bind_text(row, "connector_id"));
}

static bool takes(const cJSON *want, const cJSON *row)
{
	auto_json cJSON *a = row_of(want), *b = name_of(row);
	return !strcmp(bind_text(a, "event"), bind_text(b, "event")) &&
		bind_number(a, "offline") == bind_number(b, "offline") &&
		!strcmp(bind_text(a, "handler"), bind_text(b, "handler")) &&
		!strcmp(bind_text(a, "connector_id"), bind_text(b, "connector_id"));
}

static bool right(const cJSON *want, const cJSON *row)
{
	return takes(want, row) && (wants_offline(want) ||
		bind_number(want, "auth_type") == bind_number(row, "auth_type"));
}

/* Without a user an administrator removes the handler for all of them. */
static cJSON *removal(const cJSON *row)
{
	cJSON *params = cJSON_CreateObject();
	bx_json_set_str(params, "event", bind_text(row, "event"));
	if (!bind_number(row, "offline")) {
		bx_json_set_str(params, "handler", bind_text(row, "handler"));
		bx_json_set_int(params, "auth_type", bind_number(row, "auth_type"));
		return params;
	}
	bx_json_set_str(params, "event_type", "offline");
	if (*bind_text(row, "connector_id"))
		bx_json_set_str(params, "auth_connector", bind_text(row, "connector_id"));
	return params;
}

const struct bind_kind bind_handlers = {.list = "events", .ls = "event ls", .add = "event add",
	.rm = "event rm", .normal = normal, .row = row_of, .name = name_of, .takes = takes,
	.right = right, .removal = removal};
