/* Tokens: how they come and how they are proved (portal.md 6, 7, 8, 10.5). */
#include "auth.h"

#include "log.h"
#include "secret.h"
#include "banned.h"

#define INPUT_MAX (1024 * 1024)

/* What an installation brings, whether as the event or as the installer page's form post. */
struct offer {
	const char *member_id, *refresh_token, *application_token, *client_id, *domain, *server;
};

cJSON *auth_input(struct bx_cli *cli, size_t arg, struct bx_err *err)
{
	struct bx_lines in;
	cJSON *item = NULL;
	if (!bx_cli_want_args(cli, arg + 1, arg + 1, err))
		return NULL;
	if (strcmp(bx_cli_arg(cli, arg), "-") != 0) {
		bx_fail(err, BX_USAGE, "", "'%s': only -, standard input, is taken here", bx_cli_arg(cli, arg));
		return NULL;
	}
	bx_lines_init(&in, STDIN_FILENO, INPUT_MAX);
	int got = bx_lines_next(&in, &item, err);
	bx_lines_release(&in);
	if (got == 1 && cJSON_IsObject(item))
		return item;
	cJSON_Delete(item);
	if (got >= 0)
		bx_fail(err, BX_USAGE, "", "standard input has no JSON object");
	return NULL;
}

static const char *first_of(const cJSON *a, const char *key, const cJSON *b, const char *other)
{
	const char *text = bx_json_str(a, key);
	text = text ? text : bx_json_str(b, other);
	return text ? text : "";
}

static bool read_offer(const cJSON *post, struct offer *offer, struct bx_err *err)
{
	const cJSON *auth = bx_json_get(post, "auth");
	*offer = (struct offer){
		.member_id = first_of(auth, "member_id", post, "member_id"),
		.refresh_token = first_of(auth, "refresh_token", post, "REFRESH_ID"),
		.application_token = first_of(auth, "application_token", post, "APPLICATION_TOKEN"),
		.client_id = first_of(auth, "client_id", post, "client_id"),
		.domain = first_of(auth, "domain", post, "DOMAIN"),
		.server = first_of(auth, "server_endpoint", post, "SERVER_ENDPOINT"),
	};
	bx_secret_remember(offer->refresh_token);
	bx_secret_remember(offer->application_token);
	if (!*offer->member_id || !*offer->refresh_token)
		return bx_fail(err, BX_USAGE, "", "the installation has no member_id or no refresh token");
	return true;
}

/* How well a profile suits: it waits, as the only one, by its address or its client_id; or the portal
 * is known by it. */
enum { NOT_AT_ALL, BY_ANY, BY_DOMAIN, BY_CLIENT, BY_MEMBER, GRADES };

static int suits(const struct bx_profile *p, const struct offer *offer)
{
	if (!p->webhook && !strcmp(offer->member_id, p->member_id))
		return BY_MEMBER;
	if (p->webhook || !p->waiting || *p->member_id)
		return NOT_AT_ALL;
	if (*offer->client_id)
		return strcmp(offer->client_id, p->client_id) ? NOT_AT_ALL : BY_CLIENT;
	return *offer->domain && !strcmp(offer->domain, p->domain) ? BY_DOMAIN : BY_ANY;
}

void auth_choose_server(struct bx_profile *p, const char *endpoint)
{
	for (const char *const *s = bx_auth_servers; !*p->auth_server && *s; s++) {
		if (bx_starts(endpoint, *s) && endpoint[strlen(*s)] == '/')
			bx_set_str(&p->auth_server, *s);
	}
	if (!*p->auth_server)
		bx_set_str(&p->auth_server, *bx_auth_servers);
}

static bool take(struct bx_store *store, struct bx_profile *p, const struct offer *offer,
	int64_t deadline, struct bx_err *err)
{
	struct bx_http *http = bx_http_new();
	auth_choose_server(p, offer->server);
	bool done = bx_auth_prove(store, http, p, offer->refresh_token, offer->member_id, deadline, err);
	bx_http_free(http);
	return done && bx_profile_set(store, p, err) && (!*offer->application_token ||
		bx_profile_set_application_token(store, p->name, offer->application_token, err));
}

