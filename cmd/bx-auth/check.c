/* check: the doctor. Each line is a finding, or that there is none, and what to do. */
#include "auth.h"

#include "clock.h"
#include "control.h"
#include "doctor.h"
#include "banned.h"

#define ASK_MS 5000

static void check_tls(struct bx_doctor *d)
{
	const struct bx_profile *p = &d->rest->profile;
	auto_url struct bx_url url = {0};
	if (!bx_url_parse(p->webhook ? p->webhook_url : p->client_endpoint, &url, NULL))
		return;
	if (url.https)
		bx_doctor_say(d, "tls", BX_WELL, NULL, "calls go over https");
	else if (bx_url_private(&url, false))
		bx_doctor_say(d, "tls", BX_WELL, NULL, "calls stay on this machine");
	else
		bx_doctor_say(d, "tls", BX_ILL, "give the portal a certificate, then: bx-auth set --domain",
			"credentials go to the portal without TLS");
}

static void check_tokens(struct bx_doctor *d)
{
	char iso[BX_ISO_SIZE];
	bx_time_iso_local(iso, d->rest->profile.refreshing_since_ms);
	if (d->rest->profile.refreshing_since_ms)
		bx_doctor_say(d, "tokens", BX_ILL, "bx-auth refresh; where that is refused, bx-auth login",
			"a refresh begun at %s was cut off before its answer was stored", iso);
	else
		bx_doctor_say(d, "tokens", BX_WELL, NULL, "the pair of tokens is whole");
}

static void check_removed(struct bx_doctor *d)
{
	char iso[BX_ISO_SIZE];
	bx_time_iso_local(iso, d->rest->profile.removed_ms);
	if (d->rest->profile.removed_ms)
		bx_doctor_say(d, "app", BX_ILL, "install the app in the portal again",
			"the app was removed from the portal; noticed at %s", iso);
}

/* What bx-serve could not put right. */
static void check_healing(struct bx_doctor *d)
{
	auto_str struct bx_str dir = BX_STR_INIT(BX_PATH_MAX);
	struct bx_client *client = bx_store_dir(&dir, NULL) ? bx_client_connect(dir.buf, NULL) : NULL;
	if (!client)
		return;
	auto_json cJSON *status = bx_client_call(client, "status", NULL, ASK_MS, NULL);
	const cJSON *row;
	bx_client_free(client);
	cJSON_ArrayForEach(row, bx_json_get(status, "healing")) {
		const char *state = bx_json_str(row, "state"), *reason = bx_json_str(row, "reason");
		bool lost = bx_streq(state, "lost"), waiting = bx_streq(state, "waiting");
		if (bx_streq(bx_json_str(row, "portal"), d->rest->profile.name) && (lost || waiting))
			bx_doctor_say(d, "healing", BX_ILL, lost ? "put that right, then: bx-bind worker"
				: "nothing: bx-serve tries again",
				"the worker's registration could not be put back: %s", reason ? reason : "");
	}
}

static void check_admin(struct bx_doctor *d)
{
	struct bx_err err = {0};
	auto_json cJSON *admin = bx_doctor_ask(d, "user.admin", &err);
	if (!admin)
		bx_doctor_failed(d, "administrator", &err);
	else if (!bx_json_truthy(admin))
		bx_doctor_say(d, "administrator", BX_ILL, "bx-auth login as an administrator",
			"the tokens are those of a user who is no administrator: placements cannot be registered");
	else
		bx_doctor_say(d, "administrator", BX_WELL, NULL, "the tokens are an administrator's");
}

static bool has_scope(const cJSON *scopes, const char *name)
{
	const cJSON *e;
	cJSON_ArrayForEach(e, scopes) {
		if (cJSON_IsString(e) && !strcmp(e->valuestring, name))
			return true;
	}
	return false;
}

static void check_scopes(struct bx_doctor *d)
{
	struct bx_err err = {0};
	static const char *const needed[] = {"register", "placement ls"};
	auto_json cJSON *scopes = bx_doctor_ask(d, "scope", &err);
	bool all = scopes != NULL;
	for (size_t i = 0; i < BX_COUNT(needed) && scopes; i++) {
		const char *scope = bx_op_by_verb(BX_METHOD, needed[i])->scope;
		if (d->rest->profile.webhook && i)
			continue;
		if (has_scope(scopes, scope))
			continue;
		all = false;
		bx_doctor_say(d, "scope", BX_ILL, "add the permission to the app in the portal, then install it again",
			"the permission '%s' is missing", scope);
	}
	if (!scopes)
		bx_doctor_failed(d, "scope", &err);
	else if (all)
		bx_doctor_say(d, "scope", BX_WELL, NULL, "the permissions suffice");
}

static void examine(struct bx_doctor *d)
{
	check_removed(d);
	if (!bx_doctor_portal(d))
		return;
	check_tls(d);
	check_scopes(d);
	if (d->rest->profile.webhook)
		return;
	check_tokens(d);
	bx_doctor_app(d);
	check_admin(d);
	bx_doctor_serve(d);
	bx_doctor_worker(d);
	check_healing(d);
	bx_doctor_page(d);
	bx_doctor_say(d, "by-hand", BX_BY_HAND, "in the portal: telephony rights of the employees, access"
		" to the app, the desktop app, the line chosen for outgoing calls; for one employee:"
		" bx-call check", "an app cannot know these");
}

bool auth_check(struct bx_cli *cli, struct bx_err *err)
{
	auto_profile struct bx_profile p;
	auto_store struct bx_store *store = NULL;
	bx_profile_init(&p);
	bx_cli_columns(cli, "check ok finding todo");
	if (!bx_doctor_may(cli, err) || !bx_cli_want_args(cli, 0, 1, err) || !(store = bx_portals_open(err)) ||
		!auth_named(cli, store, &p, err))
		return false;
	auto_rest struct bx_rest rest;
	bx_rest_init(&rest, store, &p);
	BX_CLEANUP(bx_doctor_release) struct bx_doctor d = {.cli = cli, .rest = &rest};
	if (!bx_opt_timeout(cli, &rest.timeout_ms, err))
		return false;
	examine(&d);
	return bx_doctor_end(&d, err);
}
