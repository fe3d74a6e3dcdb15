#include "ctl.h"

#include <string.h>
#include "httpd.h"
#include "input.h"
#include "sender.h"
#include "banned.h"

static const struct sb_ctl *const tables[] = {sb_ctl_apps, sb_ctl_world, sb_ctl_faults, NULL};

static const struct sb_ctl *find(const char *name, const struct bx_op **op)
{
	for (*op = sb_ctl_ops; (*op)->wire && strcmp((*op)->wire, name) != 0; ++*op)
		;
	for (const struct sb_ctl *const *t = tables; *t && (*op)->wire; t++) {
		for (const struct sb_ctl *c = *t; c->name; c++) {
			if (!strcmp(c->name, name))
				return c;
		}
	}
	return NULL;
}

static void reply(struct bx_request *req, int status, const cJSON *answer)
{
	auto_free char *text = bx_json_print(answer);
	bx_reply(req, status, "application/json", text, strlen(text));
}

static int status_of(const struct bx_err *err)
{
	return err->exit == BX_ABSENT ? 404 : err->exit == BX_USAGE ? 400 : 409;
}

static void reply_error(struct bx_request *req, const struct bx_err *err)
{
	auto_json cJSON *answer = cJSON_CreateObject();
	bx_json_set_str(answer, "error", err->text);
	bx_json_set_int(answer, "exit", err->exit);
	reply(req, status_of(err), answer);
}

static void idle(void *arg)
{
	bx_reply(arg, 200, "application/json", "{}", 2);
}

/* A browser's page of another site cannot send this type without asking first, and is not told
 * yes. */
static bool is_ours(const struct bx_request *req, struct bx_err *err)
{
	const char *type = bx_request_header(req, "Content-Type");
	if (strcmp(bx_request_method(req), "POST") != 0 || !sb_is_type(type, "application/json"))
		return bx_fail(err, BX_USAGE, "", "POST a JSON object as application/json");
	return true;
}

static cJSON *read_params(const struct bx_request *req, const struct bx_op *op, struct bx_err *err)
{
	size_t len;
	const char *body = bx_request_body(req, &len);
	cJSON *params = len ? bx_json_parse(body, len, err) : cJSON_CreateObject();
	if (params && cJSON_IsObject(params) && bx_op_check(op, params, err))
		return params;
	if (params && !cJSON_IsObject(params))
		bx_fail(err, BX_USAGE, "", "the body is no JSON object");
	cJSON_Delete(params);
	return NULL;
}

void sb_ctl_request(struct sandbox *sb, struct bx_request *req, const char *name)
{
	struct bx_err err = {0};
	const struct bx_op *op;
	const struct sb_ctl *ctl = find(name, &op);
	if (!op->wire)
		bx_fail(&err, BX_ABSENT, "", "there is no verb '%s'", name);
	auto_json cJSON *params = op->wire && is_ours(req, &err) ? read_params(req, op, &err) : NULL;
	if (params && !strcmp(name, "idle")) {
		sb_when_idle(sb, bx_json_bool(params, "held", false), idle, req);
		return;
	}
	auto_json cJSON *answer = params && ctl ? ctl->run(sb, params, &err) : NULL;
	if (answer)
		reply(req, 200, answer);
	else
		reply_error(req, &err);
}
