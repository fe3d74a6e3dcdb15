/* What the portal's errors mean (portal.md 2.5). */
#include "rest_impl.h"

#include "clock.h"
#include "json_flat.h"
#include "secret.h"
#include "banned.h"

#define RESET_MS 1000 /* the portal tells whole seconds */
#define RESET_MAX (INT64_C(1) << 40)

static const struct {
	const char *code;
	enum bx_exit exit;
	const char *hint; /* or NULL */
} errors[] = {
	{"NO_AUTH_FOUND", BX_NOAUTH, NULL},
	{"expired_token", BX_NOAUTH,
		"a refresh did not help: see bx-auth check"},
	{"invalid_token", BX_NOAUTH,
		"a refresh did not help: see bx-auth check"},
	{"INVALID_CREDENTIALS", BX_NOAUTH,
		"the webhook is wrong or was deleted: give the new one with bx-auth set --webhook"},
	{"insufficient_scope", BX_NOAUTH,
		"the app or webhook lacks a permission: add it in the portal, and install the app again"},
	{"user_access_error", BX_NOAUTH,
		"the portal does not let this user use the app"},
	{"APPLICATION_NOT_FOUND", BX_NOAUTH, NULL},
	{"authorization_error", BX_NOAUTH, NULL},
	{"ACCESS_DENIED", BX_NOAUTH,
		"the user may not do this, or the plan does not have it"},
	{"WRONG_AUTH_TYPE", BX_NOAUTH,
		"this needs an app's tokens, not a webhook"},
	{"METHOD_CONFIRM_WAITING", BX_NOAUTH, NULL},
	{"METHOD_CONFIRM_DENIED", BX_NOAUTH, NULL},
	{"CONNECTION_ERROR", BX_AGAIN, NULL},
	{"QUERY_LIMIT_EXCEEDED", BX_AGAIN,
		"others call from this address too; see bx-auth set --limit"},
	{"OPERATION_TIME_LIMIT", BX_AGAIN,
		"the method has used up its time; it works again within ten minutes"},
	{"ERROR_METHOD_NOT_FOUND", BX_REFUSED,
		"bx-rest methods lists what the portal offers to these tokens"},
	{"OVERLOAD_LIMIT", BX_AGAIN,
		"the portal was blocked by hand: ask its support"},
};

const char *bx_rest_hint(const char *code)
{
	for (size_t i = 0; i < BX_COUNT(errors); i++) {
		if (!strcmp(errors[i].code, code))
			return errors[i].hint;
	}
	return NULL;
}

enum bx_exit bx_rest_exit(const char *code, int http)
{
	for (size_t i = 0; i < BX_COUNT(errors); i++) {
		if (!strcmp(errors[i].code, code))
			return errors[i].exit;
	}
	return http == 401 ? BX_NOAUTH : BX_REFUSED;
}

void bx_rest_error(const cJSON *answer, int http, struct bx_err *err)
{
	auto_free char *code = bx_json_as_text(bx_json_get(answer, "error"));
	const char *text = bx_json_str(answer, "error_description");
	const char *argument = bx_json_str(answer, "argument");
	if (!code)
		code = bx_xstrdup("");
	enum bx_exit status = bx_rest_exit(code, http);
	bool named = argument && text && strstr(text, argument);
	/* Masked before it is cut to fit: half a secret would not be known as one. */
	auto_str struct bx_str said = BX_STR_INIT(1 << 20);
	bx_str_printf(&said, "%.60000s%s%.60000s%s", text && *text ? text : "no description was given",
		argument && !named ? " (argument " : "", argument && !named ? argument : "",
		argument && !named ? ")" : "");
	bx_redact(&said);
	code = bx_redact_data(code);
	bx_fail(err, status, code, "%s", said.buf);
	if (err)
		err->http = http;
}

static char *time_key(const struct bx_rest *rest, const char *method)
{
	return bx_xprintf("operating %s %.*s", rest->profile.name, (int)strcspn(method, "?"), method);
}

static int64_t reset_ms(struct bx_rest *rest, const char *method)
{
	auto_free char *key = time_key(rest, method);
	auto_free char *value = bx_value_get(rest->store, key, NULL);
	return value ? strtoll(value, NULL, 10) * 1000 : 0;
}

/* Of an answer that is not taken apart wholly it is text. */
static double number_of(const cJSON *item)
{
	if (cJSON_IsRaw(item))
		return strtod(item->valuestring, NULL);
	return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

static void note_reset(struct bx_rest *rest, const char *method, int64_t reset)
{
	auto_free char *noted = bx_xprintf("%lld %.*s", (long long)reset, (int)strcspn(method, "?"), method);
	if (reset <= 0 || reset > RESET_MAX || bx_streq(rest->noted, noted))
		return;
	if (reset * 1000 == reset_ms(rest, method)) {
		bx_set_str(&rest->noted, noted);
		return;
	}
	auto_free char *key = time_key(rest, method);
	auto_free char *value = bx_xprintf("%lld", (long long)reset);
	/* Losing it in a crash of the machine costs one refusal; a sync each call costs more. */
	bx_store_relax(rest->store, true);
	if (bx_value_set(rest->store, key, value, NULL))
		bx_set_str(&rest->noted, noted);
	bx_store_relax(rest->store, false);
}

void bx_rest_note_time(struct bx_rest *rest, const char *method, const cJSON *time)
{
	int64_t reset;
	if (cJSON_IsRaw(time))
		bx_rest_note_time_text(rest, method, time->valuestring);
	else if (number_of(bx_json_get(time, "operating")) > 0 && bx_json_int(time, "operating_reset_at", &reset))
		note_reset(rest, method, reset);
}

void bx_rest_note_time_text(struct bx_rest *rest, const char *method, const char *time)
{
	const char *used = bx_json_find(time, "operating");
	int64_t reset;
	if (used && strtod(used, NULL) > 0 && bx_json_find_int(time, "operating_reset_at", &reset))
		note_reset(rest, method, reset);
}

int64_t bx_rest_time_wait(struct bx_rest *rest, const char *method, int64_t deadline)
{
	int64_t wait = reset_ms(rest, method) - bx_now_ms();
	return wait > 0 && wait + RESET_MS < deadline - bx_mono_ms() ? wait + RESET_MS : 0;
}
