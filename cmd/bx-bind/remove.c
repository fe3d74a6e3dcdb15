/* Removing registrations, each by its whole name: a portal asked for less removes more. */
#include "bind.h"

#include <string.h>
#include "kinds.h"
#include "marks.h"
#include "banned.h"

/* What the command line says of the rows that are meant. */
struct meant {
	const char *place; /* code of the placement, or name of the event */
	const char *handler, *type, *connector; /* NULL: any */
	int64_t user;	   /* -1: any */
};

static bool is_meant(const struct meant *m, const cJSON *name)
{
	const char *place = bind_text(name, "placement"), *event = bind_text(name, "event");
	const char *of_user = *place ? "userId" : "auth_type";
	bool offline = bind_number(name, "offline");
	return !strcmp(*place ? place : event, m->place) &&
		(!m->handler || !strcmp(bind_text(name, "handler"), m->handler)) &&
		(!m->type || offline == !strcmp(m->type, "offline")) &&
		(!m->connector || !strcmp(bind_text(name, "connector_id"), m->connector)) &&
		(m->user < 0 || (!offline && bind_number(name, of_user) == m->user));
}

/* A registration that goes on purpose is not to be made again by a later run. */
static bool remove_row(struct bx_cli *cli, struct bx_portal *portal, const struct bind_kind *kind,
	const cJSON *row, struct bx_err *err)
{
	const struct bx_profile *profile = &portal->rest.profile;
	auto_json cJSON *name = kind->name(row), *params = kind->removal(row);
	if (!bx_cli_dry(cli)) {
		auto_json cJSON *result = bx_rest_op(&portal->rest, bind_op(kind->rm), params, err);
		if (!result || !marks_drop(portal->store, profile->name, kind, name, err))
			return false;
	}
	return bind_say(cli, profile, name, "unbound", err);
}

static bool remove_meant(struct bx_cli *cli, const struct bind_kind *kind, const struct meant *m,
	struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	size_t removed = 0;
	if (!bind_open(cli, &portal, err))
		return false;
	auto_json cJSON *rows = bind_list(&portal.rest, kind->ls, err);
	const cJSON *row;
	if (!rows)
		return false;
	cJSON_ArrayForEach(row, rows) {
		auto_json cJSON *name = kind->name(row);
		if (!is_meant(m, name))
			continue;
		if (!remove_row(cli, &portal, kind, row, err))
			return false;
		removed++;
	}
	return removed || bx_fail(err, BX_ABSENT, "", "there is no such registration");
}

/* The first argument and the handler in the portal's form, as for adding. */
static bool remove_named(struct bx_cli *cli, const struct bind_kind *kind, const char *key, struct bx_err *err)
{
	struct meant m = {.handler = bx_cli_arg(cli, 1), .type = bx_opt(cli, "type"),
		.connector = bx_opt(cli, "connector"), .user = -1};
	if (!bx_cli_want_args(cli, 1, 2, err) || !bx_opt_int(cli, "user", 0, INT64_MAX, &m.user, err))
		return false;
	auto_json cJSON *want = cJSON_CreateObject();
	bx_json_set_str(want, key, bx_cli_arg(cli, 0));
	kind->normal(want);
	m.place = bind_text(want, key);
	return remove_meant(cli, kind, &m, err);
}

bool bind_rm(struct bx_cli *cli, struct bx_err *err)
{
	return remove_named(cli, &bind_places, "PLACEMENT", err);
}

bool bind_event_rm(struct bx_cli *cli, struct bx_err *err)
{
	return remove_named(cli, &bind_handlers, "event", err);
}
