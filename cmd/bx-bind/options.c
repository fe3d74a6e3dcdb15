/* Options that several registrations share: --title, --description, --group, and --user. */
#include "bind.h"

#include <ctype.h>
#include <string.h>
#include "kinds.h"
#include "banned.h"

static const char *const text_options[] = {"title", "description", "group"}; /* as bind_text_keys */

/* Languages of a portal have two small letters. */
static bool has_language(const char *text)
{
	return islower((unsigned char)text[0]) && islower((unsigned char)text[1]) && text[2] == '=';
}

static void put_language(cJSON *params, const char *key, const char *text)
{
	cJSON *all = bx_json_get(params, "LANG_ALL");
	char language[3] = {text[0], text[1], 0};
	if (!cJSON_IsObject(all))
		bx_json_set(params, "LANG_ALL", all = cJSON_CreateObject());
	cJSON *one = bx_json_get(all, language);
	if (!cJSON_IsObject(one))
		bx_json_set(all, language, one = cJSON_CreateObject());
	bx_json_set_str(one, key, text + 3);
}

bool bind_texts(const struct bx_cli *cli, cJSON *params, struct bx_err *err)
{
	const char *plain = NULL, *const *values;
	bool by_language = bx_json_get(params, "LANG_ALL");
	for (size_t i = 0; i < BX_COUNT(text_options); i++) {
		const char *key = bind_text_keys[i];
		size_t count = bx_opt_all(cli, text_options[i], &values);
		if (count)
			bx_json_set(params, key, NULL);
		for (size_t v = 0; v < count; v++) {
			if (has_language(values[v]))
				put_language(params, key, values[v]);
			else
				bx_json_set_str(params, key, plain = values[v]);
			by_language = by_language || has_language(values[v]);
		}
	}
	/* The portal would drop the plain ones without a word. */
	return !plain || !by_language ||
		bx_fail(err, BX_USAGE, "", "'%s' has no language, and others have: write en=%s", plain, plain);
}

static bool read_user(const char *text, int64_t *user, struct bx_err *err)
{
	cJSON probe = {.type = cJSON_String, .valuestring = (char *)text};
	return (bx_json_as_int(&probe, user) && *user >= 0) ||
		bx_fail(err, BX_USAGE, "", "--user '%s' is not the number of an employee", text);
}

cJSON *bind_users(const struct bx_cli *cli, struct bx_err *err)
{
	const char *const *given;
	size_t count = bx_opt_all(cli, "user", &given);
	auto_json cJSON *list = cJSON_CreateArray();
	bool general = !count;
	for (size_t i = 0; i < count; i++) {
		int64_t user;
		if (!read_user(given[i], &user, err))
			return NULL;
		general = general || !user;
		if (user)
			cJSON_AddItemToArray(list, bx_json_int_item(user));
	}
	if (general)
		cJSON_AddItemToArray(list, bx_json_int_item(0));
	cJSON *taken = list;
	list = NULL;
	return taken;
}
