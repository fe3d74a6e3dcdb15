/* check: why does no card appear for this employee? What an app can know of portal.md 13.1 is
 * examined, the rest is listed. */
#include "call.h"

#include <strings.h>
#include "clock.h"
#include "control.h"
#include "doctor.h"
#include "banned.h"

#define ASK_MS	  5000
#define LOOK_BACK 20000 /* records of the journal */
#define CALLS_MAX 5

const struct bx_opt call_check_opts[] = {
	{"ext", 0, "NUMBER", 0, NULL, "the employee with that internal number"},
	{0},
};

/* One question to bx-serve and its answers, of which fn sees each; false: it did not answer. */
typedef void answer_fn(void *arg, const cJSON *answer);
static bool ask_serve(const struct bx_doctor *d, const char *cmd, cJSON *fields, answer_fn *fn, void *arg)
{
	auto_str struct bx_str dir = BX_STR_INIT(BX_PATH_MAX);
	struct bx_client *client = bx_store_dir(&dir, NULL) ? bx_client_connect(dir.buf, NULL) : NULL;
	bx_json_set_str(fields, "portal", d->rest->profile.name);
	if (!client) {
		cJSON_Delete(fields);
		return false;
	}
	int64_t id = bx_client_send(client, cmd, fields, NULL);
	int got = id ? 1 : -1;
	while (got == 1) {
		cJSON *answer = NULL;
		got = bx_client_next(client, id, ASK_MS, &answer, NULL);
		if (answer)
			fn(arg, answer);
		cJSON_Delete(answer);
	}
	bx_client_free(client);
	return !got;
}

static cJSON *of_user(const struct bx_doctor *d)
{
	cJSON *fields = cJSON_CreateObject();
	bx_json_set_int(fields, "user", d->user);
	return fields;
}

static void check_profile(struct bx_doctor *d)
{
	const struct bx_profile *p = &d->rest->profile;
	if (p->webhook)
		bx_doctor_say(d, "profile", BX_ILL, "add the app as well: bx-auth add NAME --app, then give -p NAME",
			"%s is a webhook, and only an app has a worker that moves cards", p->name);
	else
		bx_doctor_say(d, "profile", BX_WELL, NULL, "%s is an app of %s", p->name, p->domain);
}

/* What is known of this employee. */
struct sight {
	struct bx_doctor *doctor;
	char *ext; /* internal number, or NULL */
	int cards; /* open, as bx-serve says */
	char heard[BX_ISO_SIZE]; /* when a page was heard last, or "" */
	int64_t pages; /* open, as they tell it */
	bool told;     /* by all that are open */
	int64_t seq;
};

static void check_employee(struct bx_doctor *d, struct sight *sight)
{
	struct bx_err err = {0};
	auto_free char *id = bx_xprintf("%lld", (long long)d->user);
	auto_json cJSON *row = call_employee(d->rest, "ID", id, &err);
	const char *name = bx_json_str(row, "NAME"), *last = bx_json_str(row, "LAST_NAME");
	sight->ext = bx_json_as_text(bx_json_get(row, CALL_INNER_NUMBER));
	if (err.exit)
		bx_doctor_say(d, "employee", BX_BY_HAND, "see the list of employees in the portal",
			"whether there is such an employee cannot be asked: %s", err.text);
	else if (!row)
		bx_doctor_say(d, "employee", BX_ILL, "see the list of employees in the portal",
			"the portal has no employee %s", id);
	else if (!bx_json_truthy(bx_json_get(row, "ACTIVE")))
		bx_doctor_say(d, "employee", BX_ILL, "register the call for somebody else, or take the employee"
			" on again in the portal", "%s %s is dismissed", name ? name : "", last ? last : "");
	else
		bx_doctor_say(d, "employee", BX_WELL, NULL, "%s %s works here", name ? name : "", last ? last : "");
}

static void see_card(void *arg, const cJSON *answer)
{
	struct sight *sight = arg;
	const cJSON *card = bx_json_get(answer, "card");
	const char *call = bx_json_str(card, "CALL_ID"), *since = bx_json_str(card, "since");
	const char *state = bx_json_str(card, "state");
	if (!call)
		return;
	auto_free char *todo = bx_xprintf("bx-call -c %s finish; where the call is over, the employee closes the"
		" card", call);
	sight->cards++;
	bx_doctor_say(sight->doctor, "card", BX_ILL,
		bx_json_bool(card, "own", false) ? todo : "another app shows it: the employee closes the card",
		"the card of call %s is in the way since %s%s%s: a page shows one at a time", call,
		since ? since : "a while", state ? ", state " : "", state ? state : "");
}

