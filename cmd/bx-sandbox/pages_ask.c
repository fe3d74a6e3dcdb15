/* What an open page asks by POST /sandbox/page/VERB. */
#include "pages_impl.h"
#include "sandbox.h"
#include "banned.h"

static cJSON *done(bool ok)
{
	cJSON *answer = cJSON_CreateObject();
	bx_json_set_bool(answer, "done", ok);
	return answer;
}

static cJSON *ask_load(struct sandbox *sb, const cJSON *q, struct bx_err *err)
{
	int64_t registration, ms;
	if (!bx_json_int(q, "registration", &registration) || !bx_json_int(q, "ms", &ms)) {
		bx_fail(err, BX_USAGE, "", "registration and ms are needed");
		return NULL;
	}
	sandbox_slow_load(sb, registration, ms);
	return done(true);
}

static cJSON *ask_auth(struct sandbox *sb, const cJSON *q, struct bx_err *err)
{
	(void)err;
	cJSON *answer = cJSON_CreateObject(),
	      *auth = sandbox_refresh_auth(sb, bx_json_str(q, "sid"));
	cJSON_AddItemToObject(answer, "auth", auth ? auth : cJSON_CreateNull());
	return answer;
}

static cJSON *ask_dial(struct sandbox *sb, const cJSON *q, struct bx_err *err)
{
	struct sb_dial how = {.number = bx_json_str(q, "number")};
	if (!how.number || !bx_json_int(q, "user", &how.user)) {
		bx_fail(err, BX_USAGE, "", "user and number are needed");
		return NULL;
	}
	return sandbox_dial(sb, &how, err);
}

static cJSON *ask_comment(struct sandbox *sb, const cJSON *q, struct bx_err *err)
{
	const char *call_id = bx_json_str(q, "call_id"), *text = bx_json_str(q, "text");
	if (!call_id || !text) {
		bx_fail(err, BX_USAGE, "", "call_id and text are needed");
		return NULL;
	}
	sandbox_comment(sb, call_id, text);
	return done(true);
}

static cJSON *ask_option(struct sandbox *sb, const cJSON *q, struct bx_err *err)
{
	(void)err;
	const char *sid = bx_json_str(q, "sid"), *name = bx_json_str(q, "name");
	bool wide = bx_json_bool(q, "app", false);
	return done(
		sid && name && sandbox_set_option(sb, sid, wide, name, bx_json_get(q, "value")));
}

static cJSON *ask_install(struct sandbox *sb, const cJSON *q, struct bx_err *err)
{
	(void)err;
	const char *sid = bx_json_str(q, "sid");
	return done(sid && sandbox_install_finish(sb, sid, bx_json_bool(q, "finished", true)));
}

static const struct {
	const char *verb;
	cJSON *(*fn)(struct sandbox *sb, const cJSON *question, struct bx_err *err);
} asks[] = {
	{"load", ask_load},
	{"auth", ask_auth},
	{"dial", ask_dial},
	{"comment", ask_comment},
	{"option", ask_option},
	{"install", ask_install},
};

void pages_ask(struct sandbox *sb, struct bx_request *req, const char *verb)
{
	size_t len;
	const char *body = bx_request_body(req, &len);
	const char *type = bx_request_header(req, "Content-Type");
	struct bx_err err = {0};
	auto_json cJSON *question = bx_json_parse(body, len, &err);
	auto_json cJSON *answer = NULL;
	/* A foreign page cannot send this type without being asked first, which nobody allows. */
	if (!bx_starts(type ? type : "", "application/json")) {
		bx_fail(&err, BX_USAGE, "", "application/json is expected");
	} else if (question) {
		bx_fail(&err, BX_ABSENT, "", "pages do not ask %s", verb);
		for (size_t i = 0; i < BX_COUNT(asks); i++) {
			if (!strcmp(asks[i].verb, verb))
				answer = asks[i].fn(sb, question, &err);
		}
	}
	int status = answer ? 200 : err.exit == BX_ABSENT ? 404 : 400;
	if (!answer) {
		answer = cJSON_CreateObject();
		bx_json_set_str(answer, "error_description", err.text);
	}
	auto_free char *text = bx_json_print(answer);
	bx_reply(req, status, "application/json", text, strlen(text));
}
