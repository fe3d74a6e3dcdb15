/* Which methods there are, and the checks every one of them passes (portal.md 2.3). */
#include <ctype.h>
#include <string.h>
#include "access.h"
#include "call.h"
#include "entrance.h"
#include "faults.h"
#include "limits.h"
#include "banned.h"

static const struct sb_method *const tables[] = {sb_common_methods, sb_user_methods,
	sb_batch_methods, sb_placement_methods, sb_event_methods, sb_queue_methods, sb_call_methods, sb_line_methods,
	sb_history_methods, sb_record_methods, NULL};

const struct sb_method *sb_method_by_wire(const char *wire, const struct bx_op **op)
{
	*op = bx_op_by_wire(BX_METHOD, wire);
	for (const struct sb_method *const *t = tables; *op && *t; t++) {
		for (const struct sb_method *m = *t; m->verb; m++) {
			if (!strcmp(m->verb, (*op)->verb))
				return m;
		}
	}
	*op = NULL;
	return NULL;
}

void sb_call_fold(struct sb_call *call)
{
	if (!(call->op->flags & BX_ANYCASE))
		return;
	cJSON *folded = cJSON_CreateObject();
	while (call->params->child) {
		cJSON *e = cJSON_DetachItemViaPointer(call->params, call->params->child);
		auto_free char *key = bx_xstrdup(e->string);
		for (char *p = key; *p; p++)
			*p = (char)toupper((unsigned char)*p);
		bx_json_set(folded, key, e);
	}
	cJSON_Delete(call->params);
	call->params = folded;
}

bool sb_in_scope(const struct sb_call *call, const struct bx_op *op)
{
	if (!op->scope || !*op->scope || sb_has_scope(call, op->scope))
		return true;
	return !strcmp(op->scope, "user") &&
	       (sb_has_scope(call, "user_basic") || sb_has_scope(call, "user_brief"));
}

static bool within_operating(struct sb_call *call)
{
	int64_t limit = call->sb->opts.operating_ms;
	if (!limit || !strcmp(call->op->verb, "batch"))
		return true;
	return sb_operating(call->sb, sb_account(call), call->op->wire, 0).ms <= limit ||
	       sb_refuse(call, "OPERATION_TIME_LIMIT", NULL);
}

bool sb_call_run(struct sb_call *call)
{
	if (call->item && call->op->flags & BX_NO_BATCH)
		return sb_refuse(call, "ERROR_BATCH_METHOD_NOT_ALLOWED", NULL);
	if (!sb_in_scope(call, call->op))
		return sb_refuse(call, "insufficient_scope", call->item ? "" : NULL);
	if (call->app && !sb_app_allows(call->app, call->user_id))
		return sb_refuse(call, "user_access_error", NULL);
	if (!within_operating(call) || sb_fault_refuses(call))
		return false;
	return call->method->run(call);
}
