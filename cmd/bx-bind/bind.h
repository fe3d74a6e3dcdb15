/* What the verbs of bx-bind share. */
#ifndef BX_BIND_H
#define BX_BIND_H

#include "portal.h"

bx_verb_fn bind_ls, bind_available, bind_add, bind_rm, bind_worker, bind_probe, bind_apply, bind_diff;
bx_verb_fn bind_event_ls, bind_event_add, bind_event_rm, bind_event_pull;

const struct bx_op *bind_op(const char *verb); /* the row of a method */

/* Opens the portal; BX_NOAUTH with the way out when it is a webhook's, which cannot have any. */
bool bind_open(struct bx_cli *cli, struct bx_portal *portal, struct bx_err *err);
bool bind_is_app(const struct bx_profile *profile, struct bx_err *err);

/* The result of a list method without parameters. The caller deletes; NULL: err. */
cJSON *bind_list(struct bx_rest *rest, const char *verb, struct bx_err *err);
/* Prints such a list, or with -n the request, row by row, secrets masked. */
bool bind_print_list(struct bx_cli *cli, const char *verb, const cJSON *params, bool app, struct bx_err *err);

/* Prints {"portal", …keys of row, "action"}, the profile's secrets masked. */
bool bind_say(struct bx_cli *cli, const struct bx_profile *profile, const cJSON *row, const char *action,
	struct bx_err *err);

/* --title, --description and --group, each TEXT or LANGUAGE=TEXT and as often as there are
 * languages, as the parameters of a registration: plain texts, or LANG_ALL. */
bool bind_texts(const struct bx_cli *cli, cJSON *params, struct bx_err *err);

/* The numbers --user gives, the general registration's 0 last, as it is when none is given: older
 * portals count it against those of the employees. The caller deletes; NULL: BX_USAGE. */
cJSON *bind_users(const struct bx_cli *cli, struct bx_err *err);

/* The address of an employee's own registration: the portal takes one address once, so user=ID
 * joins its query, unless it is there. The caller frees. */
char *bind_own_address(const char *url, int64_t user);

/* After a change: says so when the portal does not use registrations yet, for want of an
 * installation that is finished. */
void bind_check_installed(struct bx_rest *rest);

#endif
