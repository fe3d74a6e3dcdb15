/* What the sandbox received and sent, the newest few hundred; secrets masked on request. */
#ifndef BX_SANDBOX_TRACE_H
#define BX_SANDBOX_TRACE_H

#include "sandbox.h"

struct bx_request;

/* Records a request as received; the number of its entry. kind: "rest", "oauth", "other". */
int64_t sb_trace_request(struct sandbox *sb, const struct bx_request *req, const char *kind);
void sb_trace_answer(struct sandbox *sb, int64_t seq, int status, const cJSON *answer);
/* Records a delivery to a handler. */
int64_t sb_trace_sent(struct sandbox *sb, const char *url, const char *body);
/* The list of entries after seq; with mask every secret in it is made unreadable. */
cJSON *sb_trace_list(const struct sandbox *sb, int64_t after, bool mask);

#endif
