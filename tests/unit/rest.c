/* One REST call against every kind of answer, and against none. */
#include "scene.h"

static void plain(void)
{
	struct scene s;
	scene_open(&s, STEPS({.status = 200, .body = GOOD}));
	CHECK(scene_call(&s, "profile", "{\"a\":1}"), "a good answer is a good answer");
	CHECK(strstr(s.peer.log->text, "POST /rest/profile HTTP/1.1 {\"auth\":\"token-old-1\",\"a\":1}\n"),
		"the token goes first in the body, and nowhere else");
	CHECK(scene_close(&s) == 1, "one request was made");
}

/* Each error code: what the exit is, and that nothing was repeated or refreshed for it. */
static void refusals(void)
{
	static const struct {
		int status;
		const char *body;
		enum bx_exit exit;
	} cases[] = {
		{400, ERROR("ERROR_CORE"), BX_REFUSED},
		{400, ERROR(""), BX_REFUSED},
		{200, ERROR("EMPTY_ERROR_HANDLER_URL"), BX_REFUSED},
		{404, ERROR("ERROR_METHOD_NOT_FOUND"), BX_REFUSED},
		{403, ERROR("insufficient_scope"), BX_NOAUTH},
		{401, ERROR("user_access_error"), BX_NOAUTH},
		{403, ERROR("ACCESS_DENIED"), BX_NOAUTH},
		{403, ERROR("WRONG_AUTH_TYPE"), BX_NOAUTH},
		{401, ERROR("INVALID_CREDENTIALS"), BX_NOAUTH},
		{503, ERROR("OVERLOAD_LIMIT"), BX_AGAIN},
		{429, ERROR("OPERATION_TIME_LIMIT"), BX_AGAIN},
		{500, ERROR("PORTAL_DELETED"), BX_REFUSED},
		{404, "<html>no such page</html>", BX_REFUSED},
	};
	for (size_t i = 0; i < BX_COUNT(cases); i++) {
		struct scene s;
		scene_open(&s, STEPS({.status = cases[i].status, .body = cases[i].body}));
		bool good = scene_call(&s, SAFE, "{}");
		auto_free char *what = bx_xprintf("%d %.40s is refused once, with status %d", cases[i].status,
			cases[i].body, cases[i].exit);
		enum bx_exit status = s.err.exit;
		CHECK(!good && status == cases[i].exit && scene_close(&s) == 1, what);
	}
}

static void refresh(void)
{
	struct scene s;
	scene_open(&s, STEPS({.status = 401, .body = ERROR("expired_token")},
		{.status = 200, .body = TOKENS("%s", "member")}, {.status = 200, .body = GOOD}));
	CHECK(scene_call(&s, NEVER, "{}"), "an expired token is refreshed and the call repeated");
	CHECK(strstr(s.peer.log->text, "GET /oauth/token/?grant_type=refresh_token&client_id=local.1"
		"&client_secret=secret-of-the-app&refresh_token=refresh-old-1 "), "by the documented request");
	CHECK(strstr(s.peer.log->text, "{\"auth\":\"token-new-1\"}"), "with the new token");
	auto_profile struct bx_profile p;
	bx_profile_init(&p);
	bx_profile_load(s.store, "p", &p, NULL);
	CHECK(!strcmp(p.refresh_token, "refresh-new-1") && !p.refreshing_since_ms, "the new pair is stored");
	CHECK(scene_close(&s) == 3, "in three requests");

	scene_open(&s, STEPS({.status = 401, .body = ERROR("expired_token")},
		{.status = 200, .body = TOKENS("%s", "member")}, {.status = 401, .body = ERROR("expired_token")}));
	CHECK(!scene_call(&s, SAFE, "{}") && s.err.exit == BX_NOAUTH && scene_close(&s) == 3,
		"a new token that is refused too is not refreshed again");

	scene_open(&s, STEPS({.status = 200, .body = TOKENS("%s", "member")}, {.status = 200, .body = GOOD}));
	s.rest.profile.expires_ms = bx_now_ms() - 1;
	CHECK(scene_call(&s, SAFE, "{}") && scene_close(&s) == 2, "a token past its time is not even tried");

	scene_open(&s, STEPS({.status = 401, .body = ERROR("expired_token")},
		{.status = 200, .body = TOKENS("%s", "other")}));
	CHECK(!scene_call(&s, SAFE, "{}") && s.err.exit == BX_NOAUTH && scene_close(&s) == 2,
		"tokens of another portal are not taken");

	scene_open(&s, STEPS({.status = 401, .body = ERROR("expired_token")},
		{.status = 400, .body = ERROR("invalid_grant")}));
	CHECK(!scene_call(&s, SAFE, "{}") && s.err.exit == BX_NOAUTH && strstr(s.err.text, "bx-auth login p"),
		"invalid_grant comes with the way out");
	scene_close(&s);
}

