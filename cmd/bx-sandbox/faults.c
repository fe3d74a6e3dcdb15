#include "faults.h"

#include <string.h>
#include <strings.h>
#include "errors.h"
#include "httpd.h"
#include "rest.h"
#include "banned.h"

#define LATENCY "latency"
#define CUT	"cut"

const char *const sb_breaks[] = {CUT, "drop", "half", "garbage", "html", "empty", NULL};

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
	return !strcmp(code, CUT);
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
		     sb_error_by_code(order->code) || !strcmp(order->method, "oauth");
	if (!known)
		return bx_fail(err, BX_USAGE, "", "'%s' is no error of the portal and no broken transport",
			order->code);
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

/* One use of the oldest order of that kind for the call's method. The caller deletes. */
static cJSON *take(struct sb_call *call, wanted_fn *wanted)
{
	struct sb_table *t = &call->sb->tables[SB_FAULTS];
	for (struct sb_row *r = t->first; r && call->op; r = r->next) {
		const char *method = bx_json_str(r->data, "METHOD");
		bool ours = !strcmp(method, "*") || !strcasecmp(method, call->op->wire) ||
			    !strcmp(method, call->op->verb);
		if (ours && wanted(bx_json_str(r->data, "CODE")))
			return use(t, r->data);
	}
	return NULL;
}

bool sb_fault_oauth(struct sandbox *sb, struct bx_request *req)
{
	struct sb_row *r = sb->tables[SB_FAULTS].first;
	while (r && !bx_streq(bx_json_str(r->data, "METHOD"), "oauth"))
		r = r->next;
	if (!r)
		return false;
	auto_json cJSON *order = use(&sb->tables[SB_FAULTS], r->data), *tree = cJSON_CreateObject();
	int64_t status = 0;
	bx_json_int(order, "STATUS", &status);
	bx_json_set_str(tree, "error", bx_json_str(order, "CODE"));
	bx_json_set_str(tree, "error_description", bx_json_str(order, "TEXT"));
	if (is_break(bx_json_str(order, "CODE")))
		bx_reply_cut(req, NULL, 0);
	else
		sb_reply_json(req, status ? (int)status : 400, tree);
	return true;
}

bool sb_fault_refuses(struct sb_call *call)
{
	auto_json cJSON *order = take(call, is_error);
	int64_t status = 0;
	if (!order)
		return false;
	sb_refuse(call, bx_json_str(order, "CODE"), bx_json_str(order, "TEXT"));
	bx_json_int(order, "STATUS", &status);
	if (status)
		call->status = (int)status;
	return true;
}

bool sb_fault_cuts(struct sb_call *call)
{
	auto_json cJSON *order = take(call, is_cut);
	return order != NULL;
}

int64_t sb_fault_delay(struct sb_call *call)
{
	auto_json cJSON *order = take(call, is_latency);
	int64_t ms = 0;
	bx_json_int(order, "MS", &ms);
	if (!bx_json_bool(order, "COUNTED", false))
		return ms;
	call->extra_ms += ms;
	return 0;
}

static void answer_half(struct bx_request *req, const cJSON *tree)
{
	size_t len;
	auto_free char *text = sb_print(tree, &len);
	auto_str struct bx_str raw = BX_STR_INIT(65536 + len);
	bx_str_printf(&raw, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
			    "Content-Length: %zu\r\n\r\n", len);
	bx_str_add(&raw, text ? text : "", text ? len / 2 : 0);
	bx_reply_cut(req, raw.buf, raw.len);
}

bool sb_fault_breaks(struct sb_call *call, const cJSON *tree)
{
	static const char page[] = "<html><body><h1>502 Bad Gateway</h1></body></html>";
	static const char garbage[] = "\x16\x03\x01 this is no HTTP\r\n\r\n";
	auto_json cJSON *order = take(call, is_late_break);
	const char *code = bx_json_str(order, "CODE");
	int64_t status = 0;
	bx_json_int(order, "STATUS", &status);
	if (!order)
		return false;
	if (!strcmp(code, "half"))
		answer_half(call->req, tree);
	else if (!strcmp(code, "html"))
		bx_reply(call->req, status ? (int)status : 502, "text/html", page, sizeof page - 1);
	else if (!strcmp(code, "empty"))
		bx_reply(call->req, status ? (int)status : 200, "text/html", "", 0);
	else
		bx_reply_cut(call->req, garbage, strcmp(code, "garbage") ? 0 : sizeof garbage - 1);
	return true;
}
