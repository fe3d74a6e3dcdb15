/* What the verbs of bx-call share. */
#ifndef BX_CALL_TOOL_H
#define BX_CALL_TOOL_H

#include "portal.h"

bx_verb_fn call_register, call_show, call_hide, call_finish, call_history, call_ls;
extern const struct bx_opt call_register_opts[], call_history_opts[], call_ls_opts[];

/* States of a known call. */
#define CALL_REGISTERED "registered"
#define CALL_FINISHING	"finishing" /* the answer to a finish was lost */
#define CALL_FINISHED	"finished"

/* Adds the users of a parameter (a number or a list) to "12,15", or takes them out. */
void call_shown_add(struct bx_known_call *call, const cJSON *users);
void call_shown_remove(struct bx_known_call *call, const cJSON *users);
/* Those it was shown to but user, as a list; NULL when there are none. The caller deletes. */
cJSON *call_shown_others(const struct bx_known_call *call, int64_t user);

/* Stores it; a failure is a note, for the portal has done its part. */
void call_remember(struct bx_cli *cli, struct bx_store *store, const struct bx_known_call *call);

/* The verb's row, by the verb's own name. */
const struct bx_op *call_op(const char *verb);
/* The parameters of the verb with CALL_ID put first; not checked yet. NULL: err. */
cJSON *call_params(struct bx_cli *cli, const struct bx_op *op, const struct bx_call_ref *ref,
	struct bx_err *err);

#endif
