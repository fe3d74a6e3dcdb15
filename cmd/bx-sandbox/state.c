#include "state.h"

#include <string.h>
#include "clock.h"
#include "secret.h"
#include "banned.h"

static const struct {
	const char *name, *key;
} tables[SB_TABLES] = {
	[SB_USERS] = {"users", "ID"},
	[SB_DEPARTMENTS] = {"departments", "ID"},
	[SB_CONTACTS] = {"contacts", "ID"},
	[SB_APPS] = {"apps", "ID"},
	[SB_WEBHOOKS] = {"webhooks", "code"},
	[SB_TOKENS] = {"tokens", "token"},
	[SB_CODES] = {"codes", "code"},
	[SB_FRAMES] = {"frames", "sid"},
	[SB_PLACEMENTS] = {"placements", "ID"},
	[SB_HANDLERS] = {"handlers", "ID"},
	[SB_OFFLINE] = {"offline", "ID"},
	[SB_LINES] = {"lines", "ID"},
	[SB_CALLS] = {"calls", "CALL_ID"},
	[SB_BUILTIN] = {"builtin", "CALL_ID"},
	[SB_HISTORY] = {"history", "CALL_ID"},
	[SB_FILES] = {"files", "ID"},
	[SB_TRANSCRIPTS] = {"transcripts", "ID"},
	[SB_FAULTS] = {"faults", "ID"},
	[SB_ACTIVITIES] = {"activities", "ID"},
	[SB_SINKS] = {"sinks", "ID"},
	[SB_SERVED] = {"served", "name"},
	[SB_LOG] = {"log", "seq"},
};

const struct sb_variant_row sb_variants[] = {
	{"empty-core", SB_EMPTY_CORE, "ERROR_CORE goes out as an empty code"},
	{"old-status", SB_OLD_STATUS, "HTTP statuses of older portals"},
	{"old-texts", SB_OLD_TEXTS, "error texts of older portals"},
	{"old-count", SB_OLD_COUNT, "a personal worker counts the general one too"},
	{"hidden-states", SB_HIDDEN_STATES, "the three unlisted card states are accepted"},
	{"webhook-calls", SB_WEBHOOK_CALLS, "webhooks may register and finish calls and keep lines"},
	{"old-handler", SB_OLD_HANDLER, "handler requests without the three newer fields"},
	{"plain-queue", SB_PLAIN_QUEUE, "no packages and no sources in the offline queue"},
	{"no-crm", SB_NO_CRM, "the CRM is not installed"},
	{"place-ids", SB_PLACE_IDS, "the list of placements tells ids"},
	{"old-time", SB_OLD_TIME, "the time of an answer has fractions throughout"},
	{"no-total", SB_NO_TOTAL, "a list that is not counted has no total"},
	{"wide-unbind", SB_WIDE_UNBIND, "removing handlers without event or handler removes all"},
	{"own-events", SB_OWN_EVENTS, "a frame hears of its own app's calls alone"},
	{0},
};

bool sb_variant_set(struct sandbox *sb, const char *name, bool on, struct bx_err *err)
{
	for (const struct sb_variant_row *v = sb_variants; v->name; v++) {
		if (strcmp(v->name, name) != 0)
			continue;
		sb->opts.variants = on ? sb->opts.variants | v->bit : sb->opts.variants & ~v->bit;
		return true;
	}
	return bx_fail(err, BX_USAGE, "", "'%s' is no variant", name);
}

int64_t sandbox_now_ms(const struct sandbox *sb)
{
	return sb->frozen_ms ? sb->frozen_ms : bx_now_ms() + sb->clock_offset_ms;
}

struct pages *sandbox_pages(struct sandbox *sb)
{
	return sb->pages;
}

char *sandbox_origin(const struct sandbox *sb)
{
	return bx_xprintf("http%s://%s", sb->opts.https ? "s" : "", sb->domain);
}

char *sandbox_auth_origin(const struct sandbox *sb)
{
	return sb->opts.auth_server ? bx_xstrdup(sb->opts.auth_server) : sandbox_origin(sb);
}

void sb_state_init(struct sandbox *sb)
{
	for (size_t i = 0; i < SB_TABLES; i++)
		sb_table_init(&sb->tables[i], tables[i].name, tables[i].key);
	bx_random_hex(sb->member_id, 16);
	bx_random(sb->key, sizeof sb->key);
}

void sb_state_release(struct sandbox *sb)
{
	for (size_t i = 0; i < SB_TABLES; i++)
		sb_table_release(&sb->tables[i]);
	free(sb->address);
	free(sb->domain);
	free(sb->old_domain);
}

cJSON *sb_state_dump(const struct sandbox *sb)
{
	cJSON *dump = cJSON_CreateObject(), *all = cJSON_CreateObject();
	bx_json_set_str(dump, "member_id", sb->member_id);
	bx_json_set_int(dump, "clock_offset_ms", sb->clock_offset_ms);
	bx_json_set_int(dump, "slow_reset_ms", sb->slow_reset_ms);
	for (size_t i = 0; i < SB_TABLES; i++) {
		if (i == SB_LOG)
			continue;
		cJSON *table = cJSON_CreateObject();
		bx_json_set_int(table, "next", sb->tables[i].next_id);
		bx_json_set(table, "rows", sb_table_dump(&sb->tables[i]));
		bx_json_set(all, tables[i].name, table);
	}
	bx_json_set(dump, "tables", all);
	return dump;
}

