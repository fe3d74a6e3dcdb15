/* ctl: faults, limits, the clock and the address. */
#include <string.h>
#include "clock.h"
#include "ctl.h"
#include "faults.h"
#include "limits.h"
#include "pages.h"
#include "sender.h"
#include "state.h"
#include "banned.h"

/* Splits "METHOD=VALUE[:N]" in place; N is 1 when it is not there. */
static bool split_order(char *text, char **value, int64_t *count, struct bx_err *err)
{
	char *equal = text ? strchr(text, '=') : NULL;
	char *colon = equal ? strrchr(equal, ':') : NULL;
	*count = 1;
	if (!equal || equal == text || !equal[1])
		return bx_fail(err, BX_USAGE, "", "'%s' is not METHOD=VALUE[:N]", text ? text : "");
	*equal = 0;
	*value = equal + 1;
	if (!colon)
		return true;
	cJSON probe = {.type = cJSON_String, .valuestring = colon + 1};
	if (!bx_json_as_int(&probe, count) || *count < 0)
		return bx_fail(err, BX_USAGE, "", "'%s' is no count", colon + 1);
	*colon = 0;
	return true;
}

static cJSON *done(bool ok)
{
	return ok ? cJSON_CreateObject() : NULL;
}

static cJSON *fault(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	auto_free char *text = bx_xstrdup(bx_json_str(params, "fault"));
	struct sb_order order = {.method = text, .text = bx_json_str(params, "text")};
	char *code = NULL;
	bx_json_int(params, "status", &order.status);
	bx_json_int(params, "ms", &order.ms);
	if (!split_order(text, &code, &order.count, err))
		return NULL;
	order.code = code;
	return done(sb_fault_order(sb, &order, err));
}

static cJSON *drop(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	struct sb_order order = {.method = bx_json_str(params, "method"), .code = "drop", .count = 1};
	return done(sb_fault_order(sb, &order, err));
}

static cJSON *latency(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	auto_free char *text = bx_xstrdup(bx_json_str(params, "latency"));
	struct sb_order order = {.method = text, .code = "latency",
		.only_counted = bx_json_bool(params, "counted", false)};
	char *ms = NULL;
	if (!split_order(text, &ms, &order.count, err))
		return NULL;
	cJSON probe = {.type = cJSON_String, .valuestring = ms};
	if (!bx_json_as_int(&probe, &order.ms) || order.ms < 0) {
		bx_fail(err, BX_USAGE, "", "'%s' is no number of milliseconds", ms);
		return NULL;
	}
	return done(sb_fault_order(sb, &order, err));
}

static cJSON *clear(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	(void)params;
	(void)err;
	sb_clear(&sb->tables[SB_FAULTS]);
	return cJSON_CreateObject();
}

static bool set_clock(struct sandbox *sb, const char *text, struct bx_err *err)
{
	cJSON probe = {.type = cJSON_String, .valuestring = (char *)text};
	int64_t seconds = 0, now = sandbox_now_ms(sb);
	if (bx_streq(text, "freeze") || bx_streq(text, "run")) {
		sb->frozen_ms = 0;
		sb->clock_offset_ms += now - sandbox_now_ms(sb);
		sb->frozen_ms = *text == 'f' ? now : 0;
		return true;
	}
	if (!text || !bx_json_as_int(&probe, &seconds) || seconds > 1000000000 || seconds < -1000000000)
		return bx_fail(err, BX_USAGE, "", "'%s' is no number of seconds", text ? text : "");
	sb->clock_offset_ms = seconds ? sb->clock_offset_ms + seconds * 1000 : 0;
	if (sb->frozen_ms)
		sb->frozen_ms = seconds ? sb->frozen_ms + seconds * 1000 : bx_now_ms();
	return true;
}

static cJSON *move_clock(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	if (!set_clock(sb, bx_json_str(params, "move"), err))
		return NULL;
	sb_sender_clock(sb);
	pages_clock(sb, sb->clock_offset_ms);
	cJSON *answer = cJSON_CreateObject();
	bx_json_set_int(answer, "now", sandbox_now_ms(sb) / 1000);
	return answer;
}

static cJSON *move_host(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	const char *host = bx_json_str(params, "host");
	if (!host || !*host || strpbrk(host, "/ \t\r\n@?#")) {
		bx_fail(err, BX_USAGE, "", "'%s' is no HOST[:PORT]", host ? host : "");
		return NULL;
	}
	free(sb->old_domain);
	sb->old_domain = sb->domain;
	sb->domain = bx_xstrdup(host);
	return sb_state_line(sb);
}

static bool read_limit(struct sandbox *sb, const char *text, struct bx_err *err)
{
	long long most = 0, leak = 0;
	int used = 0;
	bool off = bx_streq(text, "off");
	if (!off && (sscanf(text, "%lld:%lld%n", &most, &leak, &used) != 2 || text[used] || most < 1 ||
			    leak < 1))
		return bx_fail(err, BX_USAGE, "", "'%s' is not X:Y or off", text);
	sb->opts.bucket_max = most;
	sb->opts.bucket_leak = leak;
	return true;
}

static cJSON *limit(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	const char *text = bx_json_str(params, "limit");
	if (text && !read_limit(sb, text, err))
		return NULL;
	bx_json_int(params, "operating", &sb->opts.operating_ms);
	bx_json_int(params, "duration", &sb->opts.duration_ms);
	sb_limits_reset(sb->limits);
	return cJSON_CreateObject();
}

static cJSON *delivery(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	(void)err;
	bx_json_int(params, "delay", &sb->opts.event_delay_ms);
	bx_json_int(params, "slow", &sb->opts.event_slow_ms);
	return cJSON_CreateObject();
}

static void forget_slow(struct sandbox *sb)
{
	for (struct sb_row *r = sb->tables[SB_PLACEMENTS].first; r; r = r->next)
		bx_json_set(bx_json_get(r->data, "options"), "maxTimeCount", NULL);
	sb->slow_reset_ms = 0;
}

static cJSON *slow(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	(void)err;
	bx_json_int(params, "limit", &sb->opts.slow_limit);
	bx_json_int(params, "ms", &sb->opts.slow_ms);
	if (bx_json_bool(params, "reset", false))
		forget_slow(sb);
	return cJSON_CreateObject();
}

static cJSON *load(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	int64_t registration = 0, ms = 0;
	(void)err;
	bx_json_int(params, "registration", &registration);
	bx_json_int(params, "ms", &ms);
	sandbox_slow_load(sb, registration, ms);
	return cJSON_CreateObject();
}

static cJSON *variant(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	const char *name = bx_json_str(params, "name");
	return done(sb_variant_set(sb, name ? name : "", bx_json_bool(params, "on", true), err));
}

const struct sb_ctl sb_ctl_faults[] = {{"fault", fault}, {"drop", drop}, {"latency", latency},
	{"clear", clear}, {"clock", move_clock}, {"move", move_host}, {"limit", limit}, {"slow", slow}, {"delivery", delivery},
	{"load", load}, {"variant", variant}, {0}};
