#include "faults.h"

#include <string.h>
#include <strings.h>
#include "entrance.h"
#include "errors.h"
#include "httpd.h"
#include "banned.h"

#define LATENCY "latency"
#define OAUTH	"oauth"


static bool is_break(const char *code)
{
	for (const char *const *b = sb_breaks; *b; b++) {
		if (!strcmp(*b, code))
			return true;
	}
	return false;
}

typedef bool wanted_fn(const char *code);

static bool is_latency(const char *code)
{
	return !strcmp(code, LATENCY);
}

static bool is_cut(const char *code)
{
	return !strcmp(code, sb_breaks[0]);
}

static bool is_late_break(const char *code)
{
	return is_break(code) && !is_cut(code);
}

static bool is_error(const char *code)
{
	return !is_latency(code) && !is_break(code);
}

bool sb_fault_order(struct sandbox *sb, const struct sb_order *order, struct bx_err *err)
{
	bool known = is_break(order->code) || is_latency(order->code) || order->status ||
		     sb_error_find(order->code, NULL) || !strcmp(order->method, OAUTH);
	if (!known)
		return bx_fail(err, BX_USAGE, "", "'%s' is no error of the portal and no broken transport",
			order->code);
	if (is_latency(order->code) && !strcmp(order->method, OAUTH))
		return bx_fail(err, BX_USAGE, "", "the token endpoint is never late");
	cJSON *row = cJSON_CreateObject();
	bx_json_set_str(row, "METHOD", order->method);
	bx_json_set_str(row, "CODE", order->code);
	if (order->text)
		bx_json_set_str(row, "TEXT", order->text);
	bx_json_set_int(row, "LEFT", order->count ? order->count : -1);
	bx_json_set_int(row, "MS", order->ms);
	bx_json_set_int(row, "STATUS", order->status);
	bx_json_set_bool(row, "COUNTED", order->only_counted);
	sb_add(&sb->tables[SB_FAULTS], row);
	return true;
}

/* One use of an order; the caller deletes the copy. */
static cJSON *use(struct sb_table *t, cJSON *order)
{
	cJSON *copy = cJSON_Duplicate(order, true);
	int64_t left = -1;
	bx_json_int(order, "LEFT", &left);
	bx_json_set_int(order, "LEFT", left - (left > 0));
	if (left == 1)
		sb_remove(t, order);
	return copy;
}

static bool is_for(const cJSON *order, const struct bx_op *op)
{
	const char *method = bx_json_str(order, "METHOD");
	if (!op)
		return !strcmp(method, OAUTH);
	return !strcmp(method, "*") || !strcasecmp(method, op->wire) || !strcmp(method, op->verb);
}

/* One use of the oldest order of that kind for the method, NULL: the token endpoint. The caller
 * deletes. */
static cJSON *take(struct sandbox *sb, const struct bx_op *op, wanted_fn *wanted)
{
	struct sb_table *t = &sb->tables[SB_FAULTS];
	for (struct sb_row *r = t->first; r; r = r->next) {
		if (is_for(r->data, op) && wanted(bx_json_str(r->data, "CODE")))
			return use(t, r->data);
	}
	return NULL;
}

/* The argument an error names: the first of the method. */
static const char *some_argument(const struct sb_call *call)
{
	return call->op->fields->key ? call->op->fields->key : "";
}

bool sb_fault_refuses(struct sb_call *call)
{
	auto_json cJSON *order = take(call->sb, call->op, is_error);
	const char *code = bx_json_str(order, "CODE");
	int64_t status = 0;
	if (!order)
		return false;
	sb_refuse(call, code, bx_json_str(order, "TEXT"));
	if (!strcmp(code, "ERROR_ARGUMENT"))
		bx_json_set_str(call->error, "argument", some_argument(call));
	bx_json_int(order, "STATUS", &status);
	if (status)
		call->status = (int)status;
	return true;
}

bool sb_fault_cuts(struct sb_call *call)
{
	auto_json cJSON *order = call->op ? take(call->sb, call->op, is_cut) : NULL;
	return order != NULL;
}

int64_t sb_fault_delay(struct sb_call *call)
{
	auto_json cJSON *order = call->op ? take(call->sb, call->op, is_latency) : NULL;
	int64_t ms = 0, always = call->sb->opts.latency_ms;
	bx_json_int(order, "MS", &ms);
	if (!bx_json_bool(order, "COUNTED", false))
		return always + ms;
	call->extra_ms += ms;
	return always;
}

bool sb_fault_breaks(struct sb_call *call, const cJSON *tree)
{
	auto_json cJSON *order = call->op ? take(call->sb, call->op, is_late_break) : NULL;
	if (order)
		sb_break(call->req, order, call->status, tree);
	return order != NULL;
}

bool sb_fault_oauth(struct sandbox *sb, struct bx_request *req)
{
	auto_json cJSON *cut = take(sb, NULL, is_cut);
	auto_json cJSON *order = cut ? NULL : take(sb, NULL, is_error);
	auto_json cJSON *tree = cJSON_CreateObject();
	int64_t status = 400;
	if (cut)
		bx_reply_cut(req, NULL, 0);
	if (!order)
		return cut != NULL;
	bx_json_int(order, "STATUS", &status);
	bx_json_set_str(tree, "error", bx_json_str(order, "CODE"));
	bx_json_set_str(tree, "error_description", bx_json_str(order, "TEXT"));
	sb_reply_json(req, status ? (int)status : 400, tree);
	return true;
}

bool sb_fault_breaks_oauth(struct sandbox *sb, struct bx_request *req, int status, const cJSON *tree)
{
	auto_json cJSON *order = take(sb, NULL, is_late_break);
	if (order)
		sb_break(req, order, status, tree);
	return order != NULL;
}
