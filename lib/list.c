/* Lists of any length. */
#include "batch.h"

#include "banned.h"

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

/* Some methods wrap their rows in a map with one list. */
static const cJSON *rows_of(const cJSON *result)
{
	if (cJSON_IsObject(result) && result->child && !result->child->next &&
		cJSON_IsArray(result->child))
		return result->child;
	return result;
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

bool bx_list(struct bx_rest *rest, const char *method, const cJSON *params, int64_t limit,
	bx_row_fn *fn, void *arg, struct bx_err *err)
{
	auto_json cJSON *page = params ? cJSON_Duplicate(params, true) : cJSON_CreateObject();
	int64_t start = 0, left = limit ? limit : -1;
	struct bx_err own = {0};
	bool more = true, stop = false;
	err = err ? err : &own;
	bx_json_int(page, "start", &start);
	while (more && !stop) {
		if (start)
			bx_json_set_int(page, "start", start);
		auto_json cJSON *envelope = bx_rest_call(rest, method, page, err);
		if (!envelope)
			return false;
		const cJSON *rows = rows_of(bx_json_get(envelope, "result"));
		if (!cJSON_IsArray(rows) && !(cJSON_IsObject(rows) && bx_json_get(envelope, "total")))
			return bx_fail(err, BX_USAGE, "", "%s does not give a list", method);
		if (!give_rows(rows, &left, fn, arg, &stop, err) || !next_page(envelope, &start, &more, err))
			return false;
	}
	return true;
}
