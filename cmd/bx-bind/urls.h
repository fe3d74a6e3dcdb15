/* The addresses of bx-serve for one portal. */
#ifndef BX_BIND_URLS_H
#define BX_BIND_URLS_H

#include "store_portal.h"

struct bx_client;

/* Where they come from: --public-url, or the running bx-serve, which is asked once for each portal
 * over one connection. */
struct urls_source {
	const char *public_url; /* NULL: ask */
	struct bx_client *client;
};
bool urls_open(struct urls_source *source, const char *public_url, struct bx_err *err);
void urls_close(struct urls_source *source);

struct urls {
	char *worker, *error, *event;
};
bool urls_of(struct urls_source *source, const struct bx_profile *profile, struct urls *urls,
	struct bx_err *err);
void urls_release(struct urls *urls);

#endif
