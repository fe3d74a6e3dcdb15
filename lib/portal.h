/* Which portal (-p) and which call (-c) a command line means. Layer 5. */
#ifndef BX_PORTAL_H
#define BX_PORTAL_H

#include "portal_call.h"
#include "rest.h"

/* A call as the command line named it. */
struct bx_call_ref {
	char *call_id;
	struct bx_known_call known; /* of our own store; call_id "" there: not known here */
};
void bx_call_ref_init(struct bx_call_ref *ref);
void bx_call_ref_release(struct bx_call_ref *ref);
#define auto_call_ref BX_CLEANUP(bx_call_ref_release)

/* Resolves -c (see portal_call.h) and looks the call up. ref was initialised. */
bool bx_call_resolve(struct bx_cli *cli, struct bx_store *store, struct bx_call_ref *ref,
	struct bx_err *err);

/* The name of the profile: -p, else the one the call is known under, else BX_PORTAL, else the one
 * in use (bx-auth use), else the only one there is. ref may be NULL. The caller frees. */
char *bx_portal_name(struct bx_cli *cli, struct bx_store *store, const struct bx_call_ref *ref,
	struct bx_err *err);
/* The same, loaded. profile was initialised. */
bool bx_portal_profile(struct bx_cli *cli, struct bx_store *store, const struct bx_call_ref *ref,
	struct bx_profile *profile, struct bx_err *err);

/* All a verb needs to call the portal: released with bx_portal_close, or bx_portal_leave where the process
 * ends with the verb, also after a failure. */
struct bx_portal {
	struct bx_store *store;
	struct bx_rest rest;
	struct bx_call_ref ref;
};
#define auto_portal BX_CLEANUP(bx_portal_leave)
/* Opens the store, resolves -c (when with_call) and -p, and takes -t. */
bool bx_portal_open(struct bx_cli *cli, struct bx_portal *portal, bool with_call, struct bx_err *err);
/* The same for a call already resolved ("": none) of the profile name, unless -p or the call itself
 * says otherwise; name may be NULL. */
bool bx_portal_open_call(struct bx_cli *cli, struct bx_portal *portal, const char *call_id,
	const char *name, struct bx_err *err);
void bx_portal_close(struct bx_portal *portal);
void bx_portal_leave(struct bx_portal *portal);

/* One call of op with params (not taken): its result, to be deleted by the caller. With -n the
 * request is printed instead, and NULL comes with err->exit BX_OK. */
cJSON *bx_portal_op(struct bx_cli *cli, struct bx_portal *portal, const struct bx_op *op,
	const cJSON *params, struct bx_err *err);
/* For verbs: a NULL that was a dry run is success. */
bool bx_portal_was_dry(const struct bx_cli *cli, const struct bx_err *err);

/* Tells a running bx-serve; silence when there is none. Takes fields (NULL allowed). */
void bx_portal_poke(const char *cmd, cJSON *fields);

#endif
