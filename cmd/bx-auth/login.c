/* login and code: the authorisation in the browser (portal.md 6.1). */
#include "auth.h"

#include "clock.h"
#include "form.h"
#include "secret.h"
#include "banned.h"

#define PENDING_MS (15 * 60 * 1000)

char *auth_login_key(const struct bx_profile *p)
{
	return bx_xprintf("login %s", p->name);
}

/* What comes back through the browser must answer a login begun here, lest anybody's visit to our
 * address put his own tokens into the profile. */
bool auth_login_begin(struct bx_store *store, const struct bx_profile *p, char state[AUTH_STATE_SIZE],
	struct bx_err *err)
{
	auto_free char *key = auth_login_key(p);
	bx_random_hex(state, AUTH_STATE_SIZE / 2);
	auto_free char *value = bx_xprintf("%s %lld", state, (long long)bx_now_ms() + PENDING_MS);
	return bx_value_set(store, key, value, err);
}

static bool answers_login(struct bx_store *store, const struct bx_profile *p, const char *state,
	struct bx_err *err)
{
	auto_free char *key = auth_login_key(p);
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
	auto_free char *key = auth_login_key(p);
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
	return true;
}

static bool say(struct bx_cli *cli, const struct bx_profile *p, struct bx_err *err)
{
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
	auto_json cJSON *input = auth_for_real(cli, err) ? auth_input(cli, 1, err) : NULL;
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
	return done && say(cli, &p, err);
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

bool auth_login_take(struct bx_cli *cli, struct bx_store *store, struct bx_profile *p, const char *text,
	struct bx_err *err)
{
	auto_free char *code = code_of(store, p, text, err);
	bx_secret_remember(code);
	return code && exchange(cli, store, p, code, err);
}

bool auth_login(struct bx_cli *cli, struct bx_err *err)
{
	auto_profile struct bx_profile p;
	auto_store struct bx_store *store = NULL;
	bool given;
	bx_profile_init(&p);
	if (!auth_for_real(cli, err) || !bx_cli_want_args(cli, 0, 1, err) || !(store = bx_portals_open(err)) ||
		!auth_named(cli, store, &p, err) || !is_app(&p, err))
		return false;
	if (!*p.member_id && isatty(STDIN_FILENO))
		auth_form_show();
	if (!auth_tokens(cli, store, &p, &given, err))
		return false;
	return given ? say(cli, &p, err) : bx_fail(err, BX_USAGE, "", "no code was given");
}
