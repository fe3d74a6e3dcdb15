/* Profiles as a person describes them. */
#include "auth.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include "secret.h"
#include "banned.h"

/* The secret never comes from argv: FILE, else a prompt, else standard input. */
static char *read_secret(struct bx_cli *cli, const char *prompt, struct bx_err *err)
{
	const char *path = bx_opt(cli, "file");
	char *secret;
	if (!path || !strcmp(path, "-")) {
		secret = bx_secret_read(STDIN_FILENO, prompt, err);
	} else {
		auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			bx_fail(err, BX_USAGE, "", "%s: %s", path, strerror(errno));
			return NULL;
		}
		struct bx_err why = {0};
		secret = bx_secret_read(fd, prompt, &why);
		if (!secret)
			bx_fail(err, BX_USAGE, "", "%s: %s", path, why.text);
	}
	return secret;
}

/* A bare name means https; on this machine's own loopback, http. */
static char *whole_url(const char *text, const char *path)
{
	if (bx_starts(text, "http://") || bx_starts(text, "https://"))
		return bx_xprintf("%s%s", text, path);
	auto_free char *http = bx_xprintf("http://%s/", text);
	auto_url struct bx_url url = {0};
	bool local = bx_url_parse(http, &url, NULL) && bx_url_private(&url, false);
	return bx_xprintf("%s://%s%s", local ? "http" : "https", text, path);
}

static bool check_private(const struct bx_profile *p, const struct bx_url *url, struct bx_err *err)
{
	return bx_url_private(url, p->insecure_http) ||
		bx_fail(err, BX_USAGE, "",
			"%s is not https; where that is accepted, add --insecure-http", url->domain);
}

static char *trimmed(const char *text)
{
	size_t len = strlen(text);
	while (len && text[len - 1] == '/')
		len--;
	return bx_xstrndup(text, len);
}

bool auth_set_domain(struct bx_profile *p, const char *text, struct bx_err *err)
{
	auto_free char *base = trimmed(text);
	auto_free char *endpoint = whole_url(base, "/rest/");
	auto_url struct bx_url url;
	if (!bx_url_parse(endpoint, &url, NULL) || strcmp(url.path, "/rest/") != 0)
		return bx_fail(err, BX_USAGE, "", "--domain '%s' is not the address of a portal", text);
	if (!check_private(p, &url, err))
		return false;
	bx_set_str(&p->domain, url.domain);
	auto_free char *clean = bx_xprintf("%s://%s/rest/", url.https ? "https" : "http", url.domain);
	bx_set_str(&p->client_endpoint, clean);
	return true;
}

bool auth_set_server(struct bx_profile *p, const char *text, struct bx_err *err)
{
	auto_free char *base = trimmed(text);
	auto_free char *server = whole_url(base, "");
	auto_url struct bx_url url;
	if (!bx_url_parse(server, &url, NULL) || (*url.path && strcmp(url.path, "/") != 0))
		return bx_fail(err, BX_USAGE, "", "--auth-server '%s' is not the address of a server", text);
	if (!check_private(p, &url, err))
		return false;
	bx_set_str(&p->auth_server, server);
	return true;
}

bool auth_set_limit(struct bx_profile *p, const char *text, struct bx_err *err)
{
	char *end = NULL;
	long long burst = strtoll(text, &end, 10);
	double rate = *end == ':' && isdigit((unsigned char)end[1]) ? strtod(end + 1, &end) : 0;
	if (*end || burst < 1 || burst > 1000000 || !isfinite(rate) || rate <= 0 || rate > 1000000)
		return bx_fail(err, BX_USAGE, "", "--limit '%s' is not BURST:RATE, as in 50:2", text);
	p->limit_burst = burst;
	p->limit_rate = rate;
	return true;
}

