#include "store.h"

#include <sqlite3.h>
#include <string.h>
#include "lock.h"
#include "banned.h"

#define BUSY_MS	       20000
#define FRAMES_RUNNING 1000 /* pages in the log */
#define FRAMES_LEFT    64
#define IDLE_MAX       8

struct bx_store {
	sqlite3 *db;
	struct bx_stmt *idle[IDLE_MAX]; /* not in use: whoever needs one of them again need not prepare it */
	unsigned oldest;
	char *path;
	int frames; /* pages in the log after our last commit */
	bool relaxed, relax; /* as it is, and as it shall be for the next write */
};

struct bx_stmt {
	struct bx_store *store;
	sqlite3_stmt *stmt;
};

static void finish(struct bx_stmt *stmt)
{
	if (stmt)
		sqlite3_finalize(stmt->stmt);
	free(stmt);
}

static bool db_fail(const struct bx_store *store, struct bx_err *err)
{
	int code = sqlite3_errcode(store->db);
	const char *hint = code == SQLITE_FULL ? " (is the disk full?)"
		: code == SQLITE_BUSY	       ? " (another process has held it for too long)"
					       : "";
	return bx_fail(err, BX_LOCAL, "", "%s: %s%s", store->path, sqlite3_errmsg(store->db), hint);
}

static bool script(struct bx_store *store, const char *sql, struct bx_err *err)
{
	return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK || db_fail(store, err);
}

static bool version_of(struct bx_store *store, int64_t *version, struct bx_err *err)
{
	auto_stmt struct bx_stmt *st = bx_store_query(store, err, "PRAGMA user_version", "");
	if (!st || bx_stmt_step(st, err) < 0)
		return false;
	*version = bx_stmt_int(st, 0);
	return true;
}

static bool migrate_locked(struct bx_store *store, const char *const *migrations, int64_t known,
	struct bx_err *err)
{
	int64_t version;
	if (!version_of(store, &version, err))
		return false;
	for (; version < known; version++) {
		if (!script(store, migrations[version], err))
			return false;
	}
	auto_free char *pragma = bx_xprintf("PRAGMA user_version=%lld", (long long)version);
	return script(store, pragma, err) && bx_store_commit(store, err);
}

/* Two processes may come here at once, and the engine does not wait while a file becomes WAL: a
 * lock of our own, then the version is read again. */
static bool upgrade(struct bx_store *store, const char *const *migrations, int64_t known,
	struct bx_err *err)
{
	auto_free char *path = bx_xprintf("%s-lock", store->path);
	auto_fd int lock = bx_lock(path, BUSY_MS, err);
	if (lock < 0 || !script(store, "PRAGMA journal_mode=WAL", err))
		return false;
	if (bx_store_begin(store, err) && migrate_locked(store, migrations, known, err))
		return true;
	bx_store_undo(store);
	return false;
}

static bool migrate(struct bx_store *store, const char *const *migrations, struct bx_err *err)
{
	int64_t version, known = 0;
	while (migrations[known])
		known++;
	if (!version_of(store, &version, err))
		return false;
	if (version > known)
		return bx_fail(err, BX_LOCAL, "",
			"%s was written by a newer version of bx (format %lld, this one knows %lld): upgrade bx",
			store->path, (long long)version, (long long)known);
	return version == known || upgrade(store, migrations, known, err);
}

/* The log is taken into the file when it is long. The engine's own way suits neither end: a tool
 * would sync the file at each of its exits, and without that, nobody would ever shorten a log that
 * each tool finds anew. */
static int on_commit(void *arg, sqlite3 *db, const char *name, int frames)
{
	struct bx_store *store = arg;
	store->frames = frames;
	if (frames >= FRAMES_RUNNING)
		sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return SQLITE_OK;
}

