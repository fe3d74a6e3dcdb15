/* Batches against a portal that says what a script says: what travels together, and that every
 * command is told of once, whatever becomes of the requests. */
#include "batch.h"
#include "check.h"
#include "clock.h"
#include "peer.h"

static char dir[64] = "/tmp/bx-batch-XXXXXX";

/* The outcomes so far: "ID=result ", "ID!error ", "ID- " for what did not run. */
struct scene {
	struct peer peer;
	struct bx_store *store;
	struct bx_rest rest;
	struct bx_batch *batch;
	struct bx_str told;
	struct bx_err err;
};

static bool tell(void *arg, const struct bx_outcome *o, struct bx_err *err)
{
	struct scene *s = arg;
	auto_json cJSON *id = bx_json_parse(o->id, strlen(o->id), NULL);
	auto_free char *name = bx_json_as_text(id);
	(void)err;
	if (o->error)
		bx_str_printf(&s->told, "%s!%s ", name, bx_json_str(o->error, "error"));
	else
		bx_str_printf(&s->told, o->result ? "%s=%s " : "%s- ", name, o->result);
	bx_str_puts(&s->told, o->more ? "" : "; ");
	return true;
}

static void scene_open(struct scene *s, bool halt, const struct peer_step *steps, int count)
{
	static int number;
	auto_free char *state = bx_xprintf("%s/%d", dir, number++);
	auto_profile struct bx_profile p;
	*s = (struct scene){.told = BX_STR_INIT(1 << 20)};
	peer_start(&s->peer, steps, count);
	setenv("BX_STATE", state, 1);
	s->store = bx_portals_open(&s->err);
	bx_profile_init(&p);
	auto_free char *url = bx_xprintf("%s/rest/1/code12345678/", s->peer.url);
	bx_set_str(&p.name, "p");
	bx_set_str(&p.domain, s->peer.domain);
	bx_set_str(&p.webhook_url, url);
	p.webhook = true;
	bx_rest_init(&s->rest, s->store, &p);
	s->batch = bx_batch_new(&s->rest, halt, tell, s);
}

static int scene_close(struct scene *s)
{
	int asked = s->peer.log->count;
	bx_batch_free(s->batch);
	bx_rest_release(&s->rest);
	bx_store_close(s->store);
	peer_stop(&s->peer);
	bx_str_release(&s->told);
	return asked;
}

/* Command n, which refers to the one before if that is not 0. */
static bool add(struct scene *s, const char *method, int n, int before)
{
	auto_free char *refers = before ? bx_xprintf("\"ID\":\"$result[c%d]\"", before) : bx_xstrdup("");
	auto_free char *text = bx_xprintf("{\"id\":\"c%d\",\"method\":\"%s\",\"params\":{%s}}", n, method, refers);
	auto_json cJSON *item = bx_json_parse(text, strlen(text), NULL);
	return bx_batch_add(s->batch, item, &s->err);
}

#define SAFE   "server.time"
#define NEVER  "telephony.externalCall.finish"
#define NOTHING "{\"result\":{\"result\":[],\"result_error\":[]},\"time\":{}}"
#define STEPS(...) (const struct peer_step[]){__VA_ARGS__}, \
	(int)(sizeof((const struct peer_step[]){__VA_ARGS__}) / sizeof(struct peer_step))

static int commands_in(const char *line)
{
	int count = 0;
	const char *end = strchrnul(line, '\n');
	for (const char *p = line; (p = strstr(p, SAFE "?")) && p < end; p++)
		count++;
	return count;
}

/* 10 refers to 1, 45 to 5: all from 1 to 45 is one piece, which the next one no longer fits. */
static void overlapping(void)
{
	struct scene s;
	scene_open(&s, false, STEPS({.status = 200, .body = NOTHING}, {.status = 200, .body = NOTHING}));
	bool added = true;
	for (int n = 1; n <= 50; n++)
		added = added && add(&s, SAFE, n, n == 10 ? 1 : n == 45 ? 5 : 0);
	CHECK(added, "pieces that overlap and fit are taken");
	CHECK(!add(&s, SAFE, 51, 40) && s.err.exit == BX_USAGE && strstr(s.err.text, "does not fit"),
		"one that would make them longer than a request is not");
	s.err = (struct bx_err){0};
	for (int n = 51; n <= 60; n++)
		add(&s, SAFE, n, n == 60 ? 46 : 0);
	CHECK(bx_batch_end(s.batch, &s.err), "the rest is sent");
	CHECK(commands_in(s.peer.log->text) == 45, "the piece in one request");
	CHECK(commands_in(strchr(s.peer.log->text, '\n') + 1) == 15, "and what follows in the next");
	CHECK(scene_close(&s) == 2, "in two requests");
}

