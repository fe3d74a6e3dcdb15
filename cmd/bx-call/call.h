/* What the verbs of bx-call share. */
#ifndef BX_CALL_TOOL_H
#define BX_CALL_TOOL_H

#include "portal.h"
#include "store_outbox.h"

bx_verb_fn call_register, call_show, call_hide, call_ring, call_answered, call_finish, call_record,
	call_transcript, call_search, call_line_ls, call_line_add, call_line_set, call_line_rm,
	call_check, call_history, call_ls, call_flush, call_outbox_ls, call_outbox_show, call_outbox_retry,
	call_outbox_drop;
extern const struct bx_opt call_register_opts[], call_answered_opts[], call_record_opts[], call_transcript_opts[], call_check_opts[], call_history_opts[], call_ls_opts[], call_spool_opts[],
	call_flush_opts[], call_outbox_ls_opts[];

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
/* The parameters of the verb, its arguments from index `from` on, with CALL_ID put first; not
 * checked yet. NULL: err. */
cJSON *call_params(struct bx_cli *cli, const struct bx_op *op, const struct bx_call_ref *ref,
	size_t from, struct bx_err *err);

/* Is the call of this register one that the portal has registered itself at the operator's click?
 * Then call is it (in a dry run, which takes nothing, only true), by the id of params from now on.
 * False: no, or err. */
bool call_clicked(struct bx_cli *cli, struct bx_portal *portal, const cJSON *params,
	struct bx_known_call *call, struct bx_err *err);

/* One employee by a column of the portal's list; NULL with err->exit BX_OK: there is none. The caller
 * deletes. */
cJSON *call_employee(struct bx_rest *rest, const char *column, const char *value, struct bx_err *err);
#define CALL_INNER_NUMBER "UF_PHONE_INNER"
/* Whose internal number that is; 0: nobody's; -1: the portal does not say, and a note tells why it
 * matters. */
int64_t call_user_of_ext(struct bx_cli *cli, struct bx_portal *portal, const char *ext);

/* Those of the register on the command line, with an id; not checked yet. NULL: err. */
cJSON *call_register_params(struct bx_cli *cli, struct bx_err *err);
/* Registers the call, or finds the portal's own of a click; call was initialised. The line to print,
 * which the caller deletes. NULL: err, or with BX_OK a dry run or, when spooling, nothing yet. */
cJSON *call_begin(struct bx_cli *cli, struct bx_portal *portal, const cJSON *params,
	struct bx_known_call *call, struct bx_err *err);
/* After the portal's answer: the call is remembered and told to bx-serve. call was initialised. The
 * line to print, which the caller deletes; NULL: err. */
cJSON *call_registered(struct bx_cli *cli, const struct bx_portal *portal, const cJSON *params,
	const cJSON *result, struct bx_known_call *call, struct bx_err *err);

/* Shows or hides (by the verb's name) the card of call at users (a number or a list; NULL: its
 * own), and remembers it. A false answer is BX_ABSENT. */
bool call_card(struct bx_cli *cli, struct bx_portal *portal, const char *verb,
	struct bx_known_call *call, const cJSON *users, struct bx_err *err);

bool call_is_url(const char *text);
/* The line of an attachment: CALL_ID and the portal's answer. The caller deletes. */
cJSON *call_attached(const cJSON *params, const cJSON *result);

/* The user of the call, unless params name one. */
bool call_finish_defaults(const struct bx_known_call *known, cJSON *params, struct bx_err *err);
/* The portal hides the card of the finishing user alone, and none after. */
void call_hide_others(struct bx_cli *cli, struct bx_portal *portal, const cJSON *params);
/* The statistics row of portal->ref's call; NULL with err->exit BX_OK when there is none. */
cJSON *call_statistics(struct bx_portal *portal, struct bx_err *err);
/* Stores the state of portal->ref's call, if it is known here. */
void call_mark(struct bx_cli *cli, struct bx_portal *portal, const char *state);

#define CALL_OPT_SPOOL                                                                             \
	{                                                                                          \
		"spool", 0, NULL, BX_OPT_NO, NULL,                                                 \
			"what the portal does not take within the timeout (5 s) goes to the outbox, "  \
			"status 7 (default with BX_SPOOL=1)"                                       \
	}
bool call_spooling(const struct bx_cli *cli); /* never in a dry run */
/* bx_portal_open with the call; one whose register waits in the outbox is a call too, when
 * spooling. */
bool call_open(struct bx_cli *cli, struct bx_portal *portal, struct bx_err *err);
/* An item as ls, flush and the others print it; the caller deletes. */
cJSON *call_outbox_line(const struct bx_outbox_item *item);
/* Queues the request (params without, or whatever, CALL_ID; path: the file of a record, or NULL),
 * tries to deliver its call within the timeout, and prints what became of it: the result, or
 * "queued" with BX_QUEUED. What the portal refuses for good is an error, and not kept. */
bool call_spool(struct bx_cli *cli, struct bx_portal *portal, const char *verb, const cJSON *params,
	const char *path, struct bx_err *err);

#endif