static void shorten_log(struct bx_store *store)
{
	if (store->frames < FRAMES_LEFT)
		return;
	sqlite3_busy_timeout(store->db, 0); /* whoever is at work leaves it to the next */
	sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

static bool setup(struct bx_store *store, const char *const *migrations, struct bx_err *err)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
	/* Before the first store only: no memory for more pages than a single call ever reads, and no
	 * account of it all. */
	sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (sqlite3_open_v2(store->path, &store->db, flags, NULL) != SQLITE_OK)
		return db_fail(store, err);
	sqlite3_busy_timeout(store->db, BUSY_MS);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_wal_hook(store->db, on_commit, store);
	return script(store, "PRAGMA synchronous=FULL", err) &&
		migrate(store, migrations, err);
}

struct bx_store *bx_store_open(const char *name, const char *const *migrations, struct bx_err *err)
{
	auto_str struct bx_str path = BX_STR_INIT(BX_PATH_MAX);
	if (!bx_store_path(&path, name, err) || !bx_store_make(path.buf, err))
		return NULL;
	struct bx_store *store = bx_xcalloc(1, sizeof *store);
	store->path = bx_str_take(&path);
	if (setup(store, migrations, err))
		return store;
	bx_store_close(store);
	return NULL;
}

void bx_store_close(struct bx_store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < IDLE_MAX; i++)
		finish(store->idle[i]);
	shorten_log(store);
	sqlite3_close_v2(store->db);
	free(store->path);
	free(store);
}

void bx_store_leave(struct bx_store *store)
{
	if (store)
		shorten_log(store);
}

void bx_store_relax(struct bx_store *store, bool relaxed)
{
	store->relax = relaxed;
}

