/* portals.db: known calls, small values, the limiter's buckets. */
#include "store_portal.h"

#include "clock.h"
#include "secret.h"
#include "banned.h"

#define KEEP_MS (31LL * 24 * 3600 * 1000)

#define TEXTS 8
#define COLUMNS                                                                                    \
	"portal, call_id, external_id, ext, phone, type, state, shown, user, start_ms, changed_ms"

static void texts_of(struct bx_known_call *c, char **texts[TEXTS])
{
	char **all[TEXTS] = {&c->portal, &c->call_id, &c->external_id, &c->ext, &c->phone, &c->type,
		&c->state, &c->shown};
	memcpy(texts, all, sizeof all);
}

void bx_known_call_init(struct bx_known_call *call)
{
	char **texts[TEXTS];
	*call = (struct bx_known_call){0};
	texts_of(call, texts);
	for (size_t i = 0; i < BX_COUNT(texts); i++)
		*texts[i] = bx_xstrdup("");
}

void bx_known_call_release(struct bx_known_call *call)
{
	char **texts[TEXTS];
	texts_of(call, texts);
	for (size_t i = 0; i < BX_COUNT(texts); i++)
		free(*texts[i]);
	*call = (struct bx_known_call){0};
}

void bx_known_call_copy(struct bx_known_call *to, const struct bx_known_call *from)
{
	struct bx_known_call copy = *from;
	char **texts[TEXTS];
	texts_of(&copy, texts);
	for (size_t i = 0; i < BX_COUNT(texts); i++)
		*texts[i] = bx_xstrdup(*texts[i]);
	bx_known_call_release(to);
	*to = copy;
}

static void read_row(struct bx_stmt *st, struct bx_known_call *call)
{
	char **texts[TEXTS];
	texts_of(call, texts);
	for (int i = 0; i < TEXTS; i++)
		bx_set_str(texts[i], bx_stmt_text(st, i));
	call->user = bx_stmt_int(st, TEXTS);
	call->start_ms = bx_stmt_int(st, TEXTS + 1);
	call->changed_ms = bx_stmt_int(st, TEXTS + 2);
}

bool bx_known_call_save(struct bx_store *store, const struct bx_known_call *c, struct bx_err *err)
{
	int64_t now = bx_now_ms();
	return bx_store_run(store, err,
		       "INSERT INTO call(" COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?,?,?)"
		       " ON CONFLICT(call_id, portal) DO UPDATE SET external_id=excluded.external_id,"
		       " ext=excluded.ext, phone=excluded.phone, type=excluded.type, state=excluded.state,"
		       " shown=excluded.shown, user=excluded.user, start_ms=excluded.start_ms,"
		       " changed_ms=excluded.changed_ms",
		       "ssssssssiii", c->portal, c->call_id, c->external_id, c->ext, c->phone, c->type, c->state,
		       c->shown, c->user, c->start_ms, now) &&
		bx_store_run(store, err, "DELETE FROM call WHERE state='finished' AND changed_ms<?", "i",
			now - KEEP_MS) &&
		bx_store_run(store, err, "DELETE FROM click WHERE at_ms<?", "i", now - KEEP_MS);
}

static bool load_one(struct bx_stmt *st, struct bx_known_call *call, const char *prefix,
	const char *id, struct bx_err *err)
{
	int got = st ? bx_stmt_step(st, err) : -1;
	if (!got)
		return bx_fail(err, BX_ABSENT, "", "call %s%.200s is not known here", prefix, id);
	if (got == 1)
		read_row(st, call);
	return got == 1;
}

bool bx_known_call_load(struct bx_store *store, const char *portal, const char *call_id,
	struct bx_known_call *call, struct bx_err *err)
{
	auto_stmt struct bx_stmt *st = bx_store_query(store, err,
		"SELECT " COLUMNS " FROM call WHERE call_id=? AND portal=ifnull(?, portal)"
		" ORDER BY rowid DESC LIMIT 1", "ss", call_id, portal);
	return load_one(st, call, "", call_id, err);
}

bool bx_known_call_by_external(struct bx_store *store, const char *portal, const char *external_id,
	struct bx_known_call *call, struct bx_err *err)
{
	auto_stmt struct bx_stmt *st = bx_store_query(store, err,
		"SELECT " COLUMNS " FROM call WHERE (external_id=?1 OR (call_id, portal) IN"
		" (SELECT call_id, portal FROM click WHERE taker=?1)) AND portal=ifnull(?2, portal)"
		" ORDER BY rowid DESC LIMIT 1", "ss", external_id, portal);
	return load_one(st, call, "ext:", external_id, err);
}

static bool each_row(struct bx_stmt *st, bx_known_call_fn *each, void *arg, struct bx_err *err)
{
	auto_known_call struct bx_known_call call;
	bx_known_call_init(&call);
	int got = st ? 1 : -1;
	while (got == 1 && (got = bx_stmt_step(st, err)) == 1) {
		read_row(st, &call);
		if (!each(arg, &call))
			return true;
	}
	return !got;
}

