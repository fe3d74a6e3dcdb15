/* The outbox against a simulated portal, clock and disk: cut between any two steps, once and twice,
 * every call arrives once, in order, with its true times. */
#include "check.h"
#include "clock.h"
#include "outbox.h"
#include "spec.h"

#define BEGIN_MS   (1785744000000LL)
#define WINDOW_MS  (30 * 60000LL)
#define ITEMS_MAX  8
#define CALLS_MAX  32
#define RUNS_MAX   90
#define DELAY_MS   50000
#define USES	   2 /* of an access token */

/* What happens at the chosen step. */
enum cut {
	DIES_BEFORE,	/* the process ends before the step has any effect */
	DIES_AFTER,	/* … and after it */
	ANSWER_LOST,	/* of a request; the process lives */
	EXECUTED_LATER, /* the answer is lost, and the portal gets to it only after a while */
	NOT_REACHED,
	NOT_LET_IN, /* the refresh failed */
	CUTS,
};

struct live_call {
	char id[32], external[32], date[64];
	bool live;
	int64_t start_ms;
};

struct row {
	char id[32], date[64];
	int64_t duration;
	int records, transcripts;
};

struct world {
	struct bx_outbox_item disk[ITEMS_MAX];
	size_t count;
	struct live_call calls[CALLS_MAX];
	struct row rows[CALLS_MAX];
	int call_count, row_count, raised, finish_refused;
	int64_t now;
	bool dead;
	int uses;	/* of the access token, before it has expired */
	bool pair_lost; /* the refresh token was used up, and nobody has the new pair */
	int refreshes, logins;
	bool no_licence;
	int step; /* counts every step of every run */
	int at[2];
	enum cut kind[2];
	struct bx_outbox_item later; /* a request under way in the portal */
	cJSON *later_params;
	int64_t later_ms;
};

static int64_t world_now(void *arg)
{
	return ((struct world *)arg)->now;
}

static void copy_item(struct bx_outbox_item *to, const struct bx_outbox_item *from)
{
	struct bx_outbox_item copy = *from;
	char **texts[] = {&copy.portal, &copy.verb, &copy.external_id, &copy.call_id, &copy.params,
		&copy.path, &copy.state, &copy.error, &copy.result};
	for (size_t i = 0; i < BX_COUNT(texts); i++)
		*texts[i] = bx_xstrdup(*texts[i]);
	bx_outbox_item_release(to);
	*to = copy;
}

/* The cut at this step, or CUTS. */
static enum cut step_of(struct world *w)
{
	int step = ++w->step;
	for (int i = 0; i < 2; i++) {
		if (w->at[i] == step)
			return w->kind[i];
	}
	return CUTS;
}

static bool die(struct world *w, struct bx_err *err)
{
	w->dead = true;
	return bx_fail(err, BX_LOCAL, "", "the process is gone");
}

static bool world_save(void *arg, const struct bx_outbox_item *item, struct bx_err *err)
{
	struct world *w = arg;
	enum cut cut = w->dead ? CUTS : step_of(w);
	if (w->dead || cut == DIES_BEFORE)
		return die(w, err);
	for (size_t i = 0; i < w->count; i++) {
		if (w->disk[i].id == item->id)
			copy_item(&w->disk[i], item);
	}
	return cut != DIES_AFTER || die(w, err);
}

static struct live_call *call_by_id(struct world *w, const char *id)
{
	for (int i = 0; i < w->call_count; i++) {
		if (w->calls[i].live && bx_streq(w->calls[i].id, id))
			return &w->calls[i];
	}
	return NULL;
}

static struct row *row_by_id(struct world *w, const char *id)
{
	for (int i = 0; i < w->row_count; i++) {
		if (bx_streq(w->rows[i].id, id))
			return &w->rows[i];
	}
	return NULL;
}

