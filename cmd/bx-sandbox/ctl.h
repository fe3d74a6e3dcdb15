/* The rest of the world, played on order: POST /sandbox/VERB with a JSON body. */
#ifndef BX_SANDBOX_CTL_H
#define BX_SANDBOX_CTL_H

#include "sandbox.h"
#include "spec.h"

struct bx_request;
struct bx_cli;

/* One row per verb: its options, its body and its help. verb is "ctl NAME", wire NAME. */
extern const struct bx_op sb_ctl_ops[]; /* ends with wire NULL */

/* What carries the verb out; the caller deletes the answer. NULL: err. */
typedef cJSON *sb_ctl_fn(struct sandbox *sb, const cJSON *params, struct bx_err *err);
struct sb_ctl {
	const char *name; /* the row's wire */
	sb_ctl_fn *run;
};
extern const struct sb_ctl sb_ctl_apps[], sb_ctl_world[], sb_ctl_faults[];

/* Answers POST /sandbox/NAME and the sinks. */
void sb_ctl_request(struct sandbox *sb, struct bx_request *req, const char *name);
/* A post to /sandbox/sink/NAME is kept for a test to look at. */
void sb_sink_request(struct sandbox *sb, struct bx_request *req, const char *name);
sb_ctl_fn sb_ctl_sink, sb_ctl_serve, sb_ctl_portals, sb_ctl_builtin;

/* The client: one verb of bx-sandbox ctl. */
bool sb_ctl_run(struct bx_cli *cli, struct bx_err *err);

#endif
