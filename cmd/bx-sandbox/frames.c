/* What the frames of open pages ask for, and how slow they load (portal.md 8.4, 8.5, 12.4). */
#include <string.h>
#include "access.h"
#include "form.h"
#include "sender.h"
#include "banned.h"

#define WINDOW_MS (24 * 3600 * (int64_t)1000)
#define COUNTER	  "maxTimeCount"

static cJSON *frame_app(struct sandbox *sb, const char *sid, const cJSON **frame)
{
	int64_t id = 0;
	*frame = sb_find(&sb->tables[SB_FRAMES], sid);
	bx_json_int(*frame, "app", &id);
	cJSON *app = sb_find_id(&sb->tables[SB_APPS], id);
	return bx_json_bool(app, "ADDED", false) ? app : NULL;
}

cJSON *sandbox_refresh_auth(struct sandbox *sb, const char *sid)
{
	const cJSON *frame, *app = frame_app(sb, sid, &frame);
	int64_t user = 0;
	bx_json_int(frame, "user", &user);
	if (!app || !sb_user(sb, user) || !sb_app_allows(app, user))
		return NULL;
	struct sb_pair pair = sb_issue(sb, app, user, true, 0);
	cJSON *answer = cJSON_CreateObject();
	bx_json_set_str(answer, "AUTH_ID", pair.access);
	bx_json_set_int(answer, "AUTH_EXPIRES", SB_ACCESS_SECONDS);
	bx_json_set_str(answer, "REFRESH_ID", pair.refresh);
	return answer;
}

/* The map under key, made when it is missing. */
static cJSON *below(cJSON *row, const char *key)
{
	cJSON *map = bx_json_get(row, key);
	if (!map)
		bx_json_set(row, key, map = cJSON_CreateObject());
	return map;
}

bool sandbox_set_option(struct sandbox *sb, const char *sid, bool app_wide, const char *name,
	const cJSON *value)
{
	const cJSON *frame;
	cJSON *app = frame_app(sb, sid, &frame);
	int64_t user = 0;
	bx_json_int(frame, "user", &user);
	if (!app || (app_wide && !sb_is_admin(sb_user(sb, user))))
		return false;
	auto_free char *key = bx_xprintf("%lld", (long long)user);
	cJSON *options = app_wide ? below(app, "options") : below(below(app, "user_options"), key);
	bx_json_set(options, name, value ? cJSON_Duplicate(value, true) : cJSON_CreateNull());
	return true;
}

bool sandbox_install_finish(struct sandbox *sb, const char *sid, bool finished)
{
	const cJSON *frame;
	cJSON *app = frame_app(sb, sid, &frame);
	int64_t user = 0;
	bx_json_int(frame, "user", &user);
	if (!app || !sb_is_admin(sb_user(sb, user)))
		return false;
	bx_json_set_bool(app, "INSTALLED", finished);
	return true;
}

/* The notice names neither the placement nor the registration, and proves nothing (8.5). */
static void notify(struct sandbox *sb, const cJSON *place)
{
	const char *url = bx_json_str(bx_json_get(place, "options"), "errorHandlerUrl");
	auto_json cJSON *form = cJSON_CreateObject();
	auto_str struct bx_str body = BX_STR_INIT(4096);
	auto_free char *text = bx_xprintf("Handler removed: over %lld s more than %lld times",
		(long long)(sb->opts.slow_ms / 1000), (long long)sb->opts.slow_limit);
	bx_json_set_str(form, "error", "ERROR_PLACEMENT_LOADING_OVERTIME");
	bx_json_set_str(form, "error_description", text);
	bx_form_encode(&body, form);
	if (url && *url)
		sb_send(sb, url, body.buf);
}

void sandbox_slow_load(struct sandbox *sb, int64_t registration, int64_t ms)
{
	cJSON *place = sb_find_id(&sb->tables[SB_PLACEMENTS], registration);
	cJSON *options = bx_json_get(place, "options");
	int64_t count = 0, now = sandbox_now_ms(sb);
	if (!options || ms <= sb->opts.slow_ms)
		return;
	bx_json_int(options, COUNTER, &count);
	if (!count || sb->slow_reset_ms <= now) {
		count = 0;
		sb->slow_reset_ms = now + WINDOW_MS;
	}
	bx_json_set_int(options, COUNTER, ++count);
	if (count <= sb->opts.slow_limit)
		return;
	notify(sb, place);
	sb_remove(&sb->tables[SB_PLACEMENTS], place);
}