static void unmentioned(void)
{
	struct scene s;
	scene_open(&s, false, STEPS({.status = 200,
		.body = "{\"result\":{\"result\":{\"c1\":7},\"result_error\":[]},\"time\":{}}"}));
	add(&s, SAFE, 1, 0);
	add(&s, SAFE, 2, 0);
	CHECK(bx_batch_end(s.batch, &s.err), "an answer without one of the commands");
	CHECK_STR(s.told.buf, "c1=7 c2! ; ", "is an error of that command, not a silence");
	CHECK(bx_batch_failed(s.batch) == 1 && bx_batch_skipped(s.batch) == 0, "and counts as such");
	scene_close(&s);
}

static void cut_off(void)
{
	struct scene s;
	scene_open(&s, false, STEPS({.what = PEER_CUT}));
	for (int n = 1; n <= 120; n++)
		add(&s, NEVER, n, 0);
	CHECK(!bx_batch_end(s.batch, &s.err) && s.err.exit == BX_UNKNOWN, "a request that is cut off: outcome unknown");
	CHECK(bx_batch_failed(s.batch) == 50, "its commands are told with that error");
	CHECK(bx_batch_skipped(s.batch) == 70 && strstr(s.told.buf, "c50! ; c51- ") && strstr(s.told.buf, "c120- ; "),
		"and all others as not run");
	CHECK(scene_close(&s) == 1, "nothing is sent after it");
}

/* What becomes of commands with these ids by an answer. */
static void answered_to(const char *const ids[3], const char *result, const char *told, const char *what)
{
	struct scene s;
	auto_free char *body = bx_xprintf("{\"result\":%s,\"time\":{}}", result);
	scene_open(&s, false, STEPS({.status = 200, .body = body}, {.status = 200, .body = body}, {.status = 200, .body = body}));
	for (size_t i = 0; i < 3; i++) {
		auto_free char *text = bx_xprintf("{\"id\":%s,\"method\":\"%s\"}", ids[i], SAFE);
		auto_json cJSON *item = bx_json_parse(text, strlen(text), NULL);
		bx_batch_add(s.batch, item, &s.err);
	}
	bx_batch_end(s.batch, &s.err);
	CHECK_STR(s.told.buf, told, what);
	scene_close(&s);
}

static void answered(const char *result, const char *told, const char *what)
{
	answered_to((const char *const[]){"\"a\"", "1", "\"\xd0\x96\""}, result, told, what);
}

/* Times whose texts look like structure, so that one who takes the one for the other is in step again later. */
static void garbled(void)
{
	answered_to((const char *const[]){"0", "1", "2"},
		"{\"result\":[1,2,3],\"result_time\":[{\"a\":[],\"b\":\"},\"}],\",{\":5,\"result_error\":[{\"error\":\"NO\"}]}",
		"0!NO 1=2 2=3 ; ", "a list of times with a brace and a comma in a text");
	answered_to((const char *const[]){"\"x\"", "\"},\"", "\"result\""},
		"{\"result_time\":{\"x\":{\"b\":\"},\"},\":{\":5},\"result\":{\"x\":{\"r\":1}}}",
		"x={\"r\":1} },! result! ; ", "a map of them");
	answered_to((const char *const[]){"\"x\"", "\"y\"", "\"z\""},
		"{\"result_time\":{\"x\":{\"n\":{},\"y\":{}},\"z\":{\"n\":[{}]}},\"result\":{\"x\":1,\"z\":2}}", "x=1 y! z=2 ; ",
		"maps and lists in them");
}