struct choice {
	struct bx_store *store;
	struct bx_profile *list;
	size_t count, of[GRADES];
	const struct offer *offer;
	int64_t deadline;
};

/* Several apps may serve one portal, and only the tokens say whose they are: each is tried. */
static bool take_grade(const struct choice *choice, int grade, struct bx_profile *p, struct bx_err *err)
{
	for (size_t i = 0; i < choice->count; i++) {
		if (suits(choice->list + i, choice->offer) != grade)
			continue;
		bx_profile_copy(p, choice->list + i);
		if (take(choice->store, p, choice->offer, choice->deadline, err))
			return true;
		if (err->exit != BX_NOAUTH)
			return false;
	}
	return false;
}

static bool take_waiting(const struct choice *choice, struct bx_profile *p, struct bx_err *err)
{
	const size_t *of = choice->of;
	const char *domain = choice->offer->domain;
	int grade = of[BY_CLIENT] ? BY_CLIENT : of[BY_DOMAIN] ? BY_DOMAIN : BY_ANY;
	if (of[grade] && (grade != BY_ANY || of[grade] == 1))
		return take_grade(choice, grade, p, err);
	return bx_fail(err, BX_NOAUTH, "", "%s waits for an installation from %s",
		of[grade] ? "more than one profile" : "no profile", *domain ? domain : "this portal");
}

/* *again: it was installed before. A portal that is known by one app may get another one, whose
 * profile then waits for this very address. */
static bool take_any(struct choice *choice, struct bx_profile *p, bool *again, struct bx_err *err)
{
	struct bx_err why = {0};
	for (size_t i = 0; i < choice->count; i++)
		choice->of[suits(choice->list + i, choice->offer)]++;
	const size_t *of = choice->of;
	*again = of[BY_MEMBER] && take_grade(choice, BY_MEMBER, p, err);
	if (*again || !of[BY_MEMBER])
		return *again || take_waiting(choice, p, err);
	return err->exit == BX_NOAUTH && (of[BY_CLIENT] || of[BY_DOMAIN]) && take_waiting(choice, p, &why);
}

bool auth_install(struct bx_cli *cli, struct bx_err *err)
{
	auto_profile struct bx_profile p;
	struct offer offer;
	struct choice choice = {.offer = &offer};
	bool again;
	bx_profile_init(&p);
	auto_json cJSON *post = auth_for_real(cli, err) ? auth_input(cli, 0, err) : NULL;
	auto_store struct bx_store *store = post ? bx_portals_open(err) : NULL;
	choice.store = store;
	if (!store || !auth_deadline(cli, &choice.deadline, err) || !read_offer(post, &offer, err) ||
		!bx_profiles_load(store, &choice.list, &choice.count, err))
		return false;
	bool done = take_any(&choice, &p, &again, err);
	bx_profiles_free(choice.list, choice.count);
	if (!done)
		return false;
	bx_portal_poke("reload", NULL);
	auto_json cJSON *result = auth_result(&p);
	bx_json_set_bool(result, "again", again);
	return bx_cli_out(cli, result, err);
}

/* The number the portal gave our app, asked once with our own token. */
static char *own_app_id(struct bx_rest *rest, struct bx_err *err)
{
	const struct bx_op *info = bx_op_by_verb(BX_METHOD, "app.info");
	auto_free char *key = bx_xprintf("app-id %s %s", rest->profile.name, rest->profile.client_id);
	char *id = bx_value_get(rest->store, key, NULL);
	if (id)
		return id;
	auto_json cJSON *result = bx_rest_op(rest, info, NULL, err);
	if (!result)
		return NULL;
	id = bx_json_as_text(bx_json_get(result, "ID"));
	if (!id || !*id) {
		free(id);
		bx_fail(err, BX_NOAUTH, "", "the portal does not say which app this is");
		return NULL;
	}
	bx_value_set(rest->store, key, id, NULL);
	return id;
}