static const cJSON *rows_of(const cJSON *given)
{
	return cJSON_IsArray(given) ? given : bx_json_get(given, "rows");
}

static bool check_table(enum sb_table_id id, const cJSON *given, struct bx_err *err)
{
	const cJSON *rows = rows_of(given), *row;
	struct bx_err why = {0};
	bool ok = cJSON_IsArray(rows);
	cJSON_ArrayForEach(row, rows)
		ok = ok && cJSON_IsObject(row) && sb_row_fits(id, row, &why);
	if (why.exit)
		return bx_fail(err, BX_USAGE, "", "table %s: %s", tables[id].name, why.text);
	return ok || bx_fail(err, BX_USAGE, "", "table %s is not a list of rows", tables[id].name);
}

static bool load_table(struct sb_table *t, const cJSON *given, struct bx_err *err)
{
	int64_t next = 0;
	sb_clear(t);
	t->next_id = 1;
	if (!sb_table_load(t, rows_of(given)))
		return bx_fail(err, BX_USAGE, "", "table %s has a row without its key", t->name);
	if (bx_json_int(given, "next", &next) && next > t->next_id)
		t->next_id = next;
	return true;
}

static bool check_state(const cJSON *state, struct bx_err *err)
{
	if (!cJSON_IsObject(state))
		return bx_fail(err, BX_USAGE, "", "a state is a JSON object as dump prints it");
	for (size_t i = 0; i < SB_TABLES; i++) {
		const cJSON *given = bx_json_get(bx_json_get(state, "tables"), tables[i].name);
		if (given && !check_table((enum sb_table_id)i, given, err))
			return false;
	}
	return true;
}

bool sb_state_load(struct sandbox *sb, const cJSON *state, struct bx_err *err)
{
	const char *member = bx_json_str(state, "member_id");
	if (!check_state(state, err))
		return false;
	if (member)
		snprintf(sb->member_id, sizeof sb->member_id, "%s", member);
	bx_json_int(state, "clock_offset_ms", &sb->clock_offset_ms);
	bx_json_int(state, "slow_reset_ms", &sb->slow_reset_ms);
	for (size_t i = 0; i < SB_TABLES; i++) {
		const cJSON *given = bx_json_get(bx_json_get(state, "tables"), tables[i].name);
		if (given && !load_table(&sb->tables[i], given, err))
			return false;
	}
	return true;
}

static cJSON *app_line(const struct sandbox *sb)
{
	const struct sb_row *first = sb->tables[SB_APPS].first;
	cJSON *app = cJSON_CreateObject();
	int64_t id = 0;
	if (!first)
		return app;
	bx_json_int(first->data, "ID", &id);
	bx_json_set_str(app, "client_id", bx_json_str(first->data, "CODE"));
	bx_json_set_str(app, "client_secret", bx_json_str(first->data, "client_secret"));
	bx_json_set_int(app, "id", id);
	return app;
}

static cJSON *users_line(const struct sandbox *sb, const char *origin)
{
	cJSON *list = cJSON_CreateArray();
	for (struct sb_row *r = sb->tables[SB_USERS].first; r; r = r->next) {
		cJSON *user = cJSON_CreateObject();
		int64_t id = 0;
		bx_json_int(r->data, "ID", &id);
		auto_free char *name = bx_xprintf("%s %s", bx_json_str(r->data, "NAME"),
			bx_json_str(r->data, "LAST_NAME"));
		auto_free char *page = bx_xprintf("%s/page/%lld", origin, (long long)id);
		bx_json_set_int(user, "ID", id);
		bx_json_set_str(user, "NAME", name);
		bx_json_set_str(user, "inner", bx_json_str(r->data, "UF_PHONE_INNER"));
		bx_json_set_str(user, "page", page);
		cJSON_AddItemToArray(list, user);
	}
	return list;
}

cJSON *sb_state_line(const struct sandbox *sb)
{
	cJSON *line = cJSON_CreateObject();
	auto_free char *origin = sandbox_origin(sb), *auth = sandbox_auth_origin(sb);
	const struct sb_row *hook = sb->tables[SB_WEBHOOKS].first;
	bx_json_set_str(line, "listening", sb->address);
	bx_json_set_str(line, "portal", origin);
	bx_json_set_str(line, "domain", sb->domain);
	bx_json_set_str(line, "auth_server", auth);
	bx_json_set_str(line, "member_id", sb->member_id);
	bx_json_set(line, "app", app_line(sb));
	if (hook) {
		int64_t user = 0;
		bx_json_int(hook->data, "user", &user);
		auto_free char *url = bx_xprintf("%s/rest/%lld/%s/", origin, (long long)user,
			bx_json_str(hook->data, "code"));
		bx_json_set_str(line, "webhook", url);
	}
	bx_json_set(line, "users", users_line(sb, origin));
	return line;
}