/* What another process stored meanwhile is taken, unless that is old as well. */
static void renewed_by_another(int64_t ours_ms, int64_t theirs_ms, const char *used, const char *what)
{
	struct scene s;
	auto_profile struct bx_profile p;
	const struct peer_step steps[] = {{.status = 200, .body = theirs_ms > 0 ? GOOD : TOKENS("%s", "member")},
		{.status = 200, .body = GOOD}};
	scene_open(&s, steps, 2);
	bx_profile_init(&p);
	bx_profile_copy(&p, &s.rest.profile);
	bx_set_str(&p.access_token, "token-of-another-1");
	p.expires_ms = bx_now_ms() + theirs_ms;
	bx_profile_set_tokens(s.store, &p, NULL);
	s.rest.profile.expires_ms = bx_now_ms() + ours_ms;
	CHECK(scene_call(&s, NEVER, "{}") && strstr(s.peer.log->text, used), what);
	CHECK(scene_close(&s) == (theirs_ms > 0 ? 1 : 2), "with no request more than it takes");
}

/* The authorization server is in trouble: neither yes nor no. */
static void server_in_trouble(void)
{
	static const struct peer_step answers[] = {{.status = 500, .body = ERROR("INTERNAL_SERVER_ERROR")},
		{.status = 429, .body = ERROR("too_many")}, {.status = 502, .body = "<html>502</html>"},
		{.status = 200, .body = "<html>login</html>"}, {.status = 200, .body = "{}"}};
	for (size_t i = 0; i < BX_COUNT(answers); i++) {
		struct scene s;
		const struct peer_step steps[] = {{.status = 401, .body = ERROR("expired_token")}, answers[i],
			{.status = 401, .body = ERROR("expired_token")}, {.status = 200, .body = TOKENS("%s", "member")},
			{.status = 200, .body = GOOD}};
		scene_open(&s, steps, 5);
		auto_free char *what = bx_xprintf("the authorization server answers %d %.20s: try again", answers[i].status,
			answers[i].body);
		CHECK(!scene_call(&s, NEVER, "{}") && s.err.exit == BX_AGAIN, what);
		CHECK(scene_call(&s, NEVER, "{}") && scene_close(&s) == 5, "and again works");
	}
}

static void lost_refresh(void)
{
	struct scene s;
	scene_open(&s, STEPS({.status = 401, .body = ERROR("expired_token")}, {.what = PEER_CUT},
		{.status = 400, .body = ERROR("invalid_grant")}));
	CHECK(!scene_call(&s, NEVER, "{}") && s.err.exit == BX_AGAIN, "a refresh without an answer: try again");
	s.rest.profile.expires_ms = 1;
	CHECK(!scene_call(&s, NEVER, "{}") && s.err.exit == BX_NOAUTH && strstr(s.err.text, "was cut off"),
		"and if the pair is used up, it says what happened");
	CHECK(scene_close(&s) == 3, "nothing is asked twice");
}

/* A process is killed while it waits for the new pair. */
static void killed_refresh(const struct peer_step *then, const char *what, enum bx_exit status)
{
	struct scene s;
	const struct peer_step steps[] = {{.status = 401, .body = ERROR("expired_token")}, {.what = PEER_HANG},
		then[0], then[1]};
	scene_open(&s, steps, 4);
	fflush(stdout);
	pid_t child = fork();
	if (!child)
		_exit(scene_call(&s, SAFE, "{}"));
	while (*(volatile int *)&s.peer.log->count < 2)
		usleep(1000);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	s.rest.profile.expires_ms = 1;
	scene_call(&s, SAFE, "{}");
	CHECK(s.err.exit == status, what);
	CHECK(status == BX_OK || strstr(s.err.text, "was cut off before its answer was stored"), "and nobody wonders");
	scene_close(&s);
}

static void cut_off(void)
{
	struct scene s;
	static const enum peer_do faults[] = {PEER_CUT, PEER_HALF};
	for (size_t i = 0; i < BX_COUNT(faults); i++) {
		scene_open(&s, STEPS({.what = faults[i], .status = 200, .body = GOOD}, {.status = 200, .body = GOOD}));
		CHECK(scene_call(&s, SAFE, "{}") && scene_close(&s) == 2, "cut off: a safe call is repeated");
		scene_open(&s, STEPS({.what = faults[i], .status = 200, .body = GOOD}, {.status = 200, .body = GOOD}));
		CHECK(!scene_call(&s, NEVER, "{}") && s.err.exit == BX_UNKNOWN && scene_close(&s) == 1,
			"cut off: another one is not, and its outcome is unknown");
		scene_open(&s, STEPS({.status = 200, .body = GOOD}, {.what = faults[i], .status = 200, .body = GOOD},
			{.status = 200, .body = GOOD}));
		scene_call(&s, NEVER, "{}");
		CHECK(!scene_call(&s, NEVER, "{}") && s.err.exit == BX_UNKNOWN && scene_close(&s) == 2,
			"nor on a connection that was kept");
	}
	scene_open(&s, STEPS({.what = PEER_CUT}, {.what = PEER_CUT}, {.what = PEER_CUT}, {.what = PEER_CUT}));
	CHECK(!scene_call(&s, SAFE, "{}") && s.err.exit == BX_AGAIN, "a safe call that never comes through: try again");
	scene_close(&s);
}

