/* Waiting for the tokens of an app: they come by way of bx-serve, or by the code a person types. */
#include "auth.h"

#include "clock.h"
#include "control.h"
#include "form.h"
#include "limit.h"
#include "secret.h"
#include "banned.h"

#define WAIT_MS (15 * 60 * 1000)
#define POLL_MS 300
#define PROMPT	"the code, or the address the browser was sent to (within 30 seconds)"

struct wait {
	struct bx_store *store;
	struct bx_profile *profile;
	const char *key; /* of the login under way */
	int64_t deadline;
	bool waiting; /* the profile has never had tokens */
	bool come;
	struct bx_err *err;
};

/* Whether there is still something to wait for. */
static bool goes_on(void *arg)
{
	struct wait *w = arg;
	auto_free char *value = bx_value_get(w->store, w->key, NULL);
	if (bx_streq(value, "refused"))
		return bx_fail(w->err, BX_NOAUTH, "", "the authorization server did not accept the portal's code");
	if (!bx_profile_load(w->store, w->profile->name, w->profile, w->err))
		return false;
	w->come = bx_streq(value, "done") || (w->waiting && !w->profile->waiting);
	if (bx_mono_ms() < w->deadline)
		return !w->come;
	return !w->come && bx_fail(w->err, BX_TIMEOUT, "", "nobody authorised %s in time", w->profile->name);
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
	bool runs = client != NULL;
	bx_client_free(client);
	return runs;
}

/* Said even with -q: without it there is nothing to do. */
static void tell(const struct bx_profile *p, const char *state, bool serve)
{
	auto_free char *url = authorize_url(p, state);
	if (serve && p->waiting)
		fputs("Save the form once more, or install the app again; or o", stderr);
	else
		fputc('O', stderr);
	fprintf(stderr, "pen this address in a browser, signed in as an administrator of the portal:\n  %s\n%s", url,
		serve ? "This command ends by itself then.\n" : "");
}

/* Nothing is read from a standard input that may be another's, as long as bx-serve will do. */
static char *typed(struct wait *w, bool serve)
{
	if (isatty(STDIN_FILENO) || !serve)
		return bx_secret_read_while(STDIN_FILENO, PROMPT, goes_on, w, w->err);
	while (goes_on(w))
		bx_sleep_until(POLL_MS, w->deadline);
	return NULL;
}

bool auth_tokens(struct bx_cli *cli, struct bx_store *store, struct bx_profile *p, bool *given,
	struct bx_err *err)
{
	int64_t ms = WAIT_MS;
	char state[AUTH_STATE_SIZE];
	if (!bx_opt_timeout(cli, &ms, err) || !auth_login_begin(store, p, state, err))
		return false;
	auto_free char *key = auth_login_key(p);
	struct wait w = {store, p, key, bx_mono_ms() + ms, p->waiting, false, err};
	bool serve = serve_runs();
	tell(p, state, serve);
	auto_free char *text = typed(&w, serve);
	*given = w.come || (text && *text);
	if (w.come || !text)
		return w.come;
	return !*text || auth_login_take(cli, store, p, text, err);
}
