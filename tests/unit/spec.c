/* The rows against the samples of tests/wire. */
#include "spec.h"
#include "check.h"

#include <fcntl.h>
#include <glob.h>
#include <time.h>
#include "banned.h"

#define OPS_MAX 256

struct tally {
	const struct bx_op *op;
	int accepted, refused;
	bool none;
};

static struct tally tallies[OPS_MAX];

static struct tally *tally_of(const struct bx_op *op)
{
	for (size_t i = 0; i < OPS_MAX; i++) {
		if (!tallies[i].op)
			tallies[i].op = op;
		if (tallies[i].op == op)
			return &tallies[i];
	}
	abort();
}

static int kind_of(const char *name)
{
	static const char *const kinds[] = {[BX_METHOD] = "method",
		[BX_PORTAL_EVENT] = "portal_event",
		[BX_FRAME_CALL] = "frame_call",
		[BX_CARD_COMMAND] = "card_command",
		[BX_CARD_EVENT] = "card_event"};
	for (int i = 0; i < (int)BX_COUNT(kinds); i++) {
		if (bx_streq(kinds[i], name))
			return i;
	}
	return -1;
}

static bool judge(
	const struct bx_op *op, const cJSON *sample, struct tally *tally, struct bx_err *why)
{
	bool want = cJSON_IsTrue(bx_json_get(sample, "ok"));
	const char *key = bx_json_str(sample, "key");
	bool got = bx_op_check(op, bx_json_get(sample, "params"), why);
	tally->accepted += want;
	tally->refused += !want;
	if (got != want)
		return bx_fail(got ? why : NULL, BX_REFUSED, "", "should be refused");
	if (want)
		return key == NULL;
	size_t len = key ? strlen(key) : 0;
	return len && why->exit == BX_USAGE && !strncmp(why->text, key, len) &&
	       why->text[len] == ' ';
}

static void run_sample(const char *file, unsigned long number, const cJSON *sample)
{
	int kind = kind_of(bx_json_str(sample, "kind"));
	const char *wire = bx_json_str(sample, "op");
	const struct bx_op *op = kind < 0 ? NULL : bx_op_by_wire((enum bx_kind)kind, wire);
	auto_free char *where = bx_xprintf("%s:%lu %s", strrchr(file, '/') + 1, number, wire);
	if (!CHECK(op, where))
		return;
	struct tally *tally = tally_of(op);
	if (!bx_streq(bx_json_str(sample, "section"), op->section) || strcmp(wire, op->wire) != 0)
		CHECK(false, "the sample's section and spelling are the row's");
	if (bx_json_str(sample, "none")) {
		tally->none = true;
		return;
	}
	struct bx_err why = {0};
	if (!judge(op, sample, tally, &why)) {
		auto_free char *text = bx_json_print(sample);
		CHECK(false, text);
		printf("# the row says: %s\n", why.text[0] ? why.text : "accepted");
	}
}

static void run_file(const char *file)
{
	auto_fd int fd = open(file, O_RDONLY | O_CLOEXEC);
	struct bx_lines in;
	struct bx_err err = {0};
	cJSON *sample;
	int got;
	bx_lines_init(&in, fd, 1 << 20);
	while ((got = bx_lines_next(&in, &sample, &err)) > 0) {
		run_sample(file, in.number, sample);
		cJSON_Delete(sample);
	}
	if (got < 0)
		CHECK(false, err.text);
	bx_lines_release(&in);
}

static void test_samples(const char *folder)
{
	auto_free char *pattern = bx_xprintf("%s/*.jsonl", folder);
	glob_t files;
	if (!CHECK(!glob(pattern, 0, NULL, &files), "there are samples"))
		return;
	for (size_t i = 0; i < files.gl_pathc; i++)
		run_file(files.gl_pathv[i]);
	globfree(&files);
}

static void test_coverage(void)
{
	for (const struct bx_op *const *table = bx_op_tables; *table; table++) {
		for (const struct bx_op *op = *table; op->wire; op++) {
			const struct tally *t = tally_of(op);
			auto_free char *what = bx_xprintf("%s: %d accepted, %d refused%s", op->wire,
				t->accepted, t->refused, t->none ? ", none to refuse" : "");
			CHECK(t->accepted && (t->refused || (t->none && !op->fields->key)), what);
		}
	}
}

