#include "auth.h"

#include <signal.h>
#include "clock.h"
#include "form.h"
#include "limit.h"
#include "lock.h"
#include "log.h"
#include "secret.h"
#include "banned.h"

#define ANSWER_MAX 65536
#define LIFE	   3600 /* seconds of an access token, where the answer does not tell */
#define SAVE_AGAIN_MS 500
#define LIFE_MAX   (366 * 24 * 3600)

const char *const bx_auth_servers[] = {"https://oauth.bitrix.info", "https://oauth.bitrix24.tech", NULL};

/* One grant: what is given for the pair, and how far the attempt came. */
struct grant {
	const char *type, *key, *value;
	const char *member_id; /* the answer must name it; NULL: what the profile knows, if it does */
	enum bx_http_sent sent;
	bool own;     /* the stored pair is what is given */
	bool refused; /* the server answered no, so nothing was used up */
};

static void add_field(struct bx_str *out, const char *key, const char *value)
{
	bx_str_printf(out, "%s%s=", out->len && out->buf[out->len - 1] != '?' ? "&" : "", key);
	bx_form_escape(out, value, strlen(value));
}

static bool explain(const struct bx_profile *p, const cJSON *answer, int status, struct bx_err *err)
{
	const char *code = bx_json_str(answer, "error"), *text = bx_json_str(answer, "error_description");
	const char *hint = "";
	auto_free char *since = NULL;
	code = code ? code : "";
	if (!strcmp(code, "invalid_grant") && p->refreshing_since_ms) {
		char iso[BX_ISO_SIZE];
		bx_time_iso_local(iso, p->refreshing_since_ms);
		hint = since = bx_xprintf("; a refresh begun at %s was cut off before its answer was stored,"
					  " so the pair is used up: run bx-auth login %s, or install the app again",
			iso, p->name);
	} else if (!strcmp(code, "invalid_grant")) {
		hint = since = bx_xprintf("; the refresh token is used up or older than 180 days: run bx-auth"
					  " login %s, or install the app again", p->name);
	} else if (!strcmp(code, "invalid_client")) {
		hint = "; client_id or client_secret is wrong, or the app is not installed in the portal";
	} else if (!strcmp(code, "PAYMENT_REQUIRED")) {
		hint = "; the portal's trial or paid period is over";
	}
	/* Masked before it is cut to fit. */
	auto_str struct bx_str said = BX_STR_INIT(ANSWER_MAX);
	bx_str_puts(&said, text ? text : "the authorization server refused");
	bx_redact(&said);
	bx_fail(err, BX_NOAUTH, code, "%.500s%s", said.buf, hint);
	if (err)
		err->http = status;
	return false;
}

/* Reads the answer; NULL with refused set when the server said no. A server in trouble has said
 * neither yes nor no. */
static cJSON *read_answer(const struct bx_profile *p, struct grant *g, const struct bx_http_reply *reply,
	struct bx_err *err)
{
	auto_json cJSON *answer = bx_json_parse(reply->body.buf, reply->body.len, NULL);
	bool trouble = reply->status >= 500 || reply->status == 429;
	if (answer && !trouble && (bx_json_get(answer, "error") || reply->status >= 400)) {
		g->refused = true;
		explain(p, answer, reply->status, err);
		return NULL;
	}
	if (reply->status != 200 || !bx_json_str(answer, "access_token") ||
		!bx_json_str(answer, "refresh_token")) {
		bx_fail(err, BX_AGAIN, "", "%s gave no tokens (HTTP %d)", p->auth_server, reply->status);
		return NULL;
	}
	cJSON *taken = answer;
	answer = NULL;
	return taken;
}

static void token_url(struct bx_str *url, const struct bx_profile *p, const struct grant *g)
{
	bx_str_printf(url, "%s/oauth/token/?", p->auth_server);
	add_field(url, "grant_type", g->type);
	add_field(url, "client_id", p->client_id);
	add_field(url, "client_secret", p->client_secret);
	add_field(url, g->key, g->value);
}

static cJSON *ask(struct bx_http *http, const struct bx_profile *p, struct grant *g, int64_t deadline,
	struct bx_err *err)
{
	auto_str struct bx_str url = BX_STR_INIT(16384);
	auto_reply struct bx_http_reply reply;
	auto_url struct bx_url parts;
	bx_http_reply_init(&reply);
	if (!bx_url_parse(p->auth_server, &parts, err))
		return NULL;
	if (!bx_url_private(&parts, p->insecure_http)) {
		bx_fail(err, BX_USAGE, "", "the authorization server %s is not https", p->auth_server);
		return NULL;
	}
	token_url(&url, p, g);
	struct bx_http_request request = {.url = url.buf, .timeout_ms = deadline - bx_mono_ms(),
		.reply_max = ANSWER_MAX, .once = true, .private = true,
		.steady = true};
	bool answered = bx_http_do(http, &request, &reply, err);
	g->sent = reply.sent;
	return answered ? read_answer(p, g, &reply, err) : NULL;
}

