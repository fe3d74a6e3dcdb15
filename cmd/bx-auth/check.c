/* check: the doctor. Each line is a finding, or that there is none, and what to do. */
#include "auth.h"

#include "clock.h"
#include "control.h"
#include "banned.h"

#define CLOCK_MS 30000
#define SLOW_MS	 5000 /* portal.md 8.4 */
#define ASK_MS	 5000
#define PAGE_MAX (1024 * 1024)

struct doctor {
	struct bx_cli *cli;
	struct bx_store *store;
	struct bx_rest rest;
	cJSON *urls; /* of a running bx-serve, or NULL */
	int findings;
};

enum verdict { WELL, ILL, UNKNOWN };

static void say(struct doctor *d, const char *check, enum verdict verdict, const char *todo,
	const char *fmt, ...) BX_PRINTF(5, 6);
static void say(struct doctor *d, const char *check, enum verdict verdict, const char *todo,
	const char *fmt, ...)
{
	auto_json cJSON *line = cJSON_CreateObject();
	auto_str struct bx_str text = BX_STR_INIT(4096);
	va_list ap;
	va_start(ap, fmt);
	bx_str_vprintf(&text, fmt, ap);
	va_end(ap);
	bx_json_set_str(line, "portal", d->rest.profile.name);
	bx_json_set_str(line, "check", check);
	bx_json_set(line, "ok", verdict == UNKNOWN ? cJSON_CreateNull() : cJSON_CreateBool(verdict == WELL));
	bx_json_set_str(line, "finding", text.buf);
	if (todo)
		bx_json_set_str(line, "todo", todo);
	d->findings += verdict == ILL;
	bx_cli_out(d->cli, line, NULL);
}

static cJSON *ask(struct doctor *d, const char *verb, struct bx_err *err)
{
	return bx_rest_op(&d->rest, bx_op_by_verb(BX_METHOD, verb), NULL, err);
}

/* The first call: is the portal there, does it know us, do the clocks agree? */
static bool check_reached(struct doctor *d)
{
	struct bx_err err = {0};
	int64_t before = bx_now_ms(), there;
	auto_json cJSON *time = ask(d, "server.time", &err);
	if (!time) {
		say(d, "portal", ILL, err.exit == BX_NOAUTH ? "authorise the app again: bx-auth login"
			: "see whether the portal opens in a browser from this machine", "%s", err.text);
		return false;
	}
	say(d, "portal", WELL, NULL, "%s answers", d->rest.profile.domain);
	int64_t here = (before + bx_now_ms()) / 2;
	if (!cJSON_IsString(time) || !bx_time_parse(time->valuestring, &there, NULL))
		return true;
	int64_t off = there > here ? there - here : here - there;
	if (off > CLOCK_MS)
		say(d, "clock", ILL, "set this machine's clock (timedatectl set-ntp true)",
			"the clocks differ by %lld seconds", (long long)off / 1000);
	else
		say(d, "clock", WELL, NULL, "the clocks agree");
	return true;
}

static void check_tls(struct doctor *d)
{
	const struct bx_profile *p = &d->rest.profile;
	auto_url struct bx_url url = {0};
	if (!bx_url_parse(p->webhook ? p->webhook_url : p->client_endpoint, &url, NULL))
		return;
	if (url.https)
		say(d, "tls", WELL, NULL, "calls go over https");
	else if (bx_url_private(&url, false))
		say(d, "tls", WELL, NULL, "calls stay on this machine");
	else
		say(d, "tls", ILL, "give the portal a certificate, then: bx-auth set --domain",
			"credentials go to the portal without TLS");
}

static void check_tokens(struct doctor *d)
{
	char iso[BX_ISO_SIZE];
	bx_time_iso_local(iso, d->rest.profile.refreshing_since_ms);
	if (d->rest.profile.refreshing_since_ms)
		say(d, "tokens", ILL, "bx-auth refresh; where that is refused, bx-auth login",
			"a refresh begun at %s was cut off before its answer was stored", iso);
	else
		say(d, "tokens", WELL, NULL, "the pair of tokens is whole");
}

static void check_app(struct doctor *d)
{
	struct bx_err err = {0};
	auto_json cJSON *info = ask(d, "app.info", &err);
	const char *payment = bx_json_str(info, "PAYMENT_EXPIRED");
	if (!info)
		say(d, "app", ILL, NULL, "%s", err.text);
	else if (!bx_json_bool(info, "INSTALLED", true))
		say(d, "app", ILL, "open the app in the portal as an administrator and finish its installation",
			"the app is not installed: nobody is shown its placements");
	else if (payment && !strcmp(payment, "Y"))
		say(d, "app", ILL, "renew the subscription in the portal", "the app's paid period is over");
	else
		say(d, "app", WELL, NULL, "the app is installed");
}

