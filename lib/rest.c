#include "rest_impl.h"

#include "clock.h"
#include "limit.h"
#include "log.h"
#include "secret.h"
#include "banned.h"

#define TIMEOUT_MS   65000
#define FAILURES_MAX 3
#define SPARE_MAX    (1024 * 1024)
#define REUSE_MS     (29 * 60 * 1000) /* the portal's window is 30 minutes (portal.md 11.1) */

void bx_rest_init(struct bx_rest *rest, struct bx_store *store, const struct bx_profile *profile)
{
	*rest = (struct bx_rest){.store = store, .timeout_ms = TIMEOUT_MS, .spare = BX_STR_INIT(0)};
	rest->http = bx_http_new();
	bx_profile_init(&rest->profile);
	bx_profile_copy(&rest->profile, profile);
}

void bx_rest_release(struct bx_rest *rest)
{
	bx_http_free(rest->http);
	bx_profile_release(&rest->profile);
	bx_str_release(&rest->spare);
	free(rest->cleared);
	free(rest->noted);
	*rest = (struct bx_rest){0};
}

int64_t bx_rest_deadline(const struct bx_rest *rest)
{
	int64_t own = bx_mono_ms() + rest->timeout_ms;
	return rest->until && rest->until < own ? rest->until : own;
}

static bool has_fresh_id(const struct bx_op *op, const cJSON *params)
{
	const char *id = bx_json_str(params, "EXTERNAL_CALL_ID");
	int64_t start;
	if (!(op->flags & BX_SAFE_EXT) || !id || !*id)
		return false;
	const char *date = bx_json_str(params, "CALL_START_DATE");
	return !date || (bx_time_parse(date, &start, NULL) && start > bx_now_ms() - REUSE_MS);
}

bool bx_rest_repeatable(const struct bx_op *op, const cJSON *params)
{
	return op && (op->flags & BX_SAFE || has_fresh_id(op, params));
}

static char *url_of(const struct bx_rest *rest, const char *method)
{
	const struct bx_profile *p = &rest->profile;
	return bx_xprintf("%s%s", p->webhook ? p->webhook_url : p->client_endpoint, method);
}

static bool has_tokens(struct bx_attempt *a, struct bx_err *err)
{
	struct bx_profile *p = &a->rest->profile;
	bool stale = !*p->access_token || (p->expires_ms && bx_now_ms() >= p->expires_ms);
	if (p->webhook || a->rest->token || !stale)
		return true;
	a->refreshed = true;
	return bx_auth_refresh(a->rest->store, a->rest->http, p, a->deadline, err);
}

/* Once for a portal, since a list of many pages is many requests. */
static void warn_of(const char *domain)
{
	static char *told;
	if (bx_streq(told, domain))
		return;
	bx_set_str(&told, domain);
	bx_log(BX_LOG_WARN, "credentials go to %s without TLS", domain);
}

bool bx_rest_may_go(struct bx_rest *rest, const char *address, struct bx_err *err)
{
	auto_url struct bx_url url = {0};
	if (bx_streq(rest->cleared, address))
		return true;
	if (!bx_url_parse(address, &url, err))
		return false;
	if (!bx_url_private(&url, rest->profile.insecure_http))
		return bx_fail(err, BX_USAGE, "", "%s is not https; where that is accepted: bx-auth set %s"
						  " --insecure-http", url.domain, rest->profile.name);
	if (bx_url_private(&url, false))
		bx_set_str(&rest->cleared, address);
	else
		warn_of(url.domain);
	return true;
}

/* The token goes first, and params is not copied: it may be large. */
static void print_body(const struct bx_rest *rest, const cJSON *params, struct bx_str *body)
{
	auto_free char *text = params && params->child ? bx_json_print(params) : bx_xstrdup("{}");
	if (rest->profile.webhook) {
		bx_str_puts(body, text);
		return;
	}
	auto_json cJSON *token = cJSON_CreateString(rest->token ? rest->token : rest->profile.access_token);
	auto_free char *quoted = bx_json_print(token);
	bx_str_printf(body, "{\"auth\":%s%s%s", quoted, params && params->child ? "," : "", text + 1);
}

