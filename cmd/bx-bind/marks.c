#include "marks.h"

#include <string.h>
#include "banned.h"

static cJSON *load(struct bx_store *store, const char *portal)
{
	auto_free char *key = bx_xprintf(BX_VALUE_REBIND "%s", portal);
	auto_free char *text = bx_value_get(store, key, NULL);
	cJSON *all = text ? bx_json_parse(text, strlen(text), NULL) : NULL;
	return all ? all : cJSON_CreateObject();
}

static bool save(struct bx_store *store, const char *portal, const cJSON *all, struct bx_err *err)
{
	auto_free char *key = bx_xprintf(BX_VALUE_REBIND "%s", portal);
	auto_free char *text = bx_json_print(all);
	return bx_value_set(store, key, all->child ? text : NULL, err);
}

cJSON *marks_of(struct bx_store *store, const char *portal, const struct bind_kind *kind)
{
	auto_json cJSON *all = load(store, portal);
	cJSON *list = cJSON_DetachItemFromObjectCaseSensitive(all, kind->list);
	return cJSON_IsArray(list) ? list : cJSON_CreateArray();
}

/* The marks of the kind without that of the same registration, and with the new one if there is. */
static bool replace(struct bx_store *store, const char *portal, const struct bind_kind *kind,
	const cJSON *row, const cJSON *want, struct bx_err *err)
{
	auto_json cJSON *all = load(store, portal);
	cJSON *left = cJSON_CreateArray();
	const cJSON *mark;
	bool changes = want != NULL;
	cJSON_ArrayForEach(mark, bx_json_get(all, kind->list)) {
		bool same = kind->takes(mark, row);
		changes = changes || same;
		if (!same)
			cJSON_AddItemToArray(left, cJSON_Duplicate(mark, true));
	}
	if (want)
		cJSON_AddItemToArray(left, cJSON_Duplicate(want, true));
	bool any = left->child;
	bx_json_set(all, kind->list, any ? left : NULL);
	if (!any)
		cJSON_Delete(left);
	return !changes || save(store, portal, all, err);
}

bool marks_add(struct bx_store *store, const char *portal, const struct bind_kind *kind,
	const cJSON *want, struct bx_err *err)
{
	auto_json cJSON *row = kind->row(want);
	return replace(store, portal, kind, row, want, err);
}

bool marks_drop(struct bx_store *store, const char *portal, const struct bind_kind *kind,
	const cJSON *row, struct bx_err *err)
{
	return replace(store, portal, kind, row, NULL, err);
}