/* The portal's address as the answer has it, when credentials may go there. */
static void take_endpoint(struct bx_profile *p, const char *endpoint)
{
	auto_url struct bx_url url;
	if (!endpoint || !bx_url_parse(endpoint, &url, NULL))
		return;
	if (!bx_url_private(&url, p->insecure_http)) {
		bx_log(BX_LOG_WARN, "%s now names itself %s, which is not https: the old address is kept",
			p->name, url.domain);
		return;
	}
	size_t len = strlen(endpoint);
	auto_free char *whole = bx_xprintf("%s%s", endpoint, len && endpoint[len - 1] == '/' ? "" : "/");
	bx_set_str(&p->client_endpoint, whole);
	bx_set_str(&p->domain, url.domain);
}

static void take_answer(struct bx_profile *p, const cJSON *answer)
{
	int64_t expires_in = 0, user;
	const char *scope = bx_json_str(answer, "scope"), *status = bx_json_str(answer, "status");
	bx_set_str(&p->access_token, bx_json_str(answer, "access_token"));
	bx_set_str(&p->refresh_token, bx_json_str(answer, "refresh_token"));
	bx_set_str(&p->member_id, bx_json_str(answer, "member_id"));
	bx_secret_remember(p->access_token);
	bx_secret_remember(p->refresh_token);
	/* By our own clock: the moment the server names is of its clock. */
	if (!bx_json_int(answer, "expires_in", &expires_in) || expires_in < 1 || expires_in > LIFE_MAX)
		expires_in = LIFE;
	p->expires_ms = bx_now_ms() + expires_in * 1000;
	if (bx_json_int(answer, "user_id", &user))
		p->user_id = user;
	if (scope)
		bx_set_str(&p->scope, scope);
	if (status)
		bx_set_str(&p->status, status);
	take_endpoint(p, bx_json_str(answer, "client_endpoint"));
	p->refreshing_since_ms = 0;
	p->waiting = false;
}

static bool same_portal(const struct bx_profile *p, const struct grant *g, const cJSON *answer,
	struct bx_err *err)
{
	const char *member = bx_json_str(answer, "member_id");
	const char *endpoint = bx_json_str(answer, "client_endpoint");
	const char *known = *p->member_id ? p->member_id : g->member_id;
	auto_url struct bx_url url = {0};
	if (!member || !*member || (known && strcmp(known, member) != 0) ||
		(g->member_id && strcmp(g->member_id, member) != 0))
		return bx_fail(err, BX_NOAUTH, "", "the tokens are those of another portal than %s", p->domain);
	/* A first pair must come from the portal the profile was made for. */
	if (!*p->member_id && *p->domain && endpoint &&
		(!bx_url_parse(endpoint, &url, NULL) || strcmp(url.domain, p->domain) != 0))
		return bx_fail(err, BX_NOAUTH, "", "the tokens are those of %s, but profile %s is for %s",
			url.domain ? url.domain : "no portal", p->name, p->domain);
	return true;
}

/* The old pair is used up, so a disk that is full or a store that is busy is asked again as long as
 * there is time. */
static bool save_pair(struct bx_store *store, const struct bx_profile *p, int64_t deadline, struct bx_err *err)
{
	struct bx_err why = {0};
	while (!bx_profile_set_tokens(store, p, &why)) {
		if (why.exit != BX_LOCAL || !bx_sleep_until(SAVE_AGAIN_MS, deadline))
			return bx_fail(err, why.exit, why.code, "%.800s; the new tokens could not be stored, and the old"
				" ones are used up: run bx-auth login %s", why.text, p->name);
		bx_log(BX_LOG_WARN, "the new tokens of %s are not stored yet: %s", p->name, why.text);
	}
	return true;
}

/* From the request until the new pair is stored a signal to end has to wait: the old pair is used up.
 * In a crew there may be several such at once. */
static int held;
static sigset_t before_held;

