#include "settle.h"

#include <string.h>
#include "bind.h"
#include "clock.h"
#include "limit.h"
#include "log.h"
#include "marks.h"
#include "plan.h"
#include "banned.h"

#define TRIES	   4
#define PAUSE_MS   500
#define SLOW_LEAST 3 /* portals differ in when they remove a slow worker: after three loads, or ten */
#define SLOW_LOUD  8

static const char *portal_of(const struct settle *s)
{
	return s->rest->profile.name;
}

static bool say(struct settle *s, const struct bind_kind *kind, const cJSON *want, const cJSON *row,
	const char *action, struct bx_err *err)
{
	auto_json cJSON *name = want ? kind->row(want) : kind->name(row);
	int64_t slow = 0;
	if (row && bx_json_int(bx_json_get(row, "options"), "maxTimeCount", &slow) && slow > 0)
		bx_json_set_int(name, "maxTimeCount", slow);
	if (slow >= SLOW_LEAST)
		bx_log(slow >= SLOW_LOUD ? BX_LOG_ERROR : BX_LOG_WARN,
			"%s: the portal has counted %lld slow loads of %s, and removes it after ten a day (some"
			" portals: three); see bx-serve's load times", portal_of(s), (long long)slow,
			bind_text(row, "handler"));
	return bind_say(s->cli, &s->rest->profile, name, action, err);
}

static bool is_there(struct settle *s, const struct bind_kind *kind, const cJSON *want)
{
	auto_json cJSON *rows = bind_list(s->rest, kind->ls, NULL);
	const cJSON *row;
	cJSON_ArrayForEach(row, rows) {
		if (kind->right(want, row))
			return true;
	}
	return false;
}

/* Refusals are final; what may have been done is looked up; all else is tried again. */
static bool add(struct settle *s, const struct bind_kind *kind, const cJSON *want, struct bx_err *err)
{
	int64_t deadline = bx_mono_ms() + s->rest->timeout_ms;
	for (int i = 0;; i++) {
		*err = (struct bx_err){0};
		auto_json cJSON *result = bx_rest_op(s->rest, bind_op(kind->add), want, err);
		if (result)
			return true;
		bool unsure = err->exit == BX_UNKNOWN || !strcmp(err->code, "ERROR_CORE");
		if (unsure && is_there(s, kind, want))
			return true;
		bool again = err->exit == BX_AGAIN || err->exit == BX_UNKNOWN;
		if (!again || i + 1 == TRIES || !bx_sleep_until(PAUSE_MS << i, deadline))
			return false;
	}
}

static bool take_away(struct settle *s, const struct bind_kind *kind, const cJSON *row, struct bx_err *err)
{
	auto_json cJSON *params = kind->removal(row);
	auto_json cJSON *result = bx_rest_op(s->rest, bind_op(kind->rm), params, err);
	return result != NULL;
}

static bool take_all_away(struct settle *s, const struct bind_kind *kind, const struct plan *p, size_t i,
	struct bx_err *err)
{
	for (size_t r = 0; r < p->row_count; r++) {
		if (p->of[r] == i + 1 && !take_away(s, kind, p->rows[r], err))
			return false;
	}
	return true;
}

static bool replace(struct settle *s, const struct bind_kind *kind, const struct plan *p, size_t i,
	struct bx_err *err)
{
	const cJSON *want = p->wants[i];
	if (!marks_add(s->rest->store, portal_of(s), kind, want, err) || !take_all_away(s, kind, p, i, err))
		return false;
	if (add(s, kind, want, err))
		return true;
	struct bx_err why = *err;
	bx_fail(err, why.exit, why.code, "NOT REGISTERED ANY MORE: the old registration is removed, and the new"
		" one failed: %.700s; the next run makes it", why.text);
	err->http = why.http;
	return false;
}

static const cJSON *row_for(const struct plan *p, size_t i)
{
	for (size_t r = 0; r < p->row_count; r++) {
		if (p->of[r] == i + 1)
			return p->rows[r];
	}
	return NULL;
}

/* Older portals count the general worker against an employee's: one that is wanted too steps aside
 * for a moment. */
static bool add_before_general(struct settle *s, const struct bind_kind *kind, const struct plan *p, size_t i,
	struct bx_err *err)
{
	size_t g = 0;
	while (g < p->want_count && !(p->right[g] && bind_is_worker(bx_json_str(p->wants[g], "PLACEMENT")) &&
		!bind_number(p->wants[g], "USER_ID")))
		g++;
	if (g == p->want_count) {
		struct bx_err why = *err;
		bx_fail(err, why.exit, why.code, "%.500s: this portal counts the general worker too; remove it with bx-bind"
			" rm worker --user 0, and make it again after those of the employees", why.text);
		err->http = why.http;
		return false;
	}
	auto_json cJSON *name = kind->row(p->wants[g]);
	struct bx_err late = {0};
	*err = late;
	if (!marks_add(s->rest->store, portal_of(s), kind, p->wants[g], err) ||
		!take_away(s, kind, row_for(p, g), err))
		return false;
	bool done = add(s, kind, p->wants[i], err);
	bool again = add(s, kind, p->wants[g], &late) &&
		marks_drop(s->rest->store, portal_of(s), kind, name, &late);
	if (done && !again)
		*err = late;
	return done && again;
}

