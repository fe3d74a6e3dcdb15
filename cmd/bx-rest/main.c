/* bx-rest: any REST method, once, as a list, or thousands in batches. */
#include "batch.h"
#include "portal.h"
#include "complete.h"
#include "banned.h"

#define LINE_MAX_BYTES (16 * 1024 * 1024)

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
static const struct bx_opt batch_opts[] = {
	{"halt", 0, NULL, 0, NULL, "stop at the first failure and say what did not run"},
	SAFE_OPT,
	BULK_OPT,
	{0},
};

static bool open_for(struct bx_cli *cli, struct bx_portal *portal, bool bulk, struct bx_err *err)
{
	if (!bx_portal_open(cli, portal, false, err))
		return false;
	portal->rest.safe = bx_opt(cli, "safe");
	portal->rest.bulk = bx_opt_on(cli, "bulk", bulk);
	return true;
}

static const char *method_of(struct bx_cli *cli, struct bx_err *err)
{
	const char *method = bx_cli_arg(cli, 0);
	if (!method) {
		bx_fail(err, BX_USAGE, "", "which method? usage: bx-rest METHOD [PARAM...]");
		return NULL;
	}
	if (strspn(method, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") !=
		strlen(method)) {
		bx_fail(err, BX_USAGE, "", "'%s' is neither a verb nor the name of a method", method);
		return NULL;
	}
	return method;
}

static bool call(struct bx_cli *cli, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	const char *method = method_of(cli, err);
	auto_json cJSON *params = method ? bx_cli_collect(cli, NULL, 1, err) : NULL;
	if (bx_opt(cli, "upload") && bx_opt(cli, "envelope"))
		return bx_fail(err, BX_USAGE, "", "an upload has no envelope: --envelope or --upload");
	if (!params || !open_for(cli, &portal, false, err))
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
		!open_for(cli, &portal, true, err))
		return false;
	if (bx_cli_dry(cli)) {
		auto_json cJSON *preview = bx_rest_preview(&portal.rest, method, params);
		return bx_cli_out(cli, preview, err);
	}
	return bx_list(&portal.rest, method, params, limit, print_row, cli, err);
}

static bool print_outcome(void *arg, const cJSON *id, const cJSON *result, const cJSON *error,
	struct bx_err *err)
{
	auto_json cJSON *line = cJSON_CreateObject();
	cJSON_AddItemReferenceToObject(line, "id", (cJSON *)id);
	if (result)
		cJSON_AddItemReferenceToObject(line, "result", (cJSON *)result);
	else if (!error)
		bx_json_set_bool(line, "skipped", true);
	for (const cJSON *e = error ? error->child : NULL; e; e = e->next)
		bx_json_set(line, e->string, cJSON_Duplicate(e, true));
	return bx_cli_out(arg, line, err);
}

static bool feed(struct bx_cli *cli, struct bx_batch *batch, struct bx_err *err)
{
	struct bx_lines in;
	bx_lines_init(&in, STDIN_FILENO, LINE_MAX_BYTES);
	int got;
	bool ok = true;
	for (cJSON *item; ok && (got = bx_lines_next(&in, &item, err)) != 0; cJSON_Delete(item)) {
		item = got == 1 ? item : NULL;
		ok = item && (bx_cli_dry(cli) ? bx_cli_out(cli, item, err) : bx_batch_add(batch, item, err));
	}
	bx_lines_release(&in);
	return ok;
}

static bool batch(struct bx_cli *cli, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	if (!bx_cli_want_args(cli, 0, 0, err) || !open_for(cli, &portal, true, err))
		return false;
	struct bx_batch *all = bx_batch_new(&portal.rest, bx_opt(cli, "halt"), print_outcome, cli);
	bool ok = feed(cli, all, err);
	if (!ok)
		bx_batch_stop(all);
	ok = bx_batch_end(all, ok ? err : NULL) && ok;
	int64_t failed = bx_batch_failed(all), skipped = bx_batch_skipped(all);
	bx_batch_free(all);
	if (!ok || !failed)
		return ok;
	if (skipped)
		return bx_fail(err, BX_REFUSED, "", "%lld commands failed; %lld did not run", (long long)failed,
			(long long)skipped);
	return bx_fail(err, BX_REFUSED, "", "%lld commands failed", (long long)failed);
}

int main(int argc, char **argv)
{
	static const struct bx_verb verbs[] = {
		{"call", "METHOD [PARAM...]", NULL, call_opts, call, "call a method (the word call may be left out)"},
		{"list", "METHOD [PARAM...]", NULL, list_opts, list, "call a list method: all pages, one row a line"},
		{"batch", "", NULL, batch_opts, batch,
			"call what standard input says, a JSON line each: {\"id\",\"method\",\"params\"}"},
		{0},
	};
	static const struct bx_tool tool = {
		.name = "bx-rest",
		.summary = "calls any REST method: once, a whole list, or thousands in batches",
		.complete = bx_complete,
		.verbs = verbs,
		.default_verb = "call",
	};
	return bx_cli_main(&tool, argc, argv);
}
