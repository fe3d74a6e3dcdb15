/* Events fetched from the portal's queue, for networks that no portal reaches (portal.md 10.6). */
#include "bind.h"

#include <string.h>
#include <strings.h>
#include "clock.h"
#include "hand.h"
#include "kinds.h"
#include "limit.h"
#include "log.h"
#include "store_click.h"
#include "take.h"
#include "words.h"
#include "banned.h"

#define LIMIT	  50
#define LIMIT_MAX 1000
#define EVERY_S	  5
#define EVERY_MAX 86400

struct pull {
	struct bx_cli *cli;
	struct bx_portal portal;
	struct take take;
	char **argv; /* of --exec; NULL: events are printed */
	int64_t every_s;
	int64_t failed;
	bool follow;
};

static void pull_release(struct pull *p)
{
	bx_words_free(p->argv);
	bx_portal_close(&p->portal);
}

static bool read_options(struct pull *p, struct bx_err *err)
{
	const char *command = bx_opt(p->cli, "exec");
	p->follow = bx_opt_on(p->cli, "follow", false);
	p->every_s = EVERY_S;
	p->take = (struct take){.connector = bx_opt(p->cli, "connector"), .limit = LIMIT,
		.failed = bx_opt_on(p->cli, "failed", false)};
	if (!bx_opt_int(p->cli, "limit", 1, LIMIT_MAX, &p->take.limit, err) ||
		!bx_opt_int(p->cli, "every", 1, EVERY_MAX, &p->every_s, err))
		return false;
	p->argv = command ? bx_words_split(command, err) : NULL;
	return !command || p->argv;
}

/* Those that are named are bound as offline ones, unless they are. */
static cJSON *missing(struct pull *p, struct bx_err *err)
{
	cJSON *wanted = cJSON_CreateArray();
	auto_json cJSON *rows = bx_cli_argc(p->cli) ? bind_list(&p->portal.rest, bind_handlers.ls, err) : NULL;
	for (size_t i = 0; i < bx_cli_argc(p->cli) && rows; i++) {
		cJSON *want = cJSON_CreateObject();
		const cJSON *row;
		bool there = false;
		bx_json_set_str(want, "event", bx_cli_arg(p->cli, i));
		bx_json_set_str(want, "event_type", "offline");
		if (p->take.connector)
			bx_json_set_str(want, "auth_connector", p->take.connector);
		bind_handlers.normal(want);
		cJSON_ArrayForEach(row, rows)
			there = there || bind_handlers.right(want, row);
		if (there)
			cJSON_Delete(want);
		else
			cJSON_AddItemToArray(wanted, want);
	}
	if (rows || !bx_cli_argc(p->cli))
		return wanted;
	cJSON_Delete(wanted);
	return NULL;
}

static bool bind_missing(struct pull *p, struct bx_err *err)
{
	auto_json cJSON *wanted = missing(p, err);
	const cJSON *want;
	if (!wanted)
		return false;
	cJSON_ArrayForEach(want, wanted) {
		auto_json cJSON *result = bx_portal_op(p->cli, &p->portal, bind_op(bind_handlers.add), want, err);
		if (!result && !bx_portal_was_dry(p->cli, err))
			return false;
		if (result)
			bx_cli_note(p->cli, "%s is kept in the portal's queue from now on", bind_text(want, "event"));
	}
	if (wanted->child && !bx_cli_dry(p->cli))
		bind_check_installed(&p->portal.rest);
	return true;
}

/* Before the command runs: its register of a click finds the portal's own call. */
static void note_click(struct pull *p, const cJSON *event)
{
	const struct bx_op *click = bx_op_by_verb(BX_PORTAL_EVENT, "ONEXTERNALCALLSTART");
	const char *name = bx_json_str(event, "EVENT_NAME");
	struct bx_err why = {0};
	if (name && !strcasecmp(name, click->wire) &&
		!bx_click_note(p->portal.store, p->portal.rest.profile.name, bx_json_get(event, "EVENT_DATA"), &why))
		bx_log(BX_LOG_ERROR, "a click is not known to bx-call: %s", why.text);
}