/* …/rest/USER/CODE/ with or without a method or slash after it. */
bool auth_set_webhook(struct bx_profile *p, const char *text, struct bx_err *err)
{
	auto_url struct bx_url url;
	if (!bx_url_parse(text, &url, err))
		return false;
	const char *rest = strstr(url.path, "/rest/"), *user = rest ? rest + 6 : "";
	size_t digits = strspn(user, "0123456789");
	const char *code = user[digits] == '/' ? user + digits + 1 : "";
	size_t len = strspn(code, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
	if (!digits || !len || (code[len] && code[len] != '/'))
		return bx_fail(err, BX_USAGE, "",
			"this is not the URL of an inbound webhook: it looks like https://PORTAL/rest/USER/CODE/");
	if (!check_private(p, &url, err))
		return false;
	auto_free char *clean = bx_xprintf("%s://%s%.*s/", url.https ? "https" : "http", url.domain,
		(int)(code + len - url.path), url.path);
	auto_free char *secret = bx_xstrndup(code, len);
	bx_secret_remember(secret);
	bx_set_str(&p->webhook_url, clean);
	bx_set_str(&p->domain, url.domain);
	p->user_id = strtoll(user, NULL, 10);
	return true;
}

static bool webhook_from(struct bx_cli *cli, struct bx_profile *p, struct bx_err *err)
{
	auto_free char *url = read_secret(cli, "URL of the webhook", err);
	p->webhook = true;
	return url && auth_set_webhook(p, url, err);
}

static bool secret_from(struct bx_cli *cli, struct bx_profile *p, struct bx_err *err)
{
	auto_free char *secret = read_secret(cli, "client_secret of the app", err);
	if (!secret)
		return false;
	bx_secret_remember(secret);
	bx_set_str(&p->client_secret, secret);
	return true;
}

/* The settings add and set have in common. */
static bool take_settings(struct bx_cli *cli, struct bx_profile *p, struct bx_err *err)
{
	const char *domain = bx_opt(cli, "domain"), *server = bx_opt(cli, "auth-server");
	const char *limit = bx_opt(cli, "limit"), *id = bx_opt(cli, "client-id");
	p->insecure_http = bx_opt_on(cli, "insecure-http", p->insecure_http);
	if (id)
		bx_set_str(&p->client_id, id);
	return (!domain || auth_set_domain(p, domain, err)) &&
		(!server || auth_set_server(p, server, err)) &&
		(!limit || auth_set_limit(p, limit, err));
}

static bool describe(struct bx_cli *cli, struct bx_profile *p, struct bx_err *err)
{
	bool webhook = bx_opt(cli, "webhook"), app = bx_opt(cli, "app");
	if (webhook == app)
		return bx_fail(err, BX_USAGE, "", "say what it is: --webhook or --app");
	if (webhook && (bx_opt(cli, "domain") || bx_opt(cli, "client-id")))
		return bx_fail(err, BX_USAGE, "", "--domain and --client-id belong to --app");
	if (app && !bx_opt(cli, "domain"))
		return bx_fail(err, BX_USAGE, "", "--app needs --domain and --client-id");
	if (!take_settings(cli, p, err))
		return false;
	p->waiting = app;
	return webhook ? webhook_from(cli, p, err) : auth_form(p, err) && secret_from(cli, p, err);
}

static bool get_tokens(struct bx_cli *cli, struct bx_store *store, struct bx_profile *p, struct bx_err *err)
{
	bool given = false;
	if (p->waiting && isatty(STDIN_FILENO) && !auth_tokens(cli, store, p, &given, err))
		return false;
	if (p->waiting && !given)
		bx_cli_note(cli, "%s waits for its tokens: install the app in the portal while bx-serve runs, or run"
			" bx-auth login %s", p->name, p->name);
	return true;
}

bool auth_add(struct bx_cli *cli, struct bx_err *err)
{
	auto_profile struct bx_profile p;
	bx_profile_init(&p);
	if (!bx_cli_want_args(cli, 1, 1, err) || !bx_profile_name_ok(bx_cli_arg(cli, 0), err))
		return false;
	bx_set_str(&p.name, bx_cli_arg(cli, 0));
	if (!describe(cli, &p, err))
		return false;
	auto_json cJSON *shown = auth_profile_json(&p, false, false);
	if (bx_cli_dry(cli))
		return bx_cli_out(cli, shown, err);
	auto_store struct bx_store *store = bx_portals_open(err);
	if (!store || !bx_profile_add(store, &p, err))
		return false;
	bx_portal_poke("reload", NULL);
	if (!get_tokens(cli, store, &p, err))
		return false;
	auto_json cJSON *added = auth_profile_json(&p, false, false);
	return bx_cli_out(cli, added, err);
}

bool auth_set(struct bx_cli *cli, struct bx_err *err)
{
	auto_profile struct bx_profile p;
	auto_store struct bx_store *store = NULL;
	bx_profile_init(&p);
	if (!bx_cli_want_args(cli, 0, 1, err) || !(store = bx_portals_open(err)) ||
		!auth_named(cli, store, &p, err) || !take_settings(cli, &p, err))
		return false;
	if (bx_opt(cli, "file") && !bx_opt(cli, "webhook") && !bx_opt(cli, "secret"))
		return bx_fail(err, BX_USAGE, "", "which secret is in the file? say --secret or --webhook");
	if (bx_opt(cli, "webhook") && !p.webhook)
		return bx_fail(err, BX_USAGE, "", "%s is an app, not a webhook", p.name);
	if (p.webhook && (bx_opt(cli, "domain") || bx_opt(cli, "client-id") || bx_opt(cli, "auth-server")))
		return bx_fail(err, BX_USAGE, "", "%s is a webhook: its address is that of the new URL, by --webhook",
			p.name);
	if (bx_opt(cli, "secret") && p.webhook)
		return bx_fail(err, BX_USAGE, "", "%s is a webhook, it has no client_secret", p.name);
	if ((bx_opt(cli, "webhook") && !webhook_from(cli, &p, err)) ||
		(bx_opt(cli, "secret") && !secret_from(cli, &p, err)))
		return false;
	auto_json cJSON *shown = auth_profile_json(&p, false, false);
	if (bx_cli_dry(cli))
		return bx_cli_out(cli, shown, err);
	if (!bx_profile_set(store, &p, err))
		return false;
	bx_portal_poke("reload", NULL);
	return bx_cli_out(cli, shown, err);
}