static void five_hundred(void)
{
	static const char *const bodies[] = {ERROR("INTERNAL_SERVER_ERROR"), "<html>502</html>", ""};
	struct scene s;
	for (size_t i = 0; i < BX_COUNT(bodies); i++) {
		scene_open(&s, STEPS({.status = 502, .body = bodies[i]}, {.status = 200, .body = GOOD}));
		CHECK(scene_call(&s, SAFE, "{}") && scene_close(&s) == 2, "5xx: a safe call is repeated");
		scene_open(&s, STEPS({.status = 502, .body = bodies[i]}, {.status = 200, .body = GOOD}));
		CHECK(!scene_call(&s, NEVER, "{}") && s.err.exit == BX_UNKNOWN && s.err.http == 502 &&
				scene_close(&s) == 1,
			"5xx: another one is not");
		scene_open(&s, STEPS({.status = 502, .body = bodies[i]}, {.status = 200, .body = GOOD}));
		s.rest.safe = true;
		CHECK(scene_call(&s, NEVER, "{}") && scene_close(&s) == 2, "unless the caller says it is safe");
	}
}

static void classes(void)
{
	const struct bx_op *op = bx_op_by_verb(BX_METHOD, "register");
	auto_json cJSON *params = cJSON_CreateObject();
	char iso[BX_ISO_SIZE];
	CHECK(!bx_rest_repeatable(op, params), "a register without an id is not safe");
	bx_json_set_str(params, "EXTERNAL_CALL_ID", "pbx-1");
	CHECK(bx_rest_repeatable(op, params), "with one it is");
	bx_time_iso(iso, bx_now_ms() - 31 * 60000, 0);
	bx_json_set_str(params, "CALL_START_DATE", iso);
	CHECK(!bx_rest_repeatable(op, params), "but not with an old start");
	CHECK(!bx_rest_repeatable(NULL, params), "nor is a method without a row");
}

static void nobody(void)
{
	struct scene s;
	scene_open(&s, NULL, 0);
	kill(s.peer.pid, SIGKILL);
	waitpid(s.peer.pid, NULL, 0);
	CHECK(!scene_call(&s, NEVER, "{}") && s.err.exit == BX_AGAIN && strstr(s.err.text, "refused"),
		"nobody listens: nothing was done, try again");
	scene_close(&s);
}

static void limits(void)
{
	struct scene s;
	scene_open(&s, STEPS({.status = 503, .body = ERROR("QUERY_LIMIT_EXCEEDED")}, {.status = 200, .body = GOOD}));
	s.rest.profile.limit_burst = s.rest.profile.limit_rate = 1000000;
	CHECK(scene_call(&s, NEVER, "{}") && scene_close(&s) == 2, "a call refused for the limit is repeated, whatever it is");
	scene_open(&s, STEPS({.status = 503, .body = ERROR("QUERY_LIMIT_EXCEEDED")}, {.status = 200, .body = GOOD}));
	s.rest.timeout_ms = 400;
	CHECK(!scene_call(&s, NEVER, "{}") && s.err.exit == BX_AGAIN && scene_close(&s) == 1,
		"but not beyond the timeout");
}

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	plain();
	refusals();
	refresh();
	renewed_by_another(-1, 60000, "{\"auth\":\"token-of-another-1\"}", "a newer pair is taken as it is");
	renewed_by_another(-1, -60000, "{\"auth\":\"token-new-1\"}", "one that has expired too is renewed");
	server_in_trouble();
	lost_refresh();
	killed_refresh((const struct peer_step[]){{.status = 200, .body = TOKENS("%s", "member")}, {.status = 200, .body = GOOD}},
		"killed in a refresh: the next process makes it", BX_OK);
	killed_refresh((const struct peer_step[]){{.status = 400, .body = ERROR("invalid_grant")}, {.status = 200, .body = GOOD}},
		"killed in a refresh that had gone through: the next process says so", BX_NOAUTH);
	cut_off();
	five_hundred();
	classes();
	nobody();
	limits();
	return scene_end();
}
