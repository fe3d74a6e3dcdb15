#include "oauth.h"

#include <string.h>
#include "access.h"
#include "entrance.h"
#include "faults.h"
#include "form.h"
#include "handler.h"
#include "httpd.h"
#include "input.h"
#include "secret.h"
#include "trace.h"
#include "banned.h"

#define CODES_KEPT 1000

/* One request to the token endpoint. */
struct grant {
	struct sandbox *sb;
	struct bx_request *req;
	cJSON *params;
	cJSON *app;
	int64_t trace;
};

static void reply(const struct grant *g, int status, const cJSON *tree)
{
	sb_trace_answer(g->sb, g->trace, status, tree);
	if (!sb_fault_breaks_oauth(g->sb, g->req, status, tree))
		sb_reply_json(g->req, status, tree);
}

static void refuse(struct grant *g, int status, const char *code, const char *text)
{
	auto_json cJSON *error = cJSON_CreateObject();
	bx_json_set_str(error, "error", code);
	bx_json_set_str(error, "error_description", text);
	reply(g, status, error);
}

static void refuse_grant(struct grant *g)
{
	refuse(g, 400, "invalid_grant", "Invalid grant");
}

/* The names of 6.1, in the order portals send them. */
static cJSON *token_answer(struct sandbox *sb, const cJSON *app, int64_t user)
{
	struct sb_pair pair = sb_issue(sb, app, user, true, 0);
	auto_free char *scope = sb_scope_text(app), *endpoint = sb_endpoint(sb);
	auto_free char *auth_endpoint = sb_auth_endpoint(sb), *auth_host = sb_url_host(auth_endpoint);
	cJSON *answer = cJSON_CreateObject();
	bx_json_set_str(answer, "access_token", pair.access);
	bx_json_set_int(answer, "expires", pair.expires);
	bx_json_set_int(answer, "expires_in", SB_ACCESS_SECONDS);
	bx_json_set_str(answer, "scope", scope);
	bx_json_set_str(answer, "domain", auth_host);
	bx_json_set_str(answer, "server_endpoint", auth_endpoint);
	bx_json_set_str(answer, "status", bx_json_str(app, "STATUS"));
	bx_json_set_str(answer, "client_endpoint", endpoint);
	bx_json_set_str(answer, "member_id", sb->member_id);
	bx_json_set_int(answer, "user_id", user);
	bx_json_set_str(answer, "refresh_token", pair.refresh);
	return answer;
}

static void grant_tokens(struct grant *g, int64_t user)
{
	auto_json cJSON *answer = token_answer(g->sb, g->app, user);
	reply(g, 200, answer);
}

/* A refresh token lives until it is used: the answer brings the next one. */
static void grant_refresh(struct grant *g)
{
	const char *token = bx_json_str(g->params, "refresh_token");
	const cJSON *row = sb_refresh_row(g->sb, token, g->app);
	int64_t user = 0;
	bx_json_int(row, "user", &user);
	if (!row || !sb_user(g->sb, user)) {
		refuse_grant(g);
		return;
	}
	sb_remove(&g->sb->tables[SB_TOKENS], row);
	grant_tokens(g, user);
}

static void grant_code(struct grant *g)
{
	struct sb_table *codes = &g->sb->tables[SB_CODES];
	const cJSON *row = sb_find(codes, bx_json_str(g->params, "code"));
	int64_t user = 0, app = 0, own = 0, expires = 0;
	bx_json_int(row, "user", &user);
	bx_json_int(row, "app", &app);
	bx_json_int(row, "expires_ms", &expires);
	bx_json_int(g->app, "ID", &own);
	if (!row || app != own || expires <= sandbox_now_ms(g->sb)) {
		refuse_grant(g);
		return;
	}
	sb_remove(codes, row);
	grant_tokens(g, user);
}

/* A scope may be narrowed in a request, never widened. */
static bool scope_fits(const struct grant *g)
{
	const char *asked = bx_json_str(g->params, "scope");
	auto_free char *owned = sb_scope_text(g->app);
	auto_free char *have = bx_xprintf(",%s,", owned);
	for (const char *p = asked ? asked : ""; *p;) {
		size_t len = strcspn(p, ", ");
		auto_free char *one = bx_xstrndup(p, len);
		auto_free char *needle = bx_xprintf(",%s,", one);
		if (len && !strstr(have, needle))
			return false;
		p += len + (p[len] != 0);
	}
	return true;
}

