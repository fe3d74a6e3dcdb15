/* Lists of any length. */
#include "batch.h"

#include <strings.h>
#include "json_flat.h"
#include "banned.h"

#define PAGE_ROWS 50

cJSON *bx_list_flat(void *arg, const struct bx_str *body)
{
	(void)arg;
	return bx_json_parse_flat(body->buf, body->len, 2);
}

static bool give_rows(const cJSON *rows, int64_t *left, bx_row_fn *fn, void *arg, bool *stop,
	struct bx_err *err)
{
	const cJSON *row;
	cJSON_ArrayForEach(row, rows) {
		if (*left == 0 || !fn(arg, row, err)) {
			*stop = true;
			return *left == 0 || !err->exit;
		}
		*left -= *left > 0;
	}
	*stop = *left == 0;
	return true;
}

/* Some methods wrap their rows in a map with one list. What is text there, *tree takes. */
static const cJSON *rows_of(const cJSON *result, cJSON **tree)
{
	const cJSON *only = cJSON_IsObject(result) && result->child && !result->child->next ? result->child : NULL;
	only = only && cJSON_IsRaw(only) && *only->valuestring == '[' ? bx_json_whole(only, tree) : only;
	return cJSON_IsArray(only) ? only : result;
}

static bool next_page(const cJSON *envelope, int64_t *start, bool *more, struct bx_err *err)
{
	int64_t next;
	*more = bx_json_int(envelope, "next", &next);
	if (*more && next <= *start)
		return bx_fail(err, BX_REFUSED, "", "the list does not move: after row %lld comes row %lld",
			(long long)*start, (long long)next);
	*start = *more ? next : *start;
	return true;
}

/* Pages by the last ID instead of by number: the portal counts nothing, and rows that come or go
 * meanwhile shift none (portal.md 5). Possible where the row says that ID is a column to filter
 * and sort by, and the caller asked for no order of his own. */
struct by_id {
	const char *filter, *sort, *order; /* the method's spelling */
	int64_t last; /* the IDs rise; 0: none yet */
	int rows;
	bx_row_fn *fn;
	void *arg;
};

static const struct bx_field *with_id(const struct bx_op *op, const char *key)
{
	const struct bx_field *f = bx_field_by_key(op->fields, key, true);
	for (const struct bx_word *w = f ? f->words : NULL; w && w->word; w++) {
		if (!strcmp(w->wire, "ID"))
			return f;
	}
	return NULL;
}

static bool asked_for(const cJSON *params, const char *key)
{
	for (const cJSON *e = params ? params->child : NULL; e; e = e->next) {
		if (!strcasecmp(e->string, key))
			return true;
	}
	return false;
}

static bool can_go_by_id(const struct bx_op *op, const cJSON *params, struct by_id *ids)
{
	const struct bx_field *filter = op ? with_id(op, "FILTER") : NULL;
	const struct bx_field *sort = op ? with_id(op, "SORT") : NULL;
	const struct bx_field *order = op ? bx_field_by_key(op->fields, "ORDER", true) : NULL;
	if (!filter || !sort || !order || asked_for(params, "sort") || asked_for(params, "order") ||
		asked_for(params, "start"))
		return false;
	const cJSON *given = bx_json_get(params, filter->key);
	if (asked_for(params, filter->key) && !cJSON_IsObject(given))
		return false;
	for (const cJSON *e = given ? given->child : NULL; e; e = e->next) {
		if (!strcasecmp(e->string + strspn(e->string, "=!<>?%"), "ID"))
			return false;
	}
	ids->filter = filter->key;
	ids->sort = sort->key;
	ids->order = order->key;
	return true;
}

/* Of a row that is text too. */
static bool id_of(const cJSON *row, int64_t *id)
{
	if (!cJSON_IsRaw(row))
		return bx_json_int(row, "ID", id);
	return bx_json_find_int(row->valuestring, "ID", id);
}

static bool note_id(void *arg, const cJSON *row, struct bx_err *err)
{
	struct by_id *ids = arg;
	int64_t id;
	if (!id_of(row, &id))
		return bx_fail(err, BX_REFUSED, "", "a row of the list has no ID");
	if (id <= ids->last)
		return bx_fail(err, BX_REFUSED, "", "the list does not move: after ID %lld comes ID %lld",
			(long long)ids->last, (long long)id);
	ids->last = id;
	ids->rows++;
	return ids->fn(ids->arg, row, err);
}

static bool list_by_id(struct bx_rest *rest, const char *method, cJSON *page, int64_t left,
	struct by_id *ids, struct bx_err *err)
{
	cJSON *filter = bx_json_get(page, ids->filter);
	if (!filter)
		cJSON_AddItemToObject(page, ids->filter, filter = cJSON_CreateObject());
	bx_json_set_str(page, ids->sort, "ID");
	bx_json_set_str(page, ids->order, "ASC");
	bx_json_set_int(page, "start", -1);
	bool stop = false;
	do {
		auto_free char *last = bx_xprintf("%lld", (long long)ids->last);
		if (ids->last)
			bx_json_set_str(filter, ">ID", last);
		ids->rows = 0;
		auto_json cJSON *envelope = bx_rest_call(rest, method, page, err);
		const cJSON *rows = bx_json_get(envelope, "result");
		if (envelope && !cJSON_IsArray(rows))
			return bx_fail(err, BX_REFUSED, "", "%s did not give a list", method);
		if (!envelope || !give_rows(rows, &left, note_id, ids, &stop, err))
			return false;
	} while (!stop && ids->rows == PAGE_ROWS);
	return true;
}

bool bx_list(struct bx_rest *rest, const char *method, const cJSON *params, int64_t limit,
	bx_row_fn *fn, void *arg, struct bx_err *err)
{
	auto_json cJSON *page = params ? cJSON_Duplicate(params, true) : cJSON_CreateObject();
	int64_t start = 0, left = limit ? limit : -1;
	struct bx_err own = {0};
	bool more = true, stop = false;
	struct by_id ids = {.fn = fn, .arg = arg};
	err = err ? err : &own;
	if (limit != 1 && can_go_by_id(bx_op_by_wire(BX_METHOD, method), page, &ids))
		return list_by_id(rest, method, page, left, &ids, err);
	bx_json_int(page, "start", &start);
	while (more && !stop) {
		if (start)
			bx_json_set_int(page, "start", start);
		auto_json cJSON *envelope = bx_rest_call(rest, method, page, err);
		if (!envelope)
			return false;
		auto_json cJSON *tree = NULL;
		const cJSON *rows = rows_of(bx_json_get(envelope, "result"), &tree);
		if (!cJSON_IsArray(rows) && !(cJSON_IsObject(rows) && bx_json_get(envelope, "total")))
			return bx_fail(err, BX_USAGE, "", "%s does not give a list", method);
		if (!give_rows(rows, &left, fn, arg, &stop, err) || !next_page(envelope, &start, &more, err))
			return false;
	}
	return true;
}
