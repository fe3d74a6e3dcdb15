/* The state directory, the store's files and what portals.db keeps. */
#include "check.h"
#include "clock.h"
#include "store_click.h"

#include <sys/stat.h>
#include <sys/wait.h>

static char dir[64] = "/tmp/bx-store-XXXXXX";

static const char *const two[] = {"CREATE TABLE a(x)", "INSERT INTO a VALUES(7)", NULL};
static const char *const three[] = {"CREATE TABLE a(x)", "INSERT INTO a VALUES(7)",
	"INSERT INTO a VALUES(8)", NULL};

static int64_t number(struct bx_store *store, const char *sql)
{
	auto_stmt struct bx_stmt *st = bx_store_query(store, NULL, sql, "");
	return st && bx_stmt_step(st, NULL) == 1 ? bx_stmt_int(st, 0) : -1;
}

static mode_t mode_of(const char *name)
{
	struct stat st;
	auto_free char *path = bx_xprintf("%s/%s", dir, name);
	return stat(path, &st) ? 0 : st.st_mode & 07777;
}

static void directory(void)
{
	struct bx_err err = {0};
	auto_str struct bx_str path = BX_STR_INIT(BX_PATH_MAX);
	auto_free char *deep = bx_xprintf("%s/a/b", dir);
	setenv("BX_STATE", deep, 1);
	CHECK(bx_store_dir(&path, &err) && mode_of("a/b") == 0700, "a missing directory is made, private");
	chmod(deep, 0750);
	bx_str_reset(&path);
	CHECK(bx_store_dir(&path, &err), "access for the group is fine");
	chmod(deep, 0701);
	bx_str_reset(&path);
	CHECK(!bx_store_dir(&path, &err) && err.exit == BX_LOCAL && strstr(err.text, "chmod o-rwx"),
		"access for others is refused with the way out");
	setenv("BX_STATE", dir, 1);
}

static void files(void)
{
	struct bx_err err = {0};
	umask(0);
	auto_store struct bx_store *store = bx_store_open("t.db", two, &err);
	CHECK(store && number(store, "SELECT sum(x) FROM a") == 7, "migrations run once each, in order");
	CHECK(mode_of("t.db") == 0600 && mode_of("t.db-wal") == 0600, "files of a private directory are private");
	auto_store struct bx_store *newer = bx_store_open("t.db", three, &err);
	CHECK(newer && number(newer, "SELECT sum(x) FROM a") == 15, "an older file is taken forward");
	CHECK(!bx_store_open("t.db", two, &err) && err.exit == BX_LOCAL && strstr(err.text, "upgrade bx"),
		"a newer file is refused clearly");
	CHECK(number(newer, "PRAGMA synchronous") == 2, "commits are synced");
	bx_store_relax(newer, true);
	CHECK(bx_store_begin(newer, &err) && number(newer, "PRAGMA synchronous") == 1, "unless relaxed");
	bx_store_undo(newer);
	bx_store_relax(newer, false);
	CHECK(bx_store_run(newer, &err, "INSERT INTO a VALUES(0)", "") && number(newer, "PRAGMA synchronous") == 2,
		"and so is the next one");
	chmod(dir, 0770);
	auto_store struct bx_store *shared = bx_store_open("s.db", two, &err);
	CHECK(shared && mode_of("s.db") == 0660 && mode_of("s.db-wal") == 0660,
		"files of a group's directory are the group's");
	chmod(dir, 0700);
	auto_free char *path = bx_xprintf("%s/t.db", dir);
	chmod(path, 0604);
	CHECK(!bx_store_open("t.db", three, &err) && strstr(err.text, "open to others"),
		"a file others may read is refused");
}

static void transactions(void)
{
	struct bx_err err = {0};
	auto_store struct bx_store *store = bx_store_open("x.db", two, &err);
	bx_store_begin(store, &err);
	bx_store_run(store, &err, "INSERT INTO a VALUES(?)", "i", (int64_t)1);
	bx_store_undo(store);
	CHECK(number(store, "SELECT count(*) FROM a") == 1, "an undone transaction leaves nothing");
	bx_store_undo(store);
	CHECK(!bx_store_run(store, &err, "INSERT INTO nowhere VALUES(1)", "") && err.exit == BX_LOCAL,
		"a wrong statement is a local failure");
}

