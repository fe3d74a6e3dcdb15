#include "follows.h"

#include "wanted.h"
#include "banned.h"

#define SLICE	   500
#define QUEUE_HIGH (512 * 1024) /* a slow reader gets the rest from the journal, later */

/* READING: a job is under way; LIVE: everything up to since was told; BLOCKED: the client does
 * not read. A follow whose client left during a job is freed when the job is done. */
enum state { READING, LIVE, BLOCKED };

struct follow {
	struct follow *next;
	struct follows *follows;
	struct bx_peer *peer; /* NULL: left */
	int64_t id;
	int64_t since;	 /* everything up to it was told */
	int64_t started; /* last record dispatched when the job began */
	struct wanted wanted;
	enum state state;
	bool live; /* goes on after the history */
	cJSON *rows; /* of the job */
	int64_t scanned;
	int count;
	bool failed;
	struct bx_err err;
};

struct follows {
	struct serve *serve;
	struct follow *list;
};

static void follow_free(struct follow *follow)
{
	for (struct follow **at = &follow->follows->list; *at; at = &(*at)->next) {
		if (*at != follow)
			continue;
		*at = follow->next;
		break;
	}
	wanted_release(&follow->wanted);
	cJSON_Delete(follow->rows);
	free(follow);
}

static bool collect(void *arg, struct bx_event *event)
{
	struct follow *follow = arg;
	follow->count++;
	follow->scanned = event->seq;
	if (bx_event_matches(event, &follow->wanted.filter))
		cJSON_AddItemToArray(follow->rows, bx_event_json(event));
	return true;
}

static void read_on_thread(void *arg, const struct reader_files *files)
{
	struct follow *follow = arg;
	follow->rows = cJSON_CreateArray();
	follow->count = 0;
	follow->failed = !bx_journal_each(files->journal, follow->since, follow->wanted.call, SLICE,
		collect, follow, &follow->err);
}

static void read_done(void *arg);

static void read_more(struct follow *follow)
{
	follow->state = READING;
	follow->scanned = follow->since;
	follow->started = follow->follows->serve->last_seq;
	reader_do(follow->follows->serve->reader, read_on_thread, read_done, follow);
}

static void tell(struct follow *follow, cJSON *row)
{
	cJSON *answer = cJSON_CreateObject();
	bx_json_set(answer, "event", row);
	bx_peer_answer(follow->peer, follow->id, answer);
}

static void tell_rows(struct follow *follow)
{
	cJSON *row;
	while ((row = cJSON_DetachItemFromArray(follow->rows, 0)))
		tell(follow, row);
	cJSON_Delete(follow->rows);
	follow->rows = NULL;
	follow->since = follow->scanned;
}

/* The history ends where what was dispatched live ends, or goes on from the journal. */
static void go_on(struct follow *follow, bool more)
{
	if (bx_peer_queued(follow->peer) > QUEUE_HIGH) {
		follow->state = BLOCKED;
	} else if (more || (follow->live && follow->follows->serve->last_seq > follow->since)) {
		read_more(follow);
	} else if (follow->live) {
		follow->state = LIVE;
	} else {
		bx_peer_done(follow->peer, follow->id, NULL);
		follow_free(follow);
	}
}

static void read_done(void *arg)
{
	struct follow *follow = arg;
	if (follow->failed && follow->peer)
		bx_peer_error(follow->peer, follow->id, &follow->err);
	if (follow->failed || !follow->peer) {
		follow_free(follow);
		return;
	}
	bool more = follow->count == SLICE;
	/* With a filter on the call the scan skips others' records: all up to now are done. */
	if (!more && follow->wanted.call && follow->started > follow->scanned)
		follow->scanned = follow->started;
	tell_rows(follow);
	go_on(follow, more);
}

void follows_event(struct follows *follows, const struct bx_event *event)
{
	for (struct follow *follow = follows->list, *next; follow; follow = next) {
		next = follow->next;
		if (follow->state != LIVE || event->seq <= follow->since)
			continue;
		follow->since = event->seq;
		if (!bx_event_matches(event, &follow->wanted.filter))
			continue;
		tell(follow, bx_event_json(event));
		if (bx_peer_queued(follow->peer) > QUEUE_HIGH)
			follow->state = BLOCKED;
	}
}

void follows_request(struct follows *follows, struct bx_peer *peer, int64_t id, const cJSON *request)
{
	struct bx_err err = {0};
	struct follow *follow = bx_xcalloc(1, sizeof *follow);
	*follow = (struct follow){.follows = follows, .peer = peer, .id = id,
		.live = bx_json_bool(request, "follow", false)};
	follow->since = follow->live ? follows->serve->last_seq : 0;
	bool ok = wanted_init(&follow->wanted, request, &err);
	if (ok && bx_json_get(request, "since") && !bx_json_int(request, "since", &follow->since))
		ok = bx_fail(&err, BX_USAGE, "", "\"since\" is a number");
	follow->next = follows->list;
	follows->list = follow;
	if (ok) {
		read_more(follow);
		return;
	}
	bx_peer_error(peer, id, &err);
	follow_free(follow);
}

void follows_drained(struct follows *follows, struct bx_peer *peer)
{
	for (struct follow *follow = follows->list; follow; follow = follow->next)
		if (follow->peer == peer && follow->state == BLOCKED)
			read_more(follow);
}

void follows_gone(struct follows *follows, struct bx_peer *peer)
{
	for (struct follow *follow = follows->list, *next; follow; follow = next) {
		next = follow->next;
		if (follow->peer != peer)
			continue;
		follow->peer = NULL;
		if (follow->state != READING)
			follow_free(follow);
	}
}

struct follows *follows_new(struct serve *serve)
{
	struct follows *follows = bx_xcalloc(1, sizeof *follows);
	follows->serve = serve;
	return follows;
}

void follows_free(struct follows *follows)
{
	if (!follows)
		return;
	while (follows->list)
		follow_free(follows->list);
	free(follows);
}
