#include "origin.h"

#include <stdint.h>
#include <string.h>
#include "banned.h"

#define HOST_MAX 255

static bool host_char(unsigned char c)
{
	static const uint32_t set[8] = {0, 0x03ff6000, 0x07fffffe, 0x07fffffe};
	return set[c >> 5] >> (c & 31) & 1;
}

/* Letters, digits, dots and dashes, then perhaps a port; what a browser may meet in a header. */
static bool host_ok(const char *text, size_t len)
{
	size_t host = 0;
	while (host < len && host_char((unsigned char)text[host]))
		host++;
	if (!host || host > HOST_MAX || text[0] == '-' || text[0] == '.')
		return false;
	if (host == len)
		return true;
	size_t digits = text[host] == ':' ? strspn(text + host + 1, "0123456789") : 0;
	return digits && digits <= 5 && host + 1 + digits == len;
}

bool origin_known(const char *text)
{
	static const char *const schemes[] = {"https://", "wss://", "http://", "ws://"};
	for (size_t i = 0; i < BX_COUNT(schemes); i++)
		if (bx_starts(text, schemes[i]))
			return host_ok(text + strlen(schemes[i]), strlen(text + strlen(schemes[i])));
	return false;
}

static void add_lower(struct bx_str *out, const char *text, size_t len)
{
	char *to = bx_str_grow(out, len);
	for (size_t i = 0; to && i < len; i++)
		to[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] | 32 : text[i]);
}

bool origin_of_portal(struct bx_str *out, const char *domain, const char *protocol)
{
	bool https = bx_streq(protocol, "1");
	size_t len = domain ? strlen(domain) : 0;
	if (!len || (!https && !bx_streq(protocol, "0")) || !host_ok(domain, len))
		return false;
	const char *own_port = https ? ":443" : ":80", *colon = strchr(domain, ':');
	bx_str_puts(out, https ? "https://" : "http://");
	add_lower(out, domain, bx_streq(colon, own_port) ? (size_t)(colon - domain) : len);
	return !out->over;
}

bool public_url_init(struct public_url *url, const char *text, struct bx_err *err)
{
	bool https = bx_starts(text, "https://");
	const char *host = https ? text + 8 : bx_starts(text, "http://") ? text + 7 : NULL;
	size_t len = host ? strcspn(host, "/?#") : 0;
	*url = (struct public_url){0};
	if (!host || !host_ok(host, len) || strpbrk(host + len, "?#\"'<>\\ \r\n;,"))
		return bx_fail(err, BX_USAGE, "", "--public-url is http(s)://HOST[:PORT][/PREFIX], not %s",
			text);
	auto_str struct bx_str name = BX_STR_INIT(HOST_MAX + 16);
	add_lower(&name, host, len);
	size_t prefix = strlen(host + len);
	while (prefix && host[len + prefix - 1] == '/')
		prefix--;
	url->origin = bx_xprintf("%s%s", https ? "https://" : "http://", name.buf);
	url->socket = bx_xprintf("%s%s", https ? "wss://" : "ws://", name.buf);
	url->prefix = bx_xstrndup(host + len, prefix);
	return true;
}

void public_url_release(struct public_url *url)
{
	free(url->origin);
	free(url->socket);
	free(url->prefix);
	*url = (struct public_url){0};
}
