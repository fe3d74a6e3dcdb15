/* URLs, taken apart. */
#include "http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <ctype.h>
#include <strings.h>
#include "banned.h"

void bx_url_release(struct bx_url *url)
{
	free(url->host);
	free(url->domain);
	free(url->path);
	*url = (struct bx_url){0};
}

static char *part(CURLU *parsed, CURLUPart which, unsigned flags)
{
	char *text = NULL;
	if (curl_url_get(parsed, which, &text, flags))
		return NULL;
	char *copy = bx_xstrdup(text);
	curl_free(text);
	return copy;
}

static void set_host(struct bx_url *url, CURLU *parsed)
{
	auto_free char *host = part(parsed, CURLUPART_HOST, 0);
	size_t len = strlen(host);
	bool six = *host == '[';
	for (char *p = host; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	url->host = six ? bx_xstrndup(host + 1, len - 2) : bx_xstrdup(host);
	url->domain = url->port == (url->https ? 443 : 80) ? bx_xstrdup(host)
							   : bx_xprintf("%s:%d", host, url->port);
}

static bool take_apart(CURLU *parsed, struct bx_url *url)
{
	auto_free char *scheme = part(parsed, CURLUPART_SCHEME, 0);
	auto_free char *user = part(parsed, CURLUPART_USER, 0);
	auto_free char *port = part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	if (!scheme || !port || user || (strcasecmp(scheme, "http") && strcasecmp(scheme, "https")))
		return false;
	url->https = !strcasecmp(scheme, "https");
	url->port = (int)strtol(port, NULL, 10);
	url->path = part(parsed, CURLUPART_PATH, 0);
	set_host(url, parsed);
	return true;
}

bool bx_url_parse(const char *text, struct bx_url *url, struct bx_err *err)
{
	*url = (struct bx_url){0};
	CURLU *parsed = curl_url();
	bool ok = !curl_url_set(parsed, CURLUPART_URL, text, 0) && take_apart(parsed, url);
	curl_url_cleanup(parsed);
	if (ok)
		return true;
	bx_url_release(url);
	/* The text may hold a secret, so it is not repeated. */
	return bx_fail(err, BX_USAGE, "", "this is not an http or https URL");
}

static bool loopback(const char *host)
{
	struct in_addr four;
	size_t len = strlen(host), tail = strlen(".localhost");
	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	/* libcurl asks no resolver for these names. */
	bool named = !strcmp(host, "localhost") || (len > tail && !strcmp(host + len - tail, ".localhost"));
	return named || !strcmp(host, "::1");
}

bool bx_url_private(const struct bx_url *url, bool insecure_http)
{
	return url->https || insecure_http || loopback(url->host);
}
