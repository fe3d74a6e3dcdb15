/* record (portal.md 11.4): a file goes up in two steps, streamed; an address is downloaded by the
 * portal. A second record replaces the first, so every step may be repeated. */
#include "call.h"

#include "audio.h"
#include "clock.h"
#include "banned.h"

#define STABLE_MS 65000

const struct bx_opt call_record_opts[] = {
	{"wait-stable", 0, NULL, 0, NULL, "wait until nobody writes the file any more"},
	CALL_OPT_SPOOL,
	{0},
};

bool call_is_url(const char *text)
{
	return bx_starts(text, "http://") || bx_starts(text, "https://");
}

struct waiting {
	struct bx_cli *cli;
	const char *path;
};

static void tell_waiting(void *arg)
{
	const struct waiting *w = arg;
	bx_cli_note(w->cli, "record: %s is still being written", w->path);
}

static bool put_file(struct bx_cli *cli, const char *path, cJSON *params, struct bx_err *err)
{
	struct waiting w = {cli, path};
	int64_t wait_ms = STABLE_MS;
	if (bx_opt(cli, "wait-stable") && (!bx_opt_timeout(cli, &wait_ms, err) ||
		!audio_wait_stable(path, bx_mono_ms() + wait_ms, tell_waiting, &w, err)))
		return false;
	const char *extension = audio_extension(path, err), *given = bx_json_str(params, "FILENAME");
	if (!extension)
		return false;
	auto_free char *name = audio_name(given && *given ? given : path, extension);
	bx_json_set_str(params, "FILENAME", name);
	return true;
}

static cJSON *attach(struct bx_cli *cli, struct bx_portal *portal, const cJSON *params,
	const char *path, struct bx_err *err)
{
	bool simple = bx_cli_dry(cli) || !path;
	return simple ? bx_portal_op(cli, portal, call_op("record"), params, err)
		      : bx_rest_upload(&portal->rest, call_op("record")->wire, params, path, err);
}

/* What every attachment prints: the call, then the portal's answer. */
cJSON *call_attached(const cJSON *params, const cJSON *result)
{
	cJSON *line = cJSON_CreateObject();
	const cJSON *e;
	bx_json_set_str(line, "CALL_ID", bx_json_str(params, "CALL_ID"));
	cJSON_ArrayForEach(e, result)
		bx_json_set(line, e->string, cJSON_Duplicate(e, true));
	return line;
}

bool call_record(struct bx_cli *cli, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	const struct bx_op *op = call_op("record");
	const char *what = bx_cli_arg(cli, 0);
	if (!bx_cli_want_args(cli, 1, SIZE_MAX, err) || !call_open(cli, &portal, err))
		return false;
	auto_json cJSON *params = call_params(cli, op, &portal.ref, 1, err);
	if (!params)
		return false;
	if (call_is_url(what))
		bx_json_set_str(params, "RECORD_URL", what);
	else if (!put_file(cli, what, params, err))
		return false;
	if (!bx_cli_check(op, params, err))
		return false;
	if (call_spooling(cli))
		return call_spool(cli, &portal, "record", params, call_is_url(what) ? NULL : what, err);
	auto_json cJSON *result = attach(cli, &portal, params, call_is_url(what) ? NULL : what, err);
	if (!result)
		return bx_portal_was_dry(cli, err);
	auto_json cJSON *line = call_attached(params, result);
	return bx_cli_out(cli, line, err);
}
