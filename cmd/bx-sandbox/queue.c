/* Reading the offline queue (portal.md 10.6). */
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "offline.h"
#include "query.h"
#include "secret.h"
#include "banned.h"

#define EXTENDED   "rest_offline_extended"
#define PACKAGE_MS (30 * 24 * 3600 * (int64_t)1000) /* how long a package is kept */

static const char *const columns[] = {"ID", "TIMESTAMP_X", "EVENT_NAME", "MESSAGE_ID", "PROCESS_ID",
	"ERROR", NULL};

/* Packages nobody has finished within thirty days are gone. */
static void drop_old(struct sandbox *sb)
{
	struct sb_table *t = &sb->tables[SB_OFFLINE];
	for (struct sb_row *r = t->first, *next; r; r = next) {
		int64_t reserved = 0;
		next = r->next;
		if (bx_json_int(r->data, "RESERVED_MS", &reserved) &&
			reserved + PACKAGE_MS <= sandbox_now_ms(sb))
			sb_remove(t, r->data);
	}
}

static bool want_queue(struct sb_call *call)
{
	drop_old(call->sb);
	return sb_want_app(call) && sb_want_admin(call);
}

static bool missing(struct sb_call *call, const char *key)
{
	return sb_argument(call, key, "Argument '%s' is null or empty", key);
}

static bool is_ours(const struct sb_call *call, const cJSON *record)
{
	int64_t app = 0;
	bx_json_int(record, "app", &app);
	return app == call->app_id && bx_streq(bx_json_str(record, "connector"),
					      call->connector ? call->connector : "");
}

static void copy(cJSON *to, const cJSON *from, const char *key)
{
	bx_json_set(to, key, cJSON_Duplicate(bx_json_get(from, key), true));
}

static cJSON *public_record(const cJSON *record, bool state)
{
	cJSON *out = cJSON_CreateObject();
	auto_free char *id = sb_php_text(bx_json_get(record, "ID"));
	const cJSON *data = bx_json_get(record, "EVENT_DATA");
	int64_t user = 0;
	bx_json_int(record, "USER_ID", &user);
	bx_json_set_str(out, "ID", id);
	copy(out, record, "TIMESTAMP_X");
	copy(out, record, "EVENT_NAME");
	bx_json_set(out, "EVENT_DATA", data && data->child ? cJSON_Duplicate(data, true)
							   : cJSON_CreateFalse());
	bx_json_set(out, "EVENT_ADDITIONAL", user ? cJSON_CreateObject() : cJSON_CreateFalse());
	if (user)
		bx_json_set_int(bx_json_get(out, "EVENT_ADDITIONAL"), "user_id", user);
	copy(out, record, "MESSAGE_ID");
	if (state) {
		copy(out, record, "PROCESS_ID");
		copy(out, record, "ERROR");
	}
	return out;
}

/* order is a map of one column and its direction. */
static void sort_records(const struct sb_call *call, cJSON *rows, const char *fallback)
{
	const cJSON *order = sb_param(call, "ORDER");
	const cJSON *first = cJSON_IsObject(order) ? order->child : NULL;
	const char *way = cJSON_GetStringValue(first);
	sb_sort(rows, first ? first->string : fallback, way && !strcasecmp(way, "DESC"));
}

/* References to the caller's records that pass the filter and belong to that package ("": to
 * none yet; NULL: whatever). */
static cJSON *find(const struct sb_call *call, const char *package, bool failed)
{
	const cJSON *filter = sb_param(call, "FILTER");
	cJSON *rows = cJSON_CreateArray();
	for (struct sb_row *r = call->sb->tables[SB_OFFLINE].first; r; r = r->next) {
		bool error = bx_streq(bx_json_str(r->data, "ERROR"), "1");
		if (is_ours(call, r->data) && (!failed || error) &&
			(!package || bx_streq(bx_json_str(r->data, "PROCESS_ID"), package)) &&
			sb_matches(r->data, cJSON_IsObject(filter) ? filter : NULL, columns))
			cJSON_AddItemReferenceToArray(rows, r->data);
	}
	return rows;
}

