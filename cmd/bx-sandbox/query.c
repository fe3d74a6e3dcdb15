#include "query.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "clock.h"
#include "banned.h"

enum op { EQUAL, DIFFERENT, MORE, LESS, MORE_EQUAL, LESS_EQUAL, BETWEEN, OUTSIDE, LIKE, UNLIKE };

/* Longer signs stand before shorter ones they begin with. */
static const struct {
	const char *sign;
	enum op op;
} signs[] = {{"!><", OUTSIDE}, {"><", BETWEEN}, {">=", MORE_EQUAL}, {"<=", LESS_EQUAL},
	{"!%", UNLIKE}, {"!=", DIFFERENT}, {"!", DIFFERENT}, {">", MORE}, {"<", LESS}, {"=", EQUAL},
	{"?", LIKE}, {"%", LIKE}, {"@", EQUAL}};

static enum op split(const char **key)
{
	for (size_t i = 0; i < BX_COUNT(signs); i++) {
		if (bx_starts(*key, signs[i].sign)) {
			*key += strlen(signs[i].sign);
			return signs[i].op;
		}
	}
	return EQUAL;
}

/* Decimal alone: other ways to write a number are words to a database. */
static bool as_number(const char *text, double *out)
{
	char *end;
	if (!isdigit((unsigned char)text[strspn(text, " +-.")]))
		return false;
	*out = strtod(text, &end);
	return !*end;
}

static bool is_date(const char *text)
{
	return strlen(text) >= 10 && text[4] == '-' && text[7] == '-';
}

/* Numbers as numbers, dates as moments, all else as texts in any case. */
static int compare(const char *a, const char *b)
{
	double x, y;
	int64_t s, t;
	if (as_number(a, &x) && as_number(b, &y))
		return (x > y) - (x < y);
	if (is_date(a) && is_date(b) && bx_time_parse(a, &s, NULL) && bx_time_parse(b, &t, NULL))
		return (s > t) - (s < t);
	return strcasecmp(a, b);
}

/* A string's own text, else one in *made, which the caller frees: rows are many. */
static const char *text_of(const cJSON *item, char **made)
{
	return cJSON_IsString(item) ? item->valuestring : (*made = sb_php_text(item));
}

static bool matches_one(const char *have, enum op op, const cJSON *wanted)
{
	auto_free char *made = NULL;
	const char *want = text_of(wanted, &made);
	switch (op) {
	case MORE:
		return *have && compare(have, want) > 0;
	case LESS:
		return *have && compare(have, want) < 0;
	case MORE_EQUAL:
		return *have && compare(have, want) >= 0;
	case LESS_EQUAL:
		return *have && compare(have, want) <= 0;
	case LIKE:
	case UNLIKE:
		return strcasestr(have, want) != NULL;
	default:
		return compare(have, want) == 0;
	}
}

static bool matches_any(const char *have, enum op op, const cJSON *wanted)
{
	const cJSON *e;
	if (!cJSON_IsArray(wanted) && !cJSON_IsObject(wanted))
		return matches_one(have, op, wanted);
	cJSON_ArrayForEach(e, wanted)
	{
		if (matches_one(have, op, e))
			return true;
	}
	return false;
}

static bool within(const char *have, const cJSON *range)
{
	const cJSON *low = cJSON_IsArray(range) ? cJSON_GetArrayItem(range, 0) : NULL;
	const cJSON *high = low ? low->next : NULL;
	return high && matches_one(have, MORE_EQUAL, low) && matches_one(have, LESS_EQUAL, high);
}

static bool passes(const char *have, enum op op, const cJSON *wanted)
{
	switch (op) {
	case BETWEEN:
		return within(have, wanted);
	case OUTSIDE:
		return !within(have, wanted);
	case DIFFERENT:
	case UNLIKE:
		return !matches_any(have, op, wanted);
	default:
		return matches_any(have, op, wanted);
	}
}

static bool is_field(const char *key, const char *const *fields)
{
	for (; fields && *fields; fields++) {
		if (!strcmp(*fields, key))
			return true;
	}
	return !fields;
}

/* A field of several values passes when one of them does. */
static bool field_passes(const cJSON *value, enum op op, const cJSON *wanted)
{
	auto_free char *made = NULL;
	const cJSON *e;
	if (!cJSON_IsArray(value))
		return passes(text_of(value, &made), op, wanted);
	cJSON_ArrayForEach(e, value)
	{
		if (field_passes(e, op, wanted))
			return true;
	}
	return false;
}

bool sb_matches(const cJSON *row, const cJSON *filter, const char *const *fields)
{
	const cJSON *e;
	cJSON_ArrayForEach(e, filter)
	{
		const char *key = e->string ? e->string : "";
		enum op op = split(&key);
		if (is_field(key, fields) && !field_passes(bx_json_get(row, key), op, e))
			return false;
	}
	return true;
}

struct sortable {
	cJSON *row;
	char *key;
	int at, way;
};

static int by_key(const void *a, const void *b)
{
	const struct sortable *x = a, *y = b;
	int order = compare(x->key, y->key) * x->way;
	return order ? order : x->at - y->at;
}

void sb_sort(cJSON *rows, const char *field, bool descending)
{
	int count = cJSON_GetArraySize(rows);
	struct sortable *list = bx_xcalloc((size_t)count + 1, sizeof *list);
	for (int i = 0; i < count; i++) {
		cJSON *row = cJSON_DetachItemViaPointer(rows, rows->child);
		list[i] = (struct sortable){row, sb_php_text(bx_json_get(row, field)), i,
			descending ? -1 : 1};
	}
	qsort(list, (size_t)count, sizeof *list, by_key);
	for (int i = 0; i < count; i++) {
		cJSON_AddItemToArray(rows, list[i].row);
		free(list[i].key);
	}
	free(list);
}

cJSON *sb_page(struct sb_call *call, cJSON *rows, bool exact)
{
	auto_json cJSON *all = rows;
	int64_t total = cJSON_GetArraySize(all), start = call->start > 0 ? call->start : 0, at = 0;
	bool counted = !call->has_start || call->start != -1;
	if (!exact)
		start -= start % SB_PAGE;
	cJSON *page = cJSON_CreateArray();
	for (cJSON *e = all->child; e && at < start + SB_PAGE; e = e->next, at++) {
		if (at >= start)
			cJSON_AddItemToArray(page, cJSON_Duplicate(e, true));
	}
	call->total = counted ? total : call->sb->opts.variants & SB_NO_TOTAL ? -1 : 0;
	if (counted && at < total && at > start)
		call->next = at;
	return page;
}
