#include "crew.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include "deliver.h"
#include "banned.h"

#define LINE_MAX_BYTES (16 * 1024 * 1024)

struct hand {
	pid_t pid;
	int fd;
	bool busy;
	void *job;
	struct bx_lines in;
};

struct crew {
	struct hand *hands;
	struct pollfd *polls;
	size_t count;
};

/* One of them, within its own process. */
struct worker {
	struct bx_cli *cli;
	struct bx_portal portal; /* of the last call; store NULL: none */
};

static const char *const words[] = {[BX_OUTBOX_EMPTY] = "empty", [BX_OUTBOX_LATER] = "later",
	[BX_OUTBOX_TROUBLE] = "trouble", [BX_OUTBOX_BROKEN] = "broken"};

static void leave_portal(struct worker *w)
{
	if (w->portal.store)
		bx_portal_close(&w->portal);
}

static bool open_portal(struct worker *w, const char *name, struct bx_err *err)
{
	if (w->portal.store && !strcmp(w->portal.rest.profile.name, name))
		return true;
	leave_portal(w);
	if (!bx_portal_open_call(w->cli, &w->portal, "", name, err)) {
		leave_portal(w);
		return false;
	}
	w->portal.rest.bulk = true;
	return true;
}

/* The call's own store is the portal's, so a portal that is not known here comes first. */
static enum bx_outbox_end deliver(struct worker *w, int64_t id, cJSON *changed, struct bx_err *err)
{
	auto_outbox_chain struct bx_outbox_chain chain = {0};
	struct deliverer d = {.cli = w->cli, .portal = &w->portal, .changed = changed};
	if (!bx_outbox_chain_load(w->portal.store, id, &chain, err))
		return BX_OUTBOX_BROKEN;
	enum bx_outbox_end end = bx_outbox_deliver(&chain, 0, &deliver_ops, &d, err);
	/* The profile may have been changed meanwhile, by whoever mends it. */
	if (end == BX_OUTBOX_TROUBLE)
		leave_portal(w);
	return end;
}

static cJSON *handle(struct worker *w, const cJSON *order)
{
	struct bx_err why = {0};
	int64_t chain = 0;
	enum bx_outbox_end end = BX_OUTBOX_TROUBLE;
	cJSON *report = cJSON_CreateObject(), *changed = cJSON_CreateArray();
	bx_json_int(order, "chain", &chain);
	auto_fd int lock = bx_outbox_lock(chain, 0, &why);
	bx_json_set_bool(report, "held", lock < 0 && why.exit == BX_AGAIN);
	if (lock >= 0 && open_portal(w, bx_json_str(order, "portal"), &why))
		end = deliver(w, chain, changed, &why);
	bx_json_set_str(report, "end", words[end]);
	bx_json_set_str(report, "error", why.exit ? why.text : NULL);
	bx_json_set(report, "items", changed);
	return report;
}

/* Whoever is told to end finishes what it is at: a request that is cut off costs its call a
 * minute. Without its line to the parent it ends. */
static void work(struct bx_cli *cli, int fd)
{
	struct worker w = {.cli = cli};
	struct bx_lines in;
	cJSON *order;
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	bx_lines_init(&in, fd, LINE_MAX_BYTES);
	while (bx_lines_next(&in, &order, NULL) == 1) {
		auto_json cJSON *report = handle(&w, order);
		cJSON_Delete(order);
		if (!bx_json_emit(fd, report, NULL))
			break;
	}
	leave_portal(&w);
	bx_lines_release(&in);
}

static bool start_hand(struct crew *crew, struct bx_cli *cli, struct bx_err *err)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return bx_fail_errno(err, "socketpair");
	pid_t pid = fork();
	if (!pid) {
		for (size_t i = 0; i < crew->count; i++)
			close(crew->hands[i].fd);
		close(pair[0]);
		work(cli, pair[1]);
		_exit(0);
	}
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return bx_fail_errno(err, "fork");
	}
	struct hand *hand = &crew->hands[crew->count++];
	*hand = (struct hand){.pid = pid, .fd = pair[0]};
	bx_lines_init(&hand->in, hand->fd, LINE_MAX_BYTES);
	return true;
}

struct crew *crew_new(struct bx_cli *cli, size_t count, struct bx_err *err)
{
	struct crew *crew = bx_xcalloc(1, sizeof *crew);
	crew->hands = bx_xcalloc(count, sizeof *crew->hands);
	crew->polls = bx_xcalloc(count, sizeof *crew->polls);
	while (crew->count < count) {
		if (!start_hand(crew, cli, err)) {
			crew_free(crew);
			return NULL;
		}
	}
	return crew;
}

void crew_free(struct crew *crew)
{
	if (!crew)
		return;
	for (size_t i = 0; i < crew->count; i++) {
		close(crew->hands[i].fd);
		bx_lines_release(&crew->hands[i].in);
	}
	for (size_t i = 0; i < crew->count; i++)
		waitpid(crew->hands[i].pid, NULL, 0);
	free(crew->hands);
	free(crew->polls);
	free(crew);
}

static bool any(const struct crew *crew, bool busy)
{
	for (size_t i = 0; i < crew->count; i++) {
		if (crew->hands[i].busy == busy)
			return true;
	}
	return false;
}

bool crew_free_hand(const struct crew *crew)
{
	return any(crew, false);
}

bool crew_at_work(const struct crew *crew)
{
	return any(crew, true);
}

static bool gone(struct bx_err *err)
{
	return bx_fail(err, BX_LOCAL, "", "a process that delivered has ended before its time");
}

bool crew_give(struct crew *crew, const char *portal, int64_t chain, void *job, struct bx_err *err)
{
	struct hand *hand = crew->hands;
	while (hand->busy)
		hand++;
	auto_json cJSON *order = cJSON_CreateObject();
	bx_json_set_str(order, "portal", portal);
	bx_json_set_int(order, "chain", chain);
	hand->busy = true;
	hand->job = job;
	return bx_json_emit(hand->fd, order, NULL) || gone(err);
}

void crew_report_release(struct crew_report *report)
{
	free(report->error);
	cJSON_Delete(report->items);
	*report = (struct crew_report){0};
}

static bool read_report(struct hand *hand, struct crew_report *report, struct bx_err *err)
{
	cJSON *line = NULL;
	if (bx_lines_next(&hand->in, &line, NULL) != 1)
		return gone(err);
	const char *end = bx_json_str(line, "end");
	hand->busy = false;
	report->job = hand->job;
	report->held = bx_json_bool(line, "held", false);
	report->end = BX_OUTBOX_BROKEN;
	for (size_t i = 0; i < BX_COUNT(words); i++) {
		if (bx_streq(words[i], end))
			report->end = (enum bx_outbox_end)i;
	}
	report->error = bx_xstrdup(bx_json_str(line, "error"));
	report->items = cJSON_DetachItemFromObjectCaseSensitive(line, "items");
	cJSON_Delete(line);
	return true;
}

int crew_wait(struct crew *crew, int timeout_ms, struct crew_report *report, struct bx_err *err)
{
	*report = (struct crew_report){0};
	for (size_t i = 0; i < crew->count; i++)
		crew->polls[i] = (struct pollfd){.fd = crew->hands[i].fd, .events = POLLIN};
	int ready = poll(crew->polls, crew->count, timeout_ms);
	if (ready < 0 && errno != EINTR) {
		bx_fail_errno(err, "poll");
		return -1;
	}
	for (size_t i = 0; ready > 0 && i < crew->count; i++) {
		if (crew->polls[i].revents)
			return read_report(&crew->hands[i], report, err) ? 1 : -1;
	}
	return 0;
}