static void hold_signals(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	sigset_t set;
	if (held++)
		return;
	sigemptyset(&set);
	for (size_t i = 0; i < BX_COUNT(signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, &before_held);
}

static void let_signals(void)
{
	if (!--held)
		sigprocmask(SIG_SETMASK, &before_held, NULL);
}

/* With the lock held. The note "refreshing since" is on disk before the server is asked, so that
 * a crash in between is told as such at the next use. */
static bool run_grant(struct bx_store *store, struct bx_http *http, struct bx_profile *p,
	struct grant *g, int64_t deadline, struct bx_err *err)
{
	int64_t before = p->refreshing_since_ms;
	if (g->own && !bx_profile_set_refreshing(store, p->name, bx_now_ms(), err))
		return false;
	auto_json cJSON *answer = ask(http, p, g, deadline, err);
	if (!answer) {
		if (g->own && (g->refused || g->sent == BX_SENT_NOTHING))
			bx_profile_set_refreshing(store, p->name, before, NULL);
		else if (err && err->exit == BX_UNKNOWN)
			err->exit = BX_AGAIN; /* of the call itself nothing was done */
		return false;
	}
	if (!same_portal(p, g, answer, err))
		return false;
	take_answer(p, answer);
	return save_pair(store, p, deadline, err);
}

static int lock_profile(const struct bx_profile *p, int64_t deadline, struct bx_err *err)
{
	auto_str struct bx_str path = BX_STR_INIT(BX_PATH_MAX);
	auto_free char *name = bx_xprintf("refresh-%s.lock", p->name);
	int64_t left = deadline - bx_mono_ms();
	if (!bx_store_path(&path, name, err))
		return -1;
	return bx_lock(path.buf, left > 0 ? (int)(left < 3600000 ? left : 3600000) : 0, err);
}

/* Another process got a pair after the caller read its own, and that one still lives. */
static bool was_renewed(const struct bx_profile *had, const struct bx_profile *now)
{
	return *now->access_token && strcmp(now->access_token, had->access_token) != 0 &&
		(!now->expires_ms || bx_now_ms() < now->expires_ms);
}

static bool run_held(struct bx_store *store, struct bx_http *http, struct bx_profile *p, struct grant *g,
	int64_t deadline, struct bx_err *err)
{
	hold_signals();
	bool done = run_grant(store, http, p, g, deadline, err);
	let_signals();
	return done;
}

static bool no_tokens(const struct bx_profile *p, struct bx_err *err)
{
	return bx_fail(err, BX_NOAUTH, "", "profile %s has no tokens yet: install the app in the portal while"
		" bx-serve runs, or run bx-auth login %s", p->name, p->name);
}

static bool with_lock(struct bx_store *store, struct bx_http *http, struct bx_profile *p,
	struct grant *g, int64_t deadline, struct bx_err *err)
{
	auto_profile struct bx_profile now;
	auto_fd int lock = lock_profile(p, deadline, err);
	bx_profile_init(&now);
	if (lock < 0 || !bx_profile_load(store, p->name, &now, err))
		return false;
	if (!*now.auth_server)
		bx_set_str(&now.auth_server, p->auth_server);
	if (!g->own || !was_renewed(p, &now)) {
		if (g->own && !*now.refresh_token)
			return no_tokens(&now, err);
		if (g->own)
			g->value = now.refresh_token;
		if (!run_held(store, http, &now, g, deadline, err))
			return false;
	}
	bx_profile_copy(p, &now);
	return true;
}

bool bx_auth_refresh(struct bx_store *store, struct bx_http *http, struct bx_profile *p,
	int64_t deadline, struct bx_err *err)
{
	struct grant g = {.type = "refresh_token", .key = "refresh_token", .own = true};
	return with_lock(store, http, p, &g, deadline, err);
}

cJSON *bx_auth_preview(const struct bx_profile *p, struct bx_err *err)
{
	const struct grant g = {.type = "refresh_token", .key = "refresh_token", .value = p->refresh_token};
	auto_str struct bx_str url = BX_STR_INIT(16384);
	if (!*p->refresh_token && !no_tokens(p, err))
		return NULL;
	token_url(&url, p, &g);
	bx_redact(&url);
	cJSON *preview = cJSON_CreateObject();
	bx_json_set_str(preview, "method", "GET");
	bx_json_set_str(preview, "url", url.buf);
	return preview;
}

bool bx_auth_code(struct bx_store *store, struct bx_http *http, struct bx_profile *p, const char *code,
	int64_t deadline, struct bx_err *err)
{
	struct grant g = {.type = "authorization_code", .key = "code", .value = code};
	bx_secret_remember(code);
	return with_lock(store, http, p, &g, deadline, err);
}

bool bx_auth_prove(struct bx_store *store, struct bx_http *http, struct bx_profile *p,
	const char *refresh_token, const char *member_id, int64_t deadline, struct bx_err *err)
{
	struct grant g = {.type = "refresh_token", .key = "refresh_token", .value = refresh_token,
		.member_id = member_id};
	bx_secret_remember(refresh_token);
	return with_lock(store, http, p, &g, deadline, err);
}