static cJSON *portal_register(struct world *w, const cJSON *params)
{
	const char *external = bx_json_str(params, "EXTERNAL_CALL_ID");
	struct live_call *c = NULL;
	for (int i = 0; i < w->call_count && !c; i++) {
		if (w->calls[i].live && !strcmp(w->calls[i].external, external) &&
			w->calls[i].start_ms > w->now - WINDOW_MS)
			c = &w->calls[i];
	}
	if (!c) {
		c = &w->calls[w->call_count++];
		c->live = true;
		snprintf(c->id, sizeof c->id, "call.%d", w->call_count);
		snprintf(c->external, sizeof c->external, "%s", external);
		snprintf(c->date, sizeof c->date, "%s", bx_json_str(params, "CALL_START_DATE"));
		bx_time_parse(c->date, &c->start_ms, NULL);
	}
	const cJSON *show = bx_json_get(params, "SHOW");
	w->raised += !show || bx_json_truthy(show);
	cJSON *result = cJSON_CreateObject();
	bx_json_set_str(result, "CALL_ID", c->id);
	return result;
}

static cJSON *portal_finish(struct world *w, const cJSON *params, struct bx_err *err)
{
	struct live_call *c = call_by_id(w, bx_json_str(params, "CALL_ID"));
	if (!c) {
		w->finish_refused++;
		bx_fail(err, BX_REFUSED, "ERROR_CORE", "Call is not found (whatever)");
		return NULL;
	}
	struct row *r = &w->rows[w->row_count++];
	snprintf(r->id, sizeof r->id, "%s", c->id);
	snprintf(r->date, sizeof r->date, "%s", c->date);
	bx_json_int(params, "DURATION", &r->duration);
	c->live = false;
	return cJSON_CreateObject();
}

static cJSON *portal_attach(struct world *w, const char *verb, const cJSON *params, struct bx_err *err)
{
	struct row *r = row_by_id(w, bx_json_str(params, "CALL_ID"));
	if (!r) {
		bx_fail(err, BX_REFUSED, "ERROR_CORE",
			"Call is not found in the statistic table. It looks like it is not finished yet.");
		return NULL;
	}
	if (!strcmp(verb, "record"))
		r->records++;
	else
		r->transcripts++;
	cJSON *result = cJSON_CreateObject();
	if (!strcmp(verb, "record"))
		bx_json_set_int(result, "FILE_ID", 70 + r->records);
	else
		bx_json_set_int(result, "TRANSCRIPT_ID", 7 + r->transcripts);
	return result;
}

static cJSON *portal_does(struct world *w, const char *verb, const cJSON *params, struct bx_err *err)
{
	if (!strcmp(verb, "register"))
		return portal_register(w, params);
	if (!strcmp(verb, "finish"))
		return portal_finish(w, params, err);
	if (strcmp(verb, "show") && strcmp(verb, "hide"))
		return portal_attach(w, verb, params, err);
	bool live = call_by_id(w, bx_json_str(params, "CALL_ID"));
	w->raised += live && !strcmp(verb, "show");
	return cJSON_CreateBool(live);
}

static void run_late(struct world *w, bool whatever_time)
{
	if (!w->later_params || (!whatever_time && w->now < w->later_ms))
		return;
	cJSON_Delete(portal_does(w, w->later.verb, w->later_params, NULL));
	cJSON_Delete(w->later_params);
	w->later_params = NULL;
}

/* A lost answer, as one call of the client tells it: what may be repeated is merely "again". */
static void lose(const char *verb, struct bx_err *err)
{
	bool verify = bx_op_by_verb(BX_METHOD, verb)->flags & BX_VERIFY || !strcmp(verb, "record");
	bx_fail(err, verify ? BX_UNKNOWN : BX_AGAIN, "", "no whole answer");
}

/* A step of the refresh that touches nothing but the disk of this machine. */
static bool note_down(struct world *w, struct bx_err *err)
{
	enum cut cut = step_of(w);
	return cut != DIES_BEFORE && cut != DIES_AFTER ? true : die(w, err);
}

/* What auth.c does: "refreshing since" is noted, the server asked, which makes the old pair
 * worthless, the new one stored. A pair that was lost in between is told as such until somebody
 * logs in. */
