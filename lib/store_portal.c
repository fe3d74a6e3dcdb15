#include "store_portal.h"

#include "clock.h"
#include "secret.h"
#include "banned.h"

#define TOKEN_GRACE_MS (3600 * 1000)

static const char *const migrations[] = {
	"CREATE TABLE profile("
	" name TEXT PRIMARY KEY, webhook INTEGER NOT NULL, domain TEXT NOT NULL,"
	" client_endpoint TEXT NOT NULL, auth_server TEXT NOT NULL, client_id TEXT NOT NULL,"
	" client_secret TEXT NOT NULL, webhook_url TEXT NOT NULL, member_id TEXT NOT NULL,"
	" access_token TEXT NOT NULL, refresh_token TEXT NOT NULL, application_token TEXT NOT NULL,"
	" old_application_token TEXT NOT NULL, scope TEXT NOT NULL, status TEXT NOT NULL,"
	" error_secret TEXT NOT NULL, old_until_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,"
	" user_id INTEGER NOT NULL, refreshing_since_ms INTEGER NOT NULL,"
	" limit_burst INTEGER NOT NULL, limit_rate REAL NOT NULL, insecure_http INTEGER NOT NULL,"
	" waiting INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE INDEX profile_member ON profile(member_id);"
	"CREATE TABLE value(key TEXT PRIMARY KEY, value TEXT, bytes BLOB) WITHOUT ROWID;"
	"CREATE TABLE call("
	" portal TEXT NOT NULL, call_id TEXT NOT NULL, external_id TEXT NOT NULL,"
	" ext TEXT NOT NULL, phone TEXT NOT NULL, type TEXT NOT NULL, state TEXT NOT NULL,"
	" shown TEXT NOT NULL,"
	" user INTEGER NOT NULL, start_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL,"
	" UNIQUE(call_id, portal));"
	"CREATE INDEX call_external ON call(external_id, portal);"
	"CREATE INDEX call_changed ON call(state, changed_ms);"
	"CREATE TABLE bucket(domain TEXT PRIMARY KEY, level REAL NOT NULL, at_ms INTEGER NOT NULL,"
	" blocked_ms INTEGER NOT NULL, refusals INTEGER NOT NULL) WITHOUT ROWID;",
	"CREATE TABLE outbox("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, chain INTEGER NOT NULL, portal TEXT NOT NULL,"
	" verb TEXT NOT NULL, external_id TEXT NOT NULL, call_id TEXT NOT NULL, params TEXT NOT NULL,"
	" path TEXT NOT NULL, state TEXT NOT NULL, error TEXT NOT NULL, result TEXT NOT NULL,"
	" size INTEGER NOT NULL, mtime_ms INTEGER NOT NULL, queued_ms INTEGER NOT NULL,"
	" sent_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL, tries INTEGER NOT NULL);"
	"CREATE INDEX outbox_chain ON outbox(chain);"
	"CREATE INDEX outbox_call ON outbox(call_id);"
	"CREATE INDEX outbox_external ON outbox(external_id);"
	"CREATE INDEX outbox_state ON outbox(state, chain);",
	"CREATE TABLE click("
	" id INTEGER PRIMARY KEY, portal TEXT NOT NULL, call_id TEXT NOT NULL, phone TEXT NOT NULL,"
	" international TEXT NOT NULL, line TEXT NOT NULL, taker TEXT NOT NULL, user INTEGER NOT NULL,"
	" at_ms INTEGER NOT NULL);"
	"CREATE INDEX click_at ON click(at_ms);"
	"CREATE INDEX click_taker ON click(taker);",
	"ALTER TABLE profile ADD COLUMN removed_ms INTEGER NOT NULL DEFAULT 0;",
	NULL,
};

struct bx_store *bx_portals_open(struct bx_err *err)
{
	return bx_store_open("portals.db", migrations, err);
}

#define COLUMNS                                                                                    \
	"name, webhook, domain, client_endpoint, auth_server, client_id, client_secret, webhook_url,"  \
	" member_id, access_token, refresh_token, application_token, old_application_token, scope,"  \
	" status, error_secret, old_until_ms, expires_ms, user_id, refreshing_since_ms, limit_burst," \
	" limit_rate, insecure_http, waiting, removed_ms"

/* The texts in the order of their columns, which begins with name and leaves a gap at webhook. */
static void texts_of(struct bx_profile *p, char **texts[15])
{
	char **all[15] = {&p->name, &p->domain, &p->client_endpoint, &p->auth_server, &p->client_id,
		&p->client_secret, &p->webhook_url, &p->member_id, &p->access_token,
		&p->refresh_token, &p->application_token, &p->old_application_token, &p->scope,
		&p->status, &p->error_secret};
	memcpy(texts, all, sizeof all);
}

void bx_profile_init(struct bx_profile *profile)
{
	char **texts[15];
	*profile = (struct bx_profile){.limit_burst = 50, .limit_rate = 2};
	texts_of(profile, texts);
	for (size_t i = 0; i < BX_COUNT(texts); i++)
		*texts[i] = bx_xstrdup("");
}