/* Takes the first records of that many, or reserves them under a new package. */
static void take(struct sb_call *call, const cJSON *rows, int64_t limit, const char *package,
	cJSON *events)
{
	struct sb_table *t = &call->sb->tables[SB_OFFLINE];
	for (const cJSON *e = rows->child; e && limit--; e = e->next) {
		int64_t id = 0;
		bx_json_int(e, "ID", &id);
		cJSON *record = sb_find_id(t, id);
		cJSON_AddItemToArray(events, public_record(record, false));
		if (package) {
			bx_json_set_str(record, "PROCESS_ID", package);
			bx_json_set_int(record, "RESERVED_MS", sandbox_now_ms(call->sb));
		} else {
			sb_remove(t, record);
		}
	}
}

static bool get(struct sb_call *call)
{
	const cJSON *clear = sb_param(call, "CLEAR"), *limit = sb_param(call, "LIMIT");
	auto_free char *package = sb_param_text(call, "PROCESS_ID");
	bool keep = clear && !bx_json_truthy(clear), failed = bx_json_truthy(sb_param(call, "ERROR"));
	int64_t most = limit ? sb_php_int(limit) : SB_PAGE;
	char fresh[33];
	if (!want_queue(call))
		return false;
	if (keep && call->sb->opts.variants & SB_PLAIN_QUEUE)
		return sb_refuse(call, "WRONG_LICENSE",
			"This feature is not enabled for the current license: " EXTENDED);
	if (most <= 0)
		return sb_argument(call, "LIMIT", "Value must be greater than 0");
	bx_random_hex(fresh, 16);
	auto_json cJSON *rows = find(call, failed && !*package ? NULL : package, failed);
	cJSON *answer = cJSON_CreateObject(), *events = cJSON_CreateArray();
	sort_records(call, rows, "TIMESTAMP_X");
	const char *kept = *package ? package : fresh;
	bx_json_set_str(answer, "process_id", keep ? kept : NULL);
	bx_json_set(answer, "events", events);
	take(call, rows, most, keep ? kept : NULL, events);
	return sb_ok(call, answer);
}

static bool list(struct sb_call *call)
{
	if (!want_queue(call))
		return false;
	cJSON *rows = find(call, NULL, false);
	sort_records(call, rows, "ID");
	auto_json cJSON *page = sb_page(call, rows, false);
	cJSON *answer = cJSON_CreateArray();
	for (const cJSON *e = page->child; e; e = e->next)
		cJSON_AddItemToArray(answer, public_record(e, true));
	return sb_ok(call, answer);
}

static bool is_named(const cJSON *record, const char *key, const cJSON *names)
{
	auto_free char *own = sb_php_text(bx_json_get(record, key));
	const cJSON *e;
	cJSON_ArrayForEach(e, names)
	{
		auto_free char *name = sb_php_text(e);
		if (!strcmp(own, name))
			return true;
	}
	return false;
}

static bool in_package(const struct sb_call *call, const cJSON *record, const char *package)
{
	return is_ours(call, record) && bx_streq(bx_json_str(record, "PROCESS_ID"), package);
}

static bool clear(struct sb_call *call)
{
	auto_free char *package = sb_param_text(call, "PROCESS_ID");
	const cJSON *ids = sb_param(call, "ID"), *messages = sb_param(call, "MESSAGE_ID");
	struct sb_table *t = &call->sb->tables[SB_OFFLINE];
	if (!want_queue(call))
		return false;
	if (!*package)
		return missing(call, "PROCESS_ID");
	for (struct sb_row *r = t->first, *next; r; r = next) {
		next = r->next;
		bool named = (!ids && !messages) || is_named(r->data, "ID", ids) ||
			     is_named(r->data, "MESSAGE_ID", messages);
		if (in_package(call, r->data, package) && named)
			sb_remove(t, r->data);
	}
	return sb_ok(call, cJSON_CreateTrue());
}

static bool mark_error(struct sb_call *call)
{
	auto_free char *package = sb_param_text(call, "PROCESS_ID");
	const cJSON *messages = sb_param(call, "MESSAGE_ID");
	if (!want_queue(call))
		return false;
	if (!*package)
		return missing(call, "PROCESS_ID");
	if (!bx_json_truthy(messages))
		return missing(call, "MESSAGE_ID");
	for (struct sb_row *r = call->sb->tables[SB_OFFLINE].first; r; r = r->next) {
		if (in_package(call, r->data, package) && is_named(r->data, "MESSAGE_ID", messages))
			bx_json_set_str(r->data, "ERROR", "1");
	}
	return sb_ok(call, cJSON_CreateTrue());
}

const struct sb_method sb_queue_methods[] = {{"queue take", get},
	{"queue ls", list}, {"queue clear", clear},
	{"queue fail", mark_error}, {0}};
