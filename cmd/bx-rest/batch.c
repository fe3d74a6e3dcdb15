/* batch: commands from standard input, fifty in a request. */
#include "rest.h"

#include <string.h>
#include "batch.h"
#include "json_flat.h"
#include "banned.h"

#define JOBS_MAX       64
#define LINE_MAX_BYTES (16 * 1024 * 1024)

struct sink {
	struct bx_cli *cli;
	const struct bx_rest *rest;
};

static cJSON *tree_of(const struct bx_outcome *o)
{
	cJSON *line = cJSON_CreateObject();
	bx_json_set(line, "id", bx_json_parse(o->id, strlen(o->id), NULL));
	if (o->result)
		bx_json_set(line, "result", bx_json_parse(o->result, strlen(o->result), NULL));
	else if (!o->error)
		bx_json_set_bool(line, "skipped", true);
	for (const cJSON *e = o->error ? o->error->child : NULL; e; e = e->next)
		bx_json_set(line, e->string, cJSON_Duplicate(e, true));
	return line;
}

static void add_result(struct bx_str *line, const struct bx_outcome *o)
{
	const struct bx_piece pieces[] = {BX_PIECE("{\"id\":"), {o->id, strlen(o->id)}, BX_PIECE(",\"result\":"),
		{o->result, o->result_len}, BX_PIECE("}")};
	bx_str_pieces(line, pieces, BX_COUNT(pieces));
}

static bool print_outcome(void *arg, const struct bx_outcome *o, struct bx_err *err)
{
	struct bx_cli *cli = ((struct sink *)arg)->cli;
	bool lines = bx_cli_is_lines(cli);
	auto_json cJSON *tree = lines && o->result ? NULL : tree_of(o);
	if (!lines)
		return bx_cli_out(cli, tree, err);
	struct bx_str *line = bx_cli_out_text(cli);
	auto_free char *printed = tree ? bx_json_print(tree) : NULL;
	if (tree)
		bx_str_puts(line, printed);
	else
		add_result(line, o);
	return bx_cli_out_end(cli, o->more, err);
}

static bool take_line(struct bx_batch *batch, const struct bx_lines *in, const char *line, struct bx_err *err)
{
	bool taken = false;
	if (!bx_batch_add_plain(batch, line, &taken, err))
		return false;
	auto_json cJSON *item = taken ? NULL : bx_lines_parse(in, line, err);
	return taken || (item && bx_batch_add(batch, item, err));
}

static bool is_blank(const char *line)
{
	bx_json_blank(&line);
	return !*line;
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
		ok = got == 1 && (is_blank(line) || take_line(batch, &in, line, err));
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
