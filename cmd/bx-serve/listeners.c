#include "listeners.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>
#include "admin.h"
#include "file.h"
#include "log.h"
#include "notify.h"
#include "routes.h"
#include "banned.h"

#define PEM_MAX 65536

struct pems {
	struct bx_str cert, key;
};

static void pems_release(struct pems *pems)
{
	bx_secret_wipe(pems->key.buf, pems->key.len);
	bx_str_release(&pems->cert);
	bx_str_release(&pems->key);
}

static bool read_pems(const struct serve_opts *opts, struct pems *pems, struct bx_err *err)
{
	bx_str_init(&pems->cert, PEM_MAX);
	bx_str_init(&pems->key, PEM_MAX);
	return !opts->tls_cert || (bx_file_read(&pems->cert, opts->tls_cert, err) &&
					  bx_file_read(&pems->key, opts->tls_key, err));
}

void listeners_renew(struct serve *serve)
{
	BX_CLEANUP(pems_release) struct pems pems;
	struct bx_err err = {0};
	bool read = read_pems(&serve->opts, &pems, &err);
	if (serve->opts.tls_cert &&
		!(read && bx_httpd_renew(serve->public, pems.cert.buf, pems.key.buf, &err)))
		bx_log(BX_LOG_ERROR, "the old certificate stays: %s", err.text);
}

static bool loopback(const char *address)
{
	return bx_starts(address, "127.") || bx_starts(address, "[::1]");
}

static bool know_ourselves(struct serve *serve, struct bx_err *err)
{
	const char *address = bx_httpd_address(serve->public);
	auto_free char *local = bx_xprintf("http%s://%s", serve->opts.tls_cert ? "s" : "", address);
	if (!serve->opts.public_url && !loopback(address))
		return bx_fail(err, BX_USAGE, "", "--public-url is missing: browsers have to know the address");
	return public_url_init(&serve->url, serve->opts.public_url ? serve->opts.public_url : local, err);
}

/* /status shows callers and operators and asks nobody for a password. */
static bool admin_is_local(const struct serve *serve, struct bx_err *err)
{
	const char *address = bx_httpd_address(serve->admin);
	return strchr(address, '/') || loopback(address) ||
	       bx_fail(err, BX_USAGE, "", "--admin %s would show callers and operators to everybody: it is a"
		       " loopback address or a path; let a proxy that asks for a password stand before it", address);
}

bool listeners_open(struct serve *serve, const char *dir, struct bx_err *err)
{
	const struct serve_opts *given = &serve->opts;
	auto_free char *socket = bx_xprintf("%s/admin.sock", dir);
	BX_CLEANUP(pems_release) struct pems pems;
	if (!read_pems(given, &pems, err))
		return false;
	struct bx_httpd_opts opts = {.listen = given->listen, .listen_fd = notify_listener("public"),
		.body_max = (size_t)given->body_max, .header_max = (size_t)given->header_max,
		.deadline_ms = (int)given->deadline_ms, .idle_ms = (int)given->idle_ms,
		.per_address = (unsigned)given->per_address, .total = (unsigned)given->connections,
		.tls_cert = given->tls_cert ? pems.cert.buf : NULL,
		.tls_key = given->tls_cert ? pems.key.buf : NULL};
	serve->public = bx_httpd_new(serve->loop, &opts, routes_request, serve, err);
	struct bx_httpd_opts admin = {.listen = given->admin ? given->admin : socket,
		.listen_fd = notify_listener("admin")};
	if (!serve->public || !(serve->admin = bx_httpd_new(serve->loop, &admin, admin_request, serve, err)))
		return false;
	return admin_is_local(serve, err) && know_ourselves(serve, err);
}

static bool trusted(const struct serve_opts *opts, const char *address, size_t len)
{
	for (size_t i = 0; i < opts->proxies_len; i++)
		if (strlen(opts->proxies[i]) == len && !strncmp(opts->proxies[i], address, len))
			return true;
	return false;
}

/* Some proxies add to the list, others another header behind those they were given. */
static void add_forwarded(void *arg, const char *name, const char *value)
{
	struct bx_str *list = arg;
	if (!strcasecmp(name, "X-Forwarded-For"))
		bx_str_printf(list, "%s%s", list->len ? "," : "", value);
}

/* The last address that no listed proxy has: what stands before it anybody may have written. */
static const char *client_of(const struct serve *serve, const char *peer, const struct bx_str *list,
	size_t *len)
{
	*len = strlen(peer);
	const char *end = list->buf + list->len;
	while (trusted(&serve->opts, peer, *len) && end > list->buf) {
		const char *start = end, *stop = end;
		while (start > list->buf && start[-1] != ',')
			start--;
		peer = start + strspn(start, " \t");
		while (stop > peer && (stop[-1] == ' ' || stop[-1] == '\t'))
			stop--;
		*len = (size_t)(stop - peer);
		end = start > list->buf ? start - 1 : list->buf;
	}
	return peer;
}

void listeners_log(const struct serve *serve, const struct bx_request *req)
{
	if (!bx_log_wants(BX_LOG_TRACE))
		return;
	size_t len;
	auto_str struct bx_str list = BX_STR_INIT(SIZE_MAX / 2);
	bx_request_headers(req, add_forwarded, &list);
	const char *client = client_of(serve, bx_request_peer(req), &list, &len), *path = bx_request_path(req);
	const char *secret = strstr(path, ROUTES_ERROR);
	int shown = secret ? (int)(secret - path) + (int)strlen(ROUTES_ERROR) : (int)strlen(path);
	bx_log(BX_LOG_TRACE, "%.*s %s %.*s%s", (int)len, client, bx_request_method(req), shown, path,
		secret ? "..." : "");
}
