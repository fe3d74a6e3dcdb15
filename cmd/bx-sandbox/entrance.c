#include "entrance.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "faults.h"
#include "form.h"
#include "httpd.h"
#include "input.h"
#include "limits.h"
#include "trace.h"
#include "banned.h"

char *sb_clean_path(const char *path)
{
	char *clean = bx_xstrdup(path), *out = clean;
	for (const char *p = path; *p; p++) {
		if (*p != '/' || out == clean || out[-1] != '/')
			*out++ = *p;
	}
	while (out > clean + 1 && out[-1] == '/')
		out--;
	*out = 0;
	return clean;
}

/* A format is what follows the last dot, if it is exactly one of the two (2.1). */
static void take_format(struct sb_call *call)
{
	char *dot = strrchr(call->name, '.');
	bool json = dot && !strcmp(dot, ".json");
	call->xml = dot && !strcmp(dot, ".xml");
	if (json || call->xml)
		*dot = 0;
}

/* METHOD, or USER/CODE/METHOD of a webhook; anything else is no method. */
static void take_address(struct sb_call *call, const char *path)
{
	auto_free char *text = bx_xstrdup(path + strspn(path, "/"));
	bx_form_unescape(text, strlen(text));
	char *code = strchr(text, '/'), *name = code ? strchr(code + 1, '/') : NULL;
	if (name && isdigit((unsigned char)*text)) {
		*code = *name = 0;
		call->webhook_user = bx_xstrdup(text);
		call->webhook_code = bx_xstrdup(code + 1);
		call->name = bx_xstrdup(name + 1);
	} else {
		call->name = bx_xstrdup(text);
	}
	take_format(call);
}

/* A parameter that belongs to the transport leaves the method's arguments. */
static char *take_param(cJSON *params, const char *key)
{
	cJSON *item = bx_json_get(params, key);
	char *text = item && !cJSON_IsNull(item) ? sb_php_text(item) : NULL;
	bx_json_set(params, key, NULL);
	return text;
}

static char *bearer(const struct bx_request *req)
{
	const char *header = bx_request_header(req, "Authorization");
	if (!header || strncasecmp(header, "Bearer ", 7) != 0)
		return NULL;
	return bx_xstrdup(header + 7 + strspn(header + 7, " "));
}

void sb_call_take(struct sb_call *call)
{
	char *header = call->req ? bearer(call->req) : NULL, *auth = take_param(call->params, "auth");
	char *access = take_param(call->params, "access_token");
	char *chosen = header ? header : auth && *auth ? auth : access;
	call->token = bx_xstrdup(chosen);
	free(header);
	free(auth);
	free(access);
	call->connector = take_param(call->params, "auth_connector");
	call->state = take_param(call->params, "state");
	const cJSON *start = bx_json_get(call->params, "start");
	call->has_start = start && !cJSON_IsNull(start);
	call->start = sb_php_int(start);
}

/* What stands in front of every call: encryption, then the request rate. */
static bool pass_front(struct sb_call *call)
{
	struct sandbox *sb = call->sb;
	if (sb->opts.require_https && !sb->opts.https)
		return sb_refuse(call, "INVALID_REQUEST", NULL);
	return sb_rate(sb, bx_request_peer(call->req)) || sb_refuse(call, "QUERY_LIMIT_EXCEEDED", NULL);
}

static bool run(struct sb_call *call)
{
	if (!pass_front(call))
		return false;
	call->method = sb_method_by_wire(call->name, &call->op);
	if (!call->method)
		return sb_refuse(call, "ERROR_METHOD_NOT_FOUND", NULL);
	sb_call_fold(call);
	return sb_call_authorize(call) && sb_call_run(call);
}

static void end_call(struct sb_call *call)
{
	*(call->later ? &call->later->earlier : &call->sb->calls) = call->earlier;
	if (call->earlier)
		call->earlier->later = call->later;
	sb_call_release(call);
	free(call);
}

static void finish(void *arg)
{
	struct sb_call *call = arg;
	call->timer = NULL;
	sb_book_time(call);
	sb_answer(call);
	end_call(call);
}

void sb_rest_abandon(struct sandbox *sb)
{
	while (sb->calls) {
		bx_loop_cancel(sb->loop, sb->calls->timer);
		end_call(sb->calls);
	}
}

/* The old address of a portal that moved sends every call on (2.6). */
static bool has_moved(struct sandbox *sb, struct bx_request *req)
{
	const char *host = bx_request_header(req, "Host"), *query = bx_request_query(req);
	if (!sb->old_domain || !host || strcasecmp(host, sb->old_domain) != 0)
		return false;
	auto_free char *origin = sandbox_origin(sb);
	auto_free char *url = bx_xprintf("%s%s%s%s", origin, bx_request_path(req), *query ? "?" : "",
		query);
	bx_reply_header(req, "Location", url);
	bx_reply(req, 302, "text/html", "", 0);
	return true;
}

static struct sb_call *begin_call(struct sandbox *sb, struct bx_request *req)
{
	struct sb_call *call = bx_xcalloc(1, sizeof *call);
	*call = (struct sb_call){.sb = sb, .req = req, .status = 200, .total = -1, .next = -1};
	call->begun_us = sb_mono_us();
	call->earlier = sb->calls;
	if (sb->calls)
		sb->calls->later = call;
	sb->calls = call;
	return call;
}

/* A call that takes too long is ended by the server around it (3.3): executed, and never answered. */
static void cut_off(void *arg)
{
	struct sb_call *call = arg;
	call->timer = NULL;
	sb_book_time(call);
	bx_reply_cut(call->req, NULL, 0);
	end_call(call);
}

void sb_resume(struct sb_call *call)
{
	int64_t delay = sb_fault_delay(call), most = call->sb->opts.duration_ms;
	call->pending = false;
	if (delay > most)
		call->timer = bx_loop_timer(call->sb->loop, most, cut_off, call);
	else if (delay)
		call->timer = bx_loop_timer(call->sb->loop, delay, finish, call);
	else
		finish(call);
}

void sb_rest(struct sandbox *sb, struct bx_request *req, const char *path)
{
	int64_t seq = sb_trace_request(sb, req, "rest");
	if (has_moved(sb, req))
		return;
	struct sb_call *call = begin_call(sb, req);
	call->trace = seq;
	take_address(call, path + strlen("/rest"));
	call->params = sb_input_read(req, &call->file);
	sb_call_take(call);
	sb_method_by_wire(call->name, &call->op);
	if (sb_fault_cuts(call)) {
		bx_reply_cut(req, NULL, 0);
		end_call(call);
		return;
	}
	run(call);
	if (!call->pending)
		sb_resume(call);
}
