#include "wanted.h"

#include <string.h>
#include <strings.h>
#include "bind.h"
#include "http.h"
#include "where.h"
#include "banned.h"

#define FILE_MAX (16 * 1024 * 1024)

void wanted_release(struct wanted *w)
{
	cJSON_Delete(w->places);
	cJSON_Delete(w->handlers);
	*w = (struct wanted){0};
}

/* bx-serve's own addresses have words; one of them may carry a query of its own. */
static const char *word_of(const char *text, size_t *len)
{
	static const char *const words[] = {"@worker", "@error", "@event"};
	for (size_t i = 0; i < BX_COUNT(words); i++) {
		*len = strlen(words[i]);
		if (bx_starts(text, words[i]) && (!text[*len] || text[*len] == '?'))
			return words[i];
	}
	return NULL;
}

static bool check_address(const char *key, const char *text, bool *words, struct bx_err *err)
{
	auto_url struct bx_url url = {0};
	size_t len;
	if (!text || !*text)
		return true;
	if (word_of(text, &len)) {
		*words = true;
		return true;
	}
	if (*text == '@')
		return bx_fail(err, BX_USAGE, "", "%s '%s' is none of @worker, @error and @event", key, text);
	if (!bx_url_parse(text, &url, NULL))
		return bx_fail(err, BX_USAGE, "", "%s '%s' is not an http or https URL", key, text);
	const char *dot = strchr(url.host, '.');
	return (dot && dot > url.host) ||
		bx_fail(err, BX_USAGE, "", "%s '%s' has a host without a dot, which no portal takes", key, text);
}

/* Names are the row's, in any case; others would be dropped by the portal without a word. */
static cJSON *in_rows_spelling(const struct bx_op *op, const cJSON *item, struct bx_err *err)
{
	auto_json cJSON *params = cJSON_CreateObject();
	if (!cJSON_IsObject(item)) {
		bx_fail(err, BX_USAGE, "", "a registration is a JSON object");
		return NULL;
	}
	for (const cJSON *e = item->child; e; e = e->next) {
		const struct bx_field *f = bx_field_by_key(op->fields, e->string, true);
		if (!f) {
			bx_fail(err, BX_USAGE, "", "%s is no parameter of %s", e->string, op->wire);
			return NULL;
		}
		if (!cJSON_IsNull(e))
			bx_json_set(params, f->key, cJSON_Duplicate(e, true));
	}
	cJSON *taken = bx_op_check(op, params, err) ? params : NULL;
	params = taken ? NULL : params;
	return taken;
}

/* Languages, and what they have texts of. */
static bool check_languages(const cJSON *all, struct bx_err *err)
{
	for (const cJSON *one = all ? all->child : NULL; one; one = one->next) {
		if (!cJSON_IsObject(one))
			return bx_fail(err, BX_USAGE, "", "LANG_ALL: %s is not an object of texts", one->string);
		for (const cJSON *e = one->child; e; e = e->next) {
			const char *const *key = bind_text_keys;
			while (*key && strcmp(*key, e->string) != 0)
				key++;
			if (!*key || !cJSON_IsString(e))
				return bx_fail(err, BX_USAGE, "", "LANG_ALL: %s of %s is no text", e->string,
					one->string);
		}
	}
	return true;
}

static bool check_place(const cJSON *want, bool *words, struct bx_err *err)
{
	const char *told = bx_json_str(bx_json_get(want, "OPTIONS"), "errorHandlerUrl");
	const char *code = bind_text(want, "PLACEMENT");
	bool worker = !strcasecmp(code, bind_worker_code()) || !strcmp(code, "worker");
	if (worker && (!told || !*told))
		return bx_fail(err, BX_USAGE, "", "OPTIONS: a worker needs errorHandlerUrl, \"@error\" for bx-serve's");
	return check_address("HANDLER", bx_json_str(want, "HANDLER"), words, err) &&
		check_address("OPTIONS[errorHandlerUrl]", told, words, err) &&
		check_languages(bx_json_get(want, "LANG_ALL"), err);
}

static bool check_handler(const cJSON *want, bool *words, struct bx_err *err)
{
	const char *handler = bx_json_str(want, "handler");
	bool offline = !strcmp(bind_text(want, "event_type"), "offline");
	if (offline && handler && *handler)
		return bx_fail(err, BX_USAGE, "", "handler: an offline event has none");
	if (!offline && (!handler || !*handler))
		return bx_fail(err, BX_USAGE, "", "handler is missing, and the event is not offline");
	return check_address("handler", handler, words, err);
}

/* Two that the portal cannot both have. */
static bool check_alone(const struct bind_kind *kind, const cJSON *list, const cJSON *want, struct bx_err *err)
{
	auto_json cJSON *row = kind->row(want);
	const cJSON *other;
	cJSON_ArrayForEach(other, list) {
		bool users = kind == &bind_handlers &&
			bind_number(other, "auth_type") != bind_number(want, "auth_type");
		if (kind->takes(other, row) && !users)
			return bx_fail(err, BX_USAGE, "", "an earlier registration takes the same place");
	}
	return true;
}