static void answers(void)
{
	answered("{\"result\":{\"a\": { \"x\" : 1.0},\"1\":[],\"\\u0416\":\"\\u0416\\/\"},\"result_error\":[]}",
		"a={\"x\":1} 1=[] \xd0\x96=\"\xd0\x96/\" ; ", "results are told as they are printed");
	answered("{\"result\":{\"\xd0\x96\":3,\"x\":4,\"a\":2},\"result_error\":{\"1\":{\"error\":\"NO\"}}}",
		"a=2 1!NO \xd0\x96=3 ; ", "in any order, and strangers are passed over");
	answered("{\"result\":{\"a\":1,\"1\":{\"x\":\"\\u0001\"},\"\\u0416\":null},\"result_total\":[0]}",
		"a=1 1={\"x\":\"\\u0001\"} \xd0\x96=null ; ", "the same where only a tree can tell");
	answered("{\"result\":{\"a\":1,\"a\":2,\"1\":1,\"\xd0\x96\":1}}", "a=1 1=1 \xd0\x96=1 ; ", "the first of two counts");
	answered("{\"result\":[7,8]}", "a! 1=8 \xd0\x96! ; ", "a list is a map of its numbers");
	answered("{\"result\":[7,\"\\u0001\"]}", "a! 1=\"\\u0001\" \xd0\x96! ; ", "also as a tree");
	answered("{\"result\":{\"a\":1},\"result_error\":{\"a\":{\"error\":\"NO\"}}}", "a!NO 1! \xd0\x96! ; ", "an error counts");
	answered("{\"result\":[],\"result_error\":{\"a\":\"NO\",\"1\":false,\"\xd0\x96\":{\"error\":\"NO\"}}}", "a! 1! \xd0\x96!NO ; ",
		"also one that is no map");
	answered("{\"result\":{\"a\":1},\"r\\u0065sult\":{\"1\":2}}", "a=1 1! \xd0\x96! ; ", "of two results the first");
	answered("{\"result_time\":{\"a\":{\"start\":1.5,\"date_start\":\"x\"},\"1\":{}},\"result\":{\"a\":1,\"1\":2}}",
		"a=1 1=2 \xd0\x96! ; ", "times are passed over");
	answered("{\"result_time\":{\"a\":{\"start\":\"}\"},\"1\":{\"start\":\"}, \"}},\"result\":{\"a\":1,\"1\":2}}",
		"a=1 1=2 \xd0\x96! ; ", "also those with a brace in a text");
	answered("{\"result_time\":{\"a\":{\"start\":\"}}}}}\"},\"1\":{\"a\":{\"b\":\"\\\"}\"}}},\"result\":{\"a\":1,\"1\":2}}",
		"a=1 1=2 \xd0\x96! ; ", "or a map, or an escape");
	answered("{\"result_time\":{\"a\":[],\"1\":null},\"result\":{\"a\":1,\"1\":2}}", "a=1 1=2 \xd0\x96! ; ", "or none");
	answered("{\"result\":{\"a\":1},\"result_time\":{\"a\":{\"start\":1", "a! 1! \xd0\x96! ; ", "one that ends within a time");
	answered("[]", "a! 1! \xd0\x96! ; ", "an answer that mentions none");
	answered("{\"result\":{\"a\":1,}}", "a! 1! \xd0\x96! ; ", "one that is not JSON");
}

#define USED(id, reset) "\"" id "\":{\"operating\":0.5, \"operating_reset_at\":" reset "}"

static void noted(struct scene *s, const char *method, const char *reset, const char *what)
{
	auto_free char *key = bx_xprintf("operating p %s", method), *value = bx_value_get(s->store, key, NULL);
	CHECK_STR(value, reset, what);
}

static void time_used(const char *result)
{
	struct scene s;
	auto_free char *body = bx_xprintf("{\"result\":{\"result\":{\"c1\":%s,\"c2\":1,\"c3\":1,\"c4\":1,\"c6\":1},"
		"\"result_error\":{\"c5\":{\"error\":\"NO\"}},\"result_time\":{" USED("c1", "4000000000") "," USED("c2", "4000000001") ","
		USED("c3", "\"4000000002\"") ",\"c4\":{\"operating\":0,\"operating_reset_at\":4000000003}," USED("c5", "4000000004")
		"}},\"time\":{}}", result);
	scene_open(&s, false, STEPS({.status = 200, .body = body}));
	add(&s, SAFE, 1, 0);
	add(&s, SAFE, 2, 0);
	add(&s, NEVER, 3, 0);
	add(&s, "profile", 4, 0);
	add(&s, SAFE, 5, 0);
	add(&s, "user.get", 6, 0);
	CHECK(bx_batch_end(s.batch, &s.err), "a batch whose commands used time");
	noted(&s, SAFE, "4000000001", "of each method the last success is noted");
	noted(&s, NEVER, "4000000002", "also of one between others");
	noted(&s, "profile", NULL, "but not where nothing was used");
	noted(&s, "user.get", NULL, "or nothing was told");
	CHECK(!s.rest.read, "other calls are as before");
	scene_close(&s);
}

static void time_changed(void)
{
	struct scene s;
	scene_open(&s, false, STEPS({.status = 200, .body = "{\"result\":{\"result\":{\"c1\":1},\"result_time\":{" USED("c1", "4000000000") "}}}"},
		{.status = 200, .body = "{\"result\":{\"result\":{\"c51\":1},\"result_time\":{" USED("c51", "4000000005") "}}}"}));
	for (int n = 1; n <= 51; n++)
		add(&s, SAFE, n, 0);
	CHECK(bx_batch_end(s.batch, &s.err), "two requests of one method");
	noted(&s, SAFE, "4000000005", "a moment that changed is noted again");
	scene_close(&s);
}

