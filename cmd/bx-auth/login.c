/* login and code: the authorisation in the browser (portal.md 6.1). */
#include "auth.h"

#include "clock.h"
#include "control.h"
#include "form.h"
#include "limit.h"
#include "secret.h"
#include "banned.h"

#define PENDING_MS  (15 * 60 * 1000)
#define LOGIN_MS    (5 * 60 * 1000)
#define POLL_MS	    300
#define STATE_BYTES 16

static char *pending_key(const struct bx_profile *p)
{
	return bx_xprintf("login %s", p->name);
}

/* What comes back through the browser must answer a login begun here, lest anybody's visit to our
 * address put his own tokens into the profile. */
static bool begin(struct bx_store *store, const struct bx_profile *p, char state[STATE_BYTES * 2 + 1],
	struct bx_err *err)
{
	auto_free char *key = pending_key(p);
	bx_random_hex(state, STATE_BYTES);
	auto_free char *value = bx_xprintf("%s %lld", state, (long long)bx_now_ms() + PENDING_MS);
	return bx_value_set(store, key, value, err);
}

static bool answers_login(struct bx_store *store, const struct bx_profile *p, const char *state,
	struct bx_err *err)
{
	auto_free char *key = pending_key(p);
	auto_free char *value = bx_value_get(store, key, NULL);
	char *space = value ? strchr(value, ' ') : NULL;
	bool late = !space || strtoll(space + 1, NULL, 10) < bx_now_ms();
	if (space)
		*space = 0;
	if (late || !bx_secret_equal(value, state))
		return bx_fail(err, BX_NOAUTH, "", "this authorisation answers no bx-auth login %s begun here",
			p->name);
	return bx_value_set(store, key, "answered", err);
}

/* For the login that waits: its answer came, and was good or not. */
static void tell_login(struct bx_store *store, const struct bx_profile *p, bool good)
{
	auto_free char *key = pending_key(p);
	bx_value_set(store, key, good ? "done" : "refused", NULL);
}

static bool exchange(struct bx_cli *cli, struct bx_store *store, struct bx_profile *p, const char *code,
	struct bx_err *err)
{
	int64_t deadline;
	if (!auth_deadline(cli, &deadline, err))
		return false;
	auth_choose_server(p, "");
	struct bx_http *http = bx_http_new();
	bool done = bx_auth_code(store, http, p, code, deadline, err);
	bx_http_free(http);
	if (!done || !bx_profile_set(store, p, err))
		return false;
	bx_portal_poke("reload", NULL);
	auto_json cJSON *result = auth_result(p);
	return bx_cli_out(cli, result, err);
}

static bool is_app(const struct bx_profile *p, struct bx_err *err)
{
	return !p->webhook || bx_fail(err, BX_USAGE, "", "%s is a webhook: it needs no authorisation", p->name);
}

bool auth_code(struct bx_cli *cli, struct bx_err *err)
{
	auto_profile struct bx_profile p;
	bx_profile_init(&p);
	auto_json cJSON *input = auth_input(cli, 1, err);
	auto_store struct bx_store *store = input ? bx_portals_open(err) : NULL;
	const char *code = bx_json_str(input, "code");
	if (!store || !auth_named(cli, store, &p, err) || !is_app(&p, err))
		return false;
	if (!code || !*code)
		return bx_fail(err, BX_USAGE, "", "there is no \"code\" on standard input");
	bx_secret_remember(code);
	/* With these it is what the portal sent through a browser, not what a person typed. */
	bool browser = bx_json_get(input, "member_id") || bx_json_get(input, "domain");
	if (browser && !answers_login(store, &p, bx_json_str(input, "state"), err))
		return false;
	bool done = exchange(cli, store, &p, code, err);
	if (browser)
		tell_login(store, &p, done);
	return done;
}

static char *authorize_url(const struct bx_profile *p, const char *state)
{
	auto_str struct bx_str url = BX_STR_INIT(8192);
	size_t base = strlen(p->client_endpoint) - strlen("/rest/");
	bx_str_printf(&url, "%.*s/oauth/authorize/?client_id=", (int)base, p->client_endpoint);
	bx_form_escape(&url, p->client_id, strlen(p->client_id));
	bx_str_printf(&url, "&state=%s", state);
	return bx_str_take(&url);
}

static bool serve_runs(void)
{
	auto_str struct bx_str dir = BX_STR_INIT(BX_PATH_MAX);
	struct bx_client *client = bx_store_dir(&dir, NULL) ? bx_client_connect(dir.buf, NULL) : NULL;
	if (client)
		bx_client_free(client);
	return client != NULL;
}

/* bx-serve takes the code at its /oauth; the tokens appear in the store. */
static bool wait_for_tokens(struct bx_cli *cli, struct bx_store *store, struct bx_profile *p,
	struct bx_err *err)
{
	int64_t ms = LOGIN_MS;
	if (!bx_opt_timeout(cli, &ms, err))
		return false;
	int64_t deadline = bx_mono_ms() + ms;
	auto_free char *key = pending_key(p);
	for (;;) {
		auto_free char *value = bx_value_get(store, key, NULL);
		if (bx_streq(value, "refused"))
			return bx_fail(err, BX_NOAUTH, "", "the authorization server did not accept the portal's code");
		if (bx_streq(value, "done"))
			break;
		if (!bx_sleep_until(POLL_MS, deadline))
			return bx_fail(err, BX_TIMEOUT, "", "nobody authorised %s in time", p->name);
	}
	if (!bx_profile_load(store, p->name, p, err))
		return false;
	auto_json cJSON *result = auth_result(p);
	return bx_cli_out(cli, result, err);
}

/* A code, or the whole address the browser was sent to. */
static char *code_of(struct bx_store *store, const struct bx_profile *p, const char *text,
	struct bx_err *err)
{
	const char *query = strchr(text, '?');
	if (!query)
		return bx_xstrdup(text);
	auto_json cJSON *fields = bx_form_decode(query + 1, strlen(query + 1), err);
	const char *code = bx_json_str(fields, "code");
	if (!fields || !answers_login(store, p, bx_json_str(fields, "state"), err))
		return NULL;
	if (!code)
		bx_fail(err, BX_USAGE, "", "this address has no code");
	return bx_xstrdup(code);
}

static bool ask_for_code(struct bx_cli *cli, struct bx_store *store, struct bx_profile *p,
	struct bx_err *err)
{
	auto_free char *text = bx_secret_read(STDIN_FILENO,
		"the code, or the address the browser was sent to (within 30 seconds)", err);
	auto_free char *code = text ? code_of(store, p, text, err) : NULL;
	return code && exchange(cli, store, p, code, err);
}

bool auth_login(struct bx_cli *cli, struct bx_err *err)
{
	auto_profile struct bx_profile p;
	auto_store struct bx_store *store = NULL;
	char state[STATE_BYTES * 2 + 1];
	bx_profile_init(&p);
	if (!bx_cli_want_args(cli, 0, 1, err) || !(store = bx_portals_open(err)) ||
		!auth_named(cli, store, &p, err) || !is_app(&p, err) || !begin(store, &p, state, err))
		return false;
	auto_free char *url = authorize_url(&p, state);
	bool serve = serve_runs();
	/* Said even with -q: without it there is nothing to do. */
	fprintf(stderr, "Open this address in a browser, signed in as an administrator of the portal:\n  %s\n%s",
		url, serve ? "This command ends by itself then.\n" : "");
	return serve ? wait_for_tokens(cli, store, &p, err) : ask_for_code(cli, store, &p, err);
}
