/* history: the portal's statistics; ls: what this machine knows. */
#include "call.h"

#include "batch.h"
#include "clock.h"
#include "summary.h"
#include "banned.h"

const struct bx_opt call_history_opts[] = {
	{"from", 0, "TIME", 0, NULL, "calls that began then or later"},
	{"to", 0, "TIME", 0, NULL, "calls that began before"},
	{"user", 0, "ID", 0, "user", "calls of that employee"},
	{"phone", 0, "NUMBER", 0, NULL, "calls with that number of a client"},
	{"line", 0, "NUMBER", 0, NULL, "calls of that line"},
	{"type", 0, "KIND", 0, "calltype", "calls of that kind, as for register: out, in, redirect, callback, info"},
	{"status", 0, "STATUS", 0, "callstatus", "calls that ended so, as for finish: ok, missed, busy or a code"},
	{"limit", 0, "N", 0, NULL, "at most N calls"},
	{"summary", 0, NULL, 0, NULL, "count them by day and employee; on a terminal with bars"},
	{0},
};

/* Options that narrow a column, and where their words are known. */
static const struct {
	const char *option, *column, *verb, *key;
} narrow[] = {
	{"user", "PORTAL_USER_ID", "register", "USER_ID"},
	{"phone", "PHONE_NUMBER", "register", "PHONE_NUMBER"},
	{"line", "PORTAL_NUMBER", "register", "LINE_NUMBER"},
	{"type", "CALL_TYPE", "register", "TYPE"},
	{"status", "CALL_FAILED_CODE", "finish", "STATUS_CODE"},
};

const struct bx_opt call_ls_opts[] = {
	{"open", 0, NULL, 0, NULL, "only those that are not finished"},
	{0},
};

static bool put_time(struct bx_cli *cli, const char *option, const char *key, cJSON *filter,
	struct bx_err *err)
{
	const char *text = bx_opt(cli, option);
	int64_t ms;
	char iso[BX_ISO_SIZE];
	if (!text)
		return true;
	if (!bx_time_parse(text, &ms, err))
		return false;
	bx_time_iso_local(iso, ms);
	bx_json_set_str(filter, key, iso);
	return true;
}

/* A number is kept without what only makes it readable (portal.md 11.1). */
static void make_plain(char *number)
{
	char *to = number;
	for (const char *from = number; *from; from++) {
		if (strchr("0123456789#*+,;", *from))
			*to++ = *from;
	}
	*to = 0;
}

static bool put_columns(struct bx_cli *cli, cJSON *filter, struct bx_err *err)
{
	for (size_t i = 0; i < BX_COUNT(narrow); i++) {
		const char *text = bx_opt(cli, narrow[i].option);
		const struct bx_field *field = bx_field_by_key(call_op(narrow[i].verb)->fields, narrow[i].key, false);
		cJSON *value = text ? bx_field_value(field, text, err) : NULL;
		if (text && !value)
			return false;
		if (value && !strcmp(narrow[i].option, "phone"))
			make_plain(value->valuestring);
		if (value)
			bx_json_set(filter, narrow[i].column, value);
	}
	return true;
}

static bool put_filter(struct bx_cli *cli, const char *call_id, cJSON *params, struct bx_err *err)
{
	cJSON *filter = bx_json_get(params, "FILTER");
	if (!filter)
		cJSON_AddItemToObject(params, "FILTER", filter = cJSON_CreateObject());
	if (*call_id)
		bx_json_set_str(filter, "CALL_ID", call_id);
	if (!put_columns(cli, filter, err) || !put_time(cli, "from", ">=CALL_START_DATE", filter, err) ||
		!put_time(cli, "to", "<CALL_START_DATE", filter, err))
		return false;
	if (!filter->child)
		bx_json_set(params, "FILTER", NULL);
	return true;
}

static bool print_row(void *arg, const cJSON *row, struct bx_err *err)
{
	return bx_cli_out(arg, row, err);
}

bool call_history(struct bx_cli *cli, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	const struct bx_op *op = call_op("history");
	auto_json cJSON *params = bx_cli_collect(cli, op, 0, err);
	int64_t limit = 0;
	bx_cli_columns(cli, "CALL_START_DATE PHONE_NUMBER PORTAL_USER_ID CALL_TYPE CALL_DURATION"
			    " CALL_FAILED_CODE CALL_ID");
	if (!params || !bx_opt_int(cli, "limit", 1, INT64_MAX, &limit, err) ||
		!bx_portal_open(cli, &portal, bx_opt(cli, "call") != NULL, err) ||
		!put_filter(cli, portal.ref.call_id, params, err) || !bx_cli_check(op, params, err))
		return false;
	if (bx_cli_dry(cli)) {
		auto_json cJSON *preview = bx_rest_preview(&portal.rest, op->wire, params);
		return bx_cli_out(cli, preview, err);
	}
	if (!bx_opt(cli, "summary") && bx_cli_is_lines(cli))
		portal.rest.read = bx_list_flat;
	if (!bx_opt(cli, "summary"))
		return bx_list(&portal.rest, op->wire, params, limit, print_row, cli, err);
	BX_CLEANUP(summary_release) struct summary summary = {0};
	return bx_list(&portal.rest, op->wire, params, limit, summary_add, &summary, err) &&
		summary_print(cli, &summary, err);
}

struct listing {
	struct bx_cli *cli;
	struct bx_err *err;
	bool open, ok;
};

static bool print_known(void *arg, const struct bx_known_call *call)
{
	struct listing *l = arg;
	char iso[BX_ISO_SIZE];
	if (l->open && !strcmp(call->state, CALL_FINISHED))
		return true;
	auto_json cJSON *o = cJSON_CreateObject();
	bx_time_iso_local(iso, call->start_ms);
	bx_json_set_str(o, "CALL_ID", call->call_id);
	bx_json_set_str(o, "EXTERNAL_CALL_ID", call->external_id);
	bx_json_set_str(o, "portal", call->portal);
	if (call->user)
		bx_json_set_int(o, "user", call->user);
	if (*call->ext)
		bx_json_set_str(o, "ext", call->ext);
	bx_json_set_str(o, "phone", call->phone);
	bx_json_set_str(o, "type", call->type);
	bx_json_set_str(o, "start", iso);
	bx_json_set_str(o, "state", call->state);
	if (*call->shown)
		bx_json_set_str(o, "shown", call->shown);
	l->ok = bx_cli_out(l->cli, o, l->err);
	return l->ok;
}

bool call_ls(struct bx_cli *cli, struct bx_err *err)
{
	struct listing l = {cli, err, bx_opt(cli, "open"), true};
	auto_store struct bx_store *store = NULL;
	bx_cli_columns(cli, "start phone user ext state EXTERNAL_CALL_ID CALL_ID");
	return bx_cli_want_args(cli, 0, 0, err) && (store = bx_portals_open(err)) &&
		bx_known_calls(store, bx_opt(cli, "portal"), print_known, &l, err) && l.ok;
}
