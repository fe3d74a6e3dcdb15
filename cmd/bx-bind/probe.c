/* Asks a handler as a portal's page does, and says what a portal would make of the answer
 * (portal.md 8). */
#include "bind.h"

#include <string.h>
#include <strings.h>
#include "ancestors.h"
#include "clock.h"
#include "doctor.h"
#include "form.h"
#include "kinds.h"
#include "secret.h"
#include "urls.h"
#include "banned.h"

#define SLOW_MS	  5000
#define LIMIT_MS  30000
#define PAGE_MAX  (16 * 1024 * 1024)
#define HOPS_MAX  10
#define ANYBODY	  "portal.example.com"
#define NOBODY	  "00000000000000000000000000000000"

struct probe {
	struct bx_doctor doctor;
	struct bx_http *http;
	struct bx_http_reply reply;
	char *url;    /* where the form goes now */
	char *domain; /* of the portal */
	char *body;
	bool post;    /* a redirect may turn it into a GET */
	int64_t timeout_ms, took_ms;
};

/* The fields a portal sends, with an access token that means nothing. What the portal's requests
 * are recognised by goes to the bx-serve of this machine alone. */
static char *form_of(const struct bx_profile *profile, bool ours)
{
	char secret[49];
	bx_random_hex(secret, 24);
	auto_json cJSON *fields = cJSON_CreateObject();
	struct bx_str text = BX_STR_INIT(4096);
	bx_json_set_str(fields, "AUTH_ID", secret);
	bx_json_set_str(fields, "AUTH_EXPIRES", "3600");
	bx_json_set_str(fields, "REFRESH_ID", secret);
	bx_json_set_str(fields, "member_id", *profile->member_id ? profile->member_id : NOBODY);
	if (ours)
		bx_json_set_str(fields, "APPLICATION_TOKEN", profile->application_token);
	bx_json_set_str(fields, "status", "L");
	bx_json_set_str(fields, "PLACEMENT", bind_worker_code());
	bx_json_set_str(fields, "PLACEMENT_OPTIONS", "{\"URI\":\"\\/\"}");
	bx_form_encode(&text, fields);
	return bx_str_take(&text);
}

static char *target(const char *url, const char *domain)
{
	char sid[33];
	bx_random_hex(sid, 16);
	auto_str struct bx_str host = BX_STR_INIT(4096);
	bx_form_escape(&host, domain, strlen(domain));
	return bx_xprintf("%s%cDOMAIN=%s&PROTOCOL=1&LANG=en&APP_SID=%s", url, strchr(url, '?') ? '&' : '?',
		host.buf, sid);
}

static bool check_url(struct probe *p, const char *url, struct bx_err *err)
{
	auto_url struct bx_url parts = {0};
	if (!bx_url_parse(url, &parts, NULL) || strchr(url, '#'))
		return bx_fail(err, BX_USAGE, "", "'%s' is not an http or https URL", url);
	if (!strchr(parts.host, '.'))
		bx_doctor_say(&p->doctor, "address", BX_ILL, "use its full name", "the host %s has no dot: no portal"
			" registers it", parts.host);
	else if (!parts.https)
		bx_doctor_say(&p->doctor, "address", BX_ILL, "serve it with https", "a portal's page over https loads no"
			" frame over http");
	else
		bx_doctor_say(&p->doctor, "address", BX_WELL, NULL, "a portal can register it");
	return true;
}

static bool ask_once(struct probe *p, struct bx_err *err)
{
	struct bx_http_request request = {.url = p->url, .timeout_ms = p->timeout_ms, .reply_max = PAGE_MAX,
		.head = true};
	if (p->post) {
		request.body = p->body;
		request.body_len = strlen(p->body);
		request.type = "application/x-www-form-urlencoded";
	}
	return bx_http_do(p->http, &request, &p->reply, err);
}

static bool same_origin(const char *a, const char *b)
{
	auto_url struct bx_url one = {0}, two = {0};
	return bx_url_parse(a, &one, NULL) && bx_url_parse(b, &two, NULL) && one.https == two.https &&
		!strcmp(one.domain, two.domain);
}

/* Redirects are followed as browsers do. */
static bool follow(struct probe *p, const char *first)
{
	int status = p->reply.status;
	if (status < 301 || status > 308 || !p->reply.location)
		return false;
	if (!same_origin(p->reply.location, first))
		bx_doctor_say(&p->doctor, "redirect", BX_ILL, "register the address it leads to",
			"it redirects to %s: a portal's page hears only the address that is registered",
			p->reply.location);
	p->post = p->post && status >= 307;
	bx_set_str(&p->url, p->reply.location);
	return true;
}

static bool ask(struct probe *p)
{
	struct bx_err err = {0};
	auto_free char *first = bx_xstrdup(p->url);
	int64_t began = bx_mono_ms();
	for (int hops = 0; hops <= HOPS_MAX; hops++) {
		if (!ask_once(p, &err)) {
			bx_doctor_say(&p->doctor, "reached", BX_ILL, "see DNS, firewall, the server and its certificate, from"
				" where the employees are", "%s", err.text);
			return false;
		}
		if (!follow(p, first)) {
			p->took_ms = bx_mono_ms() - began;
			return true;
		}
	}
	bx_doctor_say(&p->doctor, "reached", BX_ILL, NULL, "it redirects more than %d times", HOPS_MAX);
	return false;
}

