#include "waits.h"

#include <string.h>
#include "wanted.h"
#include "banned.h"

#define CURSOR_MAX 64

/* LOOKING: a job searches the journal; WAITING: for what is dispatched from now on; OFFERED: it
 * was answered, and the client may say that it has taken the record. */
enum state { LOOKING, WAITING, OFFERED };

struct wait {
	struct wait *next;
	struct waits *waits;
	struct bx_peer *peer; /* NULL: left */
	int64_t id, since;
	char *cursor;
	bool by_cursor;
	struct wanted wanted;
	enum state state;
	cJSON *row;  /* the answer of the job */
	int64_t seq; /* of what was offered */
	bool again;  /* something was dispatched while the job looked */
	bool failed;
	struct bx_err err;
};

/* A cursor on its way to the disk, so that the next wait does not find the old one. */
struct moved {
	struct moved *next;
	struct waits *waits;
	char *call, *cursor;
	int64_t seq;
	struct bx_peer *peer; /* to be told; NULL: left */
	int64_t id;
};

struct waits {
	struct serve *serve;
	struct wait *list;
	struct moved *moved;
};

static void wait_free(struct wait *wait)
{
	for (struct wait **at = &wait->waits->list; *at; at = &(*at)->next) {
		if (*at != wait)
			continue;
		*at = wait->next;
		break;
	}
	wanted_release(&wait->wanted);
	free(wait->cursor);
	cJSON_Delete(wait->row);
	free(wait);
}

static const char *call_key(const struct wait *wait)
{
	return wait->wanted.call ? wait->wanted.call : "";
}

static void offer(struct wait *wait, cJSON *row, int64_t seq)
{
	cJSON *answer = cJSON_CreateObject();
	bx_json_set(answer, "event", row);
	wait->state = OFFERED;
	wait->seq = seq;
	bx_peer_done(wait->peer, wait->id, answer);
}

static bool first_match(void *arg, struct bx_event *event)
{
	struct wait *wait = arg;
	if (!bx_event_matches(event, &wait->wanted.filter))
		return true;
	wait->row = bx_event_json(event);
	wait->seq = event->seq;
	return false;
}

static void look_on_thread(void *arg, const struct reader_files *files)
{
	struct wait *wait = arg;
	int64_t stored = 0;
	if (wait->by_cursor && !bx_journal_cursor(files->journal, call_key(wait), wait->cursor, &stored,
				       &wait->err))
		wait->failed = true;
	if (stored > wait->since)
		wait->since = stored;
	if (!wait->failed)
		wait->failed = !bx_journal_each(files->journal, wait->since, wait->wanted.call,
			INT64_MAX, first_match, wait, &wait->err);
}

static void look(struct wait *wait);

static void looked(void *arg)
{
	struct wait *wait = arg;
	if (!wait->peer) {
		wait_free(wait);
	} else if (wait->failed) {
		bx_peer_error(wait->peer, wait->id, &wait->err);
		wait_free(wait);
	} else if (wait->row) {
		cJSON *row = wait->row;
		wait->row = NULL;
		offer(wait, row, wait->seq);
	} else if (wait->again) {
		look(wait);
	} else {
		wait->state = WAITING;
	}
}

static void look(struct wait *wait)
{
	wait->state = LOOKING;
	wait->again = false;
	reader_do(wait->waits->serve->reader, look_on_thread, looked, wait);
}

/* What is dispatched is on disk, so a job under way only has to look once more. */
void waits_event(struct waits *waits, const struct bx_event *event)
{
	for (struct wait *wait = waits->list, *next; wait; wait = next) {
		next = wait->next;
		if (wait->state == LOOKING)
			wait->again = true;
		else if (wait->state == WAITING && event->seq > wait->since &&
			 bx_event_matches(event, &wait->wanted.filter))
			offer(wait, bx_event_json(event), event->seq);
	}
}

static int64_t moved_to(const struct waits *waits, const char *call, const char *cursor)
{
	int64_t seq = 0;
	for (const struct moved *m = waits->moved; m; m = m->next)
		if (bx_streq(m->call, call) && bx_streq(m->cursor, cursor) && m->seq > seq)
			seq = m->seq;
	return seq;
}

