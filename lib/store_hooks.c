#include "store_hooks.h"

#include "store_journal_impl.h"
#include "banned.h"

#define RUN_COLUMNS "hook, tries, status, due_ms, state"

bool bx_hook_add(struct bx_journal *journal, const struct bx_hook_run *run, struct bx_err *err)
{
	return bx_store_run(journal->store, err,
		"INSERT INTO hook_runs(hook, seq, state, tries, status, due_ms) VALUES(?, ?, ?, 0, 0, ?)"
		" ON CONFLICT DO NOTHING",
		"siii", run->hook, run->seq, (int64_t)run->state, run->due_ms);
}

bool bx_hook_keep(struct bx_journal *journal, const struct bx_hook_run *run, struct bx_err *err)
{
	return bx_store_run(journal->store, err,
		"UPDATE hook_runs SET state = ?, tries = ?, status = ?, due_ms = ? WHERE hook = ? AND seq = ?",
		"iiiisi", (int64_t)run->state, run->tries, run->status, run->due_ms, run->hook, run->seq);
}

bool bx_hook_done(struct bx_journal *journal, const char *hook, int64_t seq, struct bx_err *err)
{
	return bx_store_run(journal->store, err, "DELETE FROM hook_runs WHERE hook = ? AND seq = ?", "si",
		hook, seq);
}

#define READY	"0" /* BX_HOOK_READY */
#define OF_CALL "seq IN (SELECT seq FROM events WHERE call = ? AND portal IS ?)"

bool bx_hooks_settle(struct bx_journal *journal, const char *portal, const char *call, bool run,
	struct bx_err *err)
{
	return bx_store_run(journal->store, err,
		run ? "UPDATE hook_runs SET state = " READY " WHERE state = ? AND " OF_CALL
		    : "DELETE FROM hook_runs WHERE state = ? AND " OF_CALL,
		"iss", (int64_t)BX_HOOK_UNSETTLED, call, portal);
}

bool bx_hooks_wanted(struct bx_journal *journal, const char *names, struct bx_err *err)
{
	static const char idle[] = "UPDATE hook_runs SET state = ? WHERE state = ?"
				   " AND hook NOT IN (SELECT value FROM json_each(?))";
	static const char ready[] = "UPDATE hook_runs SET state = ? WHERE state = ?"
				    " AND hook IN (SELECT value FROM json_each(?))";
	return bx_store_run(journal->store, err, idle, "iis", (int64_t)BX_HOOK_IDLE,
		       (int64_t)BX_HOOK_READY, names) &&
	       bx_store_run(journal->store, err, ready, "iis", (int64_t)BX_HOOK_READY,
		       (int64_t)BX_HOOK_IDLE, names);
}

bool bx_hooks_retry(struct bx_journal *journal, const char *hook, int64_t seq, int64_t now_ms,
	struct bx_err *err)
{
	return bx_store_run(journal->store, err,
		"UPDATE hook_runs SET state = ?, tries = 0, due_ms = ? WHERE state = ?"
		" AND (? IS NULL OR hook = ?) AND (? = 0 OR seq = ?)",
		"iiissii", (int64_t)BX_HOOK_READY, now_ms, (int64_t)BX_HOOK_FAILED, hook, hook, seq, seq);
}

bool bx_hooks_prune(struct bx_journal *journal, struct bx_err *err)
{
	return bx_store_run(journal->store, err,
		"DELETE FROM hook_runs WHERE NOT EXISTS (SELECT 1 FROM events WHERE events.seq = hook_runs.seq)",
		"");
}

static bool each_run(struct bx_stmt *stmt, bx_hook_fn *fn, void *arg, struct bx_err *err)
{
	int got = stmt ? 1 : -1, at = BX_EVENT_COLUMNS_LEN;
	while (got == 1 && (got = bx_stmt_step(stmt, err)) == 1) {
		struct bx_event event = bx_journal_event(stmt);
		struct bx_hook_run run = {.hook = bx_stmt_text(stmt, at), .seq = event.seq,
			.tries = bx_stmt_int(stmt, at + 1), .status = bx_stmt_int(stmt, at + 2),
			.due_ms = bx_stmt_int(stmt, at + 3), .state = (enum bx_hook_state)bx_stmt_int(stmt, at + 4)};
		bool more = fn(arg, &run, &event);
		bx_event_clear(&event);
		if (!more)
			break;
	}
	return got >= 0;
}

bool bx_hooks_ready(struct bx_journal *journal, int64_t limit, bx_hook_fn *fn, void *arg,
	struct bx_err *err)
{
	auto_stmt struct bx_stmt *stmt = bx_store_query(journal->store, err,
		"SELECT " BX_EVENT_COLUMNS ", " RUN_COLUMNS " FROM hook_runs CROSS JOIN events USING(seq)"
		" WHERE state = ? ORDER BY due_ms, hook_runs.seq LIMIT ?", "ii", (int64_t)BX_HOOK_READY,
		limit);
	return each_run(stmt, fn, arg, err);
}

bool bx_hooks_failed(struct bx_journal *journal, bx_hook_fn *fn, void *arg, struct bx_err *err)
{
	auto_stmt struct bx_stmt *stmt = bx_store_query(journal->store, err,
		"SELECT " BX_EVENT_COLUMNS ", " RUN_COLUMNS " FROM hook_runs CROSS JOIN events USING(seq)"
		" WHERE state = ? ORDER BY hook_runs.seq, hook", "i", (int64_t)BX_HOOK_FAILED);
	return each_run(stmt, fn, arg, err);
}

bool bx_hooks_count(struct bx_journal *journal, const char *hook, int64_t *waiting, int64_t *failed,
	struct bx_err *err)
{
	auto_stmt struct bx_stmt *stmt = bx_store_query(journal->store, err,
		"SELECT ifnull(sum(state <= ?), 0), ifnull(sum(state = ?), 0) FROM hook_runs WHERE hook = ?",
		"iis", (int64_t)BX_HOOK_UNSETTLED, (int64_t)BX_HOOK_FAILED, hook);
	if (!stmt || bx_stmt_step(stmt, err) != 1)
		return false;
	*waiting = bx_stmt_int(stmt, 0);
	*failed = bx_stmt_int(stmt, 1);
	return true;
}

bool bx_hooks_unsettled(struct bx_journal *journal, bx_hook_call_fn *fn, void *arg, struct bx_err *err)
{
	auto_stmt struct bx_stmt *stmt = bx_store_query(journal->store, err,
		"SELECT DISTINCT portal, call FROM hook_runs CROSS JOIN events USING(seq) WHERE state = ?"
		" AND call IS NOT NULL", "i", (int64_t)BX_HOOK_UNSETTLED);
	int got = stmt ? 1 : -1;
	while (got == 1 && (got = bx_stmt_step(stmt, err)) == 1)
		fn(arg, bx_stmt_text(stmt, 0), bx_stmt_text(stmt, 1));
	return got >= 0;
}
