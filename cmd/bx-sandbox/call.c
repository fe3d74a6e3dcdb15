#include "call.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include "errors.h"
#include "banned.h"

int64_t sb_mono_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t sb_call_us(const struct sb_call *call)
{
	return sb_mono_us() - call->begun_us + call->extra_ms * 1000;
}

void sb_call_release(struct sb_call *call)
{
	cJSON_Delete(call->params);
	cJSON_Delete(call->result);
	cJSON_Delete(call->error);
	free(call->name);
	free(call->token);
	free(call->state);
	free(call->connector);
	free(call->webhook_user);
	free(call->webhook_code);
	free(call->file.field);
	free(call->file.name);
}

bool sb_ok(struct sb_call *call, cJSON *result)
{
	cJSON_Delete(call->result);
	call->result = result;
	call->status = 200;
	return true;
}

bool sb_refuse(struct sb_call *call, const char *code, const char *text)
{
	const struct sb_error *row = sb_error_find(code, text);
	unsigned variants = call->sb->opts.variants;
	bool empty = variants & SB_EMPTY_CORE && !strcmp(code, "ERROR_CORE");
	call->status = row ? row->status : 400;
	if (row && row->old_status && variants & SB_OLD_STATUS)
		call->status = row->old_status;
	cJSON_Delete(call->error);
	call->error = cJSON_CreateObject();
	bx_json_set_str(call->error, "error", empty ? "" : code);
	bx_json_set_str(call->error, "error_description", text ? text : row ? row->text : "");
	return false;
}

bool sb_core(struct sb_call *call, const char *fmt, ...)
{
	auto_str struct bx_str text = BX_STR_INIT(4096);
	va_list ap;
	va_start(ap, fmt);
	bx_str_vprintf(&text, fmt, ap);
	va_end(ap);
	return sb_refuse(call, "ERROR_CORE", text.buf);
}

bool sb_argument(struct sb_call *call, const char *argument, const char *fmt, ...)
{
	auto_str struct bx_str text = BX_STR_INIT(4096);
	va_list ap;
	va_start(ap, fmt);
	bx_str_vprintf(&text, fmt, ap);
	va_end(ap);
	sb_refuse(call, "ERROR_ARGUMENT", text.buf);
	bx_json_set_str(call->error, "argument", argument);
	return false;
}

bool sb_deny(struct sb_call *call, const char *reason)
{
	auto_free char *text = bx_xprintf("Access denied!%s%s", reason ? " " : "", reason ? reason : "");
	return sb_refuse(call, "ACCESS_DENIED", text);
}

bool sb_want_app(struct sb_call *call)
{
	return call->app || sb_refuse(call, "WRONG_AUTH_TYPE",
		"Current authorization type is denied for this method Application context required");
}

bool sb_want_admin(struct sb_call *call)
{
	return call->admin || sb_deny(call, NULL);
}

const cJSON *sb_param(const struct sb_call *call, const char *key)
{
	const cJSON *item = bx_json_get(call->params, key);
	return cJSON_IsNull(item) ? NULL : item;
}

const char *sb_param_str(const struct sb_call *call, const char *key)
{
	return cJSON_GetStringValue(sb_param(call, key));
}

int64_t sb_param_int(const struct sb_call *call, const char *key)
{
	return sb_php_int(sb_param(call, key));
}

char *sb_param_text(const struct sb_call *call, const char *key)
{
	return sb_php_text(sb_param(call, key));
}

int64_t sb_php_int(const cJSON *item)
{
	if (cJSON_IsString(item) || cJSON_IsRaw(item)) {
		/* Strings with a point or an exponent are numbers to PHP as well. */
		const char *text = item->valuestring;
		errno = 0;
		char *end;
		long long whole = strtoll(text, &end, 10);
		if (end != text && (*end == '.' || *end == 'e' || *end == 'E')) {
			double value = strtod(text, NULL);
			return isfinite(value) && fabs(value) < 9e18 ? (int64_t)value : 0;
		}
		return whole;
	}
	if (cJSON_IsNumber(item))
		return fabs(item->valuedouble) < 9e18 ? (int64_t)item->valuedouble : 0;
	return cJSON_IsTrue(item) || (item && item->child);
}

double sb_php_num(const cJSON *item)
{
	double value = cJSON_IsNumber(item) ? item->valuedouble : (double)sb_php_int(item);
	if (cJSON_IsString(item) || cJSON_IsRaw(item)) {
		const char *text = item->valuestring + strspn(item->valuestring, " \t\n");
		value = strspn(text, "+-.0123456789") ? strtod(text, NULL) : 0;
	}
	return isfinite(value) ? value : 0;
}

char *sb_php_text(const cJSON *item)
{
	if (cJSON_IsBool(item))
		return bx_xstrdup(cJSON_IsTrue(item) ? "1" : "");
	char *text = bx_json_as_text(item);
	return text ? text : bx_xstrdup(cJSON_IsArray(item) || cJSON_IsObject(item) ? "Array" : "");
}
