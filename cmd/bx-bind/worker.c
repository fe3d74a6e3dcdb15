/* The background worker: registered if it is not, left alone if it is right. */
#include "bind.h"

#include "settle.h"
#include "urls.h"
#include "banned.h"

static cJSON *describe(const struct bx_cli *cli, const struct urls *urls, const cJSON *user, struct bx_err *err)
{
	cJSON *want = cJSON_CreateObject(), *options = cJSON_CreateObject();
	bx_json_set_str(want, "PLACEMENT", bind_worker_code());
	bx_json_set_str(want, "HANDLER", urls->worker);
	bx_json_set_str(options, "errorHandlerUrl", urls->error);
	bx_json_set(want, "OPTIONS", options);
	bx_json_set(want, "USER_ID", cJSON_Duplicate(user, true));
	bind_places.normal(want);
	if (bind_texts(cli, want, err))
		return want;
	cJSON_Delete(want);
	return NULL;
}

static cJSON *wanted(const struct bx_cli *cli, const struct urls *urls, struct bx_err *err)
{
	auto_json cJSON *users = bind_users(cli, err), *list = cJSON_CreateArray();
	const cJSON *user;
	cJSON_ArrayForEach(user, users) {
		cJSON *want = describe(cli, urls, user, err);
		if (!want)
			return NULL;
		cJSON_AddItemToArray(list, want);
	}
	cJSON *taken = users ? list : NULL;
	list = users ? NULL : list;
	return taken;
}

bool bind_worker(struct bx_cli *cli, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	BX_CLEANUP(urls_close) struct urls_source source = {0};
	BX_CLEANUP(urls_release) struct urls urls = {0};
	if (!bx_cli_want_args(cli, 0, 0, err) || !bind_open(cli, &portal, err) ||
		!urls_open(&source, bx_opt(cli, "public-url"), err) ||
		!urls_of(&source, &portal.rest.profile, &urls, err))
		return false;
	auto_json cJSON *list = wanted(cli, &urls, err);
	struct settle s = {.cli = cli, .rest = &portal.rest, .dry = bx_cli_dry(cli), .quiet = bx_cli_quiet(cli)};
	return list && settle_kind(&s, &bind_places, list, err) && settle_end(&s, err);
}