/* Sixteen processes open a file that does not exist yet. */
static void races(void)
{
	pid_t children[16];
	bool all = true;
	for (int i = 0; i < 16; i++) {
		children[i] = fork();
		if (!children[i])
			_exit(bx_store_open("race.db", three, NULL) ? 0 : 1);
	}
	for (int i = 0; i < 16; i++) {
		int status;
		all = waitpid(children[i], &status, 0) > 0 && !status && all;
	}
	CHECK(all, "many processes may make the same file at once");
	auto_store struct bx_store *store = bx_store_open("race.db", three, NULL);
	CHECK(number(store, "SELECT count(*) FROM a") == 2, "and each migration ran once");
}

static void profiles(struct bx_store *store)
{
	struct bx_err err = {0};
	auto_profile struct bx_profile p, q;
	bx_profile_init(&p);
	bx_profile_init(&q);
	bx_set_str(&p.name, "main");
	bx_set_str(&p.domain, "crm.example.com");
	p.waiting = true;
	CHECK(bx_profile_add(store, &p, &err), "a profile is added");
	CHECK(!bx_profile_add(store, &p, &err) && err.exit == BX_USAGE, "but not twice");
	CHECK(bx_profile_load(store, "main", &q, &err) && q.waiting && strlen(q.error_secret) == 32 &&
			q.limit_burst == 50 && q.limit_rate == 2,
		"it comes back with a secret address and the ordinary limits");
	bx_set_str(&q.access_token, "token-1");
	bx_set_str(&q.member_id, "0f1e");
	bx_profile_set_refreshing(store, "main", 5, &err);
	CHECK(bx_profile_set_tokens(store, &q, &err) && bx_profile_by_member(store, "0f1e", "", &p, &err) &&
			!strcmp(p.access_token, "token-1") && !p.waiting && !p.refreshing_since_ms,
		"tokens end the waiting and the refresh");
	bx_set_str(&p.access_token, "not stored");
	p.limit_burst = 250;
	CHECK(bx_profile_set(store, &p, &err) && bx_profile_load(store, "main", &q, &err) &&
			q.limit_burst == 250 && !strcmp(q.access_token, "token-1"),
		"settings leave the tokens alone");
	bx_profile_set_application_token(store, "main", "one", &err);
	bx_profile_set_application_token(store, "main", "two", &err);
	bx_profile_set_application_token(store, "main", "two", &err);
	bx_profile_load(store, "main", &q, &err);
	CHECK(!strcmp(q.application_token, "two") && !strcmp(q.old_application_token, "one") &&
			q.old_until_ms > bx_now_ms(),
		"the former application token stays good for a while");
	CHECK(!bx_profile_by_member(store, "", "", &q, &err) && err.exit == BX_ABSENT,
		"an empty member_id matches nothing");
	CHECK(!bx_profile_by_member(store, "0f1e", "main", &q, &err) && err.exit == BX_ABSENT,
		"nor does one of which all were seen");
	bx_value_set(store, BX_VALUE_DEFAULT, "main", &err);
	CHECK(bx_profile_delete(store, "main", &err) && !bx_profile_load(store, "main", &q, &err) &&
			err.exit == BX_ABSENT && !bx_value_get(store, BX_VALUE_DEFAULT, &err),
		"a deleted profile is gone and no longer the default");
	bx_set_str(&p.name, "../x");
	CHECK(!bx_profile_add(store, &p, &err) && err.exit == BX_USAGE, "a name is not a path");
}

static void calls(struct bx_store *store)
{
	struct bx_err err = {0};
	auto_known_call struct bx_known_call c, d;
	bx_known_call_init(&c);
	bx_known_call_init(&d);
	bx_set_str(&c.portal, "main");
	bx_set_str(&c.external_id, "pbx-77");
	bx_set_str(&c.call_id, "externalCall.1");
	c.user = 12;
	bx_known_call_save(store, &c, &err);
	bx_set_str(&c.call_id, "externalCall.2");
	bx_known_call_save(store, &c, &err);
	CHECK(bx_known_call_by_external(store, "main", "pbx-77", &d, &err) &&
			!strcmp(d.call_id, "externalCall.2") && d.user == 12,
		"an external id names the newest call");
	bx_set_str(&c.state, "finished");
	bx_known_call_save(store, &c, &err);
	CHECK(bx_known_call_load(store, "main", "externalCall.2", &d, &err) && !strcmp(d.state, "finished"),
		"a call is replaced, not doubled");
	CHECK(!bx_known_call_load(store, "other", "externalCall.2", &d, &err) && err.exit == BX_ABSENT,
		"calls belong to a profile");
}

