#include "store_journal.h"

#include <string.h>
#include "clock.h"
#include "store_journal_impl.h"
#include "banned.h"

static const char *const migrations[] = {
	"CREATE TABLE events(seq INTEGER PRIMARY KEY AUTOINCREMENT, ms INTEGER NOT NULL, portal TEXT,"
	" source TEXT NOT NULL, event TEXT NOT NULL, call TEXT, user INTEGER NOT NULL, frame TEXT,"
	" own INTEGER, duplicate INTEGER NOT NULL, data TEXT);"
	"CREATE INDEX events_call ON events(call, seq) WHERE call IS NOT NULL;"
	"CREATE INDEX events_ms ON events(ms);"
	"CREATE TABLE frames(frame TEXT PRIMARY KEY, number INTEGER NOT NULL, ms INTEGER NOT NULL)"
	" WITHOUT ROWID;"
	"CREATE TABLE cursors(call TEXT, name TEXT, seq INTEGER NOT NULL, ms INTEGER NOT NULL,"
	" PRIMARY KEY(call, name)) WITHOUT ROWID;",
	"CREATE INDEX events_own ON events(seq) WHERE source = 'serve' AND call IS NULL;",
	"CREATE TABLE hook_runs(hook TEXT NOT NULL, seq INTEGER NOT NULL, state INTEGER NOT NULL,"
	" tries INTEGER NOT NULL, status INTEGER NOT NULL, due_ms INTEGER NOT NULL,"
	" PRIMARY KEY(hook, seq)) WITHOUT ROWID;"
	"CREATE INDEX hook_runs_state ON hook_runs(state, due_ms, seq);"
	"CREATE INDEX hook_runs_seq ON hook_runs(seq);",
	NULL,
};

static const char append_sql[] =
	"INSERT INTO events(ms, portal, source, event, call, user, frame, own, duplicate, data)"
	" VALUES(?, ?, ?, ?, ?, ?, ?, nullif(?, -1), ?, ?)";
static const char seen_sql[] = "INSERT INTO frames(frame, number, ms) VALUES(?, ?, ?)"
			       " ON CONFLICT(frame) DO UPDATE SET number = max(number, excluded.number),"
			       " ms = excluded.ms";

struct bx_journal *bx_journal_open(struct bx_err *err)
{
	struct bx_journal *journal = bx_xcalloc(1, sizeof *journal);
	journal->store = bx_store_open(BX_JOURNAL_NAME, migrations, err);
	if (journal->store && (journal->append = bx_stmt_new(journal->store, append_sql, err)) &&
		(journal->seen = bx_stmt_new(journal->store, seen_sql, err)))
		return journal;
	bx_journal_close(journal);
	return NULL;
}

void bx_journal_close(struct bx_journal *journal)
{
	if (!journal)
		return;
	bx_stmt_free(journal->append);
	bx_stmt_free(journal->seen);
	bx_store_close(journal->store);
	free(journal);
}

bool bx_journal_begin(struct bx_journal *journal, struct bx_err *err)
{
	return bx_store_begin(journal->store, err);
}

bool bx_journal_commit(struct bx_journal *journal, struct bx_err *err)
{
	return bx_store_commit(journal->store, err);
}

void bx_journal_undo(struct bx_journal *journal)
{
	bx_store_undo(journal->store);
}

bool bx_journal_append(struct bx_journal *journal, struct bx_event *event, struct bx_err *err)
{
	if (!bx_stmt_bind(journal->append, err, "issssisiis", event->ms, event->portal,
		    event->source, event->event, event->call, event->user, event->frame,
		    (int64_t)event->own, (int64_t)event->duplicate, event->data) ||
		bx_stmt_step(journal->append, err) < 0)
		return false;
	event->seq = bx_store_last_id(journal->store);
	return true;
}

bool bx_journal_settle(struct bx_journal *journal, const char *portal, const char *call, int own,
	struct bx_err *err)
{
	return bx_store_run(journal->store, err,
		"UPDATE events SET own = ? WHERE call = ? AND portal IS ? AND own IS NULL", "iss",
		(int64_t)own, call, portal);
}

