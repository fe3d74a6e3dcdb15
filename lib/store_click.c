/* portals.db: click-to-calls. */
#include "store_click.h"

#include "clock.h"
#include "spec.h"
#include "banned.h"

#define OPEN_MS (30LL * 60 * 1000) /* portal.md 11.1 */

static bool add_call(struct bx_store *store, const struct bx_click *click, struct bx_err *err)
{
	auto_known_call struct bx_known_call call;
	struct bx_err why = {0};
	bx_known_call_init(&call);
	if (bx_known_call_load(store, click->portal, click->call_id, &call, &why))
		return true;
	if (why.exit != BX_ABSENT)
		return bx_fail(err, why.exit, why.code, "%s", why.text);
	auto_free char *user = bx_xprintf("%lld", (long long)click->user);
	bx_set_str(&call.portal, click->portal);
	bx_set_str(&call.call_id, click->call_id);
	bx_set_str(&call.phone, click->phone);
	bx_set_str(&call.type, bx_call_types[0].wire); /* outgoing */
	bx_set_str(&call.state, "registered");
	bx_set_str(&call.shown, user);
	call.user = click->user;
	call.start_ms = bx_now_ms();
	return bx_known_call_save(store, &call, err);
}

static bool add_click(struct bx_store *store, const struct bx_click *c, struct bx_err *err)
{
	return bx_store_run(store, err,
		"INSERT INTO click(portal, call_id, phone, international, line, taker, user, at_ms)"
		" VALUES(?,?,?,?,?,'',?,?)",
		"sssssii", c->portal, c->call_id, c->phone, c->international ? c->international : "",
		c->line ? c->line : "", c->user, bx_now_ms());
}

bool bx_click_add(struct bx_store *store, const struct bx_click *click, struct bx_err *err)
{
	if (bx_store_begin(store, err) && add_call(store, click, err) && add_click(store, click, err) &&
		bx_store_commit(store, err))
		return true;
	bx_store_undo(store);
	return false;
}

bool bx_click_note(struct bx_store *store, const char *portal, const cJSON *data, struct bx_err *err)
{
	struct bx_click click = {.portal = portal, .call_id = bx_json_str(data, "CALL_ID"),
		.phone = bx_json_str(data, "PHONE_NUMBER"),
		.international = bx_json_str(data, "PHONE_NUMBER_INTERNATIONAL"),
		.line = bx_json_str(data, "LINE_NUMBER")};
	bx_json_int(data, "USER_ID", &click.user);
	bool whole = click.call_id && *click.call_id && click.phone && click.user > 0;
	return !whole || bx_click_add(store, &click, err);
}

/* What the portal keeps of a number (portal.md 11.1), and no plus, which not every PBX sends. */
static char *plain(const char *number)
{
	auto_str struct bx_str out = BX_STR_INIT(256);
	for (; *number; number++) {
		if (strchr("0123456789#*,;", *number))
			bx_str_putc(&out, *number);
	}
	return bx_str_take(&out);
}

static bool same_number(const char *wanted, const char *clicked)
{
	auto_free char *a = plain(wanted), *b = plain(clicked);
	return *a && !strcmp(a, b);
}

static bool same_line(const char *wanted, const char *clicked)
{
	return !wanted || !*wanted || !*clicked || !strcmp(wanted, clicked);
}

int64_t bx_click_find(struct bx_store *store, const struct bx_click *wanted, const char *taker, bool any,
	struct bx_err *err)
{
	auto_stmt struct bx_stmt *st = bx_store_query(store, err,
		"SELECT k.id, k.phone, k.international, k.line FROM click k"
		" JOIN call c ON c.call_id=k.call_id AND c.portal=k.portal"
		" WHERE k.at_ms>=?1 AND k.portal=?2 AND (?3=0 OR k.user=?3) AND c.state='registered'"
		" AND (?5 OR k.taker='' OR k.taker=?4)"
		" ORDER BY k.taker=?4 DESC, k.taker='' DESC, k.id DESC",
		"isisi", bx_now_ms() - OPEN_MS, wanted->portal, wanted->user, taker, (int64_t)any);
	while (st && bx_stmt_step(st, err) == 1) {
		if (same_line(wanted->line, bx_stmt_text(st, 3)) &&
			(same_number(wanted->phone, bx_stmt_text(st, 1)) ||
				same_number(wanted->phone, bx_stmt_text(st, 2))))
			return bx_stmt_int(st, 0);
	}
	return 0;
}

static bool call_of(struct bx_store *store, int64_t id, struct bx_known_call *call, bool *taken,
	struct bx_err *err)
{
	auto_stmt struct bx_stmt *st = bx_store_query(store, err,
		"SELECT call_id, portal, taker<>'' FROM click WHERE id=?", "i", id);
	int got = st ? bx_stmt_step(st, err) : -1;
	if (!got)
		return bx_fail(err, BX_ABSENT, "", "no open click-to-call is known here");
	*taken = got == 1 && bx_stmt_int(st, 2);
	return got == 1 && bx_known_call_load(store, bx_stmt_text(st, 1), bx_stmt_text(st, 0), call, err);
}

static bool take(struct bx_store *store, const struct bx_click *wanted, const char *taker, bool any,
	struct bx_known_call *call, struct bx_err *err)
{
	struct bx_err why = {0};
	bool taken = false;
	int64_t id = bx_click_find(store, wanted, taker, any, &why);
	if (why.exit)
		return bx_fail(err, why.exit, why.code, "%s", why.text);
	if (!call_of(store, id, call, &taken, err))
		return false;
	if (taken) /* and known by the id of the first */
		return true;
	bx_set_str(&call->external_id, taker);
	return bx_known_call_save(store, call, err) &&
		bx_store_run(store, err, "UPDATE click SET taker=? WHERE id=?", "si", taker, id);
}

bool bx_click_take(struct bx_store *store, const struct bx_click *wanted, const char *taker, bool any,
	struct bx_known_call *call, struct bx_err *err)
{
	if (bx_store_begin(store, err) && take(store, wanted, taker, any, call, err) &&
		bx_store_commit(store, err))
		return true;
	bx_store_undo(store);
	return false;
}