static void see_status(void *arg, const cJSON *answer)
{
	struct sight *sight = arg;
	bx_json_int(answer, "seq", &sight->seq);
}

static void see_event(void *arg, const cJSON *answer)
{
	struct sight *sight = arg;
	const cJSON *event = bx_json_get(answer, "event");
	const char *time = bx_json_str(event, "time"), *source = bx_json_str(event, "source");
	if (time && bx_streq(source, "card"))
		snprintf(sight->heard, sizeof sight->heard, "%s", time);
}

static void see_online(void *arg, const cJSON *answer)
{
	struct sight *sight = arg;
	const cJSON *operator = bx_json_get(answer, "operator");
	const char *heard = bx_json_str(operator, "heard");
	bx_json_int(operator, "pages", &sight->pages);
	if (heard)
		snprintf(sight->heard, sizeof sight->heard, "%s", heard);
	sight->told = bx_json_bool(answer, "complete", false);
}

/* With bx-serve --presence the pages tell of themselves. */
static void check_pages_told(struct bx_doctor *d, struct sight *sight)
{
	cJSON *fields = of_user(d);
	bx_json_set_bool(fields, "online", true);
	ask_serve(d, "ls", fields, see_online, sight);
}

static void check_page_open(struct bx_doctor *d, struct sight *sight)
{
	bool runs = ask_serve(d, "status", cJSON_CreateObject(), see_status, sight);
	cJSON *fields = of_user(d);
	bx_json_set_int(fields, "since", sight->seq > LOOK_BACK ? sight->seq - LOOK_BACK : 0);
	runs = ask_serve(d, "events", fields, see_event, sight) && runs;
	check_pages_told(d, sight);
	if (sight->cards)
		bx_doctor_say(d, "open-page", BX_WELL, NULL, "a portal page of this employee is open: it shows a card");
	else if (sight->pages)
		bx_doctor_say(d, "open-page", BX_WELL, NULL, "%lld of this employee's pages are open, heard last at %s",
			(long long)sight->pages, sight->heard);
	else if (sight->told)
		bx_doctor_say(d, "open-page", BX_ILL, "let the employee open or reload a page of the portal",
			"no page of this employee tells that it is open");
	else if (*sight->heard)
		bx_doctor_say(d, "open-page", BX_BY_HAND, "let the employee open or reload a page of the portal",
			"a page of this employee was heard last at %s; whether one is open now shows when a card"
			" is raised", sight->heard);
	else
		bx_doctor_say(d, "open-page", BX_BY_HAND, "let the employee open a page of the portal in a browser",
			runs ? "bx-serve has not heard a page of this employee"
			     : "without bx-serve nobody hears the pages of this employee");
}

static void check_access(struct bx_doctor *d, const struct sight *sight)
{
	if (sight->cards || *sight->heard)
		bx_doctor_say(d, "access", BX_WELL, NULL, "the portal loads the app for this employee");
	else
		bx_doctor_say(d, "access", BX_BY_HAND, "in the portal, at the app: who has access to it",
			"whether this employee has access to the app is not known");
}

/* Calls of ours that may still have a card there: nobody finished them. */
struct unfinished {
	struct bx_doctor *doctor;
	const char *ext;
	int told;
};

static bool is_shown(const struct bx_known_call *call, int64_t user, const char *ext)
{
	auto_json cJSON *others = call_shown_others(call, user), *all = call_shown_others(call, 0);
	return cJSON_GetArraySize(others) < cJSON_GetArraySize(all) || (*call->ext && bx_streq(call->ext, ext));
}

static bool see_known(void *arg, const struct bx_known_call *call)
{
	struct unfinished *u = arg;
	char iso[BX_ISO_SIZE];
	if (strcmp(call->portal, u->doctor->rest->profile.name) != 0 || !is_shown(call, u->doctor->user, u->ext))
		return true;
	auto_free char *todo = bx_xprintf("where it is over: bx-call -c %s finish", call->call_id);
	bx_time_iso_local(iso, call->start_ms);
	bx_doctor_say(u->doctor, "unfinished", BX_BY_HAND, todo,
		"the call with %s of %s was shown and never finished: its card may be in the way", call->phone, iso);
	return ++u->told < CALLS_MAX;
}

