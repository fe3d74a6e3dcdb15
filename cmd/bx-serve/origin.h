/* Web origins: the portal's, as a request names it, and our own public address. */
#ifndef BX_SERVE_ORIGIN_H
#define BX_SERVE_ORIGIN_H

#include <stdbool.h>
#include "err.h"
#include "str.h"

/* Appends http://HOST[:PORT] or https://… out of DOMAIN and PROTOCOL ("1" is https) of a frame's
 * request, lower case, without the scheme's own port; ORIGIN_SIZE holds the longest. False: not a
 * host. (portal.md 8.1, 12.1) */
#define ORIGIN_SIZE 280
bool origin_of_portal(struct bx_str *out, const char *domain, const char *protocol);

/* https, wss, http or ws://HOST[:PORT], and nothing behind it. */
bool origin_known(const char *text);

/* "https://HOST[:PORT][/prefix]" taken apart; the caller releases. */
struct public_url {
	char *origin; /* https://HOST[:PORT] */
	char *socket; /* wss://HOST[:PORT] */
	char *prefix; /* "" or "/prefix", no slash at its end */
};
bool public_url_init(struct public_url *url, const char *text, struct bx_err *err);
void public_url_release(struct public_url *url);

#endif
