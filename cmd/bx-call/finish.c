/* finish (portal.md 11.3): once, whatever happens to the answer. */
#include "call.h"

#include "batch.h"
#include "clock.h"
#include "limit.h"
#include "banned.h"

#define RUNS_AT_MOST_MS 60000 /* portal.md 3.3 */
#define ASK_EVERY_MS	2000
#define NOT_FOUND	"Call is not found" /* the rest of the text differs between versions */

/* The user of the call, unless the command line names one. ADD_TO_CHAT is sent always, for absent
 * it means different things to different portals. */
bool call_finish_defaults(const struct bx_known_call *known, cJSON *params, struct bx_err *err)
{
	bool named = bx_json_get(params, "USER_ID") || bx_json_get(params, "USER_PHONE_INNER");
	if (!named && known->user)
		bx_json_set_int(params, "USER_ID", known->user);
	else if (!named && *known->ext)
		bx_json_set_str(params, "USER_PHONE_INNER", known->ext);
	else if (!named)
		return bx_fail(err, BX_USAGE, "",
			"this call was not registered here: whose is it? give --user or --ext");
	if (!bx_json_get(params, "ADD_TO_CHAT"))
		bx_json_set_int(params, "ADD_TO_CHAT", 1);
	return true;
}

static void hide(struct bx_cli *cli, struct bx_portal *portal, const cJSON *users)
{
	struct bx_err why = {0};
	auto_json cJSON *params = cJSON_CreateObject();
	bx_json_set_str(params, "CALL_ID", portal->ref.call_id);
	if (users)
		bx_json_set(params, "USER_ID", cJSON_Duplicate(users, true));
	auto_json cJSON *result = bx_rest_op(&portal->rest, call_op("hide"), params, &why);
	if (!result)
		bx_cli_note(cli, "hiding the other cards of the call: %s", why.text);
}

/* Whoever the call was registered for by an internal number is not in the list of users; without
 * one the portal hides that card. */
void call_hide_others(struct bx_cli *cli, struct bx_portal *portal, const cJSON *params)
{
	const struct bx_known_call *known = &portal->ref.known;
	const char *ext = bx_json_str(params, "USER_PHONE_INNER");
	int64_t user = 0;
	bool by_user = bx_json_int(params, "USER_ID", &user) && user > 0;
	bool same_ext = !by_user && bx_streq(ext, known->ext);
	auto_json cJSON *others = call_shown_others(known, same_ext ? known->user : user);
	if (bx_cli_dry(cli))
		return;
	if (others)
		hide(cli, portal, others);
	if (*known->ext && !known->user && !same_ext)
		hide(cli, portal, NULL);
}

static bool keep_row(void *arg, const cJSON *row, struct bx_err *err)
{
	cJSON **slot = arg;
	(void)err;
	*slot = cJSON_Duplicate(row, true);
	return false;
}

cJSON *call_statistics(struct bx_portal *portal, struct bx_err *err)
{
	cJSON *row = NULL;
	auto_json cJSON *params = cJSON_CreateObject();
	cJSON *filter = cJSON_CreateObject();
	bx_json_set_str(filter, "CALL_ID", portal->ref.call_id);
	bx_json_set(params, "FILTER", filter);
	bx_list(&portal->rest, call_op("history")->wire, params, 1, keep_row, &row, err);
	return row;
}

/* After an answer was lost: the row appears, or nothing can be running any more (NULL, and exit
 * BX_OK), or the time is over (NULL, and BX_UNKNOWN). */
static cJSON *settle(struct bx_portal *portal, int64_t sent, int64_t deadline, struct bx_err *err)
{
	struct bx_err lost = *err;
	for (;;) {
		bool over = bx_mono_ms() - sent > RUNS_AT_MOST_MS;
		struct bx_err why = {0};
		cJSON *row = call_statistics(portal, &why);
		if (row || (over && why.exit == BX_OK)) {
			*err = (struct bx_err){0};
			return row;
		}
		*err = lost;
		if (over || !bx_sleep_until(ASK_EVERY_MS, deadline))
			return NULL;
	}
}

static bool not_found(const struct bx_err *err)
{
	return bx_starts(err->text, NOT_FOUND);
}

void call_mark(struct bx_cli *cli, struct bx_portal *portal, const char *state)
{
	struct bx_known_call *known = &portal->ref.known;
	if (!*known->call_id)
		return;
	bx_set_str(&known->state, state);
	call_remember(cli, portal->store, known);
}

/* A finish that may have gone through before is looked up instead of being refused. */
static cJSON *look_up(struct bx_portal *portal, bool tried, struct bx_err *err)
{
	struct bx_err why = {0};
	cJSON *row = tried ? call_statistics(portal, &why) : NULL;
	if (!row)
		err->exit = BX_ABSENT;
	return row;
}

static cJSON *finish(struct bx_cli *cli, struct bx_portal *portal, const cJSON *params,
	struct bx_err *err)
{
	int64_t deadline = bx_mono_ms() + portal->rest.timeout_ms;
	bool tried = !strcmp(portal->ref.known.state, CALL_FINISHING);
	for (;;) {
		int64_t sent = bx_mono_ms();
		cJSON *result = bx_portal_op(cli, portal, call_op("finish"), params, err);
		if (result || err->exit == BX_OK)
			return result;
		if (not_found(err))
			return look_up(portal, tried, err);
		if (err->exit != BX_UNKNOWN)
			return NULL;
		tried = true;
		call_mark(cli, portal, CALL_FINISHING);
		result = settle(portal, sent, deadline, err);
		if (result || err->exit != BX_OK)
			return result;
	}
}

bool call_finish(struct bx_cli *cli, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	const struct bx_op *op = call_op("finish");
	if (!call_open(cli, &portal, err))
		return false;
	auto_json cJSON *params = call_params(cli, op, &portal.ref, 0, err);
	if (!params || !call_finish_defaults(&portal.ref.known, params, err) || !bx_cli_check(op, params, err))
		return false;
	if (call_spooling(cli))
		return call_spool(cli, &portal, "finish", params, NULL, err);
	call_hide_others(cli, &portal, params);
	auto_json cJSON *result = finish(cli, &portal, params, err);
	if (!result)
		return bx_portal_was_dry(cli, err);
	call_mark(cli, &portal, CALL_FINISHED);
	return bx_cli_out(cli, result, err);
}
