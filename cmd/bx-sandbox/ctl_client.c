/* bx-sandbox ctl VERB: posts its parameters to a running sandbox. */
#include <string.h>
#include "cli.h"
#include "ctl.h"
#include "http.h"
#include "banned.h"

#define TIMEOUT_MS 60000

static char *address(const struct bx_cli *cli, const struct bx_op *op, struct bx_err *err)
{
	const char *url = bx_opt(cli, "url");
	if (!url)
		url = getenv("BX_SANDBOX");
	if (!url || !*url) {
		bx_fail(err, BX_USAGE, "", "which sandbox? Use --url or BX_SANDBOX");
		return NULL;
	}
	size_t len = strlen(url);
	return bx_xprintf("%s%ssandbox/%s", url, url[len - 1] == '/' ? "" : "/", op->wire);
}

static bool print(struct bx_cli *cli, const cJSON *answer, struct bx_err *err)
{
	const cJSON *e;
	if (!cJSON_IsArray(answer))
		return !answer->child || bx_cli_out(cli, answer, err);
	cJSON_ArrayForEach(e, answer)
	{
		if (!bx_cli_out(cli, e, err))
			return false;
	}
	return true;
}

static bool refused(const cJSON *answer, struct bx_err *err)
{
	const char *text = bx_json_str(answer, "error");
	int64_t status = BX_REFUSED;
	bx_json_int(answer, "exit", &status);
	return bx_fail(err, (enum bx_exit)status, "", "%s", text ? text : "no answer of a sandbox");
}

static bool show_only(struct bx_cli *cli, const char *url, const cJSON *params, struct bx_err *err)
{
	auto_json cJSON *dry = cJSON_CreateObject();
	bx_json_set_str(dry, "url", url);
	bx_json_set(dry, "body", cJSON_Duplicate(params, true));
	return bx_cli_out(cli, dry, err);
}

static bool post(struct bx_cli *cli, const char *url, const cJSON *params, struct bx_err *err)
{
	int64_t timeout = TIMEOUT_MS;
	if (!bx_opt_timeout(cli, &timeout, err))
		return false;
	auto_free char *body = bx_json_print(params);
	struct bx_http_request request = {.url = url, .body = body, .body_len = strlen(body),
		.type = "application/json", .timeout_ms = timeout, .reply_max = 256 * 1024 * 1024};
	auto_reply struct bx_http_reply reply;
	bx_http_reply_init(&reply);
	struct bx_http *http = bx_http_new();
	bool ok = bx_http_do(http, &request, &reply, err);
	bx_http_free(http);
	if (!ok)
		return false;
	auto_json cJSON *answer = bx_json_parse(reply.body.buf, reply.body.len, NULL);
	return answer && reply.status == 200 ? print(cli, answer, err) : refused(answer, err);
}

bool sb_ctl_run(struct bx_cli *cli, struct bx_err *err)
{
	const struct bx_op *op = bx_cli_verb(cli)->op;
	auto_free char *url = address(cli, op, err);
	auto_json cJSON *params = url ? bx_cli_params(cli, op, 0, err) : NULL;
	if (!params)
		return false;
	return bx_cli_dry(cli) ? show_only(cli, url, params, err) : post(cli, url, params, err);
}
