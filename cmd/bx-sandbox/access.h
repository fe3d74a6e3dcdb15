/* Who may call: applications, tokens, webhooks (portal.md 2.3, 6). */
#ifndef BX_SANDBOX_ACCESS_H
#define BX_SANDBOX_ACCESS_H

#include "sandbox.h"

#define SB_ACCESS_SECONDS  3600
#define SB_REFRESH_SECONDS (180 * 86400)
#define SB_CODE_SECONDS	   30
#define SB_EVENT_DEPTH	   7 /* 10.5 */

/* A token pair for the app as that user; rows of SB_TOKENS. Valid until other tokens are issued. */
struct sb_pair {
	const char *access, *refresh; /* refresh: NULL when none was wanted */
	int64_t expires; /* Unix seconds */
};
struct sb_pair sb_issue(struct sandbox *sb, const cJSON *app, int64_t user, bool refresh, int depth);

/* The row of a live refresh token of that app, or NULL. */
cJSON *sb_refresh_row(struct sandbox *sb, const char *token, const cJSON *app);
void sb_expire_tokens(struct sandbox *sb, const char *token); /* NULL: every access token */

cJSON *sb_app_by_client(struct sandbox *sb, const char *client_id);
bool sb_app_allows(const cJSON *app, int64_t user); /* the user's access to the app */
bool sb_app_runs(const cJSON *app); /* installed, so that placements and events work */
cJSON *sb_user(struct sandbox *sb, int64_t id); /* NULL: no such active employee */
bool sb_is_admin(const cJSON *user);
int64_t sb_first_admin(struct sandbox *sb); /* 0: there is none */
char *sb_scope_text(const cJSON *app); /* comma-separated; the caller frees */
char *sb_endpoint(const struct sandbox *sb); /* "…/rest/" of the portal; the caller frees */
char *sb_auth_endpoint(const struct sandbox *sb); /* and of the authorization server */

#endif