static bool refresh(struct world *w, struct bx_err *err)
{
	if (w->pair_lost)
		return bx_fail(err, BX_NOAUTH, "invalid_grant", "the pair is used up");
	if (!note_down(w, err))
		return false;
	enum cut cut = step_of(w);
	if (cut == DIES_BEFORE)
		return die(w, err);
	if (cut == NOT_REACHED)
		return bx_fail(err, BX_AGAIN, "", "no way to the authorization server");
	if (cut == NOT_LET_IN)
		return bx_fail(err, BX_NOAUTH, "invalid_client", "not now");
	w->pair_lost = true;
	w->refreshes++;
	if (cut == DIES_AFTER)
		return die(w, err);
	if (cut != CUTS)
		return bx_fail(err, BX_AGAIN, "", "no whole answer of the authorization server");
	cut = step_of(w);
	if (cut == DIES_BEFORE)
		return die(w, err);
	w->pair_lost = false;
	w->uses = USES;
	return cut == DIES_AFTER ? die(w, err) : true;
}

static bool let_in(struct world *w, struct bx_err *err)
{
	if (w->dead)
		return die(w, err);
	if (!w->uses && !refresh(w, err))
		return false;
	w->uses--;
	return true;
}

/* A person who was told. */
static void log_in(struct world *w)
{
	w->logins += w->pair_lost;
	w->uses = w->pair_lost ? USES : w->uses;
	w->pair_lost = false;
}

static cJSON *world_send(void *arg, const struct bx_outbox_item *item, const cJSON *params,
	struct bx_err *err)
{
	struct world *w = arg;
	if (!let_in(w, err))
		return NULL;
	enum cut cut = step_of(w);
	if (cut == DIES_BEFORE) {
		die(w, err);
		return NULL;
	}
	run_late(w, false);
	if (w->no_licence) {
		bx_fail(err, BX_REFUSED, "WRONG_LICENSE", "This feature is not enabled for the current license:");
		err->http = 403;
		return NULL;
	}
	if (cut == NOT_REACHED || cut == NOT_LET_IN) {
		bx_fail(err, cut == NOT_REACHED ? BX_AGAIN : BX_NOAUTH, "", "no way");
		return NULL;
	}
	if (cut == EXECUTED_LATER) {
		/* Only one request is under way at a time in this world. */
		run_late(w, true);
		copy_item(&w->later, item);
		w->later_params = cJSON_Duplicate(params, true);
		w->later_ms = w->now + DELAY_MS;
		lose(item->verb, err);
		return NULL;
	}
	cJSON *result = portal_does(w, item->verb, params, err);
	if (cut == DIES_AFTER || cut == ANSWER_LOST) {
		cJSON_Delete(result);
		result = NULL;
		if (cut == ANSWER_LOST)
			lose(item->verb, err);
		else
			die(w, err);
	}
	return result;
}

static cJSON *world_statistics(void *arg, const char *call_id, struct bx_err *err)
{
	struct world *w = arg;
	*err = (struct bx_err){0};
	if (!let_in(w, err))
		return NULL;
	enum cut cut = step_of(w);
	if (cut == DIES_BEFORE || cut == DIES_AFTER) {
		die(w, err);
		return NULL;
	}
	if (cut != CUTS) {
		bx_fail(err, BX_AGAIN, "", "no statistics now");
		return NULL;
	}
	run_late(w, false);
	const struct row *r = row_by_id(w, call_id);
	cJSON *row = r ? cJSON_CreateObject() : NULL;
	if (r && r->transcripts)
		bx_json_set_int(row, "TRANSCRIPT_ID", 7 + r->transcripts);
	if (r && r->records)
		bx_json_set_int(row, "RECORD_FILE_ID", 70 + r->records);
	return row;
}

static const struct bx_outbox_ops ops = {world_now, world_save, world_send, world_statistics};

static void put(struct world *w, const char *verb, const char *params)
{
	struct bx_outbox_item *item = &w->disk[w->count++];
	bx_outbox_item_init(item);
	item->id = (int64_t)w->count;
	item->chain = 1;
	item->queued_ms = w->now;
	bx_set_str(&item->verb, verb);
	bx_set_str(&item->external_id, "pbx-1");
	bx_set_str(&item->params, params);
	bx_set_str(&item->state, BX_OUTBOX_QUEUED);
}