/* Lines that need no tree, and those that do: all are sent alike. */
static void plain(void)
{
	static const char *const lines[] = {"{\"id\":\"a\",\"method\":\"" SAFE "\",\"params\":{\"X\":[1,\"y z\"]}}",
		" { \"method\" : \"" SAFE "\" } ", "{\"method\":\"" SAFE "\",\"params\":{\"N\":null},\"id\":7}",
		"{\"id\":\"\\u0416\\/\",\"method\":\"\xd0\x96.x\"}", "{\"id\":1.50,\"method\":\"" SAFE "\"}", "{\"id\":null,\"method\":\"x\"}",
		"{\"id\":\"a b\",\"method\":\"" SAFE "\"}", "{\"id\":[\"a\"],\"method\":\"" SAFE "\"}", "{\"id\":\"\\t\",\"method\":\"x\"}",
		"{\"id\":\"a\\\"b\",\"method\":\"x\"}", "{\"id\":7,\"method\":\"x\"}"};
	static const char *const trees[] = {"{\"method\":\"" SAFE "\",\"params\":{\"A\":\"$result[a]\"}}",
		"{\"method\":\"" SAFE "\",\"params\":{\"A\":0.5}}", "{\"method\":\"a?b\"}", "{\"id\":1}", "nonsense", "[]", "",
		"{\"method\":\"" SAFE "\",\"method\":\"" SAFE "\"}", "{\"params\":{},\"method\":\"" SAFE "\"}",
		"{\"method\":\"" SAFE "\",\"params\":{},\"params\":{}}", "{\"method\":\"\"}", "{\"method\":\"a b\"}", "{\"method\":\"batch\"}", "{\"method\":\"" SAFE "\"} x",
		"{\"method\":\"telephony.externalCall.register\",\"params\":{}}"};
	struct scene s, t;
	bool taken;
	scene_open(&s, false, STEPS({.status = 200, .body = NOTHING}));
	scene_open(&t, false, STEPS({.status = 200, .body = NOTHING}));
	for (size_t i = 0; i < BX_COUNT(trees); i++)
		CHECK(bx_batch_add_plain(s.batch, trees[i], &taken, &s.err) && !taken, trees[i]);
	for (size_t i = 0; i < BX_COUNT(lines); i++) {
		auto_json cJSON *item = bx_json_parse(lines[i], strlen(lines[i]), NULL);
		bx_batch_add(t.batch, item, &t.err);
		CHECK(bx_batch_add_plain(s.batch, lines[i], &taken, &s.err) && taken, lines[i]);
	}
	bx_batch_end(s.batch, &s.err);
	bx_batch_end(t.batch, &t.err);
	CHECK_STR(strchr(s.peer.log->text, '{'), strchr(t.peer.log->text, '{'), "a plain line is sent as its tree is");
	CHECK_STR(s.told.buf, t.told.buf, "and told of alike");
	scene_close(&s);
	scene_close(&t);
}

static void stopped(void)
{
	struct scene s;
	scene_open(&s, false, NULL, 0);
	add(&s, SAFE, 1, 0);
	bx_batch_stop(s.batch);
	CHECK(bx_batch_end(s.batch, &s.err), "stopped before the first request");
	CHECK_STR(s.told.buf, "c1- ; ", "what waited did not run");
	CHECK(scene_close(&s) == 0, "and was not sent");
}

static void same_ids(void)
{
	struct scene s;
	scene_open(&s, false, STEPS({.status = 200,
		.body = "{\"result\":{\"result\":{\"a\":1,\"bx2.0\":2,\"bx3.0\":3},\"result_error\":[]},\"time\":{}}"}));
	static const char *const items[] = {"{\"id\":\"a\",\"method\":\"" SAFE "\"}",
		"{\"id\":\"a\",\"method\":\"" SAFE "\"}", "{\"id\":[1],\"method\":\"" SAFE "\"}"};
	for (size_t i = 0; i < BX_COUNT(items); i++) {
		auto_json cJSON *item = bx_json_parse(items[i], strlen(items[i]), NULL);
		bx_batch_add(s.batch, item, &s.err);
	}
	bx_batch_end(s.batch, &s.err);
	CHECK(bx_batch_failed(s.batch) == 0 && bx_batch_skipped(s.batch) == 0, "ids may repeat and be of any type");
	CHECK(strstr(s.told.buf, "a=1 a=2 ") != NULL, "each has its own outcome");
	scene_close(&s);
}

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	overlapping();
	unmentioned();
	cut_off();
	stopped();
	same_ids();
	answers();
	garbled();
	time_changed();
	time_used("1");
	time_used("\"\\u0001\"");
	plain();
	const char *clean = check_end() ? "rm -rf \"$0\"; exit 1" : "rm -rf \"$0\"";
	fflush(stdout);
	execlp("sh", "sh", "-c", clean, dir, (char *)NULL);
	return 1;
}