static bool is_client(struct grant *g)
{
	const char *id = bx_json_str(g->params, "client_id");
	const char *secret = bx_json_str(g->params, "client_secret");
	g->app = sb_app_by_client(g->sb, id);
	return g->app && bx_json_bool(g->app, "ADDED", false) &&
	       bx_secret_equal(bx_json_str(g->app, "client_secret"), secret);
}

static void answer_grant(struct grant *g)
{
	const char *type = bx_json_str(g->params, "grant_type");
	bool refresh = bx_streq(type, "refresh_token"), code = bx_streq(type, "authorization_code");
	if (!refresh && !code)
		refuse(g, 400, "invalid_request", "Invalid request");
	else if (!is_client(g))
		refuse(g, 401, "invalid_client", "Invalid client");
	else if (bx_json_bool(g->app, "EXPIRED", false))
		refuse(g, 402, "PAYMENT_REQUIRED", "Payment required");
	else if (!scope_fits(g))
		refuse(g, 400, "invalid_scope", "Invalid scope");
	else if (refresh)
		grant_refresh(g);
	else
		grant_code(g);
}

void sb_oauth_token(struct sandbox *sb, struct bx_request *req)
{
	auto_json cJSON *params = sb_input_read(req, NULL);
	struct grant g = {.sb = sb, .req = req, .params = params,
		.trace = sb_trace_request(sb, req, "oauth")};
	if (!sb_fault_oauth(sb, req))
		answer_grant(&g);
}

static const char *new_code(struct sandbox *sb, int64_t app, int64_t user)
{
	char text[33];
	bx_random_hex(text, 16);
	cJSON *row = cJSON_CreateObject();
	bx_json_set_str(row, "code", text);
	bx_json_set_int(row, "app", app);
	bx_json_set_int(row, "user", user);
	bx_json_set_int(row, "expires_ms", sandbox_now_ms(sb) + SB_CODE_SECONDS * 1000);
	sb_trim(&sb->tables[SB_CODES], CODES_KEPT);
	return bx_json_str(sb_add(&sb->tables[SB_CODES], row), "code");
}

static void own_page(struct bx_request *req, const char *text)
{
	auto_free char *page = bx_xprintf("<!DOCTYPE html><title>Portal</title><p>%s</p>\n", text);
	bx_reply(req, 200, "text/html; charset=utf-8", page, strlen(page));
}

static char *return_address(struct sandbox *sb, const cJSON *app, const char *code, const char *state)
{
	const char *base = bx_json_str(app, "redirect_url");
	auto_json cJSON *query = cJSON_CreateObject();
	struct bx_str url = BX_STR_INIT(65536);
	auto_str struct bx_str fields = BX_STR_INIT(32768);
	auto_free char *scope = sb_scope_text(app), *origin = sandbox_auth_origin(sb);
	auto_free char *auth_host = sb_url_host(origin);
	bx_json_set_str(query, "code", code);
	if (state)
		bx_json_set_str(query, "state", state);
	bx_json_set_str(query, "domain", sb->domain);
	bx_json_set_str(query, "member_id", sb->member_id);
	bx_json_set_str(query, "scope", scope);
	bx_json_set_str(query, "server_domain", auth_host);
	bx_form_encode(&fields, query);
	bx_str_printf(&url, "%s%c%s", base, strchr(base, '?') ? '&' : '?', fields.buf);
	return bx_str_take(&url);
}

/* Who sits at the browser is said by the sandbox's own parameter; without it the administrator. */
static int64_t browser_user(struct sandbox *sb, const cJSON *params)
{
	int64_t user = sb_first_admin(sb);
	bx_json_int(params, "sandbox_user", &user);
	return user;
}

void sb_oauth_authorize(struct sandbox *sb, struct bx_request *req)
{
	auto_json cJSON *params = sb_input_read(req, NULL);
	const cJSON *app = sb_app_by_client(sb, bx_json_str(params, "client_id"));
	const char *base = bx_json_str(app, "redirect_url");
	int64_t user = browser_user(sb, params), id = 0;
	bx_json_int(app, "ID", &id);
	sb_trace_answer(sb, sb_trace_request(sb, req, "oauth"), 200, NULL);
	if (!sb_app_runs(app) || !base || !*base) {
		own_page(req, "The application is not installed.");
		return;
	}
	if (!sb_user(sb, user) || !sb_app_allows(app, user)) {
		own_page(req, "The user cannot be authorised for this application.");
		return;
	}
	auto_free char *url = return_address(sb, app, new_code(sb, id, user),
		bx_json_str(params, "state"));
	bx_reply_header(req, "Location", url);
	bx_reply(req, 302, "text/html", "", 0);
}
