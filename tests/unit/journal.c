/* The journal's file: order, settling, taken messages, cursors, pruning. */
#include "check.h"
#include "store_journal.h"

static char dir[64] = "/tmp/bx-journal-XXXXXX";

static struct bx_event event(const char *name, const char *call, int own)
{
	return (struct bx_event){.ms = 1785744060123, .portal = bx_xstrdup("demo"),
		.source = bx_xstrdup("card"), .event = bx_xstrdup(name), .call = bx_xstrdup(call),
		.frame = bx_xstrdup("f1"), .data = bx_xstrdup("true"), .user = 12, .own = own};
}

static int64_t append(struct bx_journal *journal, const char *name, const char *call, int own)
{
	struct bx_event e = event(name, call, own);
	bool ok = bx_journal_append(journal, &e, NULL);
	int64_t seq = e.seq;
	bx_event_clear(&e);
	return ok ? seq : -1;
}

static bool collect(void *arg, struct bx_event *e)
{
	bx_str_printf(arg, "%lld:%s:%d ", (long long)e->seq, e->event, e->own);
	return strcmp(e->event, "stop") != 0;
}

static const char *read_all(struct bx_journal *journal, int64_t since, const char *call, int64_t limit)
{
	static struct bx_str out = BX_STR_INIT(4096);
	bx_str_reset(&out);
	bx_journal_each(journal, since, call, limit, collect, &out, NULL);
	return out.buf;
}

static void records(struct bx_journal *journal, struct bx_journal *reader)
{
	int64_t last;
	CHECK(bx_journal_last(journal, &last, NULL) && !last, "an empty journal has no last record");
	bx_journal_begin(journal, NULL);
	append(journal, "initialized", "c1", BX_OWN_UNSETTLED);
	append(journal, "initialized", "c2", BX_OWN_OURS);
	CHECK_STR(read_all(reader, 0, NULL, 10), "", "nothing is seen before its commit");
	bx_journal_commit(journal, NULL);
	CHECK_STR(read_all(reader, 0, NULL, 10), "1:initialized:-1 2:initialized:1 ", "commits are seen whole");
	bx_journal_begin(journal, NULL);
	append(journal, "lost", "c1", 1);
	bx_journal_undo(journal);
	bx_journal_begin(journal, NULL);
	append(journal, "stop", "c1", BX_OWN_UNSETTLED);
	bx_journal_settle(journal, "demo", "c1", BX_OWN_FOREIGN, NULL);
	append(journal, "late", "c1", BX_OWN_OURS);
	bx_journal_commit(journal, NULL);
	CHECK_STR(read_all(reader, 0, "c1", 10), "1:initialized:0 3:stop:0 ", "settled; no gap; fn may stop it");
	CHECK_STR(read_all(reader, 3, NULL, 10), "4:late:1 ", "since is not among them");
	CHECK_STR(read_all(reader, 0, NULL, 1), "1:initialized:0 ", "limit holds");
}

static void remember(void *arg, const char *frame, uint64_t number)
{
	bx_str_printf(arg, "%s=%llu ", frame, (unsigned long long)number);
}

static void readers(struct bx_journal *journal, struct bx_journal *reader)
{
	int64_t seq, last;
	bx_journal_begin(journal, NULL);
	bx_journal_seen(journal, "f1", 7, 1000, NULL);
	bx_journal_seen(journal, "f1", 3, 1000, NULL);
	bx_journal_move(journal, "c1", "", 4, 1000, NULL);
	bx_journal_move(journal, "c1", "", 2, 1000, NULL);
	bx_journal_commit(journal, NULL);
	auto_str struct bx_str out = BX_STR_INIT(4096);
	bx_journal_frames(reader, 0, remember, &out, NULL);
	CHECK_STR(out.buf, "f1=7 ", "what a frame was told never goes back");
	bx_str_reset(&out);
	bx_journal_begin(journal, NULL);
	bx_journal_seen(journal, "f2", 1, 1001, NULL);
	bx_journal_seen(journal, "f3", 2, 1002, NULL);
	bx_journal_commit(journal, NULL);
	bx_journal_frames(reader, 1000, remember, &out, NULL);
	CHECK_STR(out.buf, "f3=2 f2=1 ", "the latest frames come first, and old ones not at all");
	CHECK(bx_journal_cursor(reader, "c1", "", &seq, NULL) && seq == 4, "nor does a cursor");
	CHECK(bx_journal_cursor(reader, "c1", "b", &seq, NULL) && seq == 0, "a new cursor stands before all");
	bx_journal_begin(journal, NULL);
	bx_journal_prune(journal, 1785744060124, NULL);
	bx_journal_commit(journal, NULL);
	CHECK_STR(read_all(reader, 0, NULL, 10), "", "old records go");
	CHECK(bx_journal_last(reader, &last, NULL) && last == 4, "their numbers are not used again");
}

static void texts(void)
{
	struct bx_event e = event("muteButtonClick", "c1", BX_OWN_OURS);
	auto_json cJSON *o = bx_event_json(&e);
	bx_json_set_str(o, "time", "T");
	auto_free char *text = bx_json_print(o);
	CHECK_STR(text,
		"{\"seq\":0,\"time\":\"T\",\"portal\":\"demo\",\"source\":\"card\",\"event\":\"muteButtonClick\","
		"\"CALL_ID\":\"c1\",\"user\":12,\"frame\":\"f1\",\"own\":true,\"data\":true}",
		"a record as a line");
	const char *const wanted[] = {"holdButtonClick", "muteButtonClick"};
	struct bx_event_filter filter = {.events = wanted, .events_len = 2, .ours = true};
	CHECK(bx_event_matches(&e, &filter), "one of several events");
	e.duplicate = true;
	CHECK(!bx_event_matches(&e, &filter), "a duplicate is nobody's");
	filter.ours = false;
	filter.user = 13;
	CHECK(!bx_event_matches(&e, &filter), "another user's");
	bx_event_clear(&e);
}

int main(void)
{
	setenv("BX_STATE", mkdtemp(dir), 1);
	struct bx_err err = {0};
	struct bx_journal *journal = bx_journal_open(&err), *reader = bx_journal_open(&err);
	if (!CHECK(journal && reader, "it opens twice"))
		return check_end();
	records(journal, reader);
	readers(journal, reader);
	bx_journal_close(journal);
	bx_journal_close(reader);
	texts();
	auto_free char *rm = bx_xprintf("%s", dir);
	const char *const files[] = {"journal.db", "journal.db-wal", "journal.db-shm", "journal.db-lock"};
	for (size_t i = 0; i < BX_COUNT(files); i++) {
		auto_free char *path = bx_xprintf("%s/%s", rm, files[i]);
		unlink(path);
	}
	rmdir(rm);
	return check_end();
}