static bool change(struct settle *s, const struct bind_kind *kind, const struct plan *p, size_t i,
	struct bx_err *err)
{
	if (p->right[i] || s->dry)
		return true;
	bool done = row_for(p, i) ? replace(s, kind, p, i, err) : add(s, kind, p->wants[i], err);
	bool counted = !strcmp(err->code, "ERROR_PLACEMENT_MAX_COUNT") && bind_number(p->wants[i], "USER_ID");
	return done || (counted && add_before_general(s, kind, p, i, err));
}

/* bx-serve may wait to put right what is right now. */
static void tell_serve(const struct settle *s, const cJSON *name)
{
	if (s->dry || !bind_is_worker(bind_text(name, "placement")) || bind_number(name, "userId"))
		return;
	cJSON *fields = cJSON_CreateObject();
	bx_json_set_str(fields, "portal", portal_of(s));
	bx_portal_poke("bound", fields);
}

static bool settle_one(struct settle *s, const struct bind_kind *kind, const struct plan *p, size_t i,
	const cJSON *marks, struct bx_err *err)
{
	const cJSON *want = p->wants[i], *there = row_for(p, i), *mark;
	auto_json cJSON *name = kind->row(want);
	bool again = there != NULL, right = p->right[i];
	cJSON_ArrayForEach(mark, marks)
		again = again || kind->takes(mark, name);
	if (!change(s, kind, p, i, err) ||
		(!s->dry && !marks_drop(s->rest->store, portal_of(s), kind, name, err)))
		return false;
	s->changed += !right;
	tell_serve(s, name);
	if (right && s->quiet && bind_number(bx_json_get(there, "options"), "maxTimeCount") < SLOW_LEAST)
		return true;
	return say(s, kind, want, there, right ? "kept" : again ? "rebound" : "bound", err);
}

/* What the portal refuses is reported, and the others go on; any other failure is theirs too. */
static bool goes_on(struct settle *s, const cJSON *name, struct bx_err *err)
{
	if (err->exit != BX_REFUSED && err->exit != BX_UNKNOWN)
		return false;
	const char *place = bind_text(name, "placement"), *handler = bind_text(name, "handler");
	struct bx_err why = *err;
	bx_fail(&why, err->exit, err->code, "%s: %s%s%s: %.700s", portal_of(s),
		*place ? place : bind_text(name, "event"), *handler ? " " : "", handler, err->text);
	why.http = err->http;
	bx_cli_failed(s->cli, &why);
	s->failed++;
	*err = (struct bx_err){0};
	return true;
}

static bool prune(struct settle *s, const struct bind_kind *kind, const struct plan *p, struct bx_err *err)
{
	for (size_t r = 0; r < p->row_count; r++) {
		auto_json cJSON *name = kind->name(p->rows[r]);
		if (p->of[r])
			continue;
		s->items++;
		bool done = s->dry || take_away(s, kind, p->rows[r], err);
		s->changed += done;
		if (!(done && say(s, kind, NULL, p->rows[r], "unbound", err)) && !goes_on(s, name, err))
			return false;
	}
	return true;
}

static bool settle_all(struct settle *s, const struct bind_kind *kind, const struct plan *p,
	const cJSON *marks, struct bx_err *err)
{
	bool alone = p->want_count == 1 && !s->prune;
	for (size_t i = 0; i < p->want_count; i++) {
		s->items++;
		auto_json cJSON *name = kind->row(p->wants[i]);
		if (!settle_one(s, kind, p, i, marks, err) && (alone || !goes_on(s, name, err)))
			return false;
	}
	return !s->prune || prune(s, kind, p, err);
}

/* What an earlier run removed and did not make again is wanted too, unless something else is
 * wanted in its place or it is there after all. */
static cJSON *with_marks(struct settle *s, const struct bind_kind *kind, const cJSON *wanted,
	const cJSON *rows, const cJSON *marks)
{
	cJSON *all = cJSON_Duplicate(wanted, true);
	const cJSON *mark, *e;
	cJSON_ArrayForEach(mark, marks) {
		auto_json cJSON *row = kind->row(mark);
		bool settled = false;
		cJSON_ArrayForEach(e, wanted)
			settled = settled || kind->takes(e, row);
		bool needed = !settled;
		cJSON_ArrayForEach(e, rows)
			needed = needed && !kind->takes(mark, e);
		if (needed)
			cJSON_AddItemToArray(all, cJSON_Duplicate(mark, true));
		else if (!settled && !s->dry)
			marks_drop(s->rest->store, portal_of(s), kind, row, NULL);
	}
	return all;
}

bool settle_kind(struct settle *s, const struct bind_kind *kind, const cJSON *wanted, struct bx_err *err)
{
	auto_json cJSON *rows = bind_list(s->rest, kind->ls, err);
	if (!rows)
		return false;
	auto_json cJSON *marks = marks_of(s->rest->store, portal_of(s), kind);
	auto_json cJSON *all = with_marks(s, kind, wanted, rows, marks);
	BX_CLEANUP(plan_release) struct plan plan;
	plan_make(&plan, kind, all, rows);
	return settle_all(s, kind, &plan, marks, err);
}

bool settle_end(struct settle *s, struct bx_err *err)
{
	if (s->changed && !s->dry)
		bind_check_installed(s->rest);
	return !s->failed || bx_fail(err, BX_REFUSED, "", "%d of %d registrations failed", s->failed, s->items);
}
