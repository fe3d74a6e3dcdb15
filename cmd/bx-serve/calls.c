#include "calls.h"

#include "bridge.h"
#include "clock.h"
#include "dispatch.h"
#include "banned.h"

#define LOOKS_MAX  5 /* the tool that registers may not have its answer yet */
#define LOOK_MS	   2000
#define OPEN_MAX   10000

struct unsettled {
	struct unsettled *next;
	struct calls *calls;
	char *portal, *call;
	unsigned looks, records;
	struct bx_timer *timer; /* NULL while a job looks */
	bool found, over;
};

struct calls {
	struct serve *serve;
	struct unsettled *list;
	unsigned count;
};

static void unsettled_free(struct unsettled *one)
{
	struct calls *calls = one->calls;
	for (struct unsettled **at = &calls->list; *at; at = &(*at)->next) {
		if (*at != one)
			continue;
		*at = one->next;
		break;
	}
	calls->count--;
	bx_loop_cancel(calls->serve->loop, one->timer);
	free(one->portal);
	free(one->call);
	free(one);
}

static void look_up(void *arg, const struct reader_files *files)
{
	struct unsettled *one = arg;
	auto_known_call struct bx_known_call known;
	bx_known_call_init(&known);
	one->found = bx_known_call_load(files->portals, one->portal, one->call, &known, NULL);
}

/* Readers of the journal learn what became of the records with own null. */
static void settle(struct unsettled *one, bool own)
{
	struct serve *serve = one->calls->serve;
	struct bx_event event = {.ms = bx_now_ms(), .portal = bx_xstrdup(one->portal),
		.source = bx_xstrdup("serve"), .event = bx_xstrdup(bx_told[BX_TOLD_CALL_SETTLED].name),
		.call = bx_xstrdup(one->call), .own = own,
		.data = bx_xprintf("{\"held\":%u}", one->records)};
	journal_write(serve->journal, &event, NULL, 0);
	dispatch_settled(serve, one->portal, one->call, own);
}

static void look(void *arg);

static void looked(void *arg)
{
	struct unsettled *one = arg;
	struct serve *serve = one->calls->serve;
	if (!one->over && !one->found && ++one->looks < LOOKS_MAX) {
		one->timer = bx_loop_timer(serve->loop, LOOK_MS, look, one);
		return;
	}
	if (!one->over)
		settle(one, one->found);
	unsettled_free(one);
}

static void look(void *arg)
{
	struct unsettled *one = arg;
	one->timer = NULL;
	reader_do(one->calls->serve->reader, look_up, looked, one);
}

static struct unsettled *find(struct calls *calls, const char *portal, const char *call)
{
	for (struct unsettled *one = calls->list; one; one = one->next)
		if (!one->over && bx_streq(one->call, call) && bx_streq(one->portal, portal))
			return one;
	return NULL;
}

void calls_own(struct calls *calls, const char *portal, const char *call, int64_t user)
{
	struct unsettled *one = find(calls, portal, call);
	bridge_own(calls->serve->bridge, portal, call, user);
	if (!one)
		return;
	settle(one, true);
	one->over = true;
	if (one->timer)
		unsettled_free(one);
}

void calls_unsettled(struct calls *calls, const char *portal, const char *call)
{
	struct unsettled *one = find(calls, portal, call);
	if (one)
		one->records++;
	if (one || calls->count == OPEN_MAX)
		return;
	one = bx_xcalloc(1, sizeof *one);
	*one = (struct unsettled){.next = calls->list, .calls = calls, .portal = bx_xstrdup(portal),
		.call = bx_xstrdup(call), .records = 1};
	calls->list = one;
	calls->count++;
	look(one);
}

struct calls *calls_new(struct serve *serve)
{
	struct calls *calls = bx_xcalloc(1, sizeof *calls);
	calls->serve = serve;
	return calls;
}

void calls_free(struct calls *calls)
{
	if (!calls)
		return;
	while (calls->list)
		unsettled_free(calls->list);
	free(calls);
}
