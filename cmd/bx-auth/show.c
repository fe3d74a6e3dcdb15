/* Looking at profiles, choosing and forgetting them. */
#include "auth.h"

#include "clock.h"
#include "repl.h"
#include "secret.h"
#include "store_outbox.h"
#include "banned.h"

static void add_text(cJSON *o, const char *key, const char *text)
{
	if (*text)
		bx_json_set_str(o, key, text);
}

static void add_secret(cJSON *o, const char *key, const char *secret, bool reveal)
{
	auto_str struct bx_str mask = BX_STR_INIT(64);
	if (!*secret)
		return;
	bx_mask(&mask, secret);
	bx_json_set_str(o, key, reveal ? secret : mask.buf);
}

static void add_time(cJSON *o, const char *key, int64_t ms)
{
	char iso[BX_ISO_SIZE];
	if (!ms)
		return;
	bx_time_iso_local(iso, ms);
	bx_json_set_str(o, key, iso);
}

/* Everything of the URL but the code, which its mask replaces. */
static void add_webhook(cJSON *o, const char *url, bool reveal)
{
	auto_str struct bx_str text = BX_STR_INIT(8192);
	bx_str_puts(&text, url);
	if (!reveal)
		bx_redact(&text);
	add_text(o, "webhook", text.buf);
}

static void add_app(cJSON *o, const struct bx_profile *p, bool reveal)
{
	add_text(o, "auth_server", p->auth_server);
	add_text(o, "client_id", p->client_id);
	add_secret(o, "client_secret", p->client_secret, reveal);
	add_text(o, "member_id", p->member_id);
	add_secret(o, "access_token", p->access_token, reveal);
	add_time(o, "expires", p->expires_ms);
	add_secret(o, "refresh_token", p->refresh_token, reveal);
	add_secret(o, "application_token", p->application_token, reveal);
	add_text(o, "scope", p->scope);
	add_text(o, "status", p->status);
	add_time(o, "refreshing_since", p->refreshing_since_ms);
	if (p->waiting)
		bx_json_set_bool(o, "waiting", true);
	add_time(o, "removed", p->removed_ms);
}

cJSON *auth_profile_json(const struct bx_profile *p, bool in_use, bool reveal)
{
	cJSON *o = cJSON_CreateObject();
	bx_json_set_str(o, "portal", p->name);
	bx_json_set_str(o, "kind", p->webhook ? "webhook" : "app");
	add_text(o, "domain", p->domain);
	add_text(o, "client_endpoint", p->client_endpoint);
	if (p->webhook)
		add_webhook(o, p->webhook_url, reveal);
	else
		add_app(o, p, reveal);
	if (p->user_id)
		bx_json_set_int(o, "user_id", p->user_id);
	auto_free char *limit = bx_xprintf("%lld:%.15g", (long long)p->limit_burst, p->limit_rate);
	bx_json_set_str(o, "limit", limit);
	if (p->insecure_http)
		bx_json_set_bool(o, "insecure_http", true);
	if (in_use)
		bx_json_set_bool(o, "in_use", true);
	return o;
}

cJSON *auth_result(const struct bx_profile *p)
{
	cJSON *o = cJSON_CreateObject();
	bx_json_set_str(o, "portal", p->name);
	bx_json_set_str(o, "member_id", p->member_id);
	bx_json_set_str(o, "domain", p->domain);
	return o;
}

bool auth_named(struct bx_cli *cli, struct bx_store *store, struct bx_profile *p, struct bx_err *err)
{
	const char *name = bx_cli_arg(cli, 0);
	return name ? bx_profile_load(store, name, p, err) : bx_portal_profile(cli, store, NULL, p, err);
}

bool auth_ls(struct bx_cli *cli, struct bx_err *err)
{
	struct bx_profile *list;
	size_t count;
	auto_store struct bx_store *store = NULL;
	bx_cli_columns(cli, "portal kind domain user_id status member_id in_use");
	if (!bx_cli_want_args(cli, 0, 0, err) || !(store = bx_portals_open(err)) ||
		!bx_profiles_load(store, &list, &count, err))
		return false;
	auto_free char *chosen = bx_value_get(store, BX_VALUE_DEFAULT, NULL);
	bool ok = true;
	for (size_t i = 0; i < count && ok; i++) {
		auto_json cJSON *o = auth_profile_json(list + i, bx_streq(chosen, list[i].name), false);
		ok = bx_cli_out(cli, o, err);
	}
	bx_profiles_free(list, count);
	return ok;
}

bool auth_show(struct bx_cli *cli, struct bx_err *err)
{
	auto_profile struct bx_profile p;
	auto_store struct bx_store *store = NULL;
	bool reveal = bx_opt(cli, "reveal");
	bx_profile_init(&p);
	if (reveal && !isatty(STDOUT_FILENO))
		return bx_fail(err, BX_USAGE, "", "--reveal shows secrets on a terminal only");
	if (!bx_cli_want_args(cli, 0, 1, err) || !(store = bx_portals_open(err)) ||
		!auth_named(cli, store, &p, err))
		return false;
	auto_free char *chosen = bx_value_get(store, BX_VALUE_DEFAULT, NULL);
	auto_json cJSON *o = auth_profile_json(&p, bx_streq(chosen, p.name), reveal);
	if (reveal) {
		bx_profile_forget(&p);
		bx_secret_forget(p.client_secret);
	}
	return bx_cli_out(cli, o, err);
}

bool auth_use(struct bx_cli *cli, struct bx_err *err)
{
	auto_profile struct bx_profile p;
	auto_store struct bx_store *store = NULL;
	bx_profile_init(&p);
	if (!bx_cli_want_args(cli, 1, 1, err) || !(store = bx_portals_open(err)) ||
		!auth_named(cli, store, &p, err))
		return false;
	return bx_cli_dry(cli) || bx_value_set(store, BX_VALUE_DEFAULT, p.name, err);
}

static bool nothing_waits(struct bx_store *store, const char *name, struct bx_err *err)
{
	int64_t count = bx_outbox_waiting(store, name, err);
	if (count > 0)
		bx_fail(err, BX_USAGE, "", "in the outbox of %s wait %lld requests: bx-call flush delivers them,"
					   " bx-call outbox drop gives them up", name, (long long)count);
	return !count;
}

bool auth_rm(struct bx_cli *cli, struct bx_err *err)
{
	auto_profile struct bx_profile p;
	auto_store struct bx_store *store = NULL;
	bx_profile_init(&p);
	if (!bx_cli_want_args(cli, 1, 1, err) || !(store = bx_portals_open(err)) ||
		!auth_named(cli, store, &p, err))
		return false;
	if (bx_cli_dry(cli))
		return true;
	if (!nothing_waits(store, p.name, err) || !bx_profile_delete(store, p.name, err))
		return false;
	auto_free char *history = bx_xprintf(BX_HISTORY_REST "%s", p.name);
	bx_repl_forget(history);
	bx_portal_poke("reload", NULL);
	return true;
}
