#include "portal.h"

#include "control.h"
#include "log.h"
#include "banned.h"

#define POKE_MS 2000

void bx_call_ref_init(struct bx_call_ref *ref)
{
	*ref = (struct bx_call_ref){.call_id = bx_xstrdup("")};
	bx_known_call_init(&ref->known);
}

void bx_call_ref_release(struct bx_call_ref *ref)
{
	free(ref->call_id);
	bx_known_call_release(&ref->known);
	*ref = (struct bx_call_ref){0};
}

static bool look_up(struct bx_cli *cli, struct bx_store *store, struct bx_call_ref *ref,
	const char *id, struct bx_err *err)
{
	bx_set_str(&ref->call_id, id);
	struct bx_err why = {0};
	if (bx_known_call_load(store, bx_opt(cli, "portal"), id, &ref->known, &why) ||
		why.exit == BX_ABSENT)
		return true;
	*err = why;
	return false;
}

bool bx_call_resolve(struct bx_cli *cli, struct bx_store *store, struct bx_call_ref *ref,
	struct bx_err *err)
{
	auto_free char *id = bx_call_option(cli, err);
	return id && look_up(cli, store, ref, id, err);
}

static char *only_profile(struct bx_store *store, struct bx_err *err)
{
	struct bx_profile *list;
	size_t count;
	if (!bx_profiles_load(store, &list, &count, err))
		return NULL;
	char *name = count == 1 ? bx_xstrdup(list->name) : NULL;
	bx_profiles_free(list, count);
	if (!count)
		bx_fail(err, BX_ABSENT, "", "no portal is known here yet; add one with bx-auth add");
	else if (!name)
		bx_fail(err, BX_USAGE, "",
			"which of the %zu portals? give -p NAME, set BX_PORTAL, or choose one with bx-auth use",
			count);
	return name;
}

char *bx_portal_name(struct bx_cli *cli, struct bx_store *store, const struct bx_call_ref *ref,
	struct bx_err *err)
{
	const char *given = bx_opt(cli, "portal"), *asked = bx_portal_asked(cli);
	if (given)
		return bx_xstrdup(given);
	if (ref && *ref->known.portal)
		return bx_xstrdup(ref->known.portal);
	if (asked)
		return bx_xstrdup(asked);
	struct bx_err why = {0};
	char *chosen = bx_value_get(store, BX_VALUE_DEFAULT, &why);
	if (chosen || why.exit) {
		if (!chosen && err)
			*err = why;
		return chosen;
	}
	return only_profile(store, err);
}

bool bx_portal_profile(struct bx_cli *cli, struct bx_store *store, const struct bx_call_ref *ref,
	struct bx_profile *profile, struct bx_err *err)
{
	auto_free char *name = bx_portal_name(cli, store, ref, err);
	return name && bx_profile_load(store, name, profile, err);
}

static bool open_store(struct bx_portal *portal, struct bx_err *err)
{
	*portal = (struct bx_portal){0};
	bx_call_ref_init(&portal->ref);
	portal->store = bx_portals_open(err);
	return portal->store;
}

static bool open_rest(struct bx_cli *cli, struct bx_portal *portal, struct bx_err *err)
{
	auto_profile struct bx_profile profile;
	bx_profile_init(&profile);
	if (!bx_portal_profile(cli, portal->store, &portal->ref, &profile, err))
		return false;
	bx_rest_init(&portal->rest, portal->store, &profile);
	return bx_opt_timeout(cli, &portal->rest.timeout_ms, err);
}

bool bx_portal_open(struct bx_cli *cli, struct bx_portal *portal, bool with_call, struct bx_err *err)
{
	return open_store(portal, err) &&
		(!with_call || bx_call_resolve(cli, portal->store, &portal->ref, err)) &&
		open_rest(cli, portal, err);
}

bool bx_portal_open_call(struct bx_cli *cli, struct bx_portal *portal, const char *call_id,
	const char *name, struct bx_err *err)
{
	if (!open_store(portal, err) || (*call_id && !look_up(cli, portal->store, &portal->ref, call_id, err)))
		return false;
	if (!*portal->ref.known.portal && name)
		bx_set_str(&portal->ref.known.portal, name);
	return open_rest(cli, portal, err);
}

void bx_portal_close(struct bx_portal *portal)
{
	if (portal->rest.http)
		bx_rest_release(&portal->rest);
	bx_call_ref_release(&portal->ref);
	bx_store_close(portal->store);
	*portal = (struct bx_portal){0};
}

void bx_portal_leave(struct bx_portal *portal)
{
#ifdef BX_SAN /* whose search for leaks wants it all tidied up */
	bx_portal_close(portal);
#else
	bx_store_leave(portal->store);
#endif
}

cJSON *bx_portal_op(struct bx_cli *cli, struct bx_portal *portal, const struct bx_op *op,
	const cJSON *params, struct bx_err *err)
{
	if (!bx_cli_dry(cli))
		return bx_rest_op(&portal->rest, op, params, err);
	auto_json cJSON *preview = bx_rest_preview(&portal->rest, op->wire, params);
	bx_cli_out(cli, preview, err);
	return NULL;
}

bool bx_portal_was_dry(const struct bx_cli *cli, const struct bx_err *err)
{
	return bx_cli_dry(cli) && err->exit == BX_OK;
}

void bx_portal_poke(const char *cmd, cJSON *fields)
{
	auto_str struct bx_str dir = BX_STR_INIT(BX_PATH_MAX);
	struct bx_client *client = bx_store_dir(&dir, NULL) ? bx_client_connect(dir.buf, NULL) : NULL;
	if (!client) {
		cJSON_Delete(fields);
		return;
	}
	struct bx_err why = {0};
	cJSON *answer = bx_client_call(client, cmd, fields, POKE_MS, &why);
	if (!answer)
		bx_log(BX_LOG_TRACE, "bx-serve: %s: %s", cmd, why.text);
	cJSON_Delete(answer);
	bx_client_free(client);
}