void bx_profile_release(struct bx_profile *profile)
{
	char **texts[15];
	texts_of(profile, texts);
	for (size_t i = 0; i < BX_COUNT(texts); i++)
		free(*texts[i]);
	*profile = (struct bx_profile){0};
}

void bx_profile_copy(struct bx_profile *to, const struct bx_profile *from)
{
	struct bx_profile copy = *from;
	char **texts[15];
	if (to == from)
		return;
	texts_of(&copy, texts);
	for (size_t i = 0; i < BX_COUNT(texts); i++)
		*texts[i] = bx_xstrdup(*texts[i]);
	bx_profile_release(to);
	*to = copy;
}

bool bx_profile_name_ok(const char *name, struct bx_err *err)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t len = strlen(name);
	if (len && len <= 64 && strspn(name, allowed) == len && *name != '.' && *name != '-')
		return true;
	return bx_fail(err, BX_USAGE, "",
		"'%.80s' is no name for a profile: use up to 64 letters, digits, '.', '_' and '-'", name);
}

static void read_row(struct bx_stmt *st, struct bx_profile *p)
{
	char **texts[15];
	texts_of(p, texts);
	for (int i = 0; i < 15; i++)
		bx_set_str(texts[i], bx_stmt_text(st, i ? i + 1 : 0));
	p->webhook = bx_stmt_int(st, 1);
	p->old_until_ms = bx_stmt_int(st, 16);
	p->expires_ms = bx_stmt_int(st, 17);
	p->user_id = bx_stmt_int(st, 18);
	p->refreshing_since_ms = bx_stmt_int(st, 19);
	p->limit_burst = bx_stmt_int(st, 20);
	p->limit_rate = bx_stmt_num(st, 21);
	p->insecure_http = bx_stmt_int(st, 22);
	p->waiting = bx_stmt_int(st, 23);
	p->removed_ms = bx_stmt_int(st, 24);
	bx_profile_remember(p);
}

static bool load_one(struct bx_stmt *st, struct bx_profile *profile, const char *what,
	const char *value, struct bx_err *err)
{
	int got = st ? bx_stmt_step(st, err) : -1;
	if (got < 0)
		return false;
	if (!got)
		return bx_fail(err, BX_ABSENT, "", "there is no %s %s; see bx-auth ls", what, value);
	read_row(st, profile);
	return true;
}

bool bx_profile_load(struct bx_store *store, const char *name, struct bx_profile *profile,
	struct bx_err *err)
{
	auto_stmt struct bx_stmt *st = bx_store_query(store, err,
		"SELECT " COLUMNS " FROM profile WHERE name=?", "s", name);
	return load_one(st, profile, "profile", name, err);
}

bool bx_profile_by_member(struct bx_store *store, const char *member_id, const char *after,
	struct bx_profile *profile, struct bx_err *err)
{
	auto_stmt struct bx_stmt *st = bx_store_query(store, err,
		"SELECT " COLUMNS " FROM profile WHERE member_id=? AND member_id<>'' AND NOT webhook"
		" AND name>? ORDER BY name LIMIT 1", "ss", member_id, after);
	return load_one(st, profile, "profile of the portal with member_id", member_id, err);
}

bool bx_profiles_load(struct bx_store *store, struct bx_profile **list, size_t *count,
	struct bx_err *err)
{
	*list = NULL;
	*count = 0;
	auto_stmt struct bx_stmt *st = bx_store_query(store, err,
		"SELECT " COLUMNS " FROM profile ORDER BY name", "");
	int got = -1;
	while (st && (got = bx_stmt_step(st, err)) == 1) {
		*list = bx_xrealloc(*list, (*count + 1) * sizeof **list);
		bx_profile_init(*list + *count);
		read_row(st, *list + (*count)++);
	}
	if (!got)
		return true;
	bx_profiles_free(*list, *count);
	*list = NULL;
	*count = 0;
	return false;
}

bool bx_profile_names(struct bx_store *store, char ***names, size_t *count, struct bx_err *err)
{
	*names = NULL;
	*count = 0;
	auto_stmt struct bx_stmt *st = bx_store_query(store, err, "SELECT name FROM profile ORDER BY name", "");
	int got = -1;
	for (size_t room = 0; st && (got = bx_stmt_step(st, err)) == 1;) {
		if (*count == room)
			*names = bx_xrealloc(*names, (room = room * 2 + 64) * sizeof **names);
		(*names)[(*count)++] = bx_xstrdup(bx_stmt_text(st, 0));
	}
	return !got;
}

void bx_profiles_free(struct bx_profile *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		bx_profile_release(list + i);
	free(list);
}

static bool exists(struct bx_store *store, const char *name)
{
	auto_stmt struct bx_stmt *st = bx_store_query(store, NULL,
		"SELECT 1 FROM profile WHERE name=?", "s", name);
	return st && bx_stmt_step(st, NULL) == 1;
}

