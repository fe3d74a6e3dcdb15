/* batch: commands from standard input, fifty in a request. */
#include "rest.h"

#include <string.h>
#include "batch.h"
#include "banned.h"

#define JOBS_MAX       64
#define LINE_MAX_BYTES (16 * 1024 * 1024)

struct sink {
	struct bx_cli *cli;
	const struct bx_rest *rest;
};

/* A result that comes as text is not made a tree to be printed. */
static char *line_of(const cJSON *id, const cJSON *result)
{
	struct bx_str line = BX_STR_INIT(SIZE_MAX / 4);
	auto_free char *name = bx_json_print(id);
	bx_str_puts(&line, "{\"id\":");
	bx_str_puts(&line, name);
	bx_str_puts(&line, ",\"result\":");
	bx_str_puts(&line, result->valuestring);
	bx_str_putc(&line, '}');
	return bx_str_take(&line);
}

static bool print_outcome(void *arg, const cJSON *id, const cJSON *result, const cJSON *error,
	bool more, struct bx_err *err)
{
	struct bx_cli *cli = ((struct sink *)arg)->cli;
	if (bx_cli_is_lines(cli) && cJSON_IsRaw(result))
		return bx_cli_out_text(cli, line_of(id, result), more, err);
	auto_json cJSON *line = cJSON_CreateObject();
	cJSON_AddItemReferenceToObject(line, "id", (cJSON *)id);
	if (result)
		cJSON_AddItemReferenceToObject(line, "result", (cJSON *)result);
	else if (!error)
		bx_json_set_bool(line, "skipped", true);
	for (const cJSON *e = error ? error->child : NULL; e; e = e->next)
		bx_json_set(line, e->string, cJSON_Duplicate(e, true));
	return bx_cli_is_lines(cli) ? bx_cli_out_text(cli, bx_json_print(line), more, err)
				    : bx_cli_out(cli, line, err);
}

static bool take_line(struct bx_batch *batch, const struct bx_lines *in, const char *line, struct bx_err *err)
{
	bool taken = false;
	if (!bx_batch_add_plain(batch, line, &taken, err))
		return false;
	auto_json cJSON *item = taken ? NULL : bx_lines_parse(in, line, err);
	return taken || (item && bx_batch_add(batch, item, err));
}

static bool await(void *batch, int fd, struct bx_err *err)
{
	return bx_batch_await(batch, fd, err);
}

static bool feed(struct bx_batch *batch, struct bx_err *err)
{
	struct bx_lines in;
	bx_lines_init(&in, STDIN_FILENO, LINE_MAX_BYTES);
	in.before = await;
	in.arg = batch;
	char *line;
	int got;
	bool ok = true;
	while (ok && (got = bx_lines_text(&in, &line, err)) != 0) {
		bool blank = got == 1 && !line[strspn(line, " \t\r")];
		ok = got == 1 && (blank || take_line(batch, &in, line, err));
	}
	bx_lines_release(&in);
	return ok;
}

static bool print_request(void *arg, const char *method, const cJSON *params, struct bx_err *err)
{
	const struct sink *sink = arg;
	auto_json cJSON *preview = bx_rest_preview(sink->rest, method, params);
	return bx_cli_out(sink->cli, preview, err);
}

bool rest_batch(struct bx_cli *cli, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	int64_t jobs = 1;
	if (!bx_opt_int(cli, "jobs", 1, JOBS_MAX, &jobs, err))
		return false;
	if (jobs > 1 && bx_opt(cli, "halt"))
		return bx_fail(err, BX_USAGE, "", "--halt needs one request after the other: leave out --jobs");
	if (!bx_cli_want_args(cli, 0, 0, err) || !rest_open(cli, &portal, true, err))
		return false;
	struct sink sink = {cli, &portal.rest};
	struct bx_batch *all = bx_batch_new(&portal.rest, bx_opt(cli, "halt"), print_outcome, &sink);
	bx_batch_parallel(all, (unsigned)jobs);
	if (bx_cli_is_lines(cli))
		bx_batch_flat(all);
	if (bx_cli_dry(cli))
		bx_batch_dry(all, print_request);
	bool ok = feed(all, err);
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
