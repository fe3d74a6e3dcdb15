/* Command-line texts to wire values. */
#include "spec.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <strings.h>
#include "clock.h"
#include "banned.h"

static cJSON *refuse(
	const struct bx_field *f, const char *text, const char *rule, struct bx_err *err)
{
	bool argument = f->flags & BX_ARG;
	const char *name = f->option ? f->option : f->key;
	bx_fail(err, BX_USAGE, "", "%s%s '%s' %s", argument || !f->option ? "" : "--", name, text,
		rule);
	return NULL;
}

static const char *find_word(const struct bx_field *f, const char *text)
{
	for (const struct bx_word *w = f->words; w && w->word; w++) {
		if (!strcmp(w->word, text) || !strcmp(w->wire, text))
			return w->wire;
	}
	return NULL;
}

static cJSON *refuse_word(const struct bx_field *f, const char *text, struct bx_err *err)
{
	auto_str struct bx_str rule = BX_STR_INIT(1024);
	bx_str_puts(&rule, "is not one of");
	for (const struct bx_word *w = f->words; w->word; w++)
		bx_str_printf(&rule, "%s %s", w == f->words ? "" : ",", w->word);
	return refuse(f, text, rule.buf, err);
}

static cJSON *refuse_number(
	const struct bx_field *f, const char *text, const char *kind, struct bx_err *err)
{
	if (!f->least && !f->most)
		return refuse(f, text, kind, err);
	auto_free char *rule = f->most == INT32_MAX
				       ? bx_xprintf("%s, %lld or more", kind, (long long)f->least)
				       : bx_xprintf("%s from %lld to %lld", kind,
						 (long long)f->least, (long long)f->most);
	return refuse(f, text, rule, err);
}

static bool in_range(const struct bx_field *f, double value)
{
	return (!f->least && !f->most) || (value >= (double)f->least && value <= (double)f->most);
}

static cJSON *int_value(const struct bx_field *f, const char *text, struct bx_err *err)
{
	const char *wire = f->words ? find_word(f, text) : text;
	if (!wire)
		return refuse_word(f, text, err);
	cJSON probe = {.type = cJSON_String, .valuestring = (char *)wire};
	int64_t value;
	if (!bx_json_as_int(&probe, &value) || !in_range(f, (double)value))
		return refuse_number(f, text, "is not a whole number", err);
	return bx_json_int_item(value);
}

static cJSON *num_value(const struct bx_field *f, const char *text, struct bx_err *err)
{
	char *end;
	errno = 0;
	double value = strtod(text, &end);
	if (errno || end == text || *end || text[strspn(text, "0123456789.+-eE")] ||
		!in_range(f, value))
		return refuse_number(f, text, "is not a number", err);
	return cJSON_CreateNumber(value);
}

/* 1, 0, or -1 for neither. */
static int switch_value(const char *text)
{
	static const char *const on[] = {"on", "yes", "true", "1", "y"};
	static const char *const off[] = {"off", "no", "false", "0", "n"};
	for (size_t i = 0; i < BX_COUNT(on); i++) {
		if (!strcasecmp(text, on[i]))
			return 1;
		if (!strcasecmp(text, off[i]))
			return 0;
	}
	return -1;
}

static cJSON *flag_value(const struct bx_field *f, const char *text, struct bx_err *err)
{
	int on = switch_value(text);
	if (on < 0)
		return refuse(f, text, "is neither on nor off", err);
	return f->type == BX_BOOL ? cJSON_CreateBool(on)
	       : f->type == BX_YN ? cJSON_CreateString(on ? "Y" : "N")
				  : cJSON_CreateNumber(on);
}

/* A time that is complete already keeps its own zone. */
static bool is_wire_date(const char *text)
{
	static const char pattern[] = "0000-00-00T00:00:00+00:00";
	for (size_t i = 0; pattern[i]; i++) {
		bool good = pattern[i] == '0'   ? text[i] >= '0' && text[i] <= '9'
			    : pattern[i] == '+' ? text[i] == '+' || text[i] == '-'
						: text[i] == pattern[i];
		if (!good)
			return false;
	}
	return !text[sizeof pattern - 1];
}

static cJSON *date_value(const struct bx_field *f, const char *text, struct bx_err *err)
{
	int64_t ms;
	char iso[BX_ISO_SIZE];
	if (!bx_time_parse(text, &ms, NULL))
		return refuse(f, text,
			"is not a time: use ISO 8601 (2026-08-03T11:01:00+03:00), @UNIX, or now",
			err);
	if (is_wire_date(text))
		return cJSON_CreateString(text);
	bx_time_iso_local(iso, ms);
	return cJSON_CreateString(iso);
}

static bool fits(enum bx_type type, const cJSON *value)
{
	return type == BX_ANY || (type != BX_LIST && type != BX_ROWS && cJSON_IsObject(value)) ||
	       (type != BX_MAP && cJSON_IsArray(value));
}

static cJSON *json_value(const struct bx_field *f, const char *text, struct bx_err *err)
{
	cJSON *value = bx_json_parse(text, strlen(text), NULL);
	if (value && fits(f->type, value))
		return value;
	cJSON_Delete(value);
	if (!value && f->type == BX_ANY)
		return cJSON_CreateString(text);
	return refuse(f, text,
		f->type == BX_MAP     ? "is not a JSON object"
		: f->type == BX_ARRAY ? "is neither a JSON object nor a JSON array"
				      : "is not a JSON array",
		err);
}

cJSON *bx_field_value(const struct bx_field *f, const char *text, struct bx_err *err)
{
	const char *wire = find_word(f, text);
	switch (f->type) {
	case BX_STR:
		return cJSON_CreateString(wire ? wire : text);
	case BX_WORD:
		return wire ? cJSON_CreateString(wire) : refuse_word(f, text, err);
	case BX_INT:
		return int_value(f, text, err);
	case BX_NUM:
		return num_value(f, text, err);
	case BX_BOOL:
	case BX_FLAG:
	case BX_YN:
		return flag_value(f, text, err);
	case BX_DATE:
		return date_value(f, text, err);
	case BX_MAP:
	case BX_LIST:
	case BX_ROWS:
	case BX_ANY:
	case BX_ARRAY:
		break;
	}
	return json_value(f, text, err);
}
