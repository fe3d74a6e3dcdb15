/* Methods every application may call (portal.md 10.7). */
#include <string.h>
#include "access.h"
#include "call.h"
#include "clock.h"
#include "banned.h"

static const char *const all_scopes[] = {"call", "crm", "department", "im", "placement", "task",
	"telephony", "user", "user_basic", "user_brief", NULL};

/* Features of the portal that feature.get tells; all others are off. */
static const char *const features[] = {"rest_offline_extended", "rest_auth_connector", NULL};

static void copy(cJSON *to, const cJSON *from, const char *key)
{
	const cJSON *item = bx_json_get(from, key);
	bx_json_set(to, key, item ? cJSON_Duplicate(item, true) : cJSON_CreateNull());
}

static cJSON *scope_list(const struct sb_call *call)
{
	return cJSON_Duplicate(call->scopes, true);
}

static bool webhook_info(struct sb_call *call)
{
	if (!(call->sb->opts.variants & SB_WEBHOOK_CALLS))
		return sb_deny(call, "Application context required");
	cJSON *info = cJSON_CreateObject();
	bx_json_set(info, "SCOPE", scope_list(call));
	bx_json_set_str(info, "LICENSE", "en_demo");
	return sb_ok(call, info);
}

static bool app_info(struct sb_call *call)
{
	if (!call->app)
		return webhook_info(call);
	cJSON *info = cJSON_CreateObject();
	copy(info, call->app, "ID");
	copy(info, call->app, "CODE");
	copy(info, call->app, "VERSION");
	copy(info, call->app, "STATUS");
	copy(info, call->app, "INSTALLED");
	bool expired = bx_json_bool(call->app, "EXPIRED", false);
	bx_json_set_str(info, "PAYMENT_EXPIRED", expired ? "Y" : "N");
	bx_json_set_str(info, "DAYS", NULL);
	bx_json_set_str(info, "LANGUAGE_ID", "en");
	bx_json_set_str(info, "LICENSE", "en_demo");
	bx_json_set_str(info, "LICENSE_TYPE", "demo");
	bx_json_set_str(info, "LICENSE_FAMILY", "demo");
	return sb_ok(call, info);
}

static bool profile(struct sb_call *call)
{
	cJSON *who = cJSON_CreateObject();
	auto_free char *id = bx_xprintf("%lld", (long long)call->user_id);
	bx_json_set_str(who, "ID", id);
	bx_json_set_bool(who, "ADMIN", call->admin);
	copy(who, call->user, "NAME");
	copy(who, call->user, "LAST_NAME");
	copy(who, call->user, "PERSONAL_GENDER");
	copy(who, call->user, "TIME_ZONE");
	return sb_ok(call, who);
}

static bool user_admin(struct sb_call *call)
{
	return sb_ok(call, cJSON_CreateBool(call->admin));
}

/* The codes an employee answers to: himself, everybody, and every authorised user. */
static bool has_access(const struct sb_call *call, const char *code)
{
	auto_free char *own = bx_xprintf("U%lld", (long long)call->user_id);
	return !strcmp(code, own) || !strcmp(code, "AU") || !strcmp(code, "G2") ||
	       (call->admin && !strcmp(code, "G1"));
}

static bool user_access(struct sb_call *call)
{
	const cJSON *list = sb_param(call, "ACCESS"), *e;
	if (cJSON_IsString(list))
		return sb_ok(call, cJSON_CreateBool(has_access(call, list->valuestring)));
	cJSON_ArrayForEach(e, list)
	{
		if (cJSON_IsString(e) && has_access(call, e->valuestring))
			return sb_ok(call, cJSON_CreateTrue());
	}
	return sb_ok(call, cJSON_CreateFalse());
}

static bool scope(struct sb_call *call)
{
	if (!bx_json_truthy(sb_param(call, "FULL")))
		return sb_ok(call, scope_list(call));
	cJSON *list = cJSON_CreateArray();
	for (const char *const *s = all_scopes; *s; s++)
		cJSON_AddItemToArray(list, cJSON_CreateString(*s));
	return sb_ok(call, list);
}

static bool is_wanted(const struct sb_call *call, const struct bx_op *op)
{
	const char *only = sb_param_str(call, "scope");
	if (only)
		return !strcmp(op->scope ? op->scope : "", only);
	return bx_json_truthy(sb_param(call, "full")) || sb_in_scope(call, op);
}

static bool methods(struct sb_call *call)
{
	cJSON *list = cJSON_CreateArray();
	for (const struct bx_op *const *t = bx_op_tables; *t; t++) {
		for (const struct bx_op *op = *t; op->wire; op++) {
			const struct bx_op *found;
			bool ours = op->kind == BX_METHOD && sb_method_by_wire(op->wire, &found);
			if (ours && is_wanted(call, op))
				cJSON_AddItemToArray(list, cJSON_CreateString(op->wire));
		}
	}
	return sb_ok(call, list);
}

static bool method_get(struct sb_call *call)
{
	const char *name = sb_param_str(call, "name");
	const struct bx_op *op = NULL;
	bool exists = name && sb_method_by_wire(name, &op);
	cJSON *answer = cJSON_CreateObject();
	bx_json_set_bool(answer, "isExisting", exists);
	bx_json_set_bool(answer, "isAvailable", exists && sb_in_scope(call, op));
	return sb_ok(call, answer);
}

static bool server_time(struct sb_call *call)
{
	char text[BX_ISO_SIZE];
	bx_time_iso(text, sandbox_now_ms(call->sb), call->sb->opts.zone_minutes);
	return sb_ok(call, cJSON_CreateString(text));
}

static bool feature_get(struct sb_call *call)
{
	auto_free char *code = sb_param_text(call, "CODE");
	if (!*code)
		return sb_refuse(call, "CODE_EMPTY", NULL);
	bool on = false, plain = call->sb->opts.variants & SB_PLAIN_QUEUE;
	for (const char *const *f = features; *f && !plain; f++)
		on = on || !strcmp(*f, code);
	cJSON *answer = cJSON_CreateObject();
	bx_json_set_str(answer, "value", on ? "Y" : "N");
	return sb_ok(call, answer);
}

const struct sb_method sb_common_methods[] = {{"app.info", app_info}, {"profile", profile},
	{"user.admin", user_admin}, {"user.access", user_access}, {"scope", scope},
	{"methods", methods}, {"method.get", method_get}, {"server.time", server_time},
	{"feature.get", feature_get}, {0}};
