/* The background worker: registered if it is not, left alone if it is right. */
#include "bind.h"

#include "control.h"
#include "secret.h"
#include "banned.h"

#define ASK_MS 5000

/* What is wanted, and what the portal has in its place. */
struct worker {
	char *placement, *handler, *error_url;
	const char *title;
	int64_t user;
};

static void worker_release(struct worker *w)
{
	free(w->placement);
	free(w->handler);
	free(w->error_url);
}

static const struct bx_op *bind_op(void)
{
	return bx_op_by_verb(BX_METHOD, "placement add");
}

static bool from_serve(const char *name, struct worker *w, struct bx_err *err)
{
	auto_str struct bx_str dir = BX_STR_INIT(BX_PATH_MAX);
	if (!bx_store_dir(&dir, err))
		return false;
	struct bx_client *client = bx_client_connect(dir.buf, err);
	if (!client) {
		if (err->exit == BX_ABSENT)
			bx_fail(err, BX_ABSENT, "", "bx-serve is not running here, so its address is not known;"
						    " start it, or give --public-url");
		return false;
	}
	cJSON *fields = cJSON_CreateObject();
	bx_json_set_str(fields, "portal", name);
	auto_json cJSON *urls = bx_client_call(client, "urls", fields, ASK_MS, err);
	bx_client_free(client);
	const char *worker = bx_json_str(urls, "worker"), *error = bx_json_str(urls, "error_handler");
	if (!urls)
		return false;
	if (!worker || !error)
		return bx_fail(err, BX_LOCAL, "", "bx-serve does not tell its addresses");
	bx_set_str(&w->handler, worker);
	bx_set_str(&w->error_url, error);
	return true;
}

static bool from_option(const char *text, const char *secret, struct worker *w, struct bx_err *err)
{
	auto_url struct bx_url url;
	size_t len = strlen(text);
	while (len && text[len - 1] == '/')
		len--;
	if (!bx_url_parse(text, &url, NULL) || strpbrk(text, "?#"))
		return bx_fail(err, BX_USAGE, "", "--public-url '%s' is not an http or https URL", text);
	w->handler = bx_xprintf("%.*s/worker", (int)len, text);
	w->error_url = bx_xprintf("%.*s/error/%s", (int)len, text, secret);
	return true;
}

static bool describe(struct bx_cli *cli, const struct bx_portal *portal, struct worker *w,
	struct bx_err *err)
{
	const struct bx_profile *p = &portal->rest.profile;
	const struct bx_field *place = bx_field_by_key(bind_op()->fields, "PLACEMENT", false);
	const char *given = bx_opt(cli, "public-url");
	auto_json cJSON *code = bx_field_value(place, "worker", err);
	w->placement = code ? bx_json_as_text(code) : NULL;
	w->title = bx_opt(cli, "title");
	if (!code || !bx_opt_int(cli, "user", 1, INT64_MAX, &w->user, err) ||
		!(given ? from_option(given, p->error_secret, w, err) : from_serve(p->name, w, err)))
		return false;
	/* The portal takes one address once, so a personal registration needs one of its own. */
	auto_free char *own = w->user
		? bx_xprintf("%s?user=%lld", w->handler, (long long)w->user) : bx_xstrdup(w->handler);
	bx_set_str(&w->handler, own);
	return true;
}

static bool is_right(const struct worker *w, const cJSON *row)
{
	struct bind_entry e = bind_entry(row);
	const char *title = bx_json_str(row, "title");
	return !strcmp(e.handler, w->handler) && !strcmp(e.error_url, w->error_url) &&
		(!w->title || (title && !strcmp(title, w->title)));
}

static cJSON *params_of(const struct worker *w)
{
	cJSON *params = cJSON_CreateObject(), *options = cJSON_CreateObject();
	bx_json_set_str(params, "PLACEMENT", w->placement);
	bx_json_set_str(params, "HANDLER", w->handler);
	if (w->title)
		bx_json_set_str(params, "TITLE", w->title);
	bx_json_set_str(options, "errorHandlerUrl", w->error_url);
	bx_json_set(params, "OPTIONS", options);
	if (w->user)
		bx_json_set_int(params, "USER_ID", w->user);
	return params;
}

/* Whether the right registration is there; *wrong is set when another one of the same user is. */
static bool look(struct bx_portal *portal, const struct worker *w, bool remove, bool *right,
	bool *wrong, struct bx_err *err)
{
	auto_json cJSON *rows = bind_get(portal, err);
	const cJSON *row;
	*right = *wrong = false;
	if (!rows)
		return false;
	cJSON_ArrayForEach(row, rows) {
		struct bind_entry e = bind_entry(row);
		if (strcmp(e.placement, w->placement) != 0 || e.user != w->user)
			continue;
		*right = *right || is_right(w, row);
		*wrong = *wrong || !is_right(w, row);
		if (remove && !is_right(w, row) && !bind_unbind(portal, &e, err))
			return false;
	}
	return true;
}

/* A bind whose answer was lost is looked up before anyone is told it failed. */
static bool bind_now(struct bx_portal *portal, const struct worker *w, struct bx_err *err)
{
	auto_json cJSON *params = params_of(w);
	auto_json cJSON *result = bx_rest_op(&portal->rest, bind_op(), params, err);
	if (result)
		return true;
	bool right = false, wrong;
	struct bx_err why = {0};
	if (err->exit != BX_UNKNOWN || !look(portal, w, false, &right, &wrong, &why))
		return false;
	if (right)
		*err = (struct bx_err){0};
	return right;
}

static bool settle(struct bx_cli *cli, struct bx_portal *portal, const struct worker *w,
	const char **action, struct bx_err *err)
{
	bool right, wrong;
	if (!look(portal, w, false, &right, &wrong, err))
		return false;
	*action = !wrong && right ? "kept" : wrong ? "rebound" : "bound";
	if (bx_cli_dry(cli) || !strcmp(*action, "kept"))
		return true;
	if (wrong && !look(portal, w, true, &right, &wrong, err))
		return false;
	return right || bind_now(portal, w, err);
}

/* It may wait to put right what is right now. */
static void tell_serve(const char *name)
{
	cJSON *fields = cJSON_CreateObject();
	bx_json_set_str(fields, "portal", name);
	bx_portal_poke("bound", fields);
}

bool bind_worker(struct bx_cli *cli, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	BX_CLEANUP(worker_release) struct worker w = {0};
	const char *action;
	if (!bx_cli_want_args(cli, 0, 0, err) || !bx_portal_open(cli, &portal, false, err) ||
		!describe(cli, &portal, &w, err) || !settle(cli, &portal, &w, &action, err))
		return false;
	if (!bx_cli_dry(cli) && !w.user)
		tell_serve(portal.rest.profile.name);
	if (bx_cli_quiet(cli) && !strcmp(action, "kept"))
		return true;
	struct bind_entry entry = {.placement = w.placement, .handler = w.handler, .user = w.user};
	return bind_print(cli, &portal, &entry, action, err);
}
