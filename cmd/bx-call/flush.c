/* flush: delivers what waits in the outbox, many calls at once, each portal at its own pace. */
#include "crew.h"

#include "clock.h"
#include "lock.h"
#include "banned.h"

#define JOBS	      4
#define JOBS_MAX      32
#define LOOK_EVERY_MS 1000
#define PRUNE_MS      (3600 * 1000)
#define STRIKES	      2 /* calls that fail one after the other: the portal is down */
#define PAUSE_MAX_MS  30000

const struct bx_opt call_flush_opts[] = {
	{"follow", 'f', NULL, 0, NULL, "stay, and deliver what comes"},
	{"jobs", 'j', "N", 0, NULL, "how many calls to deliver at once (4)"},
	{0},
};

/* One portal. In a round the calls that are due come first, and once some of those got through, or
 * there was none, those that were put off: a call that fails again and again stands in nobody's
 * way, and a portal that is back leaves nothing waiting for its pause to end. */
struct lane {
	struct lane *next;
	char *portal;
	int64_t after;	/* the chain given out last */
	int at_work;
	bool good;	/* what was tried last got through */
	bool told;	/* that it is down */
	bool down;	/* in this round it is left alone */
	bool hurried;	/* the second half of the round */
	bool over;	/* the round is */
	bool begun;	/* it is not the first one */
	int strikes, rounds_down;
	int64_t due;	/* bx_mono_ms of the next round */
};

struct flush {
	struct bx_cli *cli;
	struct bx_store *store;
	struct crew *crew;
	struct lane *lanes;
	const char *only; /* the portal of -p, or NULL */
	int64_t delivered, parked, pruned_ms;
	bool follow;
};

static void progress(const struct flush *f, bool last)
{
	if (!isatty(STDERR_FILENO) || bx_cli_quiet(f->cli))
		return;
	long long left = (long long)bx_outbox_waiting(f->store, f->only, NULL);
	fprintf(stderr, "\r%lld delivered, %lld left, %lld parked\033[K%s", (long long)f->delivered, left,
		(long long)f->parked, last ? "\n" : "");
}

static struct lane *lane_of(struct flush *f, const char *portal)
{
	struct lane **at = &f->lanes;
	while (*at && strcmp((*at)->portal, portal) != 0)
		at = &(*at)->next;
	if (!*at) {
		*at = bx_xcalloc(1, sizeof **at);
		(*at)->portal = bx_xstrdup(portal);
	}
	return *at;
}

static bool find_lanes(struct flush *f, struct bx_err *err)
{
	auto_free char *name = bx_xstrdup("");
	for (;;) {
		char *next = bx_outbox_portal(f->store, name, err);
		if (!next)
			return !err->exit;
		free(name);
		name = next;
		if (!f->only || !strcmp(f->only, name))
			lane_of(f, name);
	}
}

static void begin_round(struct lane *lane)
{
	lane->after = 0;
	lane->strikes = 0;
	lane->down = lane->hurried = lane->over = false;
}

static void end_round(struct lane *lane)
{
	int64_t pause = LOOK_EVERY_MS << (lane->rounds_down < 5 ? lane->rounds_down : 5);
	lane->rounds_down = lane->strikes ? lane->rounds_down + 1 : 0;
	lane->due = bx_mono_ms() + (pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS);
	lane->over = lane->begun = true;
}

/* The next call of the lane; 0: it has none now, or err. */
static int64_t next_chain(struct flush *f, struct lane *lane, struct bx_err *err)
{
	int64_t chain = lane->down ? 0 : bx_outbox_next(f->store, lane->portal, lane->after, bx_now_ms(), err);
	if (chain || err->exit || lane->at_work)
		return chain;
	/* A service that is in touch with its portal asks what was put off when its time comes. */
	bool again = !lane->down && !lane->hurried && (!f->follow || lane->rounds_down || !lane->begun);
	if (!again) {
		end_round(lane);
		return 0;
	}
	lane->hurried = true;
	lane->after = 0;
	return bx_outbox_hurry(f->store, lane->portal, err)
		? bx_outbox_next(f->store, lane->portal, 0, bx_now_ms(), err) : 0;
}

/* A portal of which nothing is known yet is asked by one call, while the others go on. */
static bool give_out(struct flush *f, struct bx_err *err)
{
	for (struct lane *lane = f->lanes; lane; lane = lane->next) {
		while (!lane->over && crew_free_hand(f->crew) && (lane->good || !lane->at_work)) {
			int64_t chain = next_chain(f, lane, err);
			if (err->exit)
				return false;
			if (!chain)
				break;
			if (!crew_give(f->crew, lane->portal, chain, lane, err))
				return false;
			lane->after = chain;
			lane->at_work++;
		}
	}
	return true;
}

