#include "access.h"

#include <string.h>
#include "call.h"
#include "secret.h"
#include "banned.h"

#define TOKENS_KEPT 20000

static cJSON *add_token(struct sandbox *sb, const char *kind, const cJSON *app, int64_t user,
	int64_t seconds)
{
	char text[49];
	int64_t app_id = 0;
	bx_json_int(app, "ID", &app_id);
	bx_random_hex(text, 24);
	cJSON *row = cJSON_CreateObject();
	bx_json_set_str(row, "token", text);
	bx_json_set_str(row, "kind", kind);
	bx_json_set_int(row, "app", app_id);
	bx_json_set_int(row, "user", user);
	bx_json_set_int(row, "expires_ms", sandbox_now_ms(sb) + seconds * 1000);
	return sb_add(&sb->tables[SB_TOKENS], row);
}

struct sb_pair sb_issue(struct sandbox *sb, const cJSON *app, int64_t user, bool refresh, int depth)
{
	struct sb_pair pair = {0};
	sb_trim(&sb->tables[SB_TOKENS], TOKENS_KEPT);
	cJSON *row = add_token(sb, "access", app, user, SB_ACCESS_SECONDS);
	if (depth)
		bx_json_set_int(row, "depth", depth);
	pair.access = bx_json_str(row, "token");
	pair.expires = sandbox_now_ms(sb) / 1000 + SB_ACCESS_SECONDS;
	if (refresh)
		pair.refresh = bx_json_str(
			add_token(sb, "refresh", app, user, SB_REFRESH_SECONDS), "token");
	return pair;
}

static bool is_live(const struct sandbox *sb, const cJSON *row)
{
	int64_t expires = 0;
	bx_json_int(row, "expires_ms", &expires);
	return expires > sandbox_now_ms(sb);
}

cJSON *sb_refresh_row(struct sandbox *sb, const char *token, const cJSON *app)
{
	cJSON *row = sb_find(&sb->tables[SB_TOKENS], token);
	int64_t owner = 0, id = 0;
	bx_json_int(row, "app", &owner);
	bx_json_int(app, "ID", &id);
	bool good = row && bx_streq(bx_json_str(row, "kind"), "refresh") && owner == id;
	return good && is_live(sb, row) ? row : NULL;
}

void sb_expire_tokens(struct sandbox *sb, const char *token)
{
	for (struct sb_row *r = sb->tables[SB_TOKENS].first; r; r = r->next) {
		bool named = token && bx_streq(bx_json_str(r->data, "token"), token);
		if (named || (!token && bx_streq(bx_json_str(r->data, "kind"), "access")))
			bx_json_set_int(r->data, "expires_ms", sandbox_now_ms(sb) - 1000);
	}
}

cJSON *sb_app_by_client(struct sandbox *sb, const char *client_id)
{
	for (struct sb_row *r = sb->tables[SB_APPS].first; r && client_id; r = r->next) {
		if (bx_streq(bx_json_str(r->data, "CODE"), client_id))
			return r->data;
	}
	return NULL;
}

bool sb_app_allows(const cJSON *app, int64_t user)
{
	const cJSON *list = bx_json_get(app, "access"), *e;
	if (!cJSON_IsArray(list))
		return true;
	cJSON_ArrayForEach(e, list)
	{
		int64_t id;
		if (bx_json_as_int(e, &id) && id == user)
			return true;
	}
	return false;
}

bool sb_app_runs(const cJSON *app)
{
	return bx_json_bool(app, "ADDED", false) && bx_json_bool(app, "INSTALLED", false) &&
	       bx_json_bool(app, "ACTIVE", true);
}

cJSON *sb_user(struct sandbox *sb, int64_t id)
{
	cJSON *user = sb_find_id(&sb->tables[SB_USERS], id);
	return bx_json_bool(user, "ACTIVE", false) ? user : NULL;
}

bool sb_is_admin(const cJSON *user)
{
	return bx_json_bool(user, "ADMIN", false);
}

int64_t sb_first_admin(struct sandbox *sb)
{
	for (struct sb_row *r = sb->tables[SB_USERS].first; r; r = r->next) {
		int64_t id = 0;
		if (sb_is_admin(r->data) && bx_json_int(r->data, "ID", &id) && sb_user(sb, id))
			return id;
	}
	return 0;
}

char *sb_scope_text(const cJSON *app)
{
	struct bx_str out = BX_STR_INIT(4096);
	const cJSON *e;
	cJSON_ArrayForEach(e, bx_json_get(app, "scope"))
		bx_str_printf(&out, "%s%s", out.len ? "," : "", e->valuestring);
	return bx_str_take(&out);
}

char *sb_endpoint(const struct sandbox *sb)
{
	auto_free char *origin = sandbox_origin(sb);
	return bx_xprintf("%s/rest/", origin);
}

char *sb_auth_endpoint(const struct sandbox *sb)
{
	auto_free char *origin = sandbox_auth_origin(sb);
	return bx_xprintf("%s/rest/", origin);
}

static bool authorize_webhook(struct sb_call *call)
{
	cJSON *hook = sb_find(&call->sb->tables[SB_WEBHOOKS], call->webhook_code);
	int64_t owner = 0;
	bx_json_int(hook, "user", &owner);
	auto_free char *owner_text = bx_xprintf("%lld", (long long)owner);
	if (!hook || !bx_streq(owner_text, call->webhook_user))
		return sb_refuse(call, "INVALID_CREDENTIALS", NULL);
	call->access = hook;
	call->user_id = owner;
	call->scopes = bx_json_get(hook, "scope");
	return true;
}

static bool authorize_token(struct sb_call *call)
{
	cJSON *row = sb_find(&call->sb->tables[SB_TOKENS], call->token);
	if (!call->token || !*call->token)
		return sb_refuse(call, "NO_AUTH_FOUND", NULL);
	if (!row || !bx_streq(bx_json_str(row, "kind"), "access"))
		return sb_refuse(call, "invalid_token", NULL);
	if (!is_live(call->sb, row))
		return sb_refuse(call, "expired_token", NULL);
	bx_json_int(row, "app", &call->app_id);
	bx_json_int(row, "user", &call->user_id);
	call->access = row;
	call->app = sb_find_id(&call->sb->tables[SB_APPS], call->app_id);
	if (!bx_json_bool(call->app, "ADDED", false) || !bx_json_bool(call->app, "ACTIVE", true))
		return sb_refuse(call, "APPLICATION_NOT_FOUND", NULL);
	call->scopes = bx_json_get(call->app, "scope");
	return true;
}

bool sb_call_authorize(struct sb_call *call)
{
	if (!(call->webhook_code ? authorize_webhook(call) : authorize_token(call)))
		return false;
	call->user = sb_user(call->sb, call->user_id);
	call->admin = sb_is_admin(call->user);
	return call->user || sb_refuse(call, "authorization_error", NULL);
}

int sb_call_depth(const struct sb_call *call)
{
	int64_t depth = 0;
	bx_json_int(call->access, "depth", &depth);
	return (int)depth;
}

bool sb_has_scope(const struct sb_call *call, const char *scope)
{
	const cJSON *e;
	cJSON_ArrayForEach(e, call->scopes)
	{
		if (bx_streq(e->valuestring, scope))
			return true;
	}
	return false;
}
