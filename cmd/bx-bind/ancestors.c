#include "ancestors.h"

#include <string.h>
#include <strings.h>
#include "str.h"
#include "banned.h"

#define NAME "frame-ancestors"

/* HOST, HOST:PORT, HOST:*, *.DOMAIN, each with or without a scheme in front. */
static bool source_allows(const char *source, const char *domain)
{
	if (!strcmp(source, "*") || !strcasecmp(source, "https:"))
		return true;
	const char *scheme = strstr(source, "://");
	if (scheme && strncasecmp(source, "https://", 8) != 0 && strncasecmp(source, "http://", 7) != 0)
		return false;
	source = scheme ? scheme + 3 : source;
	size_t len = strcspn(source, ":/"), host = strcspn(domain, ":");
	const char *port = source[len] == ':' ? source + len + 1 : "443";
	const char *have = domain[host] == ':' ? domain + host + 1 : "443";
	size_t digits = strcspn(port, "/");
	if (*port != '*' && (strlen(have) != digits || strncmp(port, have, digits) != 0))
		return false;
	if (!strncmp(source, "*.", 2))
		return host > len - 1 && !strncasecmp(domain + host - (len - 1), source + 1, len - 1);
	return len == host && !strncasecmp(source, domain, len);
}

/* The sources of the directive, in a text of its own. */
static bool directive_allows(char *sources, const char *domain)
{
	char *rest = NULL;
	for (char *s = strtok_r(sources, " \t", &rest); s; s = strtok_r(NULL, " \t", &rest)) {
		if (source_allows(s, domain))
			return true;
	}
	return false;
}

/* One header; only its first such directive counts. */
static bool header_allows(char *header, const char *domain)
{
	char *rest = NULL;
	size_t len = strlen(NAME);
	for (char *d = strtok_r(header, ";", &rest); d; d = strtok_r(NULL, ";", &rest)) {
		d += strspn(d, " \t");
		if (!strncasecmp(d, NAME, len) && (!d[len] || strchr(" \t", d[len])))
			return directive_allows(d + len, domain);
	}
	return true;
}

bool ancestors_allow(const char *policy, const char *domain)
{
	auto_free char *text = bx_xstrdup(policy);
	char *rest = NULL;
	for (char *h = strtok_r(text, ",", &rest); h; h = strtok_r(NULL, ",", &rest)) {
		if (!header_allows(h, domain))
			return false;
	}
	return true;
}