static bool tell(struct flush *f, const cJSON *items, struct bx_err *err)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, items)
	{
		bool parked = bx_streq(bx_json_str(item, "state"), BX_OUTBOX_PARKED);
		f->parked += parked;
		f->delivered += !parked;
		if (!parked && bx_cli_quiet(f->cli))
			continue;
		if (!bx_cli_out(f->cli, item, err))
			return false;
	}
	return true;
}

static void judge(struct flush *f, struct lane *lane, const struct crew_report *report)
{
	lane->at_work--;
	if (report->held)
		return;
	lane->good = report->end != BX_OUTBOX_TROUBLE;
	lane->strikes = lane->good ? 0 : lane->strikes + 1;
	lane->down |= lane->strikes >= STRIKES;
	if (!lane->good && !lane->told)
		bx_cli_note(f->cli, "flush: %s: %s", lane->portal, report->error ? report->error : "?");
	lane->told = !lane->good;
}

static bool take_report(struct flush *f, struct crew_report *report, struct bx_err *err)
{
	judge(f, report->job, report);
	progress(f, false);
	if (!tell(f, report->items, err))
		return false;
	return report->held || report->end != BX_OUTBOX_BROKEN ||
		bx_fail(err, BX_LOCAL, "", "%s", report->error ? report->error : "?");
}

static bool wait_for_report(struct flush *f, int timeout_ms, struct bx_err *err)
{
	BX_CLEANUP(crew_report_release) struct crew_report report = {0};
	int got = crew_wait(f->crew, timeout_ms, &report, err);
	return got == 1 ? take_report(f, &report, err) : got == 0;
}

/* What time mends is told by the status alone when nobody wants to hear of it. */
static bool later(const struct bx_cli *cli, struct bx_err *err, const char *text)
{
	return bx_fail(err, BX_AGAIN, "", "%s", bx_cli_quiet(cli) ? "" : text);
}

static bool flush_once(struct flush *f, struct bx_err *err)
{
	if (!find_lanes(f, err))
		return false;
	while (give_out(f, err) && crew_at_work(f->crew)) {
		if (!wait_for_report(f, -1, err))
			return false;
	}
	if (err->exit || !bx_outbox_prune(f->store, err))
		return false;
	int64_t left = bx_outbox_waiting(f->store, f->only, err);
	progress(f, true);
	auto_free char *text = bx_xprintf("%lld still wait in the outbox", (long long)left);
	if (left > 0)
		return later(f->cli, err, text);
	return !left && (!f->parked || bx_fail(err, BX_REFUSED, "", "%lld were refused for good; see"
								" bx-call outbox ls", (long long)f->parked));
}

static bool prune_at_times(struct flush *f, struct bx_err *err)
{
	int64_t now = bx_mono_ms();
	if (f->pruned_ms && now - f->pruned_ms < PRUNE_MS)
		return true;
	f->pruned_ms = now;
	return bx_outbox_prune(f->store, err);
}

static bool follow(struct flush *f, struct bx_err *err)
{
	while (prune_at_times(f, err) && find_lanes(f, err)) {
		for (struct lane *lane = f->lanes; lane; lane = lane->next) {
			if (lane->over && bx_mono_ms() >= lane->due)
				begin_round(lane);
		}
		if (!give_out(f, err) || !wait_for_report(f, LOOK_EVERY_MS, err))
			return false;
	}
	return false;
}

static void flush_release(struct flush *f)
{
	crew_free(f->crew);
	for (struct lane *lane = f->lanes, *next; lane; lane = next) {
		next = lane->next;
		free(lane->portal);
		free(lane);
	}
}

bool call_flush(struct bx_cli *cli, struct bx_err *err)
{
	auto_str struct bx_str path = BX_STR_INIT(BX_PATH_MAX);
	int64_t jobs = JOBS;
	bx_cli_columns(cli, "id verb portal state CALL_ID EXTERNAL_CALL_ID error");
	if (!bx_cli_want_args(cli, 0, 0, err) || !bx_opt_int(cli, "jobs", 1, JOBS_MAX, &jobs, err) ||
		!bx_store_path(&path, "outbox.lock", err))
		return false;
	/* Forked before there is a lock that it would hold on to, or a store. */
	BX_CLEANUP(flush_release) struct flush f = {.cli = cli, .only = bx_opt(cli, "portal"),
		.follow = bx_opt(cli, "follow"), .crew = crew_new(cli, (size_t)jobs, err)};
	auto_fd int lock = f.crew ? bx_lock(path.buf, 0, err) : -1;
	if (lock < 0)
		return err->exit == BX_AGAIN ? later(cli, err, "another flush is at work") : false;
	auto_store struct bx_store *store = f.store = bx_portals_open(err);
	if (!store)
		return false;
	return f.follow ? follow(&f, err) : flush_once(&f, err);
}