#define REGISTER(date)                                                                             \
	"{\"USER_ID\":1,\"PHONE_NUMBER\":\"5\",\"TYPE\":2,\"EXTERNAL_CALL_ID\":\"pbx-1\","             \
	"\"CALL_START_DATE\":\"" date "\"}"
#define NOW_DATE "2026-08-03T08:00:00+00:00" /* BEGIN_MS */
#define OLD_DATE "2026-08-03T05:00:00+00:00"

static void world_init(struct world *w, const char *registered)
{
	*w = (struct world){.now = BEGIN_MS};
	bx_outbox_item_init(&w->later);
	put(w, "register", registered);
	put(w, "show", "{\"USER_ID\":[2,3]}");
	put(w, "finish", "{\"USER_ID\":1,\"DURATION\":95}");
	put(w, "record", "{\"FILENAME\":\"a.wav\"}");
	bx_set_str(&w->disk[w->count - 1].path, "/a.wav");
	put(w, "transcript", "{\"MESSAGES\":[]}");
}

static void world_release(struct world *w)
{
	for (size_t i = 0; i < w->count; i++)
		bx_outbox_item_release(&w->disk[i]);
	bx_outbox_item_release(&w->later);
	cJSON_Delete(w->later_params);
}

/* One process: it reads the disk, and goes as far as it gets. */
static enum bx_outbox_end run(struct world *w, int64_t own)
{
	auto_outbox_chain struct bx_outbox_chain chain = {.count = w->count};
	chain.items = bx_xcalloc(w->count, sizeof *chain.items);
	for (size_t i = 0; i < w->count; i++) {
		bx_outbox_item_init(&chain.items[i]);
		copy_item(&chain.items[i], &w->disk[i]);
	}
	struct bx_err err = {0};
	w->dead = false;
	return bx_outbox_deliver(&chain, own, &ops, w, &err);
}

static enum bx_outbox_end run_to_end(struct world *w, int *runs)
{
	enum bx_outbox_end end = BX_OUTBOX_LATER;
	for (*runs = 0; *runs < RUNS_MAX && (end != BX_OUTBOX_EMPTY); ++*runs) {
		end = run(w, 0);
		w->now += 10000;
		if (*runs % 3 == 2)
			log_in(w);
	}
	return end;
}

/* What must hold however it was cut. */
static const char *wrong(struct world *w, const char *date)
{
	run_late(w, true);
	if (w->row_count != 1)
		return w->row_count ? "the call is booked twice" : "the call is lost";
	if (strcmp(w->rows[0].date, date) != 0)
		return "the start is another one";
	if (w->rows[0].duration != 95)
		return "the duration is another one";
	if (w->rows[0].records != 1)
		return w->rows[0].records ? "the record is attached twice" : "the record is lost";
	if (w->rows[0].transcripts != 1)
		return "the transcript is not there once";
	if (w->raised)
		return "a dead card popped up";
	for (size_t i = 0; i < w->count; i++) {
		bool dropped = !strcmp(w->disk[i].state, BX_OUTBOX_DROPPED);
		if (strcmp(w->disk[i].state, BX_OUTBOX_DONE) != 0 && !(dropped && !strcmp(w->disk[i].verb, "show")))
			return "something is left";
	}
	return NULL;
}

static bool survives(int first, enum cut first_kind, int second, enum cut second_kind,
	const char *registered, const char *date, int *steps)
{
	struct world w;
	int runs;
	world_init(&w, registered);
	w.at[0] = first;
	w.kind[0] = first_kind;
	w.at[1] = second;
	w.kind[1] = second_kind;
	enum bx_outbox_end end = run_to_end(&w, &runs);
	const char *what = end == BX_OUTBOX_EMPTY ? wrong(&w, date) : "it never ends";
	if (what)
		printf("# cut %d at %d, %d at %d: %s\n", first_kind, first, second_kind, second, what);
	*steps = w.step;
	world_release(&w);
	return !what;
}