/* Employees go first: older portals count the general worker against theirs. */
static cJSON *employees_first(cJSON *list)
{
	cJSON *sorted = cJSON_CreateArray(), *general = cJSON_CreateArray();
	while (list && list->child) {
		cJSON *want = cJSON_DetachItemViaPointer(list, list->child);
		cJSON_AddItemToArray(bind_number(want, "USER_ID") ? sorted : general, want);
	}
	while (general->child)
		cJSON_AddItemToArray(sorted, cJSON_DetachItemViaPointer(general, general->child));
	cJSON_Delete(general);
	cJSON_Delete(list);
	return sorted;
}

static bool read_item(const struct bind_kind *kind, const cJSON *item, cJSON *list, bool *words,
	struct bx_err *err)
{
	auto_json cJSON *want = in_rows_spelling(bind_op(kind->add), item, err);
	if (!want || !(kind == &bind_places ? check_place : check_handler)(want, words, err))
		return false;
	kind->normal(want);
	if (!check_alone(kind, list, want, err))
		return false;
	cJSON_AddItemToArray(list, want);
	want = NULL;
	return true;
}

static bool at_line(const char *path, const struct where *where, const char *key, struct bx_err *err)
{
	struct bx_err why = *err;
	size_t line = where_line(where, key ? key : why.text);
	return bx_fail(err, BX_USAGE, "", "%s, line %zu: %.900s", path, line, why.text);
}

static bool read_kind(const char *path, const char *text, const struct bind_kind *kind, const cJSON *tree,
	struct wanted *w, struct bx_err *err)
{
	const cJSON *items = bx_json_get(tree, kind->list), *item;
	struct where where = {.text = text, .list = kind->list, .index = -1};
	cJSON **list = kind == &bind_places ? &w->places : &w->handlers;
	if (!items)
		return true;
	if (!cJSON_IsArray(items)) {
		bx_fail(err, BX_USAGE, "", "%s is not a list", kind->list);
		return at_line(path, &where, kind->list, err);
	}
	*list = cJSON_CreateArray();
	cJSON_ArrayForEach(item, items) {
		where.index++;
		if (!read_item(kind, item, *list, &w->words, err))
			return at_line(path, &where, NULL, err);
	}
	*list = employees_first(*list);
	return true;
}

static bool check_keys(const char *path, const char *text, const cJSON *tree, struct bx_err *err)
{
	struct where where = {.text = text, .index = -1};
	bool object = cJSON_IsObject(tree);
	for (const cJSON *e = object ? tree->child : NULL; e; e = e->next) {
		if (!strcmp(e->string, bind_places.list) || !strcmp(e->string, bind_handlers.list))
			continue;
		where.list = e->string;
		bx_fail(err, BX_USAGE, "", "'%s' is neither placements nor events", e->string);
		return at_line(path, &where, e->string, err);
	}
	return (object && tree->child) ||
		bx_fail(err, BX_USAGE, "", "%s is not an object with placements or events", path);
}

bool wanted_read(const char *path, struct wanted *w, struct bx_err *err)
{
	auto_str struct bx_str text = BX_STR_INIT(FILE_MAX);
	size_t at = 0;
	*w = (struct wanted){0};
	if (!bx_cli_read(path, &text, err))
		return false;
	path = strcmp(path, "-") ? path : "standard input";
	auto_json cJSON *tree = bx_json_parse_at(text.buf, text.len, &at);
	if (!tree)
		return bx_fail(err, BX_USAGE, "", "%s, line %zu: not JSON", path, where_line_at(text.buf, at));
	return check_keys(path, text.buf, tree, err) &&
		read_kind(path, text.buf, &bind_places, tree, w, err) &&
		read_kind(path, text.buf, &bind_handlers, tree, w, err);
}

static void put_address(cJSON *o, const char *key, const struct urls *urls)
{
	const char *text = bx_json_str(o, key);
	size_t len = 0;
	const char *word = text ? word_of(text, &len) : NULL;
	if (!word)
		return;
	const char *base = !strcmp(word, "@worker") ? urls->worker : !strcmp(word, "@error") ? urls->error : urls->event;
	auto_free char *url = bx_xprintf("%s%s", base, text + len);
	bx_json_set_str(o, key, url);
}

cJSON *wanted_of(const struct bind_kind *kind, const cJSON *list, const struct urls *urls)
{
	cJSON *copy = cJSON_Duplicate(list, true), *want;
	cJSON_ArrayForEach(want, copy) {
		put_address(want, "HANDLER", urls);
		put_address(want, "handler", urls);
		put_address(bx_json_get(want, "OPTIONS"), "errorHandlerUrl", urls);
		kind->normal(want);
	}
	return copy;
}
