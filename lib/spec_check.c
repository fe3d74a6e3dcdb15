/* Payloads against rows. */
#include "spec.h"

#include <math.h>
#include <string.h>
#include <strings.h>
#include "clock.h"
#include "banned.h"

struct check {
	const struct bx_op *op;
	struct bx_err *err;
	bool loose; /* what the portal sends: numbers may be strings and the other way round */
	bool anycase;
};

static bool refuse(const struct check *c, const char *path, const cJSON *item, const char *rule)
{
	auto_free char *text = item ? bx_json_print(item) : NULL;
	if (!text)
		return bx_fail(c->err, BX_USAGE, "", "%s %s", path, rule);
	return bx_fail(c->err, BX_USAGE, "", "%s %s, not %.100s%s", path, rule, text,
		strlen(text) > 100 ? "…" : "");
}

static const cJSON *find(const struct check *c, const cJSON *map, const char *key)
{
	for (const cJSON *item = map ? map->child : NULL; item; item = item->next) {
		if (item->string &&
			!(c->anycase ? strcasecmp(item->string, key) : strcmp(item->string, key)))
			return item;
	}
	return NULL;
}

static bool is_word(const struct bx_word *words, const char *wire)
{
	for (; words->word; words++) {
		if (!strcmp(words->wire, wire))
			return true;
	}
	return false;
}

static bool word_rule(
	const struct check *c, const struct bx_field *f, const char *path, const cJSON *item)
{
	auto_str struct bx_str rule = BX_STR_INIT(1024);
	bx_str_puts(&rule, "must be one of");
	for (const struct bx_word *w = f->words; w->word; w++)
		bx_str_printf(&rule, "%s %s", w == f->words ? "" : ",", w->wire);
	return refuse(c, path, item, rule.buf);
}

static bool check_string(
	const struct check *c, const struct bx_field *f, const char *path, const cJSON *item)
{
	bool number = c->loose && (cJSON_IsNumber(item) || cJSON_IsRaw(item));
	if (!cJSON_IsString(item) && !number)
		return refuse(c, path, item, "must be a string");
	if (!number && c->op->kind == BX_METHOD && f->flags & BX_REQUIRED && !*item->valuestring)
		return refuse(c, path, NULL, "must not be empty");
	return true;
}

static bool check_word(
	const struct check *c, const struct bx_field *f, const char *path, const cJSON *item)
{
	bool number = cJSON_IsNumber(item) && (c->loose || f->type == BX_INT);
	auto_free char *text = cJSON_IsString(item) || number ? bx_json_as_text(item) : NULL;
	return (text && is_word(f->words, text)) || word_rule(c, f, path, item);
}

static bool in_range(const struct bx_field *f, double value)
{
	return (!f->least && !f->most) || (value >= (double)f->least && value <= (double)f->most);
}

static bool range_rule(
	const struct check *c, const struct bx_field *f, const char *path, const cJSON *item)
{
	auto_free char *rule = f->most == INT32_MAX
				       ? bx_xprintf("must be %lld or more", (long long)f->least)
				       : bx_xprintf("must lie in %lld..%lld", (long long)f->least,
						 (long long)f->most);
	return refuse(c, path, item, rule);
}

static bool check_int(
	const struct check *c, const struct bx_field *f, const char *path, const cJSON *item)
{
	int64_t value;
	if (f->words)
		return check_word(c, f, path, item);
	if (!bx_json_as_int(item, &value))
		return refuse(c, path, item, "must be a whole number");
	return in_range(f, (double)value) || range_rule(c, f, path, item);
}

static bool check_num(
	const struct check *c, const struct bx_field *f, const char *path, const cJSON *item)
{
	auto_free char *text = cJSON_IsBool(item) ? NULL : bx_json_as_text(item);
	char *end = NULL;
	double value = text ? strtod(text, &end) : NAN;
	if (!text || end == text || *end || !isfinite(value))
		return refuse(c, path, item, "must be a number");
	return in_range(f, value) || range_rule(c, f, path, item);
}

/* A truthy text other than 1 would switch on what "N" or "no" meant to switch off. */
static bool check_flag(const struct check *c, const char *path, const cJSON *item)
{
	bool text = cJSON_IsString(item) &&
		    (!*item->valuestring ||
			    is_word((const struct bx_word[]){{"0", "0", 0}, {"1", "1", 0}, {0}},
				    item->valuestring));
	bool number = cJSON_IsNumber(item) && (item->valuedouble == 0 || item->valuedouble == 1);
	return text || number || cJSON_IsBool(item) || refuse(c, path, item, "must be 0 or 1");
}

static bool check_bool(const struct check *c, const char *path, const cJSON *item)
{
	if (c->op->kind == BX_METHOD)
		return check_flag(c, path, item);
	return cJSON_IsBool(item) || refuse(c, path, item, "must be true or false");
}

static bool check_date(const struct check *c, const char *path, const cJSON *item)
{
	int64_t ms;
	bool good = cJSON_IsString(item) && *item->valuestring >= '0' &&
		    *item->valuestring <= '9' && bx_time_parse(item->valuestring, &ms, NULL);
	return good || refuse(c, path, item, "must be an ISO 8601 time");
}

static bool check_fields(
	const struct check *c, const struct bx_field *fields, const cJSON *map, const char *path);

static bool is_array(const cJSON *item)
{
	return cJSON_IsObject(item) || cJSON_IsArray(item);
}

