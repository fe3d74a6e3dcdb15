/* What happens on cards: the list of them, the stream of events, and waiting for one. */
#include <string.h>
#include <unistd.h>
#include "card.h"
#include "clock.h"
#include "told.h"
#include "banned.h"

#define LS_MS 10000

#define OPT_USER    {"user", 'u', "ID", 0, "user", "only events of this employee's card"}
#define OPT_SINCE   {"since", 0, "SEQ", 0, NULL, "only events after this number"}
#define OPT_FOREIGN {"foreign", 0, NULL, 0, NULL, "also of calls of other applications"}

const struct bx_opt card_ls_opts[] = {
	{"user", 'u', "ID", 0, "user", "only of this employee"},
	{"online", 0, NULL, 0, NULL, "instead: the employees who have a page of the portal open"},
	{0},
};

const struct bx_opt card_events_opts[] = {
	{"follow", 'f', NULL, 0, NULL, "go on with new events as they happen"},
	OPT_SINCE,
	{"event", 'e', "EVENT", BX_OPT_MANY, "event", "only these events"},
	OPT_USER,
	{0},
};

const struct bx_opt card_wait_opts[] = {
	OPT_SINCE,
	{"new", 0, NULL, 0, NULL, "ignore what has happened so far"},
	{"cursor", 0, "NAME", 0, NULL, "count what was taken under this name; a second flow has its own"},
	OPT_USER,
	OPT_FOREIGN,
	{0},
};

/* What is left until a moment of the monotonic clock; -1: for ever. */
static int left(int64_t until)
{
	int64_t ms = until < 0 ? -1 : until - bx_mono_ms();
	return ms > INT32_MAX ? INT32_MAX : ms < 0 && until >= 0 ? 0 : (int)ms;
}

/* Who rings only those of the list has to know that some may be missing from it. */
static void note_gaps(struct bx_cli *cli, const cJSON *answer)
{
	if (!bx_json_bool(answer, "complete", true))
		bx_cli_note(cli, "bx-serve was started minutes ago: pages opened before may be missing");
}

/* Prints the member of every answer until the last one. */
static bool print_all(struct bx_cli *cli, const char *cmd, cJSON *fields, const char *member,
	int64_t ms, struct bx_err *err)
{
	auto_client struct bx_client *client = card_connect(err);
	if (!client) {
		cJSON_Delete(fields);
		return false;
	}
	bx_client_watch(client, STDOUT_FILENO);
	int64_t until = ms < 0 ? -1 : bx_mono_ms() + ms;
	int64_t id = bx_client_send(client, cmd, fields, err);
	for (int got = id ? 1 : -1; got == 1;) {
		auto_json cJSON *answer = NULL;
		got = bx_client_next(client, id, left(until), &answer, err);
		if (got < 0)
			return false;
		const cJSON *item = bx_json_get(answer, member);
		if (got == 0)
			note_gaps(cli, answer);
		if (item && !bx_cli_out(cli, item, err))
			return false;
	}
	return id != 0;
}

bool card_ls(struct bx_cli *cli, struct bx_err *err)
{
	int64_t ms = LS_MS;
	if (!bx_cli_want_args(cli, 0, 0, err) || !bx_opt_timeout(cli, &ms, err))
		return false;
	bool online = bx_opt_on(cli, "online", false);
	if (online && bx_opt(cli, "call"))
		return bx_fail(err, BX_USAGE, "", "--online is about pages, which belong to no call (-c)");
	auto_json cJSON *fields = card_request(cli, false, err);
	if (!fields)
		return false;
	if (online)
		bx_json_set_bool(fields, "online", true);
	if (bx_cli_dry(cli))
		return card_dry(cli, "ls", fields, err);
	bx_cli_columns(cli, online ? "user pages since heard portal"
		: "CALL_ID user state age frames title status mute hold timer since portal");
	cJSON *request = fields;
	fields = NULL;
	return print_all(cli, "ls", request, online ? "operator" : "card", ms, err);
}

static bool add_event(cJSON *list, const char *word, struct bx_err *err)
{
	auto_free char *name = bx_event_named(word, err);
	if (!name)
		return false;
	cJSON_AddItemToArray(list, cJSON_CreateString(name));
	return true;
}

static bool put_since(struct bx_cli *cli, cJSON *fields, struct bx_err *err)
{
	int64_t since = -1;
	if (!bx_opt_int(cli, "since", 0, INT64_MAX, &since, err))
		return false;
	if (since >= 0)
		bx_json_set_int(fields, "since", since);
	return true;
}