static void test_lookup(void)
{
	const struct bx_op *op = bx_op_by_verb(BX_METHOD, "register");
	CHECK(op && op == bx_op_by_wire(BX_METHOD, "TELEPHONY.externalcall.REGISTER"),
		"methods are found in any case");
	CHECK(bx_op_by_wire(BX_PORTAL_EVENT, "OnVoximplantCallEnd"),
		"the portal's events are found in any case");
	CHECK(!bx_op_by_wire(BX_CARD_COMMAND, "callcardsetmute"), "card commands only as written");
	CHECK(!bx_op_by_wire(BX_CARD_EVENT, "backgroundcallcard::initialized"),
		"card events only as written");
	CHECK(!bx_op_by_wire(BX_FRAME_CALL, "getinitdata"), "frame calls only as written");
	CHECK(!bx_op_by_verb(BX_METHOD, "Register"), "verbs only as written");
	CHECK(!bx_op_by_verb(BX_METHOD, "mute") && bx_op_by_verb(BX_CARD_COMMAND, "mute"),
		"kinds are apart");
	CHECK(!bx_op_by_verb(BX_METHOD, NULL) && !bx_op_by_wire(BX_METHOD, NULL),
		"no name, no row");
	CHECK(!bx_field_by_key(op->fields, "phone_number", false), "keys as written");
	CHECK(bx_field_by_key(op->fields, "phone_number", true), "or in any case");
	CHECK(!bx_field_by_key(op->fields, "PHONE", false), "and whole");
}

static void test_states(void)
{
	static const char *const names[] = {"incoming", "transferIncoming", "outgoing",
		"connectingIncoming", "connectingOutgoing", "connected", "transferring",
		"transferFailed", "transferConnected", "error", "moneyError", "redial"};
	for (int i = 0; i < (int)BX_COUNT(names); i++)
		CHECK(bx_state_index(names[i]) == i, names[i]);
	CHECK(!bx_states[BX_COUNT(names)].name, "twelve states");
	CHECK(bx_state_index("Connected") < 0 && bx_state_index("idle") < 0 &&
			bx_state_index(NULL) < 0,
		"no other names");
	CHECK(bx_states[5].timer == BX_TIMER_STARTS, "connected starts the timer");
	CHECK(bx_states[6].timer == BX_TIMER_KEEPS && bx_states[7].timer == BX_TIMER_KEEPS &&
			bx_states[8].timer == BX_TIMER_KEEPS,
		"the transfer states keep it");
	const struct bx_op *answer = bx_op_by_verb(BX_CARD_EVENT, "answerButtonClick");
	CHECK(answer->states == 3, "answer exists in both incoming states and in no other");
}

static void check_text_of(const char *verb, const char *key, const char *text, const char *want)
{
	const struct bx_op *op = bx_op_by_verb(BX_METHOD, verb);
	op = op ? op : bx_op_by_verb(BX_CARD_COMMAND, verb);
	struct bx_err err = {0};
	auto_json cJSON *value =
		bx_field_value(bx_field_by_key(op->fields, key, false), text, &err);
	auto_free char *json = value ? bx_json_print(value) : NULL;
	auto_free char *what = bx_xprintf("%s %s '%s'", verb, key, text);
	if (!CHECK_STR(value ? json : err.text, want, what))
		return;
	CHECK(value || err.exit == BX_USAGE, "a value or a usage error");
}

