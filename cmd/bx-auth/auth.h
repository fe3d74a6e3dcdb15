/* What the verbs of bx-auth share. */
#ifndef BX_AUTH_TOOL_H
#define BX_AUTH_TOOL_H

#include "portal.h"

bx_verb_fn auth_add, auth_set, auth_ls, auth_show, auth_use, auth_rm;
bx_verb_fn auth_refresh, auth_install, auth_verify, auth_code, auth_login, auth_check, auth_alive;

/* The profile as others may see it: secrets masked, or plain with reveal. The caller deletes. */
cJSON *auth_profile_json(const struct bx_profile *profile, bool in_use, bool reveal);

/* The profile an argument names, else the one -p and its defaults mean. profile was initialised. */
bool auth_named(struct bx_cli *cli, struct bx_store *store, struct bx_profile *profile,
	struct bx_err *err);

/* Sets the profile's addresses from what a person typed. */
bool auth_set_domain(struct bx_profile *profile, const char *text, struct bx_err *err);
bool auth_set_server(struct bx_profile *profile, const char *text, struct bx_err *err);
bool auth_set_limit(struct bx_profile *profile, const char *text, struct bx_err *err);
bool auth_set_webhook(struct bx_profile *profile, const char *url, struct bx_err *err);

/* One JSON object of standard input, which the argument `-` at index arg announces. The caller
 * deletes; NULL: err. */
cJSON *auth_input(struct bx_cli *cli, size_t arg, struct bx_err *err);

/* {"portal","member_id","domain"} for the caller to delete. */
cJSON *auth_result(const struct bx_profile *profile);

/* While no authorization server is pinned, a request's SERVER_ENDPOINT may choose among the known
 * ones; it never adds one. */
void auth_choose_server(struct bx_profile *profile, const char *endpoint);

/* At a terminal: what to type into the portal's form, and the client_id it then shows, where that
 * was not given. BX_USAGE without one. */
bool auth_form(struct bx_profile *profile, struct bx_err *err);
void auth_form_show(void);

/* Tells a person how the app is authorised and waits until the profile has its tokens: beside a
 * running bx-serve by themselves, and by the code typed at a prompt. False in *given: an empty line
 * was typed. */
bool auth_tokens(struct bx_cli *cli, struct bx_store *store, struct bx_profile *profile, bool *given,
	struct bx_err *err);

/* ---- login.c ---- */

#define AUTH_STATE_SIZE 33
/* Where the store keeps the state of a login under way: "STATE UNTIL", then answered, done or
 * refused. The caller frees. */
char *auth_login_key(const struct bx_profile *profile);
bool auth_login_begin(struct bx_store *store, const struct bx_profile *profile, char state[AUTH_STATE_SIZE],
	struct bx_err *err);
/* Tokens for a code, or for the address with it that the browser was sent to. */
bool auth_login_take(struct bx_cli *cli, struct bx_store *store, struct bx_profile *profile,
	const char *text, struct bx_err *err);

/* Refuses --dry-run to a verb that does nothing without asking. */
bool auth_for_real(struct bx_cli *cli, struct bx_err *err);

/* The monotonic moment at which -t (default 60 s) ends. */
bool auth_deadline(struct bx_cli *cli, int64_t *deadline, struct bx_err *err);

#endif