bool bx_profile_add(struct bx_store *store, const struct bx_profile *p, struct bx_err *err)
{
	char error_secret[33];
	bx_random_hex(error_secret, 16);
	bx_secret_remember(error_secret);
	if (!bx_profile_name_ok(p->name, err))
		return false;
	bool done = bx_store_run(store, err,
		"INSERT INTO profile(" COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
		" ON CONFLICT DO NOTHING",
		"sissssssssssssssiiiiidiii", p->name, (int64_t)p->webhook, p->domain, p->client_endpoint,
		p->auth_server, p->client_id, p->client_secret, p->webhook_url, p->member_id,
		p->access_token, p->refresh_token, p->application_token, p->old_application_token,
		p->scope, p->status, error_secret, p->old_until_ms, p->expires_ms, p->user_id,
		p->refreshing_since_ms, p->limit_burst, p->limit_rate, (int64_t)p->insecure_http,
		(int64_t)p->waiting, p->removed_ms);
	if (done && !bx_store_changes(store))
		return bx_fail(err, BX_USAGE, "", "there is a profile %s already", p->name);
	return done;
}

/* For statements that must have met the profile's row. */
static bool met(struct bx_store *store, const char *name, bool done, struct bx_err *err)
{
	if (done && !bx_store_changes(store))
		return bx_fail(err, BX_ABSENT, "", "there is no profile %s; see bx-auth ls", name);
	return done;
}

bool bx_profile_set(struct bx_store *store, const struct bx_profile *p, struct bx_err *err)
{
	return met(store, p->name,
		bx_store_run(store, err,
			"UPDATE profile SET webhook=?, domain=?, client_endpoint=?, auth_server=?, client_id=?,"
			" client_secret=?, webhook_url=?, limit_burst=?, limit_rate=?, insecure_http=?"
			" WHERE name=?",
			"issssssidis", (int64_t)p->webhook, p->domain, p->client_endpoint, p->auth_server,
			p->client_id, p->client_secret, p->webhook_url, p->limit_burst, p->limit_rate,
			(int64_t)p->insecure_http, p->name),
		err);
}

bool bx_profile_set_tokens(struct bx_store *store, const struct bx_profile *p, struct bx_err *err)
{
	return met(store, p->name,
		bx_store_run(store, err,
			"UPDATE profile SET access_token=?, refresh_token=?, expires_ms=?, member_id=?,"
			" scope=?, status=?, user_id=?, domain=?, client_endpoint=?,"
			" refreshing_since_ms=0, waiting=0, removed_ms=0 WHERE name=?",
			"ssisssisss", p->access_token, p->refresh_token, p->expires_ms, p->member_id,
			p->scope, p->status, p->user_id, p->domain, p->client_endpoint, p->name),
		err);
}

bool bx_profile_set_application_token(struct bx_store *store, const char *name, const char *token,
	struct bx_err *err)
{
	bx_secret_remember(token);
	if (!exists(store, name))
		return bx_fail(err, BX_ABSENT, "", "there is no profile %s; see bx-auth ls", name);
	/* In an UPDATE every expression sees the row as it was. */
	return bx_store_run(store, err,
		"UPDATE profile SET old_application_token=application_token, old_until_ms=?,"
		" application_token=? WHERE name=? AND application_token<>?",
		"isss", bx_now_ms() + TOKEN_GRACE_MS, token, name, token);
}

bool bx_profile_set_refreshing(struct bx_store *store, const char *name, int64_t since_ms,
	struct bx_err *err)
{
	return met(store, name,
		bx_store_run(store, err, "UPDATE profile SET refreshing_since_ms=? WHERE name=?", "is",
			since_ms, name),
		err);
}

bool bx_profile_set_removed(struct bx_store *store, const char *name, struct bx_err *err)
{
	return met(store, name,
		bx_store_run(store, err, "UPDATE profile SET removed_ms=? WHERE name=?", "is",
			bx_now_ms(), name),
		err);
}

static bool delete_rows(struct bx_store *store, const char *name, struct bx_err *err)
{
	return bx_store_run(store, err, "DELETE FROM call WHERE portal=?", "s", name) &&
		bx_store_run(store, err,
			"DELETE FROM value WHERE instr(key, ' ') AND"
			" substr(key || ' ', instr(key, ' ') + 1, length(?1) + 1) = ?1 || ' '", "s", name) &&
		bx_store_run(store, err, "DELETE FROM click WHERE portal=?", "s", name) &&
		bx_store_run(store, err, "DELETE FROM outbox WHERE portal=?", "s", name) &&
		bx_store_run(store, err, "DELETE FROM value WHERE key=? AND value=?", "ss",
			BX_VALUE_DEFAULT, name) &&
		met(store, name,
			bx_store_run(store, err, "DELETE FROM profile WHERE name=?", "s", name), err);
}

bool bx_profile_delete(struct bx_store *store, const char *name, struct bx_err *err)
{
	if (bx_store_begin(store, err) && delete_rows(store, name, err) && bx_store_commit(store, err))
		return true;
	bx_store_undo(store);
	return false;
}