/* After a failure of transport or server: whether another attempt is due. */
static enum bx_next pause_and_repeat(struct bx_attempt *a, struct bx_err *err)
{
	uint32_t noise;
	bx_random(&noise, sizeof noise);
	int64_t pause = 100LL << (2 * a->failures);
	if (++a->failures >= FAILURES_MAX || !bx_sleep_until(pause + noise % 100, a->deadline))
		return BX_NEXT_FAIL;
	bx_log(BX_LOG_TRACE, "repeating after: %s", err->text);
	return BX_NEXT_AGAIN;
}

/* Asked anew each time: a register that was fresh enough grows old meanwhile. */
static bool may_repeat(const struct bx_attempt *a)
{
	return a->rest->safe || bx_rest_repeatable(bx_op_by_wire(BX_METHOD, a->method), a->params);
}

/* It may have been executed, and err says how its answer was lost. */
static enum bx_next uncertain(struct bx_attempt *a, struct bx_err *err)
{
	if (may_repeat(a)) {
		err->exit = BX_AGAIN;
		return pause_and_repeat(a, err);
	}
	struct bx_err why = *err;
	bx_fail(err, BX_UNKNOWN, why.code, "%.900s; it may have been done all the same", why.text);
	err->http = why.http;
	return BX_NEXT_FAIL;
}

static enum bx_next refresh(struct bx_attempt *a, struct bx_err *err)
{
	a->refreshed = true;
	bool done = bx_auth_refresh(a->rest->store, a->rest->http, &a->rest->profile, a->deadline, err);
	return done ? BX_NEXT_AGAIN : BX_NEXT_FAIL;
}

static enum bx_next wait_for_time(struct bx_attempt *a)
{
	int64_t wait = bx_rest_time_wait(a->rest, a->method, a->deadline);
	if (wait)
		bx_log(BX_LOG_INFO, "%s has used up its operation time: waiting %lld s", a->method,
			(long long)(wait + 999) / 1000);
	return wait && bx_sleep_until(wait, a->deadline) ? BX_NEXT_AGAIN : BX_NEXT_FAIL;
}

static enum bx_next refused(struct bx_attempt *a, const cJSON *answer, int http, struct bx_err *err)
{
	bx_rest_error(answer, http, err);
	bool token = !strcmp(err->code, "expired_token") || !strcmp(err->code, "invalid_token");
	if (token && !a->refreshed && !a->rest->profile.webhook && !a->rest->token)
		return refresh(a, err);
	if (!strcmp(err->code, "QUERY_LIMIT_EXCEEDED"))
		return bx_limit_refused(a->rest->store, &a->rest->profile, err) ? BX_NEXT_AGAIN
										: BX_NEXT_FAIL;
	if (!strcmp(err->code, "OPERATION_TIME_LIMIT"))
		return wait_for_time(a);
	if (!strcmp(err->code, "CONNECTION_ERROR"))
		return pause_and_repeat(a, err);
	bool known = !strcmp(err->code, "PORTAL_DELETED") || err->exit == BX_AGAIN;
	return http >= 500 && !known ? uncertain(a, err) : BX_NEXT_FAIL;
}

static enum bx_next not_rest(struct bx_attempt *a, int http, struct bx_err *err)
{
	bool server = http < 400 || http >= 500;
	bx_fail(err, server ? BX_UNKNOWN : BX_REFUSED, "", "the answer of %s is not REST",
		a->rest->profile.domain);
	err->http = http;
	return server ? uncertain(a, err) : BX_NEXT_FAIL;
}

static cJSON *parse_answer(const struct bx_rest *rest, const struct bx_http_reply *reply)
{
	const struct bx_str *body = &reply->body;
	return rest->read ? rest->read(rest->read_arg, body) : bx_json_parse(body->buf, body->len, NULL);
}