static void check_status(struct probe *p)
{
	const char *type = p->reply.type ? p->reply.type : "";
	if (p->reply.status != 200)
		bx_doctor_say(&p->doctor, "reached", BX_ILL, "see the server's log", "it answers with HTTP %d, which a"
			" portal takes for loaded", p->reply.status);
	else if (strncasecmp(type, "text/html", 9) != 0)
		bx_doctor_say(&p->doctor, "reached", BX_ILL, "send it as text/html", "what it sends is no page, but '%s'",
			type);
	else
		bx_doctor_say(&p->doctor, "reached", BX_WELL, NULL, "it answers with a page of %zu bytes",
			p->reply.body.len);
}

static void check_framing(struct probe *p)
{
	auto_free char *options = bx_http_header(&p->reply, "X-Frame-Options");
	auto_free char *policy = bx_http_header(&p->reply, "Content-Security-Policy");
	if (options)
		bx_doctor_say(&p->doctor, "framing", BX_ILL, "remove the header, or see the proxy that adds it",
			"X-Frame-Options '%s' forbids the portal's page to show it", options);
	else if (policy && !ancestors_allow(policy, p->domain))
		bx_doctor_say(&p->doctor, "framing", BX_ILL, "name the portal in frame-ancestors",
			"the Content-Security-Policy forbids the pages of %s to show it", p->domain);
	else
		bx_doctor_say(&p->doctor, "framing", BX_WELL, NULL, "pages of %s may show it", p->domain);
}

static size_t count(const char *text, const char *word)
{
	size_t found = 0;
	for (const char *p = text; (p = strcasestr(p, word)); p += strlen(word))
		found++;
	return found;
}

static void check_time(struct probe *p)
{
	const char *page = p->reply.body.buf;
	size_t more = count(page, "<script src") + count(page, "<link") + count(page, "<img") + count(page, "<iframe");
	if (p->took_ms > SLOW_MS)
		bx_doctor_say(&p->doctor, "time", BX_ILL, "make it faster", "it took %lld ms; a load beyond %d is slow, and"
			" after ten a day (some portals: three) the portal removes the worker",
			(long long)p->took_ms, SLOW_MS);
	else
		bx_doctor_say(&p->doctor, "time", BX_WELL, NULL, "it took %lld ms of the %d that are allowed",
			(long long)p->took_ms, SLOW_MS);
	if (more)
		bx_doctor_say(&p->doctor, "resources", BX_BY_HAND, "see in a browser how long the whole of it takes",
			"the page loads %zu more resources, for which the portal waits too", more);
}

static void probe_release(struct probe *p)
{
	bx_http_free(p->http);
	bx_http_reply_release(&p->reply);
	free(p->url);
	free(p->domain);
	free(p->body);
}

/* The portal that -p names; anybody's when none is asked for and none can be meant. */
static bool take_profile(struct bx_cli *cli, struct bx_profile *profile, struct bx_err *err)
{
	auto_store struct bx_store *store = bx_store_has("portals.db", NULL) ? bx_portals_open(err) : NULL;
	if (store && bx_portal_profile(cli, store, NULL, profile, err))
		return true;
	if (bx_portal_asked(cli))
		return store || bx_fail(err, BX_ABSENT, "", "no portal is known here yet");
	*err = (struct bx_err){0};
	bx_set_str(&profile->domain, ANYBODY);
	return true;
}

/* It is an address of the bx-serve that runs here. */
static bool is_ours(const char *url, const struct bx_profile *profile)
{
	BX_CLEANUP(urls_close) struct urls_source source = {0};
	BX_CLEANUP(urls_release) struct urls urls = {0};
	return *profile->name && urls_open(&source, NULL, &(struct bx_err){0}) &&
		urls_of(&source, profile, &urls, NULL) && same_origin(url, urls.worker);
}

bool bind_probe(struct bx_cli *cli, struct bx_err *err)
{
	BX_CLEANUP(probe_release) struct probe p = {.doctor.cli = cli, .post = true, .timeout_ms = LIMIT_MS};
	auto_profile struct bx_profile profile;
	const char *url = bx_cli_arg(cli, 0);
	bx_profile_init(&profile);
	bx_http_reply_init(&p.reply);
	bx_cli_columns(cli, "check ok finding todo");
	if (!bx_cli_want_args(cli, 1, 1, err) || !bx_opt_timeout(cli, &p.timeout_ms, err) ||
		!take_profile(cli, &profile, err) || !check_url(&p, url, err))
		return false;
	p.http = bx_http_new();
	p.domain = bx_xstrdup(profile.domain);
	p.url = target(url, p.domain);
	p.body = form_of(&profile, is_ours(url, &profile));
	if (ask(&p)) {
		check_status(&p);
		check_framing(&p);
		check_time(&p);
	}
	return bx_doctor_end(&p.doctor, err);
}