static void check_cards(struct bx_doctor *d, struct bx_store *store, struct sight *sight)
{
	struct unfinished u = {.doctor = d, .ext = sight->ext};
	ask_serve(d, "ls", of_user(d), see_card, sight);
	if (!sight->cards)
		bx_known_calls_open(store, INT16_MAX, see_known, &u, NULL);
	if (!sight->cards && !u.told)
		bx_doctor_say(d, "card", BX_WELL, NULL, "no card of ours is known to be in the way");
}

/* Only an app that hears of clicks can be chosen as the line of them (portal.md 11.10). */
static void check_clicks(struct bx_doctor *d)
{
	struct bx_err err = {0};
	const char *event = bx_op_by_verb(BX_PORTAL_EVENT, "ONEXTERNALCALLSTART")->wire;
	auto_json cJSON *rows = bx_doctor_ask(d, "event ls", &err);
	const cJSON *row;
	bool heard = false;
	cJSON_ArrayForEach(row, rows) {
		const char *bound = bx_json_str(row, "event");
		heard = heard || (bound && !strcasecmp(bound, event));
	}
	if (rows && !heard)
		bx_doctor_say(d, "clicks", BX_BY_HAND, "where clicks on numbers should raise cards: bx-bind event add",
			"the app has no handler of %s, so it is no line for clicks on numbers", event);
	else if (rows)
		bx_doctor_say(d, "clicks", BX_WELL, NULL, "the app hears of clicks on numbers");
}

/* portal.md 13.1, and nothing of it tells an app. */
static void list_the_rest(struct bx_doctor *d)
{
	bx_doctor_say(d, "telephony-right", BX_BY_HAND, "in the portal: telephony, access rights",
		"whether this employee may use telephony is not known to an app");
	bx_doctor_say(d, "desktop-app", BX_BY_HAND, "close it, or look there: while it runs it alone shows the card",
		"whether the desktop app runs is not known to an app");
	bx_doctor_say(d, "portal-call", BX_BY_HAND, "end it: while it lasts no card is raised",
		"whether a call of the portal's own or of its messenger is under way is not known to an app");
	bx_doctor_say(d, "outgoing-line", BX_BY_HAND, "in the portal: telephony, settings of the employee: choose"
		" the app as the line for outgoing calls", "which line a click on a number uses is not known to an app");
}

static void examine(struct bx_doctor *d, struct bx_store *store)
{
	struct sight sight = {.doctor = d};
	if (!bx_doctor_portal(d))
		return;
	check_profile(d);
	check_employee(d, &sight);
	if (!d->rest->profile.webhook) {
		bx_doctor_app(d);
		bx_doctor_serve(d);
		bx_doctor_worker(d);
		bx_doctor_page(d);
		check_clicks(d);
	}
	check_cards(d, store, &sight);
	check_page_open(d, &sight);
	check_access(d, &sight);
	list_the_rest(d);
	free(sight.ext);
}

static bool whose(struct bx_cli *cli, struct bx_doctor *d, struct bx_err *err)
{
	const char *ext = bx_opt(cli, "ext");
	if (!ext) {
		const char *text = bx_cli_arg(cli, 0);
		auto_json cJSON *user = cJSON_CreateString(text);
		return (bx_json_as_int(user, &d->user) && d->user > 0) ||
			bx_fail(err, BX_USAGE, "", "'%s' is not the ID of an employee; for an internal number: --ext", text);
	}
	auto_json cJSON *row = call_employee(d->rest, CALL_INNER_NUMBER, ext, err);
	return bx_json_int(row, "ID", &d->user) || err->exit ||
		bx_fail(err, BX_ABSENT, "", "no employee has the internal number %s", ext);
}

bool call_check(struct bx_cli *cli, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	size_t args = bx_opt(cli, "ext") ? 0 : 1;
	bx_cli_columns(cli, "check ok finding todo");
	if (!bx_doctor_may(cli, err) || !bx_cli_want_args(cli, args, args, err) || !bx_portal_open(cli, &portal, false, err))
		return false;
	BX_CLEANUP(bx_doctor_release) struct bx_doctor d = {.cli = cli, .rest = &portal.rest};
	if (!whose(cli, &d, err))
		return false;
	bx_cli_for_eyes(cli);
	examine(&d, portal.store);
	return bx_doctor_end(&d, err);
}