bool bx_journal_seen(struct bx_journal *journal, const char *frame, uint64_t number, int64_t ms,
	struct bx_err *err)
{
	return bx_stmt_bind(journal->seen, err, "sii", frame, (int64_t)number, ms) &&
	       bx_stmt_step(journal->seen, err) >= 0;
}

bool bx_journal_move(struct bx_journal *journal, const char *call, const char *name, int64_t seq,
	int64_t ms, struct bx_err *err)
{
	return bx_store_run(journal->store, err,
		"INSERT INTO cursors(call, name, seq, ms) VALUES(?, ?, ?, ?) ON CONFLICT(call, name)"
		" DO UPDATE SET seq = max(seq, excluded.seq), ms = excluded.ms",
		"ssii", call, name, seq, ms);
}

bool bx_journal_prune(struct bx_journal *journal, int64_t ms, struct bx_err *err)
{
	return bx_store_run(journal->store, err, "DELETE FROM events WHERE ms < ?", "i", ms) &&
	       bx_store_run(journal->store, err, "DELETE FROM frames WHERE ms < ?", "i", ms) &&
	       bx_store_run(journal->store, err, "DELETE FROM cursors WHERE ms < ?", "i", ms);
}

static bool one_int(struct bx_stmt *stmt, int64_t *out, struct bx_err *err)
{
	*out = 0;
	int got = stmt ? bx_stmt_step(stmt, err) : -1;
	if (got == 1)
		*out = bx_stmt_int(stmt, 0);
	return got >= 0;
}

/* Counts pruned records too, which AUTOINCREMENT remembers. */
bool bx_journal_last(struct bx_journal *journal, int64_t *seq, struct bx_err *err)
{
	auto_stmt struct bx_stmt *stmt = bx_store_query(journal->store, err,
		"SELECT seq FROM sqlite_sequence WHERE name = 'events'", "");
	return one_int(stmt, seq, err);
}

bool bx_journal_cursor(struct bx_journal *journal, const char *call, const char *name, int64_t *seq,
	struct bx_err *err)
{
	auto_stmt struct bx_stmt *stmt = bx_store_query(journal->store, err,
		"SELECT seq FROM cursors WHERE call = ? AND name = ?", "ss", call, name);
	return one_int(stmt, seq, err);
}

struct bx_event bx_journal_event(struct bx_stmt *stmt)
{
	return (struct bx_event){
		.seq = bx_stmt_int(stmt, 0),
		.ms = bx_stmt_int(stmt, 1),
		.portal = bx_xstrdup(bx_stmt_text(stmt, 2)),
		.source = bx_xstrdup(bx_stmt_text(stmt, 3)),
		.event = bx_xstrdup(bx_stmt_text(stmt, 4)),
		.call = bx_xstrdup(bx_stmt_text(stmt, 5)),
		.user = bx_stmt_int(stmt, 6),
		.frame = bx_xstrdup(bx_stmt_text(stmt, 7)),
		.own = (int)bx_stmt_int(stmt, 8),
		.duplicate = bx_stmt_int(stmt, 9) != 0,
		.data = bx_xstrdup(bx_stmt_text(stmt, 10)),
	};
}

static bool each_event(struct bx_stmt *stmt, bx_event_fn *fn, void *arg, struct bx_err *err)
{
	int got = stmt ? 1 : -1;
	while (got == 1 && (got = bx_stmt_step(stmt, err)) == 1) {
		struct bx_event event = bx_journal_event(stmt);
		bool more = fn(arg, &event);
		bx_event_clear(&event);
		if (!more)
			break;
	}
	return got >= 0;
}