/* A failure of the command is the event's; one of our own output ends everything. */
static bool deal_with(struct pull *p, cJSON *event, bool *ok, struct bx_err *err)
{
	const char *portal = p->portal.rest.profile.name;
	struct bx_err why = {0};
	auto_json cJSON *line = cJSON_CreateObject();
	bx_json_set_str(line, "portal", portal);
	for (const cJSON *e = event->child; e; e = e->next)
		bx_json_set(line, e->string, cJSON_Duplicate(e, true));
	note_click(p, event);
	if (!p->argv) {
		*ok = bx_cli_out(p->cli, line, err);
		return *ok;
	}
	*ok = hand_to(p->argv, portal, line, &why);
	if (*ok)
		return true;
	p->failed++;
	auto_free char *lost = bx_json_print(line);
	bx_log(BX_LOG_ERROR, "%s: event %s: %s%s%s", portal, bind_text(event, "MESSAGE_ID"), why.text,
		p->take.plain ? "; it is lost: " : "", p->take.plain ? lost : "");
	return true;
}

/* What was dealt with before our output broke is told to the portal all the same. */
static bool deal_with_all(struct pull *p, struct package *package, struct bx_err *err)
{
	auto_json cJSON *done = cJSON_CreateArray(), *failed = cJSON_CreateArray();
	cJSON *event;
	bool going = true;
	cJSON_ArrayForEach(event, package->events) {
		bool ok = false;
		going = going && deal_with(p, event, &ok, err);
		if (!going)
			break;
		cJSON_AddItemToArray(ok ? done : failed, cJSON_CreateString(bind_text(event, "MESSAGE_ID")));
	}
	struct bx_err why = {0};
	if (going)
		return take_end(&p->take, package, done, failed, err);
	struct package told = {.id = bx_xstrdup(package->id), .lock = -1};
	take_end(&p->take, &told, done, failed, &why);
	package_release(&told);
	return false;
}

/* Whatever is there now; those that were cut off come first. */
static bool pull_all(struct pull *p, struct bx_err *err)
{
	for (bool left = true, more = true; more;) {
		BX_CLEANUP(package_release) struct package package = {.lock = -1};
		if (!(left ? take_left : take_next)(&p->take, &package, err))
			return false;
		bool any = package.events->child;
		if (any && !deal_with_all(p, &package, err))
			return false;
		/* What has failed again would be taken again, for ever. */
		more = left || (any && !p->take.failed);
		left = left && any;
	}
	return true;
}

/* A portal that is away for a while is no reason to end. */
static bool follow(struct pull *p, struct bx_err *err)
{
	for (;;) {
		if (!pull_all(p, err)) {
			if (err->exit != BX_AGAIN && err->exit != BX_UNKNOWN)
				return false;
			bx_log(BX_LOG_WARN, "%s: %s; asking again in %lld s", p->portal.rest.profile.name, err->text,
				(long long)p->every_s);
			*err = (struct bx_err){0};
		}
		bx_sleep_until(p->every_s * 1000, INT64_MAX);
	}
}

static bool dry(struct pull *p, struct bx_err *err)
{
	auto_json cJSON *params = cJSON_CreateObject();
	bx_json_set_int(params, "clear", 0);
	bx_json_set_int(params, "limit", p->take.limit);
	auto_json cJSON *none = bx_portal_op(p->cli, &p->portal, bind_op("queue take"), params, err);
	return !none && bx_portal_was_dry(p->cli, err);
}

bool bind_event_pull(struct bx_cli *cli, struct bx_err *err)
{
	BX_CLEANUP(pull_release) struct pull p = {.cli = cli};
	if (!read_options(&p, err) || !bind_open(cli, &p.portal, err))
		return false;
	p.take.rest = &p.portal.rest;
	if (!bind_missing(&p, err))
		return false;
	if (bx_cli_dry(cli))
		return dry(&p, err);
	if (!(p.follow ? follow : pull_all)(&p, err))
		return false;
	return !p.failed ||
		bx_fail(err, BX_REFUSED, "", "%lld events failed%s", (long long)p.failed, p.take.plain ? ""
			: " and are marked so in the portal; --failed takes them again");
}
