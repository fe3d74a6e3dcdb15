/* What a row must have, so that nobody stumbles over one that was written by hand. */
#include "state.h"

#include "banned.h"

#define KEYS_MAX 4

static const struct {
	const char *texts[KEYS_MAX], *lists[KEYS_MAX]; /* lists: of texts */
} shapes[SB_TABLES] = {
	[SB_USERS] = {.texts = {"NAME", "LAST_NAME"}},
	[SB_APPS] = {.texts = {"CODE", "NAME"}, .lists = {"scope"}},
	[SB_WEBHOOKS] = {.texts = {"code"}, .lists = {"scope"}},
	[SB_TOKENS] = {.texts = {"token", "kind"}},
	[SB_CODES] = {.texts = {"code"}},
	[SB_FRAMES] = {.texts = {"sid"}},
	[SB_PLACEMENTS] = {.texts = {"placement", "handler"}},
	[SB_HANDLERS] = {.texts = {"event", "handler"}},
	[SB_LINES] = {.texts = {"NUMBER"}},
	[SB_CALLS] = {.texts = {"CALL_ID", "PHONE_NUMBER", "LINE_NUMBER"}},
	[SB_BUILTIN] = {.texts = {"CALL_ID", "PHONE_NUMBER", "LINE_NUMBER"}},
	[SB_HISTORY] = {.texts = {"CALL_ID"}},
	[SB_FAULTS] = {.texts = {"METHOD", "CODE"}},
	[SB_SINKS] = {.texts = {"name"}},
	[SB_SERVED] = {.texts = {"name"}},
};

static bool is_list(const cJSON *item)
{
	const cJSON *e;
	cJSON_ArrayForEach(e, item)
	{
		if (!cJSON_IsString(e))
			return false;
	}
	return cJSON_IsArray(item);
}

bool sb_row_fits(enum sb_table_id table, const cJSON *row, struct bx_err *err)
{
	for (int i = 0; i < KEYS_MAX; i++) {
		const char *text = shapes[table].texts[i], *list = shapes[table].lists[i];
		if (text && !bx_json_str(row, text))
			return bx_fail(err, BX_USAGE, "", "a row without the text %s", text);
		if (list && !is_list(bx_json_get(row, list)))
			return bx_fail(err, BX_USAGE, "", "a row without the list of texts %s", list);
	}
	return true;
}

static void put_all(cJSON *row, const cJSON *changes)
{
	for (const cJSON *e = changes->child; e; e = e->next) {
		if (!bx_streq(e->string, "ID"))
			bx_json_set(row, e->string, cJSON_Duplicate(e, true));
	}
}

bool sb_row_change(enum sb_table_id table, cJSON *row, const cJSON *changes, struct bx_err *err)
{
	auto_json cJSON *changed = cJSON_Duplicate(row, true);
	put_all(changed, changes);
	if (!sb_row_fits(table, changed, err))
		return false;
	put_all(row, changes);
	return true;
}