bool bx_known_calls(struct bx_store *store, const char *portal, bx_known_call_fn *each, void *arg,
	struct bx_err *err)
{
	auto_stmt struct bx_stmt *st = bx_store_query(store, err,
		"SELECT " COLUMNS " FROM call WHERE ?1 IS NULL OR portal=?1 ORDER BY rowid", "s", portal);
	return each_row(st, each, arg, err);
}

bool bx_known_calls_open(struct bx_store *store, int64_t most, bx_known_call_fn *each, void *arg,
	struct bx_err *err)
{
	/* In two ranges, so that the index finds them among many finished ones. */
	auto_stmt struct bx_stmt *st = bx_store_query(store, err,
		"SELECT " COLUMNS " FROM call WHERE state<'finished' OR state>'finished'"
		" ORDER BY rowid DESC LIMIT ?", "i", most);
	return each_row(st, each, arg, err);
}

char *bx_value_get(struct bx_store *store, const char *key, struct bx_err *err)
{
	auto_stmt struct bx_stmt *st = bx_store_query(store, err,
		"SELECT value FROM value WHERE key=?", "s", key);
	return st && bx_stmt_step(st, err) == 1 ? bx_xstrdup(bx_stmt_text(st, 0)) : NULL;
}

bool bx_value_set(struct bx_store *store, const char *key, const char *value, struct bx_err *err)
{
	if (!value)
		return bx_store_run(store, err, "DELETE FROM value WHERE key=?", "s", key);
	return bx_store_run(store, err,
		"INSERT INTO value(key, value) VALUES(?,?)"
		" ON CONFLICT(key) DO UPDATE SET value=excluded.value", "ss", key, value);
}

static bool value_bytes(struct bx_store *store, const char *key, uint8_t *bytes, size_t size,
	bool *found, struct bx_err *err)
{
	auto_stmt struct bx_stmt *st = bx_store_query(store, err,
		"SELECT bytes FROM value WHERE key=?", "s", key);
	int got = st ? bx_stmt_step(st, err) : -1;
	if (got < 0)
		return false;
	*found = got;
	if (!got)
		return true;
	size_t have;
	const void *stored = bx_stmt_blob(st, 0, &have);
	if (have != size)
		return bx_fail(err, BX_LOCAL, "", "the stored key '%s' has %zu bytes, not %zu", key, have,
			size);
	memcpy(bytes, stored, size);
	return true;
}

bool bx_value_key(struct bx_store *store, const char *key, uint8_t *bytes, size_t size,
	struct bx_err *err)
{
	bool found;
	if (!value_bytes(store, key, bytes, size, &found, err))
		return false;
	if (found)
		return true;
	bx_random(bytes, size);
	/* Whoever came first wins, and everyone reads what is there. */
	return bx_store_run(store, err,
		       "INSERT INTO value(key, bytes) VALUES(?,?) ON CONFLICT DO NOTHING", "sb", key,
		       (const void *)bytes, size) &&
		value_bytes(store, key, bytes, size, &found, err);
}

bool bx_bucket_take(struct bx_store *store, const char *domain, struct bx_bucket *bucket,
	struct bx_err *err)
{
	*bucket = (struct bx_bucket){0};
	bx_store_relax(store, true);
	bool begun = bx_store_begin(store, err);
	bx_store_relax(store, false);
	if (!begun)
		return false;
	auto_stmt struct bx_stmt *st = bx_store_query(store, err,
		"SELECT level, at_ms, blocked_ms, refusals FROM bucket WHERE domain=?", "s", domain);
	int got = st ? bx_stmt_step(st, err) : -1;
	if (got == 1) {
		bucket->level = bx_stmt_num(st, 0);
		bucket->at_ms = bx_stmt_int(st, 1);
		bucket->blocked_ms = bx_stmt_int(st, 2);
		bucket->refusals = bx_stmt_int(st, 3);
	}
	if (got < 0)
		bx_store_undo(store);
	return got >= 0;
}

bool bx_bucket_save(struct bx_store *store, const char *domain, const struct bx_bucket *bucket,
	struct bx_err *err)
{
	bool done = bx_store_run(store, err,
		"INSERT INTO bucket(domain, level, at_ms, blocked_ms, refusals) VALUES(?,?,?,?,?)"
		" ON CONFLICT(domain) DO UPDATE SET level=excluded.level, at_ms=excluded.at_ms,"
		" blocked_ms=excluded.blocked_ms, refusals=excluded.refusals",
		"sdiii", domain, bucket->level, bucket->at_ms, bucket->blocked_ms, bucket->refusals);
	if (!done) {
		bx_store_undo(store);
		return false;
	}
	return bx_store_commit(store, err);
}