/* One call at the pinned address with the token in question. Our own pair is not touched. */
static bool is_our_app(struct bx_rest *own, const char *token, struct bx_err *err)
{
	const struct bx_op *info = bx_op_by_verb(BX_METHOD, "app.info");
	auto_free char *id = own_app_id(own, err);
	if (!id)
		return false;
	own->token = token;
	auto_json cJSON *result = bx_rest_op(own, info, NULL, err);
	own->token = NULL;
	if (!result)
		return false;
	auto_free char *other = bx_json_as_text(bx_json_get(result, "ID"));
	return bx_streq(id, other) ||
		bx_fail(err, BX_NOAUTH, "", "the token belongs to another app of %s", own->profile.domain);
}

static bool is_of(struct bx_cli *cli, struct bx_store *store, const struct bx_profile *p, const char *token,
	struct bx_err *err)
{
	auto_rest struct bx_rest rest;
	bx_rest_init(&rest, store, p);
	return bx_opt_timeout(cli, &rest.timeout_ms, err) && is_our_app(&rest, token, err);
}

/* The profile whose app the token belongs to, of those that the portal has. */
static bool token_of(struct bx_cli *cli, struct bx_store *store, const char *member, const char *token,
	struct bx_profile *p, struct bx_err *err)
{
	auto_free char *after = bx_xstrdup("");
	struct bx_err why = {0}, end = {0};
	bool any = false;
	while (bx_profile_by_member(store, member, after, p, &end)) {
		any = true;
		if (is_of(cli, store, p, token, &why))
			return true;
		if (why.exit != BX_NOAUTH && why.exit != BX_REFUSED)
			break;
		bx_set_str(&after, p->name);
	}
	*err = any ? why : end;
	return false;
}

bool auth_verify(struct bx_cli *cli, struct bx_err *err)
{
	auto_profile struct bx_profile p;
	bx_profile_init(&p);
	auto_json cJSON *claim = auth_for_real(cli, err) ? auth_input(cli, 0, err) : NULL;
	auto_store struct bx_store *store = claim ? bx_portals_open(err) : NULL;
	const char *member = bx_json_str(claim, "member_id"), *token = bx_json_str(claim, "access_token");
	const char *proof = bx_json_str(claim, "application_token");
	bx_secret_remember(token);
	bx_secret_remember(proof);
	if (!store)
		return false;
	if (!member || !token || !*token)
		return bx_fail(err, BX_USAGE, "", "member_id and access_token are needed");
	if (!token_of(cli, store, member, token, &p, err))
		return false;
	if (proof && *proof && !bx_profile_set_application_token(store, p.name, proof, err))
		return false;
	auto_json cJSON *result = auth_result(&p);
	bx_json_set_bool(result, "ok", true);
	return bx_cli_out(cli, result, err);
}

bool auth_refresh(struct bx_cli *cli, struct bx_err *err)
{
	int64_t deadline;
	auto_profile struct bx_profile p;
	auto_store struct bx_store *store = NULL;
	bx_profile_init(&p);
	if (!bx_cli_want_args(cli, 0, 1, err) || !auth_deadline(cli, &deadline, err) ||
		!(store = bx_portals_open(err)) || !auth_named(cli, store, &p, err))
		return false;
	if (p.webhook)
		return bx_fail(err, BX_USAGE, "", "%s is a webhook: there is nothing to refresh", p.name);
	if (bx_cli_dry(cli)) {
		auto_json cJSON *preview = bx_auth_preview(&p, err);
		return preview && bx_cli_out(cli, preview, err);
	}
	struct bx_http *http = bx_http_new();
	bool done = bx_auth_refresh(store, http, &p, deadline, err);
	bx_http_free(http);
	auto_json cJSON *shown = done ? auth_profile_json(&p, false, false) : NULL;
	return done && bx_cli_out(cli, shown, err);
}
