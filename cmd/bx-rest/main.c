/* bx-rest: any REST method, once, as a list, or thousands in batches. */
#include "rest.h"

#include "batch.h"
#include "banned.h"

#define SAFE_OPT                                                                                   \
	{                                                                                          \
		"safe", 0, NULL, 0, NULL, "the call may be repeated although it may have been done"    \
	}
#define BULK_OPT                                                                                   \
	{                                                                                          \
		"bulk", 0, NULL, BX_OPT_NO, NULL, "leave room in the request limit for live calls"     \
	}

static const struct bx_opt call_opts[] = {
	{"envelope", 0, NULL, 0, NULL, "print the whole answer, with total, next and time"},
	{"upload", 0, "FILE", 0, "file",
		"send the file to the address that the answer gives, and print what came of that"},
	SAFE_OPT,
	BULK_OPT,
	{0},
};
static const struct bx_opt list_opts[] = {
	{"limit", 0, "N", 0, NULL, "at most N rows"},
	SAFE_OPT,
	BULK_OPT,
	{0},
};
static const struct bx_opt shell_opts[] = {
	SAFE_OPT,
	BULK_OPT,
	{0},
};
static const struct bx_opt batch_opts[] = {
	{"halt", 0, NULL, 0, NULL, "stop at the first failure and say what did not run"},
	{"jobs", 'j', "N", 0, NULL, "that many requests at once, within the portal's limit (default 1)"},
	SAFE_OPT,
	BULK_OPT,
	{0},
};

bool rest_open(struct bx_cli *cli, struct bx_portal *portal, bool bulk, struct bx_err *err)
{
	if (!bx_portal_open(cli, portal, false, err))
		return false;
	portal->rest.safe = bx_opt(cli, "safe");
	portal->rest.bulk = bx_opt_on(cli, "bulk", bulk);
	return true;
}

bool rest_method_ok(const char *method, struct bx_err *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	return (*method && strspn(method, letters) == strlen(method)) ||
		bx_fail(err, BX_USAGE, "", "'%s' is neither a verb nor the name of a method", method);
}

static const char *method_of(struct bx_cli *cli, struct bx_err *err)
{
	const char *method = bx_cli_arg(cli, 0);
	if (!method)
		bx_fail(err, BX_USAGE, "", "which method? usage: bx-rest METHOD [PARAM...]");
	return method && rest_method_ok(method, err) ? method : NULL;
}

static bool call(struct bx_cli *cli, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	const char *method = method_of(cli, err);
	auto_json cJSON *params = method ? bx_cli_collect(cli, NULL, 1, err) : NULL;
	if (bx_opt(cli, "upload") && bx_opt(cli, "envelope"))
		return bx_fail(err, BX_USAGE, "", "an upload has no envelope: --envelope or --upload");
	if (!params || !rest_open(cli, &portal, false, err))
		return false;
	if (bx_cli_dry(cli)) {
		auto_json cJSON *preview = bx_rest_preview(&portal.rest, method, params);
		return bx_cli_out(cli, preview, err);
	}
	if (bx_opt(cli, "upload")) {
		auto_json cJSON *result = bx_rest_upload(&portal.rest, method, params, bx_opt(cli, "upload"), err);
		return result && bx_cli_out(cli, result, err);
	}
	auto_json cJSON *envelope = bx_rest_call(&portal.rest, method, params, err);
	if (!envelope)
		return false;
	return bx_cli_out(cli, bx_opt(cli, "envelope") ? envelope : bx_json_get(envelope, "result"), err);
}

static bool print_row(void *arg, const cJSON *row, struct bx_err *err)
{
	return bx_cli_out(arg, row, err);
}

static bool list(struct bx_cli *cli, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	int64_t limit = 0;
	const char *method = method_of(cli, err);
	auto_json cJSON *params = method ? bx_cli_collect(cli, NULL, 1, err) : NULL;
	if (!params || !bx_opt_int(cli, "limit", 1, INT64_MAX, &limit, err) ||
		!rest_open(cli, &portal, true, err))
		return false;
	if (bx_cli_dry(cli)) {
		auto_json cJSON *preview = bx_rest_preview(&portal.rest, method, params);
		return bx_cli_out(cli, preview, err);
	}
	if (bx_cli_is_lines(cli))
		portal.rest.read = bx_list_flat;
	return bx_list(&portal.rest, method, params, limit, print_row, cli, err);
}

int main(int argc, char **argv)
{
	static struct bx_verb verbs[] = {
		{"call", "METHOD [PARAM...]", NULL, call_opts, call, "call a method (the word call may be left out)"},
		{"list", "METHOD [PARAM...]", NULL, list_opts, list, "call a list method: all pages, one row a line"},
		{"batch", "", NULL, batch_opts, rest_batch,
			"call what standard input says, a JSON line each: {\"id\",\"method\",\"params\"}"},
		{"methods", "", NULL, NULL, rest_methods, "list the methods that the portal offers"},
		{"shell", "", NULL, shell_opts, rest_shell, "call at a prompt"},
		{0},
	};
	for (struct bx_verb *v = verbs; v->name; v++) {
		if (v->run == rest_methods)
			v->op = bx_op_by_verb(BX_METHOD, v->name);
	}
	static const struct bx_tool tool = {
		.name = "bx-rest",
		.summary = "calls any REST method: once, a whole list, or thousands in batches",
		.complete = bx_complete,
		.verbs = verbs,
		.default_verb = "call",
	};
	return bx_cli_leave(bx_cli_main(&tool, argc, argv));
}