static bool put_events_filter(struct bx_cli *cli, cJSON *fields, struct bx_err *err)
{
	const char *const *words;
	size_t count = bx_opt_all(cli, "event", &words);
	cJSON *list = count ? cJSON_CreateArray() : NULL;
	bx_json_set(fields, "events", list);
	for (size_t i = 0; i < count; i++) {
		if (!add_event(list, words[i], err))
			return false;
	}
	bx_json_set_bool(fields, "follow", bx_opt(cli, "follow") != NULL);
	return put_since(cli, fields, err);
}

bool card_events(struct bx_cli *cli, struct bx_err *err)
{
	int64_t ms = -1;
	if (!bx_cli_want_args(cli, 0, 0, err) || !bx_opt_timeout(cli, &ms, err))
		return false;
	auto_json cJSON *fields = card_request(cli, false, err);
	if (!fields || !put_events_filter(cli, fields, err))
		return false;
	if (bx_cli_dry(cli))
		return card_dry(cli, "events", fields, err);
	bx_cli_columns(cli, "seq time event CALL_ID user own data");
	cJSON *request = fields;
	fields = NULL;
	return print_all(cli, "events", request, "event", ms, err);
}

static bool put_wait(struct bx_cli *cli, cJSON *fields, struct bx_err *err)
{
	cJSON *list = cJSON_CreateArray();
	bx_json_set(fields, "events", list);
	for (size_t i = 0; i < bx_cli_argc(cli); i++) {
		if (!add_event(list, bx_cli_arg(cli, i), err))
			return false;
	}
	if (bx_opt(cli, "cursor"))
		bx_json_set_str(fields, "cursor", bx_opt(cli, "cursor"));
	if (bx_opt(cli, "new"))
		bx_json_set_bool(fields, "new", true);
	return put_since(cli, fields, err);
}

/* The cursor moves only now that the line is with our reader, who may have left with it. */
static bool taken(struct bx_client *client, int64_t wait, const cJSON *event, struct bx_err *err)
{
	bx_client_watch(client, -1);
	int64_t seq = 0;
	bx_json_int(event, "seq", &seq);
	cJSON *fields = cJSON_CreateObject();
	bx_json_set_int(fields, "wait", wait);
	bx_json_set_int(fields, "seq", seq);
	auto_json cJSON *answer = bx_client_call(client, "taken", fields, LS_MS, err);
	return answer != NULL;
}

cJSON *card_wait_next(struct bx_cli *cli, cJSON *fields, int64_t until, struct bx_err *err)
{
	auto_client struct bx_client *client = card_connect(err);
	if (!client) {
		cJSON_Delete(fields);
		return NULL;
	}
	bx_client_watch(client, STDOUT_FILENO);
	int64_t id = bx_client_send(client, "wait", fields, err);
	auto_json cJSON *answer = NULL;
	if (!id || bx_client_next(client, id, left(until), &answer, err) < 0)
		return NULL;
	cJSON *event = bx_json_get(answer, "event");
	if (!event)
		return bx_fail(err, BX_LOCAL, "", "bx-serve ended the wait without an event"), NULL;
	bool ok = bx_cli_out(cli, event, err) && taken(client, id, event, err);
	return ok ? cJSON_DetachItemViaPointer(answer, event) : NULL;
}

cJSON *card_wait_fields(struct bx_cli *cli, int64_t *until, struct bx_err *err)
{
	int64_t ms = -1;
	if (!bx_cli_want_args(cli, 1, 64, err) || !bx_opt_timeout(cli, &ms, err))
		return NULL;
	*until = ms < 0 ? -1 : bx_mono_ms() + ms;
	auto_json cJSON *fields = card_request(cli, false, err);
	if (!fields || !put_wait(cli, fields, err))
		return NULL;
	cJSON *all = fields;
	fields = NULL;
	return all;
}

bool card_wait(struct bx_cli *cli, struct bx_err *err)
{
	int64_t until;
	auto_json cJSON *fields = card_wait_fields(cli, &until, err);
	if (!fields)
		return false;
	if (bx_cli_dry(cli))
		return card_dry(cli, "wait", fields, err);
	cJSON *request = fields;
	fields = NULL;
	auto_json cJSON *event = card_wait_next(cli, request, until, err);
	return event != NULL;
}
