/* One REST call of the sandbox: where it came from, as whom it runs, what it answers. */
#ifndef BX_SANDBOX_CALL_H
#define BX_SANDBOX_CALL_H

#include "sandbox.h"
#include "spec.h"

struct bx_request;
struct sb_call;

/* True: sb_ok was called. False: one of the refusals was. */
typedef bool sb_method_fn(struct sb_call *call);

struct sb_method {
	const char *verb; /* of the row in the vocabulary */
	sb_method_fn *run;
};

/* An uploaded file of a multipart body. */
struct sb_file {
	char *field, *name;
	const char *data; /* lies in the request's body */
	size_t len;
};

struct sb_call {
	struct sandbox *sb;
	struct bx_request *req; /* answered once at the end; NULL in a batch item */
	const struct bx_op *op;
	const struct sb_method *method;
	char *name; /* as typed, without the format */
	bool xml, item; /* item: of a batch */
	bool raw_answer; /* no time in the envelope (2.4) */

	cJSON *params; /* merged; what belongs to the transport is taken out */
	char *token, *state, *connector;
	char *webhook_user, *webhook_code; /* of the address; NULL: a token is wanted */
	int64_t start; /* of lists */
	bool has_start;
	struct sb_file file;

	cJSON *access; /* row of the token or the webhook */
	cJSON *app;    /* NULL for a webhook */
	cJSON *user;
	int64_t user_id, app_id;
	bool admin;
	const cJSON *scopes;

	cJSON *result, *error;
	int status;
	int64_t total, next; /* -1: absent */
	int64_t begun_us;
	int64_t extra_ms; /* time the call is made to take, beside its own */

	bool pending; /* the method answers later, by sb_resume */
	int64_t trace; /* its entry there */
	struct bx_timer *timer; /* while the answer is late */
	struct sb_call *earlier, *later; /* of the calls under way */
};

extern const struct sb_method sb_common_methods[], sb_user_methods[], sb_batch_methods[],
	sb_placement_methods[], sb_event_methods[], sb_queue_methods[], sb_call_methods[], sb_line_methods[],
	sb_history_methods[], sb_record_methods[];

/* The method of that wire name in any case, NULL when there is none. */
const struct sb_method *sb_method_by_wire(const char *wire, const struct bx_op **op);

/* Runs one call whose access is known: everything of the order of checks from the scope on. */
bool sb_call_run(struct sb_call *call);
/* Finds token or webhook, application and user (2.3). */
bool sb_call_authorize(struct sb_call *call);
int sb_call_depth(const struct sb_call *call); /* of the event whose token this is (10.5); 0: none */
bool sb_has_scope(const struct sb_call *call, const char *scope);
/* Whether the caller's scopes open that row; any width of the user scope opens the same methods
 * (10.7). */
bool sb_in_scope(const struct sb_call *call, const struct bx_op *op);
/* Upper-cases the parameter names of methods that take any case. */
void sb_call_fold(struct sb_call *call);
/* Takes what belongs to the transport (token, state, start …) out of the parameters. */
void sb_call_take(struct sb_call *call);
int64_t sb_mono_us(void);
int64_t sb_call_us(const struct sb_call *call); /* since it began */
/* The pending call has its result or error now. */
void sb_resume(struct sb_call *call);
void sb_call_release(struct sb_call *call);

bool sb_ok(struct sb_call *call, cJSON *result); /* takes result */
/* status and text of the table of errors, unless text is given. */
bool sb_refuse(struct sb_call *call, const char *code, const char *text);
bool sb_core(struct sb_call *call, const char *fmt, ...) BX_PRINTF(2, 3);
bool sb_argument(struct sb_call *call, const char *argument, const char *fmt, ...) BX_PRINTF(3, 4);
bool sb_deny(struct sb_call *call, const char *reason); /* NULL: none */

bool sb_want_app(struct sb_call *call);
bool sb_want_admin(struct sb_call *call);

/* NULL when missing or null. */
const cJSON *sb_param(const struct sb_call *call, const char *key);
const char *sb_param_str(const struct sb_call *call, const char *key);
int64_t sb_param_int(const struct sb_call *call, const char *key); /* as PHP casts; 0 */
/* As text, trimmed of nothing; "" when missing; the caller frees. */
char *sb_param_text(const struct sb_call *call, const char *key);

/* PHP's casts. */
int64_t sb_php_int(const cJSON *item);
double sb_php_num(const cJSON *item);
char *sb_php_text(const cJSON *item);

#endif
