/* What the verbs of bx-bind share. */
#ifndef BX_BIND_H
#define BX_BIND_H

#include "portal.h"

bx_verb_fn bind_ls, bind_add, bind_rm, bind_worker;

/* The registrations of placements, as the portal lists them; the caller deletes. NULL: err. */
cJSON *bind_get(struct bx_portal *portal, struct bx_err *err);

/* Keys of one registration in that list. */
struct bind_entry {
	const char *placement, *handler, *error_url; /* "" when missing */
	int64_t user;
};
struct bind_entry bind_entry(const cJSON *row);

/* Removes one registration, named by HANDLER and USER_ID, for without them the portal takes more. */
bool bind_unbind(struct bx_portal *portal, const struct bind_entry *entry, struct bx_err *err);

/* Prints {"portal","placement","handler","userId","action"}, secrets masked. */
bool bind_print(struct bx_cli *cli, const struct bx_portal *portal, const struct bind_entry *entry,
	const char *action, struct bx_err *err);
/* A copy without the secret of the error handler's address. The caller deletes. */
cJSON *bind_masked(const cJSON *row);

#endif