bool bx_journal_each(struct bx_journal *journal, int64_t since, const char *call, int64_t limit,
	bx_event_fn *fn, void *arg, struct bx_err *err)
{
	static const char all[] = "SELECT " BX_EVENT_COLUMNS " FROM events WHERE seq > ?"
				  " ORDER BY seq LIMIT ?";
	static const char one[] = "SELECT " BX_EVENT_COLUMNS " FROM events WHERE seq > ? AND call = ?"
				  " ORDER BY seq LIMIT ?";
	auto_stmt struct bx_stmt *stmt =
		call ? bx_store_query(journal->store, err, one, "isi", since, call, limit)
		     : bx_store_query(journal->store, err, all, "ii", since, limit);
	return each_event(stmt, fn, arg, err);
}

bool bx_journal_own(struct bx_journal *journal, bx_event_fn *fn, void *arg, struct bx_err *err)
{
	auto_stmt struct bx_stmt *stmt = bx_store_query(journal->store, err, "SELECT " BX_EVENT_COLUMNS
		" FROM events WHERE source = 'serve' AND call IS NULL ORDER BY seq", "");
	return each_event(stmt, fn, arg, err);
}

bool bx_journal_frames(struct bx_journal *journal, int64_t since_ms, bx_frame_fn *fn, void *arg, struct bx_err *err)
{
	auto_stmt struct bx_stmt *stmt =
		bx_store_query(journal->store, err, "SELECT frame, number FROM frames WHERE ms > ? ORDER BY ms DESC",
			"i", since_ms);
	int got = stmt ? 1 : -1;
	while (got == 1 && (got = bx_stmt_step(stmt, err)) == 1)
		fn(arg, bx_stmt_text(stmt, 0), (uint64_t)bx_stmt_int(stmt, 1));
	return got >= 0;
}

void bx_event_clear(struct bx_event *event)
{
	free(event->portal);
	free(event->source);
	free(event->event);
	free(event->call);
	free(event->frame);
	free(event->data);
	*event = (struct bx_event){0};
}

#define TIME_SIZE (BX_ISO_SIZE + 8)

/* Seconds are the usual form; records of one second need more. */
static void time_text(char out[TIME_SIZE], int64_t ms)
{
	char whole[BX_ISO_SIZE];
	bx_time_iso_local(whole, ms);
	snprintf(out, TIME_SIZE, "%.19s.%03d%s", whole, (int)(ms % 1000), whole + 19);
}

cJSON *bx_event_json(const struct bx_event *event)
{
	cJSON *o = cJSON_CreateObject();
	char when[TIME_SIZE];
	time_text(when, event->ms);
	bx_json_set_int(o, "seq", event->seq);
	bx_json_set_str(o, "time", when);
	bx_json_set_str(o, "portal", event->portal);
	bx_json_set_str(o, "source", event->source);
	bx_json_set_str(o, "event", event->event);
	bx_json_set_str(o, "CALL_ID", event->call);
	bx_json_set(o, "user", event->user ? bx_json_int_item(event->user) : cJSON_CreateNull());
	bx_json_set_str(o, "frame", event->frame);
	bx_json_set(o, "own", event->own < 0 ? cJSON_CreateNull() : cJSON_CreateBool(event->own));
	if (event->duplicate)
		bx_json_set_bool(o, "duplicate", true);
	bx_json_set(o, "data", event->data ? cJSON_CreateRaw(event->data) : cJSON_CreateNull());
	return o;
}

bool bx_event_line(struct bx_str *out, const struct bx_event *event)
{
	auto_json cJSON *o = bx_event_json(event);
	auto_free char *text = bx_json_print(o);
	return bx_str_puts(out, text) && bx_str_putc(out, '\n');
}

static bool named(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return true;
	return !count;
}

bool bx_event_matches(const struct bx_event *event, const struct bx_event_filter *filter)
{
	return (!filter->portal || bx_streq(filter->portal, event->portal)) &&
	       (!filter->call || bx_streq(filter->call, event->call)) &&
	       (!filter->user || filter->user == event->user) &&
	       (!filter->ours || (event->own == BX_OWN_OURS && !event->duplicate)) &&
	       named(filter->events, filter->events_len, event->event);
}
