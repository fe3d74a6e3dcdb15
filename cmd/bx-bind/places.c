/* Placements, compared (portal.md 9). */
#include "kinds.h"

#include <ctype.h>
#include <string.h>
#include "bind.h"
#include "banned.h"

const char *const bind_text_keys[] = {"TITLE", "DESCRIPTION", "GROUP_NAME", NULL};

const char *bind_text(const cJSON *o, const char *key)
{
	const char *text = bx_json_str(o, key);
	return text ? text : "";
}

int64_t bind_number(const cJSON *o, const char *key)
{
	int64_t number = 0;
	bx_json_int(o, key, &number);
	return number;
}

const char *bind_worker_code(void)
{
	for (const struct bx_word *w = bx_placements; w->word; w++) {
		if (!strcmp(w->word, "worker"))
			return w->wire;
	}
	return "";
}

bool bind_is_worker(const char *code)
{
	return bx_streq(code, bind_worker_code());
}

char *bind_own_address(const char *url, int64_t user)
{
	auto_free char *own = bx_xprintf("user=%lld", (long long)user);
	size_t len = strlen(own), whole = strcspn(url, "#");
	const char *query = memchr(url, '?', whole);
	for (const char *p = query; p && user; p = memchr(p + 1, '&', (size_t)(url + whole - p - 1))) {
		if (!strncmp(p + 1, own, len) && strchr("&#", p[1 + len]))
			return bx_xstrdup(url);
	}
	if (!user)
		return bx_xstrdup(url);
	return bx_xprintf("%.*s%c%s%s", (int)whole, url, query ? '&' : '?', own, url + whole);
}

static void normal(cJSON *want)
{
	auto_free char *code = bx_xstrdup(bind_text(want, "PLACEMENT"));
	int64_t user = bind_number(want, "USER_ID");
	for (char *p = code; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	for (const struct bx_word *w = bx_placements; w->word; w++) {
		if (!strcmp(w->word, bind_text(want, "PLACEMENT")))
			bx_set_str(&code, w->wire);
	}
	bx_json_set_str(want, "PLACEMENT", code);
	auto_free char *own = bind_own_address(bind_text(want, "HANDLER"), user > 0 ? user : 0);
	bx_json_set_str(want, "HANDLER", own);
	if (user > 0)
		bx_json_set_int(want, "USER_ID", user);
	else
		bx_json_set(want, "USER_ID", NULL);
}

static cJSON *named(const char *placement, const char *handler, int64_t user)
{
	cJSON *row = cJSON_CreateObject();
	bx_json_set_str(row, "placement", placement);
	bx_json_set_str(row, "handler", handler);
	bx_json_set_int(row, "userId", user);
	return row;
}

static cJSON *row_of(const cJSON *want)
{
	return named(bind_text(want, "PLACEMENT"), bind_text(want, "HANDLER"), bind_number(want, "USER_ID"));
}

static cJSON *name_of(const cJSON *row)
{
	return named(bind_text(row, "placement"), bind_text(row, "handler"), bind_number(row, "userId"));
}

static bool same_place(const cJSON *want, const cJSON *row)
{
	return !strcmp(bind_text(want, "PLACEMENT"), bind_text(row, "placement"));
}

static bool same_handler(const cJSON *want, const cJSON *row)
{
	return !strcmp(bind_text(want, "HANDLER"), bind_text(row, "handler"));
}

static bool same_user(const cJSON *want, const cJSON *row)
{
	return bind_number(want, "USER_ID") == bind_number(row, "userId");
}

/* A placement takes an address once, whoever it is for, and an employee has one worker. */
static bool takes(const cJSON *want, const cJSON *row)
{
	bool only = bind_is_worker(bx_json_str(want, "PLACEMENT")) && same_user(want, row);
	return same_place(want, row) && (same_handler(want, row) || only);
}

/* The portal adds options of its own, like its count of slow loads, and drops those it does not
 * know; so only what it shows can differ, but for what a worker must have. */
static bool same_options(const cJSON *want, const cJSON *row)
{
	const cJSON *options = bx_json_get(want, "OPTIONS"), *have = bx_json_get(row, "options");
	const struct bx_field *known = bx_field_by_key(bind_op(bind_places.add)->fields, "OPTIONS", false);
	bool worker = bind_is_worker(bx_json_str(want, "PLACEMENT"));
	for (const cJSON *e = options ? options->child : NULL; e; e = e->next) {
		const cJSON *there = bx_json_get(have, e->string);
		bool must = worker && bx_field_by_key(known->rows, e->string, false);
		auto_free char *a = bx_json_as_text(e), *b = there ? bx_json_as_text(there) : NULL;
		if ((!there && must) || (there && !bx_streq(a, b)))
			return false;
	}
	return true;
}

/* Texts of a language that are missing are kept as empty ones. */
static bool same_language(const cJSON *want, const cJSON *have)
{
	for (const char *const *key = bind_text_keys; *key; key++) {
		if (strcmp(bind_text(want, *key), bind_text(have, *key)) != 0)
			return false;
	}
	return true;
}

static bool same_languages(const cJSON *want, const cJSON *have)
{
	const cJSON *e;
	for (e = want->child; e; e = e->next) {
		if (!bx_json_get(have, e->string) || !same_language(e, bx_json_get(have, e->string)))
			return false;
	}
	return cJSON_GetArraySize(want) == cJSON_GetArraySize(have);
}

/* Texts that are not asked for are the portal's affair; it lists no group without a language. */
static bool same_texts(const cJSON *want, const cJSON *row)
{
	const cJSON *all = bx_json_get(want, "LANG_ALL");
	const char *title = bx_json_str(want, "TITLE"), *description = bx_json_str(want, "DESCRIPTION");
	if (all && all->child)
		return same_languages(all, bx_json_get(row, "langAll"));
	return (!title || !strcmp(title, bind_text(row, "title"))) &&
		(!description || !strcmp(description, bind_text(row, "description")));
}

static bool right(const cJSON *want, const cJSON *row)
{
	return same_place(want, row) && same_handler(want, row) && same_user(want, row) &&
		same_options(want, row) && same_texts(want, row);
}

/* Without HANDLER and USER_ID the portal removes more than is meant. */
static cJSON *removal(const cJSON *row)
{
	cJSON *params = cJSON_CreateObject();
	bx_json_set_str(params, "PLACEMENT", bind_text(row, "placement"));
	bx_json_set_str(params, "HANDLER", bind_text(row, "handler"));
	bx_json_set_int(params, "USER_ID", bind_number(row, "userId"));
	return params;
}

const struct bind_kind bind_places = {.list = "placements", .ls = "placement ls", .add = "placement add",
	.rm = "placement rm", .normal = normal, .row = row_of, .name = name_of, .takes = takes,
	.right = right, .removal = removal};