/* Done late, because what relaxes its commits mostly does so again before anybody else writes. */
static bool set_relaxed(struct bx_store *store, struct bx_err *err)
{
	if (store->relaxed == store->relax)
		return true;
	store->relaxed = store->relax;
	return script(store, store->relax ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL", err);
}

bool bx_store_begin(struct bx_store *store, struct bx_err *err)
{
	return set_relaxed(store, err) && bx_store_run(store, err, "BEGIN IMMEDIATE", "");
}

bool bx_store_commit(struct bx_store *store, struct bx_err *err)
{
	if (bx_store_run(store, err, "COMMIT", ""))
		return true;
	bx_store_undo(store);
	return false;
}

void bx_store_undo(struct bx_store *store)
{
	if (!sqlite3_get_autocommit(store->db))
		script(store, "ROLLBACK", NULL);
}

static struct bx_stmt *take_idle(struct bx_store *store, const char *sql)
{
	for (size_t i = 0; i < IDLE_MAX; i++) {
		struct bx_stmt *stmt = store->idle[i];
		if (!stmt || strcmp(sqlite3_sql(stmt->stmt), sql) != 0)
			continue;
		store->idle[i] = NULL;
		return stmt;
	}
	return NULL;
}

struct bx_stmt *bx_stmt_new(struct bx_store *store, const char *sql, struct bx_err *err)
{
	sqlite3_stmt *prepared;
	struct bx_stmt *kept = take_idle(store, sql);
	if (kept)
		return kept;
	if (sqlite3_prepare_v2(store->db, sql, -1, &prepared, NULL) != SQLITE_OK) {
		db_fail(store, err);
		return NULL;
	}
	struct bx_stmt *stmt = bx_xcalloc(1, sizeof *stmt);
	*stmt = (struct bx_stmt){store, prepared};
	return stmt;
}

void bx_stmt_free(struct bx_stmt *stmt)
{
	if (!stmt)
		return;
	struct bx_store *store = stmt->store;
	sqlite3_reset(stmt->stmt);
	sqlite3_clear_bindings(stmt->stmt);
	finish(store->idle[store->oldest]);
	store->idle[store->oldest] = stmt;
	store->oldest = (store->oldest + 1) % IDLE_MAX;
}

static int bind_one(sqlite3_stmt *st, int i, char type, va_list *ap)
{
	if (type == 'i')
		return sqlite3_bind_int64(st, i, va_arg(*ap, int64_t));
	if (type == 'd')
		return sqlite3_bind_double(st, i, va_arg(*ap, double));
	if (type == 's')
		return sqlite3_bind_text(st, i, va_arg(*ap, const char *), -1, SQLITE_TRANSIENT);
	const void *data = va_arg(*ap, const void *);
	size_t size = va_arg(*ap, size_t);
	return sqlite3_bind_blob64(st, i, data, size, SQLITE_TRANSIENT);
}

static bool bind_all(struct bx_stmt *stmt, struct bx_err *err, const char *types, va_list ap)
{
	va_list own;
	va_copy(own, ap);
	sqlite3_reset(stmt->stmt);
	bool ok = true;
	for (int i = 0; types[i] && ok; i++)
		ok = bind_one(stmt->stmt, i + 1, types[i], &own) == SQLITE_OK;
	va_end(own);
	return ok || db_fail(stmt->store, err);
}

bool bx_stmt_bind(struct bx_stmt *stmt, struct bx_err *err, const char *types, ...)
{
	va_list ap;
	va_start(ap, types);
	bool ok = bind_all(stmt, err, types, ap);
	va_end(ap);
	return ok;
}

static struct bx_stmt *query(struct bx_store *store, struct bx_err *err, const char *sql,
	const char *types, va_list ap)
{
	struct bx_stmt *stmt = bx_stmt_new(store, sql, err);
	if (!stmt || bind_all(stmt, err, types, ap))
		return stmt;
	bx_stmt_free(stmt);
	return NULL;
}

struct bx_stmt *bx_store_query(struct bx_store *store, struct bx_err *err, const char *sql,
	const char *types, ...)
{
	va_list ap;
	va_start(ap, types);
	struct bx_stmt *stmt = query(store, err, sql, types, ap);
	va_end(ap);
	return stmt;
}

bool bx_store_run(struct bx_store *store, struct bx_err *err, const char *sql, const char *types, ...)
{
	va_list ap;
	va_start(ap, types);
	auto_stmt struct bx_stmt *stmt = query(store, err, sql, types, ap);
	va_end(ap);
	return stmt && bx_stmt_step(stmt, err) >= 0;
}

int bx_stmt_step(struct bx_stmt *stmt, struct bx_err *err)
{
	bool alone = sqlite3_get_autocommit(stmt->store->db) && !sqlite3_stmt_readonly(stmt->stmt);
	if (alone && !set_relaxed(stmt->store, err))
		return -1;
	int got = sqlite3_step(stmt->stmt);
	if (got == SQLITE_ROW)
		return 1;
	if (got != SQLITE_DONE)
		db_fail(stmt->store, err);
	sqlite3_reset(stmt->stmt);
	return got == SQLITE_DONE ? 0 : -1;
}

int64_t bx_store_last_id(const struct bx_store *store)
{
	return sqlite3_last_insert_rowid(store->db);
}

int64_t bx_store_changes(const struct bx_store *store)
{
	return sqlite3_changes64(store->db);
}

int64_t bx_store_data_version(struct bx_store *store)
{
	auto_stmt struct bx_stmt *st = bx_store_query(store, NULL, "PRAGMA data_version", "");
	return st && bx_stmt_step(st, NULL) == 1 ? bx_stmt_int(st, 0) : -1;
}

const char *bx_stmt_text(struct bx_stmt *stmt, int column)
{
	return (const char *)sqlite3_column_text(stmt->stmt, column);
}

int64_t bx_stmt_int(struct bx_stmt *stmt, int column)
{
	return sqlite3_column_int64(stmt->stmt, column);
}

double bx_stmt_num(struct bx_stmt *stmt, int column)
{
	return sqlite3_column_double(stmt->stmt, column);
}

const void *bx_stmt_blob(struct bx_stmt *stmt, int column, size_t *size)
{
	const void *data = sqlite3_column_blob(stmt->stmt, column);
	*size = (size_t)sqlite3_column_bytes(stmt->stmt, column);
	return data;
}