/* An empty map is an empty list in PHP. */
static bool is_map(const cJSON *item)
{
	return cJSON_IsObject(item) || (cJSON_IsArray(item) && !item->child);
}

static bool check_keys(
	const struct check *c, const struct bx_field *f, const char *path, const cJSON *item)
{
	for (const cJSON *e = item->child; e; e = e->next) {
		const char *column = e->string + strspn(e->string, "=!<>?%@");
		if (is_word(f->words, column))
			continue;
		auto_free char *where = bx_xprintf("%s[%s]", path, e->string);
		return refuse(c, where, NULL, "is not a known column");
	}
	return true;
}

static bool check_map(
	const struct check *c, const struct bx_field *f, const char *path, const cJSON *item)
{
	if (!is_map(item))
		return refuse(c, path, item, "must be a map");
	if (f->words)
		return check_keys(c, f, path, item);
	return !f->rows || check_fields(c, f->rows, item, path);
}

static bool check_rows(
	const struct check *c, const struct bx_field *f, const char *path, const cJSON *item)
{
	if (!cJSON_IsArray(item))
		return refuse(c, path, item, "must be a list");
	int k = 0;
	for (const cJSON *row = item->child; row; row = row->next) {
		auto_free char *where = bx_xprintf("%s[%d]", path, k++);
		if (!is_map(row))
			return refuse(c, where, row, "must be a map");
		if (!check_fields(c, f->rows, row, where))
			return false;
	}
	return true;
}

static bool check_one(
	const struct check *c, const struct bx_field *f, const char *path, const cJSON *item)
{
	switch (f->type) {
	case BX_STR:
		return check_string(c, f, path, item);
	case BX_INT:
		return check_int(c, f, path, item);
	case BX_NUM:
		return check_num(c, f, path, item);
	case BX_BOOL:
		return check_bool(c, path, item);
	case BX_FLAG:
		return check_flag(c, path, item);
	case BX_YN:
		return (cJSON_IsString(item) && (bx_streq(item->valuestring, "Y") ||
							bx_streq(item->valuestring, "N"))) ||
		       refuse(c, path, item, "must be Y or N");
	case BX_WORD:
		return check_word(c, f, path, item);
	case BX_DATE:
		return check_date(c, path, item);
	case BX_MAP:
		return check_map(c, f, path, item);
	case BX_LIST:
		return cJSON_IsArray(item) || refuse(c, path, item, "must be a list");
	case BX_ROWS:
		return check_rows(c, f, path, item);
	case BX_ARRAY:
		return is_array(item) || refuse(c, path, item, "must be a list or a map");
	case BX_ANY:
		break;
	}
	return true;
}

static bool is_empty(const cJSON *item)
{
	return cJSON_IsString(item) && !*item->valuestring;
}

static bool check_value(
	const struct check *c, const struct bx_field *f, const char *path, const cJSON *item)
{
	if (!item || cJSON_IsNull(item)) {
		bool allowed = !(f->flags & BX_REQUIRED) || (item && f->flags & BX_NULLABLE);
		return allowed || refuse(c, path, NULL, "is required");
	}
	if (c->loose && !(f->flags & BX_BARE) && is_empty(item))
		return !(f->flags & BX_REQUIRED) || refuse(c, path, NULL, "must not be empty");
	if (!(f->flags & BX_MANY) || !cJSON_IsArray(item))
		return check_one(c, f, path, item);
	if (!item->child && f->flags & BX_REQUIRED)
		return refuse(c, path, NULL, "must not be empty");
	for (const cJSON *e = item->child; e; e = e->next) {
		if (!check_one(c, f, path, e))
			return false;
	}
	return true;
}

static bool check_group(
	const struct check *c, const struct bx_field *fields, unsigned bit, const cJSON *map)
{
	auto_str struct bx_str names = BX_STR_INIT(1024);
	for (const struct bx_field *f = fields; f->key; f++) {
		if (!(f->flags & bit))
			continue;
		if (bx_json_truthy(find(c, map, f->key)))
			return true;
		bx_str_printf(&names, "%s%s", names.len ? " or " : "", f->key);
	}
	return !names.len || refuse(c, names.buf, NULL, "is required");
}

static bool check_fields(
	const struct check *c, const struct bx_field *fields, const cJSON *map, const char *path)
{
	for (const struct bx_field *f = fields; f->key; f++) {
		auto_free char *where =
			*path ? bx_xprintf("%s[%s]", path, f->key) : bx_xstrdup(f->key);
		if (!check_value(c, f, where, find(c, map, f->key)))
			return false;
	}
	return check_group(c, fields, BX_GROUP1, map) && check_group(c, fields, BX_GROUP2, map);
}

bool bx_op_check(const struct bx_op *op, const cJSON *params, struct bx_err *err)
{
	struct check c = {
		.op = op,
		.err = err,
		.loose = op->kind == BX_PORTAL_EVENT || op->kind == BX_CARD_EVENT,
		.anycase = op->flags & BX_ANYCASE,
	};
	if (op->fields->key && op->fields->flags & BX_BARE)
		return check_value(&c, op->fields, op->fields->key, params);
	if (!op->fields->key && op->kind == BX_CARD_EVENT)
		return true;
	if (params && !cJSON_IsNull(params) && !is_map(params))
		return refuse(&c, op->verb, params, "takes named parameters");
	return check_fields(&c, op->fields, params, "");
}