static void every_cut(const char *registered, const char *date, const char *what)
{
	int steps, worlds = 0, bad = 0, length;
	survives(0, CUTS, 0, CUTS, registered, date, &length);
	for (int a = 1; a <= length; a++) {
		for (int ka = 0; ka < CUTS; ka++) {
			worlds++;
			bad += !survives(a, ka, 0, CUTS, registered, date, &steps);
			for (int b = a + 1; b <= steps + 2; b++) {
				for (int kb = 0; kb < CUTS; kb++, worlds++) {
					int unused;
					bad += !survives(a, ka, b, kb, registered, date, &unused);
				}
			}
		}
	}
	printf("# %s: %d steps, %d worlds\n", what, length, worlds);
	CHECK(length > 8 && worlds > 1000, "cuts were made");
	CHECK(bad == 0, what);
}

static void plain(void)
{
	struct world w;
	world_init(&w, REGISTER(NOW_DATE));
	CHECK(run(&w, 0) == BX_OUTBOX_EMPTY, "a chain is delivered at once when nothing is in the way");
	CHECK(!wrong(&w, NOW_DATE), "all of it arrived");
	CHECK(w.call_count == 1, "the call was registered once");
	CHECK(w.refreshes > 1 && !w.logins, "with a token that expired in between");
	CHECK_STR(w.disk[3].call_id, "call.1", "later items know the CALL_ID");
	int steps = w.step;
	CHECK(run(&w, 0) == BX_OUTBOX_EMPTY && w.step == steps, "a delivered chain is left alone");
	world_release(&w);
}

static void shows(void)
{
	struct world w;
	world_init(&w, REGISTER(NOW_DATE));
	w.count = 2;
	CHECK(run(&w, 0) == BX_OUTBOX_EMPTY && w.raised == 2, "a live call younger than a minute is shown");
	w.count = 5;
	world_release(&w);
	world_init(&w, REGISTER(NOW_DATE));
	w.count = 2;
	w.now += BX_OUTBOX_LIVE_MS;
	CHECK(run(&w, 0) == BX_OUTBOX_EMPTY && !w.raised, "an older one is not");
	CHECK_STR(w.disk[1].state, BX_OUTBOX_DROPPED, "its show is dropped");
	w.count = 5;
	world_release(&w);
	world_init(&w, REGISTER(OLD_DATE));
	w.count = 1;
	CHECK(run(&w, 1) == BX_OUTBOX_EMPTY && w.raised == 1, "whoever waits for it is shown it all the same");
	w.count = 5;
	world_release(&w);
}

static void parked(void)
{
	struct world w;
	world_init(&w, REGISTER(NOW_DATE));
	run(&w, 0);
	bx_set_str(&w.disk[2].state, BX_OUTBOX_QUEUED);
	bx_set_str(&w.disk[3].state, BX_OUTBOX_QUEUED);
	CHECK(run(&w, 0) == BX_OUTBOX_LATER, "a finish refused for good stops its call");
	CHECK_STR(w.disk[2].state, BX_OUTBOX_PARKED, "it is parked");
	CHECK_STR(w.disk[2].error, "ERROR_CORE: Call is not found (whatever)", "with the portal's words");
	CHECK_STR(w.disk[3].state, BX_OUTBOX_QUEUED, "what comes after it waits");
	CHECK(w.row_count == 1, "nothing was booked twice");
	world_release(&w);
	world_init(&w, REGISTER(NOW_DATE));
	run(&w, 0);
	w.rows[0].id[0] = 'x';
	bx_set_str(&w.disk[3].state, BX_OUTBOX_QUEUED);
	bx_set_str(&w.disk[4].state, BX_OUTBOX_QUEUED);
	CHECK(run(&w, 0) == BX_OUTBOX_EMPTY, "a refused record stops nothing");
	CHECK_STR(w.disk[3].state, BX_OUTBOX_PARKED, "it is parked too");
	world_release(&w);
}

static void licence(void)
{
	struct world w;
	int runs;
	world_init(&w, REGISTER(NOW_DATE));
	w.no_licence = true;
	CHECK(run(&w, 0) == BX_OUTBOX_TROUBLE, "what refuses every call alike condemns none");
	CHECK_STR(w.disk[0].state, BX_OUTBOX_QUEUED, "it stays queued");
	w.no_licence = false;
	CHECK(run_to_end(&w, &runs) == BX_OUTBOX_EMPTY && !wrong(&w, NOW_DATE), "and arrives once that is put right");
	world_release(&w);
}