static void test_values(void)
{
	check_text_of("register", "TYPE", "in", "2");
	check_text_of("register", "TYPE", "5", "5");
	check_text_of("register", "TYPE", "inbound",
		"--type 'inbound' is not one of out, in, redirect, callback, info");
	check_text_of("register", "USER_ID", "12", "12");
	check_text_of("register", "USER_ID", "9007199254740993", "9007199254740993");
	check_text_of("register", "USER_ID", "Ann", "--user 'Ann' is not a whole number");
	check_text_of("register", "SHOW", "off", "0");
	check_text_of("register", "SHOW", "on", "1");
	check_text_of("register", "SHOW", "perhaps", "--show 'perhaps' is neither on nor off");
	check_text_of("register", "PHONE_NUMBER", "15550100199", "\"15550100199\"");
	check_text_of("register", "CALL_START_DATE", "2026-08-03T11:01:00+03:00",
		"\"2026-08-03T11:01:00+03:00\"");
	check_text_of(
		"register", "CALL_START_DATE", "@1785744060", "\"2026-08-03T08:01:00+00:00\"");
	check_text_of(
		"register", "CALL_START_DATE", "2026-08-03 08:01", "\"2026-08-03T08:01:00+00:00\"");
	check_text_of("register", "CALL_START_DATE", "noon",
		"--start 'noon' is not a time: use ISO 8601 (2026-08-03T11:01:00+03:00), @UNIX, or "
		"now");
	check_text_of("finish", "STATUS_CODE", "busy", "\"486\"");
	check_text_of("finish", "STATUS_CODE", "603-S", "\"603-S\"");
	check_text_of("finish", "STATUS_CODE", "777", "\"777\"");
	check_text_of("finish", "VOTE", "5", "5");
	check_text_of("finish", "VOTE", "6", "--vote '6' is not a whole number from 0 to 5");
	check_text_of(
		"finish", "DURATION", "-1", "--duration '-1' is not a whole number, 0 or more");
	check_text_of(
		"finish", "DURATION", "1.5", "--duration '1.5' is not a whole number, 0 or more");
	check_text_of("finish", "COST", "0.35", "0.35");
	check_text_of("finish", "COST", "nan", "--cost 'nan' is not a number");
	check_text_of("finish", "COST", "0x10", "--cost '0x10' is not a number");
	check_text_of("line add", "CRM_AUTO_CREATE", "off", "\"N\"");
	check_text_of("line add", "CRM_AUTO_CREATE", "on", "\"Y\"");
	check_text_of("mute", "muted", "on", "true");
	check_text_of("mute", "muted", "off", "false");
	check_text_of("mute", "muted", "", "on|off '' is neither on nor off");
	check_text_of("state", "uiState", "connected", "\"connected\"");
	check_text_of("state", "uiState", "Connected",
		"STATE 'Connected' is not one of incoming, transferIncoming, outgoing, "
		"connectingIncoming, connectingOutgoing, connected, transferring, transferFailed, "
		"transferConnected, error, moneyError, redial");
	check_text_of("title", "title", "", "\"\"");
	check_text_of("history", "FILTER", "{\"ID\":1}", "{\"ID\":1}");
	check_text_of("history", "FILTER", "[1]", "FILTER '[1]' is not a JSON object");
	check_text_of("transcript", "MESSAGES", "{}", "MESSAGES '{}' is not a JSON array");
	check_text_of("batch", "cmd", "[\"user.current\"]", "[\"user.current\"]");
	check_text_of("batch", "cmd", "1", "cmd '1' is neither a JSON object nor a JSON array");
	check_text_of("placement add", "PLACEMENT", "worker", "\"PAGE_BACKGROUND_WORKER\"");
	check_text_of("placement add", "PLACEMENT", "CALL_CARD", "\"CALL_CARD\"");
}

static void test_pages(void)
{
	auto_json cJSON *spec = bx_spec_json();
	auto_json cJSON *frame = bx_spec_json_frame();
	auto_free char *text = bx_json_print(frame);
	CHECK(strlen(text) < 1200, "the frame's vocabulary is small");
	CHECK(cJSON_GetArraySize(bx_json_get(spec, "states")) == 12, "twelve states for the page");
	CHECK(cJSON_GetArraySize(bx_json_get(spec, "commands")) == 9, "nine commands");
	CHECK(cJSON_GetArraySize(bx_json_get(frame, "commands")) == 9, "for the frame, too");
	CHECK(cJSON_GetArraySize(bx_json_get(spec, "events")) == 17, "seventeen events");
	CHECK(cJSON_GetArraySize(bx_json_get(frame, "events")) == 17, "for the frame, too");
	auto_free char *buttons = bx_json_print(
		bx_json_get(cJSON_GetArrayItem(bx_json_get(spec, "states"), 5), "buttons"));
	CHECK_STR(buttons,
		"[\"hangup\",\"mute\",\"hold\",\"transfer\",\"keypad\",\"quality\",\"comment\","
		"\"fold\"]",
		"the buttons of a conversation");
	auto_free char *campaign = bx_json_print(
		bx_json_get(cJSON_GetArrayItem(bx_json_get(spec, "states"), 9), "campaign"));
	CHECK_STR(campaign, "[\"redial\",\"next\",\"comment\",\"close\",\"fold\"]",
		"the buttons of a failure in a campaign");
}

int main(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : getenv("BX_WIRE");
	struct bx_err err = {0};
	setenv("TZ", "UTC", 1);
	tzset();
	if (!CHECK(bx_spec_selfcheck(&err), "the rows are well formed"))
		printf("# %s\n", err.text);
	test_samples(folder ? folder : "tests/wire");
	test_coverage();
	test_lookup();
	test_states();
	test_values();
	test_pages();
	return check_end();
}
