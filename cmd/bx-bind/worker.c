/* The background worker: registered if it is not, left alone if it is right. */
#include "bind.h"

#include "wanted.h"
#include "banned.h"

static cJSON *describe(const struct bx_cli *cli, const cJSON *user, struct bx_err *err)
{
	cJSON *want = cJSON_CreateObject(), *options = cJSON_CreateObject();
	bx_json_set_str(want, "PLACEMENT", bind_worker_code());
	bx_json_set_str(want, "HANDLER", "@worker");
	bx_json_set_str(options, "errorHandlerUrl", "@error");
	bx_json_set(want, "OPTIONS", options);
	bx_json_set(want, "USER_ID", cJSON_Duplicate(user, true));
	bind_places.normal(want);
	if (bind_texts(cli, want, err))
		return want;
	cJSON_Delete(want);
	return NULL;
}

bool wanted_worker(const struct bx_cli *cli, struct wanted *w, struct bx_err *err)
{
	*w = (struct wanted){.words = true};
	if (!bx_cli_want_args(cli, 0, 0, err))
		return false;
	auto_json cJSON *users = bind_users(cli, err);
	const cJSON *user;
	w->places = cJSON_CreateArray();
	cJSON_ArrayForEach(user, users) {
		cJSON *want = describe(cli, user, err);
		if (!want)
			return false;
		cJSON_AddItemToArray(w->places, want);
	}
	return users;
}