/* Queued in another order than they must go in; and a record that was sent too early. */
static void order(void)
{
	struct world w;
	world_init(&w, REGISTER(NOW_DATE));
	bx_set_str(&w.disk[2].verb, "record");
	bx_set_str(&w.disk[2].path, "/a.wav");
	bx_set_str(&w.disk[3].verb, "finish");
	bx_set_str(&w.disk[3].path, "");
	bx_set_str(&w.disk[3].params, "{\"USER_ID\":1,\"DURATION\":95}");
	w.count = 3;
	CHECK(run(&w, 3) == BX_OUTBOX_LATER, "a record before its finish is not refused");
	CHECK_STR(w.disk[2].state, BX_OUTBOX_QUEUED, "it waits");
	w.count = 5;
	CHECK(run(&w, 4) == BX_OUTBOX_EMPTY && w.row_count == 1, "the finish goes before it");
	CHECK_STR(w.disk[2].state, BX_OUTBOX_DONE, "and then the record, without a pause for whoever asks");
	CHECK(w.rows[0].records == 1, "once");
	CHECK(run(&w, 0) == BX_OUTBOX_EMPTY, "nothing is left");
	world_release(&w);
}

/* Another record and another transcript, whose answers are lost: what the statistics show is that of
 * the first ones. */
static void second_ones(void)
{
	struct world w;
	int runs;
	world_init(&w, REGISTER(NOW_DATE));
	CHECK(run(&w, 0) == BX_OUTBOX_EMPTY, "a call with its record and transcript");
	put(&w, "record", "{\"FILENAME\":\"b.wav\"}");
	bx_set_str(&w.disk[5].path, "/b.wav");
	put(&w, "transcript", "{\"MESSAGES\":[1]}");
	w.disk[5].sent_ms = w.disk[6].sent_ms = w.now;
	CHECK(run_to_end(&w, &runs) == BX_OUTBOX_EMPTY, "and second ones that never got through");
	CHECK(w.rows[0].records == 2 && w.rows[0].transcripts == 2, "are not taken for the first ones");
	world_release(&w);
}

/* A show that is put off keeps no finish waiting. */
static void show_put_off(void)
{
	struct world w;
	world_init(&w, REGISTER(NOW_DATE));
	w.count = 2;
	w.at[0] = 6; /* the request of the show */
	w.kind[0] = NOT_REACHED;
	CHECK(run(&w, 0) == BX_OUTBOX_TROUBLE && w.disk[1].due_ms > w.now, "a show is put off");
	w.count = 5;
	CHECK(run(&w, 3) == BX_OUTBOX_EMPTY && w.row_count == 1, "the finish goes past it");
	CHECK_STR(w.disk[1].state, BX_OUTBOX_DROPPED, "and it is dropped");
	world_release(&w);
}

/* A clock that is set puts nothing off for long, and repeats nothing early. */
static void clocks(void)
{
	struct world w;
	int runs;
	world_init(&w, REGISTER(NOW_DATE));
	w.at[0] = 8; /* the request of the finish */
	w.kind[0] = EXECUTED_LATER;
	enum bx_outbox_end end = run(&w, 0);
	CHECK(end == BX_OUTBOX_TROUBLE && !strcmp(w.later.verb, "finish"), "a finish is under way");
	w.now -= 24 * 3600 * 1000LL;
	w.later_ms = w.now + DELAY_MS;
	CHECK(run_to_end(&w, &runs) == BX_OUTBOX_EMPTY && runs < 20, "a clock set back stops nothing");
	CHECK(w.row_count == 1 && !w.finish_refused, "and repeats nothing too early");
	world_release(&w);
}

int main(void)
{
	plain();
	shows();
	parked();
	licence();
	order();
	second_ones();
	show_put_off();
	clocks();
	every_cut(REGISTER(NOW_DATE), NOW_DATE, "a fresh call survives every cut, and every two");
	every_cut(REGISTER(OLD_DATE), OLD_DATE, "an old call survives every cut, and every two");
	return check_end();
}