static void clicks(struct bx_store *store)
{
	struct bx_err err = {0};
	auto_known_call struct bx_known_call c;
	struct bx_click click = {.portal = "main", .call_id = "externalCall.9", .phone = "8 (906) 219-50-47",
		.international = "+79062195047", .user = 12}, wanted = {.portal = "main",
		.phone = "79062195047", .line = "100", .user = 12};
	bx_known_call_init(&c);
	CHECK(!bx_click_take(store, &wanted, "a", true, &c, &err) && err.exit == BX_ABSENT, "no click, no call");
	CHECK(bx_click_add(store, &click, &err) && bx_click_take(store, &wanted, "a", false, &c, &err) &&
			!strcmp(c.call_id, "externalCall.9") && !strcmp(c.external_id, "a"),
		"a click is taken by either form of its number");
	CHECK(bx_click_find(store, &wanted, "a", false, &err), "its taker finds it again");
	CHECK(!bx_click_find(store, &wanted, "b", false, &err), "and nobody else");
	CHECK(bx_click_find(store, &wanted, "b", true, &err), "unless anyone will do");
	bx_click_add(store, &click, &err);
	CHECK(bx_click_take(store, &wanted, "b", false, &c, &err) && !strcmp(c.call_id, "externalCall.9"),
		"a second click with the same CALL_ID is taken as well");
	CHECK(bx_known_call_by_external(store, "main", "a", &c, &err) &&
			bx_known_call_by_external(store, "main", "b", &c, &err) &&
			!strcmp(c.call_id, "externalCall.9"),
		"and both ids name the call");
	bx_store_run(store, &err, "UPDATE click SET at_ms=at_ms-1801000", "");
	CHECK(!bx_click_find(store, &wanted, "a", true, &err), "after half an hour it is another call");
	click.line = "200";
	bx_click_add(store, &click, &err);
	CHECK(!bx_click_find(store, &wanted, "c", true, &err), "another line is another call");
	bx_set_str(&c.state, "finished");
	wanted.line = "200";
	CHECK(bx_click_find(store, &wanted, "c", false, &err) && bx_known_call_save(store, &c, &err) &&
			!bx_click_find(store, &wanted, "c", false, &err),
		"and a finished call is over");
}

static void values(struct bx_store *store)
{
	struct bx_err err = {0};
	uint8_t a[32], b[32];
	auto_store struct bx_store *other = bx_portals_open(&err);
	CHECK(bx_value_key(store, BX_VALUE_FRAME_KEY, a, 32, &err) &&
			bx_value_key(other, BX_VALUE_FRAME_KEY, b, 32, &err) && !memcmp(a, b, 32),
		"a stored key is the same for everyone");
	struct bx_bucket bucket;
	CHECK(bx_bucket_take(store, "d", &bucket, &err) && bucket.level == 0 && !bucket.at_ms, "a new bucket is empty");
	bucket.level = 3.5;
	CHECK(bx_bucket_save(store, "d", &bucket, &err) && bx_bucket_take(other, "d", &bucket, &err) &&
			bucket.level == 3.5,
		"buckets are shared");
	bx_store_undo(other);
}

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	setenv("BX_STATE", dir, 1);
	directory();
	files();
	transactions();
	races();
	struct bx_err err = {0};
	auto_store struct bx_store *store = bx_portals_open(&err);
	if (CHECK(store != NULL, "portals.db opens")) {
		profiles(store);
		calls(store);
		clicks(store);
		values(store);
	}
	store = (bx_store_close(store), NULL);
	const char *clean = check_end() ? "rm -rf \"$0\"; exit 1" : "rm -rf \"$0\"";
	fflush(stdout);
	execlp("sh", "sh", "-c", clean, dir, (char *)NULL);
	return 1;
}