static enum bx_next judge(struct bx_attempt *a, const struct bx_http_reply *reply, cJSON **envelope,
	struct bx_err *err)
{
	if (reply->status == 301 || reply->status == 302 || reply->status == 307 || reply->status == 308)
		return bx_rest_moved(a, reply, err);
	auto_json cJSON *answer = parse_answer(a->rest, reply);
	if (bx_json_get(answer, "error"))
		return refused(a, answer, reply->status, err);
	if (!bx_json_get(answer, "result"))
		return not_rest(a, reply->status, err);
	bx_rest_note_time(a->rest, a->method, bx_json_get(answer, "time"));
	*envelope = answer;
	answer = NULL;
	return BX_NEXT_DONE;
}

/* Most answers of a list or batch are as long as the one before. */
static void keep_memory(struct bx_rest *rest, struct bx_http_reply *reply)
{
	if (reply->body.cap > SPARE_MAX)
		return;
	bx_str_release(&rest->spare);
	rest->spare = reply->body;
	bx_str_init(&reply->body, 0);
}

static enum bx_next send_once(struct bx_attempt *a, cJSON **envelope, struct bx_err *err)
{
	struct bx_rest *rest = a->rest;
	if (!has_tokens(a, err))
		return BX_NEXT_FAIL;
	auto_free char *url = a->url ? bx_xstrdup(a->url) : url_of(rest, a->method);
	if (!bx_rest_may_go(rest, url, err) ||
		!bx_limit_wait(rest->store, &rest->profile, rest->bulk, a->deadline, err))
		return BX_NEXT_FAIL;
	auto_str struct bx_str body = BX_STR_INIT(SIZE_MAX / 4);
	auto_reply struct bx_http_reply reply;
	bx_http_reply_init(&reply);
	reply.body = rest->spare;
	bx_str_init(&rest->spare, 0);
	print_body(rest, a->params, &body);
	struct bx_http_request request = {.url = url, .body = body.buf, .body_len = body.len,
		.type = "application/json", .timeout_ms = a->deadline - bx_mono_ms(),
		.reply_max = BX_REST_REPLY_MAX, .once = !may_repeat(a)};
	if (bx_http_do(rest->http, &request, &reply, err)) {
		enum bx_next next = judge(a, &reply, envelope, err);
		keep_memory(rest, &reply);
		return next;
	}
	if (reply.sent == BX_SENT_MAYBE)
		return uncertain(a, err);
	return err->exit == BX_AGAIN && !reply.untrusted ? pause_and_repeat(a, err) : BX_NEXT_FAIL;
}

cJSON *bx_rest_call(struct bx_rest *rest, const char *method, const cJSON *params, struct bx_err *err)
{
	struct bx_err own = {0};
	struct bx_attempt a = {.rest = rest, .method = method, .params = params,
		.deadline = bx_rest_deadline(rest)};
	cJSON *envelope = NULL;
	enum bx_next next;
	err = err ? err : &own;
	if (bx_json_get(params, "auth")) {
		bx_fail(err, BX_USAGE, "", "'auth' is given by the profile, not as a parameter");
		return NULL;
	}
	do
		next = send_once(&a, &envelope, err);
	while (next == BX_NEXT_AGAIN);
	free(a.url);
	if (envelope)
		*err = (struct bx_err){0};
	return envelope;
}

cJSON *bx_rest_op(struct bx_rest *rest, const struct bx_op *op, const cJSON *params,
	struct bx_err *err)
{
	auto_json cJSON *envelope = bx_rest_call(rest, op->wire, params, err);
	return envelope ? cJSON_DetachItemFromObjectCaseSensitive(envelope, "result") : NULL;
}

cJSON *bx_rest_preview(const struct bx_rest *rest, const char *method, const cJSON *params)
{
	auto_free char *url = url_of(rest, method);
	auto_str struct bx_str text = BX_STR_INIT(SIZE_MAX / 4), body = BX_STR_INIT(SIZE_MAX / 4);
	auto_json cJSON *quoted = cJSON_CreateString(url);
	auto_free char *where = bx_json_print(quoted);
	print_body(rest, params, &body);
	bx_str_printf(&text, "{\"method\":\"POST\",\"url\":%s,\"body\":%s}", where, body.buf);
	bx_redact(&text);
	return bx_json_parse(text.buf, text.len, NULL);
}