static void check_admin(struct doctor *d)
{
	struct bx_err err = {0};
	auto_json cJSON *admin = ask(d, "user.admin", &err);
	if (!admin)
		say(d, "administrator", ILL, NULL, "%s", err.text);
	else if (!bx_json_truthy(admin))
		say(d, "administrator", ILL, "bx-auth login as an administrator",
			"the tokens are those of a user who is no administrator: placements cannot be registered");
	else
		say(d, "administrator", WELL, NULL, "the tokens are an administrator's");
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

static void check_scopes(struct doctor *d)
{
	struct bx_err err = {0};
	static const char *const needed[] = {"register", "placement.get"};
	auto_json cJSON *scopes = ask(d, "scope", &err);
	bool all = scopes != NULL;
	for (size_t i = 0; i < BX_COUNT(needed) && scopes; i++) {
		const char *scope = bx_op_by_verb(BX_METHOD, needed[i])->scope;
		if (d->rest.profile.webhook && i)
			continue;
		if (has_scope(scopes, scope))
			continue;
		all = false;
		say(d, "scope", ILL, "add the permission to the app in the portal, then install it again",
			"the permission '%s' is missing", scope);
	}
	if (!scopes)
		say(d, "scope", ILL, NULL, "%s", err.text);
	else if (all)
		say(d, "scope", WELL, NULL, "the permissions suffice");
}

static void check_serve(struct doctor *d)
{
	auto_str struct bx_str dir = BX_STR_INIT(BX_PATH_MAX);
	struct bx_client *client = bx_store_dir(&dir, NULL) ? bx_client_connect(dir.buf, NULL) : NULL;
	if (!client) {
		say(d, "serve", ILL, "start it: bx-serve --public-url https://…", "bx-serve does not run here");
		return;
	}
	cJSON *fields = cJSON_CreateObject();
	struct bx_err err = {0};
	bx_json_set_str(fields, "portal", d->rest.profile.name);
	d->urls = bx_client_call(client, "urls", fields, ASK_MS, &err);
	bx_client_free(client);
	if (d->urls)
		say(d, "serve", WELL, NULL, "bx-serve runs");
	else
		say(d, "serve", ILL, "restart bx-serve", "bx-serve does not answer: %s", err.text);
}

static const cJSON *general_worker(const cJSON *rows)
{
	const struct bx_field *place = bx_field_by_key(bx_op_by_verb(BX_METHOD, "placement.bind")->fields,
		"PLACEMENT", false);
	auto_json cJSON *code = bx_field_value(place, "worker", NULL);
	const cJSON *row;
	cJSON_ArrayForEach(row, rows) {
		int64_t user = 0;
		const char *name = bx_json_str(row, "placement");
		bx_json_int(row, "userId", &user);
		if (name && code && !strcmp(name, code->valuestring) && !user)
			return row;
	}
	return NULL;
}

static void check_registration(struct doctor *d, const cJSON *row)
{
	const cJSON *options = bx_json_get(row, "options");
	const char *worker = bx_json_str(d->urls, "worker"), *error = bx_json_str(d->urls, "error_handler");
	const char *handler = bx_json_str(row, "handler"), *told = bx_json_str(options, "errorHandlerUrl");
	int64_t slow = 0;
	if (d->urls && !bx_streq(worker, handler))
		say(d, "worker", ILL, "bx-bind worker", "the worker is registered at %s, but bx-serve is %s",
			handler ? handler : "no address", worker);
	else if (d->urls && !bx_streq(error, told))
		say(d, "worker", ILL, "bx-bind worker", "the worker's error handler is not bx-serve's");
	else
		say(d, "worker", WELL, NULL, "the worker is registered");
	if (bx_json_int(options, "maxTimeCount", &slow) && slow > 0)
		say(d, "slow-loads", ILL, "see bx-serve's load times: the portal removes the worker after ten a day",
			"the portal has counted %lld slow loads of the worker", (long long)slow);
}

static void check_worker(struct doctor *d)
{
	struct bx_err err = {0};
	auto_json cJSON *rows = ask(d, "placement.get", &err);
	const cJSON *row = general_worker(rows);
	if (!rows)
		say(d, "worker", ILL, NULL, "%s", err.text);
	else if (!row)
		say(d, "worker", ILL, "bx-bind worker", "the worker is not registered");
	else
		check_registration(d, row);
}

static void check_page(struct doctor *d)
{
	struct bx_err err = {0};
	auto_reply struct bx_http_reply reply;
	bx_http_reply_init(&reply);
	struct bx_http_request request = {.url = bx_json_str(d->urls, "worker"), .timeout_ms = 2 * SLOW_MS,
		.reply_max = PAGE_MAX};
	int64_t began = bx_mono_ms();
	if (!request.url)
		return;
	if (!bx_http_do(d->rest.http, &request, &reply, &err) || reply.status != 200)
		say(d, "page", ILL, "see the proxy before bx-serve, its certificate and DNS",
			"the worker's page is not reached at its public address: %s (HTTP %d)", err.text, reply.status);
	else if (bx_mono_ms() - began > SLOW_MS)
		say(d, "page", ILL, "see what is slow before bx-serve",
			"the worker's page took %lld ms; beyond %d the portal removes it",
			(long long)(bx_mono_ms() - began), SLOW_MS);
	else
		say(d, "page", WELL, NULL, "the worker's page is reached at its public address");
}

static void examine(struct doctor *d)
{
	if (!check_reached(d))
		return;
	check_tls(d);
	check_scopes(d);
	if (d->rest.profile.webhook)
		return;
	check_tokens(d);
	check_app(d);
	check_admin(d);
	check_serve(d);
	check_worker(d);
	check_page(d);
	say(d, "by-hand", UNKNOWN, "in the portal: telephony rights of the employees, access to the app, the"
		" desktop app, the line chosen for outgoing calls", "an app cannot know these");
}

bool auth_check(struct bx_cli *cli, struct bx_err *err)
{
	auto_profile struct bx_profile p;
	auto_store struct bx_store *store = NULL;
	bx_profile_init(&p);
	bx_cli_columns(cli, "check ok finding todo");
	if (!bx_cli_want_args(cli, 0, 1, err) || !(store = bx_portals_open(err)) ||
		!auth_named(cli, store, &p, err))
		return false;
	struct doctor d = {.cli = cli, .store = store};
	bx_rest_init(&d.rest, store, &p);
	bool ok = bx_opt_timeout(cli, &d.rest.timeout_ms, err);
	if (ok)
		examine(&d);
	bx_rest_release(&d.rest);
	cJSON_Delete(d.urls);
	if (ok && d.findings)
		return bx_fail(err, BX_DRIFT, "", "%d findings", d.findings);
	return ok;
}
