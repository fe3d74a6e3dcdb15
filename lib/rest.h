/* One REST call: its limit, tokens, retries, address changes and errors. Layer 4.
 *
 * A request known not to have been executed is repeated. One that may have been is repeated only
 * when its row says so (or safe is set), else the outcome is BX_UNKNOWN. Methods without a row
 * are never repeated. */
#ifndef BX_REST_H
#define BX_REST_H

#include "auth.h"
#include "spec.h"

/* The envelope in the body of an answer, to be deleted by the caller; NULL: it is not JSON. Where more
 * than one answer came in the end, it is called for each. */
typedef cJSON *bx_rest_read_fn(void *arg, const struct bx_str *body);

struct bx_rest {
	struct bx_store *store; /* not owned */
	struct bx_http *http;
	struct bx_profile profile;
	int64_t timeout_ms; /* one call with all its retries; 65 s as set by init */
	int64_t until;	    /* bx_mono_ms when every call is given up, whatever its timeout; 0: never */
	bool bulk;	    /* leaves room in the limit for live calls */
	bool safe;	    /* every call may be repeated: the caller says so */
	bx_rest_read_fn *read; /* for who needs no tree of the whole answer; NULL: bx_json_parse */
	void *read_arg;
	struct bx_str spare; /* memory of an answer, for the next one */
	char *cleared;	    /* the address that credentials went to last, without a warning; or NULL */
	char *noted;	    /* the method and moment that bx_rest_note_time noted last; or NULL */
	const char *token;  /* goes instead of the profile's own, and is never refreshed; or NULL */
};

/* profile is copied. */
void bx_rest_init(struct bx_rest *rest, struct bx_store *store, const struct bx_profile *profile);
void bx_rest_release(struct bx_rest *rest);
#define auto_rest BX_CLEANUP(bx_rest_release)

/* Calls method (its wire name) with params (a map or NULL, not taken). The answer's envelope, to
 * be deleted by the caller, has "result"; NULL: err, whose exit is BX_REFUSED, BX_AGAIN,
 * BX_NOAUTH, BX_UNKNOWN or BX_LOCAL, with the portal's code, text and HTTP status. */
cJSON *bx_rest_call(struct bx_rest *rest, const char *method, const cJSON *params,
	struct bx_err *err);
/* The same by the row; only the result, detached. */
cJSON *bx_rest_op(struct bx_rest *rest, const struct bx_op *op, const cJSON *params,
	struct bx_err *err);

/* What bx_rest_call would send: {"method","url","body"}, secrets masked. The caller deletes. */
cJSON *bx_rest_preview(const struct bx_rest *rest, const char *method, const cJSON *params);

/* Calls a method that answers with the address for a file, and sends the file of path there,
 * streamed, under its name in params or, without one, its own (portal.md 11.4). The address must
 * be the portal's own. Both steps take a slot of the limit, and both are done again where that
 * helps: a second file replaces the first. The result, to be deleted by the caller; NULL: err. */
cJSON *bx_rest_upload(struct bx_rest *rest, const char *method, const cJSON *params, const char *path,
	struct bx_err *err);
/* The same, but the steps are made once: BX_UNKNOWN when the answer of the second was lost. */
cJSON *bx_rest_upload_once(struct bx_rest *rest, const char *method, const cJSON *params,
	const char *path, struct bx_err *err);

/* What an error of the portal means here. BX_OK for none. */
enum bx_exit bx_rest_exit(const char *code, int http);

/* What to do about an error of that code, in a few words; NULL: nothing is known. */
const char *bx_rest_hint(const char *code);

/* May this call be repeated although it may have been executed? */
bool bx_rest_repeatable(const struct bx_op *op, const cJSON *params);

/* When a call that begins now has to be done (bx_mono_ms). */
int64_t bx_rest_deadline(const struct bx_rest *rest);

/* The portal's clock of a method's operation time (portal.md 3.2), remembered from the "time" of a
 * success, which may be its text. The method may go on with a '?'. */
void bx_rest_note_time(struct bx_rest *rest, const char *method, const cJSON *time);
void bx_rest_note_time_text(struct bx_rest *rest, const char *method, const char *time);
/* After OPERATION_TIME_LIMIT: the milliseconds to wait until the method works again; 0: that is not
 * known, or not before deadline (bx_mono_ms). */
int64_t bx_rest_time_wait(struct bx_rest *rest, const char *method, int64_t deadline);

#endif