/* Without a call the journal at large is meant, and its past is not searched. */
static bool starts(struct wait *wait, const cJSON *request, struct bx_err *err)
{
	const char *cursor = bx_json_str(request, "cursor");
	if (cursor && strlen(cursor) > CURSOR_MAX)
		return bx_fail(err, BX_USAGE, "", "the name of a cursor has at most %d bytes, not %zu",
			CURSOR_MAX, strlen(cursor));
	wait->cursor = bx_xstrdup(cursor ? cursor : "");
	if (bx_json_get(request, "since"))
		return bx_json_int(request, "since", &wait->since) ||
		       bx_fail(err, BX_USAGE, "", "\"since\" is a number");
	bool fresh = bx_json_bool(request, "new", false) || (!wait->wanted.call && !cursor);
	wait->by_cursor = !fresh;
	wait->since = fresh ? wait->waits->serve->last_seq
			    : moved_to(wait->waits, call_key(wait), wait->cursor);
	return true;
}

void waits_request(struct waits *waits, struct bx_peer *peer, int64_t id, const cJSON *request)
{
	struct bx_err err = {0};
	struct wait *wait = bx_xcalloc(1, sizeof *wait);
	*wait = (struct wait){.next = waits->list, .waits = waits, .peer = peer, .id = id};
	waits->list = wait;
	if (!wanted_init(&wait->wanted, request, &err) || !starts(wait, request, &err)) {
		bx_peer_error(peer, id, &err);
		wait_free(wait);
		return;
	}
	wait->wanted.filter.ours =
		!bx_json_bool(request, "foreign", false) && !waits->serve->opts.foreign;
	look(wait);
}

static void moved_on_disk(void *arg)
{
	struct moved *moved = arg;
	struct moved **at = &moved->waits->moved;
	while (*at != moved)
		at = &(*at)->next;
	*at = moved->next;
	if (moved->peer)
		bx_peer_done(moved->peer, moved->id, NULL);
	free(moved->call);
	free(moved->cursor);
	free(moved);
}

static struct wait *offered(struct waits *waits, struct bx_peer *peer, int64_t id)
{
	for (struct wait *wait = waits->list; wait; wait = wait->next)
		if (wait->state == OFFERED && wait->peer == peer && wait->id == id)
			return wait;
	return NULL;
}

void waits_taken(struct waits *waits, struct bx_peer *peer, int64_t id, const cJSON *request)
{
	struct bx_err err = {0};
	int64_t which = 0, seq = 0;
	bx_json_int(request, "wait", &which);
	struct wait *wait = offered(waits, peer, which);
	if (!wait || !bx_json_int(request, "seq", &seq) || seq != wait->seq) {
		bx_fail(&err, BX_USAGE, "", "no record of such a wait was offered here");
		bx_peer_error(peer, id, &err);
		return;
	}
	struct moved *moved = bx_xcalloc(1, sizeof *moved);
	*moved = (struct moved){.next = waits->moved, .waits = waits, .peer = peer, .id = id,
		.call = bx_xstrdup(call_key(wait)), .cursor = bx_xstrdup(wait->cursor), .seq = seq};
	waits->moved = moved;
	journal_move(waits->serve->journal, moved->call, moved->cursor, seq);
	journal_after(waits->serve->journal, moved_on_disk, moved);
	wait_free(wait);
}

void waits_gone(struct waits *waits, struct bx_peer *peer)
{
	for (struct wait *wait = waits->list, *next; wait; wait = next) {
		next = wait->next;
		if (wait->peer != peer)
			continue;
		wait->peer = NULL;
		if (wait->state != LOOKING)
			wait_free(wait);
	}
	for (struct moved *m = waits->moved; m; m = m->next)
		if (m->peer == peer)
			m->peer = NULL;
}

unsigned waits_count(const struct waits *waits)
{
	unsigned count = 0;
	for (const struct wait *wait = waits->list; wait; wait = wait->next)
		count += wait->state != OFFERED;
	return count;
}

struct waits *waits_new(struct serve *serve)
{
	struct waits *waits = bx_xcalloc(1, sizeof *waits);
	waits->serve = serve;
	return waits;
}

void waits_free(struct waits *waits)
{
	if (!waits)
		return;
	while (waits->list)
		wait_free(waits->list);
	while (waits->moved) {
		struct moved *moved = waits->moved;
		waits->moved = moved->next;
		free(moved->call);
		free(moved->cursor);
		free(moved);
	}
	free(waits);
}
