/* Tokens: refresh, code exchange, proof of an installation (portal.md 6, 7). Layer 4.
 *
 * One refresh per profile on this machine at a time, whatever the number of processes. The new
 * pair is on disk before it is used. deadline is in bx_mono_ms. Where no server is pinned yet, the
 * one set in profile is asked; pinning it (bx_profile_set) is the caller's, after success. */
#ifndef BX_AUTH_H
#define BX_AUTH_H

#include "http.h"
#include "json.h"
#include "store_portal.h"

extern const char *const bx_auth_servers[]; /* the known ones; ends with NULL */

/* Gets a new pair in place of profile's, or the one another process got meanwhile; profile holds
 * it afterwards. BX_AGAIN: not reached; BX_NOAUTH: refused, with the way out. */
bool bx_auth_refresh(struct bx_store *store, struct bx_http *http, struct bx_profile *profile,
	int64_t deadline, struct bx_err *err);

/* What bx_auth_refresh would ask for: {"method","url"}, secrets masked. The caller deletes. */
cJSON *bx_auth_preview(const struct bx_profile *profile, struct bx_err *err);

/* Exchanges a code of the portal's authorisation page for the first pair, and stores it. */
bool bx_auth_code(struct bx_store *store, struct bx_http *http, struct bx_profile *profile,
	const char *code, int64_t deadline, struct bx_err *err);

/* Proves an installation by one refresh of the refresh token it brought, with our own client_id
 * and client_secret; the answer must name member_id. Stores the pair. */
bool bx_auth_prove(struct bx_store *store, struct bx_http *http, struct bx_profile *profile,
	const char *refresh_token, const char *member_id, int64_t deadline, struct bx_err *err);

#endif
