/* Placements: what is bound where (portal.md 9). */
#include <ctype.h>
#include <string.h>
#include "access.h"
#include "call.h"
#include "handler.h"
#include "places.h"
#include "banned.h"

static const struct sb_table *places(const struct sb_call *call)
{
	return &call->sb->tables[SB_PLACEMENTS];
}

static char *place_code(const struct sb_call *call)
{
	char *code = sb_param_text(call, "PLACEMENT");
	for (char *p = code; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return code;
}

/* An argument that is missing: newer portals name it, older ones name what it is. */
static bool missing(struct sb_call *call, const char *key, const char *phrase)
{
	const char *named = call->sb->opts.variants & SB_OLD_TEXTS ? phrase : key;
	return sb_argument(call, named, "Argument '%s' is null or empty", named);
}

static bool check_code(struct sb_call *call, const char *code)
{
	if (!sb_param_str(call, "PLACEMENT"))
		return sb_argument(call, "PLACEMENT",
			"The value of an argument 'PLACEMENT' must be of type string");
	if (!*code)
		return missing(call, "PLACEMENT", "The placement code is not specified");
	return true;
}

static int64_t own_id(const cJSON *row, const char *key)
{
	int64_t id = 0;
	bx_json_int(row, key, &id);
	return id;
}

static bool is_ours(const struct sb_call *call, const cJSON *row, const char *code)
{
	return own_id(row, "app") == call->app_id && bx_streq(bx_json_str(row, "placement"), code);
}

/* Older portals count the general registration against a personal one, never the reverse. */
static bool counts(const struct sb_call *call, const cJSON *row, int64_t user)
{
	int64_t owner = own_id(row, "userId");
	return owner == user || (!owner && call->sb->opts.variants & SB_OLD_COUNT);
}

static bool within_count(struct sb_call *call, const struct sb_place *place, int64_t user)
{
	int count = 0;
	for (struct sb_row *r = places(call)->first; r; r = r->next)
		count += is_ours(call, r->data, place->code) && counts(call, r->data, user);
	if (!place->most || count < place->most)
		return true;
	auto_free char *text = bx_xprintf("Placement max count: %d", place->most);
	return sb_refuse(call, "ERROR_PLACEMENT_MAX_COUNT", text);
}

static bool is_free(struct sb_call *call, const char *code, const char *handler)
{
	for (struct sb_row *r = places(call)->first; r; r = r->next) {
		if (is_ours(call, r->data, code) && bx_streq(bx_json_str(r->data, "handler"), handler))
			return sb_core(call, "Unable to set placement handler: Handler already binded");
	}
	return true;
}

static bool check_options(struct sb_call *call, const struct sb_place *place)
{
	auto_free char *url = sb_php_text(bx_json_get(sb_param(call, "OPTIONS"), place->option));
	return !place->option || *url || sb_refuse(call, "EMPTY_ERROR_HANDLER_URL", NULL);
}

static bool check_arguments(struct sb_call *call, const char *code, const char *handler)
{
	if (!check_code(call, code))
		return false;
	if (!strcmp(code, "DEFAULT"))
		return missing(call, "PLACEMENT", "The placement code has an incorrect value");
	if (!*handler)
		return missing(call, "HANDLER", "The URL of the placement handler is not specified");
	return sb_check_handler(call, handler);
}

static bool check_place(struct sb_call *call, const struct sb_place *place, const char *handler,
	int64_t user)
{
	if (!place || (*place->scope && !sb_has_scope(call, place->scope)))
		return sb_refuse(call, "ERROR_PLACEMENT_NOT_FOUND", NULL);
	if (user > 0 && !place->personal)
		return sb_refuse(call, "ERROR_PLACEMENT_USER_MODE", NULL);
	return within_count(call, place, user) && check_options(call, place) &&
	       is_free(call, place->code, handler);
}

static void put_text(cJSON *to, const char *key, const cJSON *from)
{
	auto_free char *text = sb_php_text(bx_json_get(from, key));
	bx_json_set_str(to, key, text);
}

static cJSON *texts(const cJSON *from)
{
	cJSON *out = cJSON_CreateObject();
	put_text(out, "TITLE", from);
	put_text(out, "DESCRIPTION", from);
	put_text(out, "GROUP_NAME", from);
	return out;
}

static cJSON *languages(const struct sb_call *call)
{
	const cJSON *given = sb_param(call, "LANG_ALL"), *e;
	cJSON *all = cJSON_CreateObject();
	for (e = cJSON_IsObject(given) ? given->child : NULL; e; e = e->next)
		bx_json_set(all, e->string, texts(e));
	return all;
}

/* The texts a list shows: those of the portal's language, else of any, else the plain ones. */
static void put_titles(const struct sb_call *call, cJSON *row, const cJSON *all)
{
	const cJSON *shown = bx_json_get(all, "en");
	if (!shown)
		shown = all->child ? all->child : call->params;
	auto_free char *title = sb_php_text(bx_json_get(shown, "TITLE"));
	auto_free char *description = sb_php_text(bx_json_get(shown, "DESCRIPTION"));
	bool none = !*title && !*description && !all->child;
	bx_json_set_str(row, "title", none ? bx_json_str(call->app, "NAME") : title);
	bx_json_set_str(row, "description", description);
}

static cJSON *kept_options(const struct sb_call *call, const struct sb_place *place)
{
	cJSON *kept = cJSON_CreateObject();
	if (place->option)
		put_text(kept, place->option, sb_param(call, "OPTIONS"));
	return kept;
}

static void add_place(struct sb_call *call, const struct sb_place *place, const char *handler,
	int64_t user)
{
	cJSON *row = cJSON_CreateObject(), *all = languages(call);
	bx_json_set_int(row, "app", call->app_id);
	bx_json_set_str(row, "placement", place->code);
	bx_json_set_int(row, "userId", user > 0 ? user : 0);
	bx_json_set_str(row, "handler", handler);
	bx_json_set(row, "options", kept_options(call, place));
	put_titles(call, row, all);
	bx_json_set(row, "langAll", all);
	sb_add(&call->sb->tables[SB_PLACEMENTS], row);
}

static bool bind(struct sb_call *call)
{
	auto_free char *code = place_code(call);
	auto_free char *handler = sb_param_text(call, "HANDLER");
	const struct sb_place *place = sb_place(code);
	int64_t user = sb_param_int(call, "USER_ID");
	if (!sb_want_app(call) || !sb_want_admin(call) || !check_arguments(call, code, handler) ||
		!check_place(call, place, handler, user > 0 ? user : 0))
		return false;
	add_place(call, place, handler, user);
	return sb_ok(call, cJSON_CreateTrue());
}

static bool unbind(struct sb_call *call)
{
	auto_free char *code = place_code(call);
	auto_free char *handler = sb_param_text(call, "HANDLER");
	const cJSON *user = sb_param(call, "USER_ID");
	if (!sb_want_app(call) || !sb_want_admin(call) || !check_code(call, code))
		return false;
	int64_t count = 0;
	for (struct sb_row *r = places(call)->first, *next; r; r = next) {
		next = r->next;
		if (!is_ours(call, r->data, code) || (user && own_id(r->data, "userId") != sb_php_int(user)) ||
			(*handler && !bx_streq(bx_json_str(r->data, "handler"), handler)))
			continue;
		sb_remove(&call->sb->tables[SB_PLACEMENTS], r->data);
		count += 2; /* found, and then deleted */
	}
	cJSON *answer = cJSON_CreateObject();
	bx_json_set_int(answer, "count", count);
	return sb_ok(call, answer);
}

static void copy_array(cJSON *to, const cJSON *row, const char *key)
{
	const cJSON *item = bx_json_get(row, key);
	bx_json_set(to, key, item && item->child ? cJSON_Duplicate(item, true) : cJSON_CreateArray());
}

static cJSON *public_place(const struct sb_call *call, const cJSON *row)
{
	cJSON *out = cJSON_CreateObject();
	if (call->sb->opts.variants & SB_PLACE_IDS)
		bx_json_set_int(out, "id", own_id(row, "ID"));
	bx_json_set_str(out, "placement", bx_json_str(row, "placement"));
	bx_json_set_int(out, "userId", own_id(row, "userId"));
	bx_json_set_str(out, "handler", bx_json_str(row, "handler"));
	copy_array(out, row, "options");
	bx_json_set_str(out, "title", bx_json_str(row, "title"));
	bx_json_set_str(out, "description", bx_json_str(row, "description"));
	copy_array(out, row, "langAll");
	return out;
}

static bool get(struct sb_call *call)
{
	if (!sb_want_app(call) || !sb_want_admin(call))
		return false;
	cJSON *list = cJSON_CreateArray();
	for (struct sb_row *r = places(call)->first; r; r = r->next) {
		if (own_id(r->data, "app") == call->app_id)
			cJSON_AddItemToArray(list, public_place(call, r->data));
	}
	return sb_ok(call, list);
}

static bool is_listed(const struct sb_call *call, const struct sb_place *place)
{
	const cJSON *scope = sb_param(call, "SCOPE");
	if (scope) {
		auto_free char *only = sb_php_text(scope);
		return !strcmp(place->scope, only);
	}
	return bx_json_truthy(sb_param(call, "FULL")) || !*place->scope ||
	       sb_has_scope(call, place->scope);
}

static bool list(struct sb_call *call)
{
	if (!sb_want_app(call))
		return false;
	cJSON *answer = cJSON_CreateArray();
	for (const struct sb_place *p = sb_places; p->code; p++) {
		if (is_listed(call, p))
			cJSON_AddItemToArray(answer, cJSON_CreateString(p->code));
	}
	return sb_ok(call, answer);
}

const struct sb_method sb_placement_methods[] = {{"placement available", list}, {"placement add", bind},
	{"placement rm", unbind}, {"placement ls", get}, {0}};
