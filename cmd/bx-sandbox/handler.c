#include "handler.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "places.h"
#include "banned.h"

/* Only the worker belongs to this suite; the others make lists and refusals look as they do. */
const struct sb_place sb_places[] = {
	{"PAGE_BACKGROUND_WORKER", "", "errorHandlerUrl", true, 1},
	{"LEFT_MENU", "", NULL, false, 0},
	{"REST_APP_URI", "", NULL, false, 1},
	{"CALL_CARD", "telephony", NULL, false, 0},
	{"TELEPHONY_ANALYTICS_MENU", "telephony", NULL, false, 0},
	{"CRM_CONTACT_DETAIL_TAB", "crm", NULL, false, 0},
	{0},
};

const struct sb_place *sb_worker_place(void)
{
	return sb_places;
}

const struct sb_place *sb_place(const char *code)
{
	for (const struct sb_place *p = sb_places; p->code; p++) {
		if (!strcmp(p->code, code))
			return p;
	}
	return NULL;
}

char *sb_url_host(const char *url)
{
	const char *p = strstr(url, "://");
	p = p ? p + 3 : bx_starts(url, "//") ? url + 2 : "";
	size_t len = strcspn(p, "/?#");
	const char *at = memchr(p, '@', len);
	if (at) {
		len -= (size_t)(at + 1 - p);
		p = at + 1;
	}
	return bx_xstrndup(p, len);
}

static bool is_web(const char *url)
{
	return !strncasecmp(url, "http://", 7) || !strncasecmp(url, "https://", 8);
}

bool sb_check_handler(struct sb_call *call, const char *url)
{
	auto_free char *host = sb_url_host(url);
	const char *dot = strchr(host, '.');
	if (!dot || dot == host || strpbrk(host, " \t\r\n"))
		return sb_refuse(call, "ERROR_WRONG_HANDLER_URL", NULL);
	return is_web(url) || sb_refuse(call, "ERROR_UNSUPPORTED_PROTOCOL", NULL);
}
