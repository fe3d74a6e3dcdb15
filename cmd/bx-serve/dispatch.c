#include "dispatch.h"

#include "follows.h"
#include "frames.h"
#include "hooks.h"
#include "log.h"
#include "spec.h"
#include "recent.h"
#include "waits.h"
#include "banned.h"

#define HELD_MAX 20000

/* An unsettled record: waits hear of it once somebody knows whose call it is. */
struct held {
	struct held *next;
	struct bx_event event;
};

struct settled {
	struct serve *serve;
	char *portal, *call;
	int own;
};

static struct bx_event copy_of(const struct bx_event *event)
{
	struct bx_event copy = *event;
	copy.portal = bx_xstrdup(event->portal);
	copy.source = bx_xstrdup(event->source);
	copy.event = bx_xstrdup(event->event);
	copy.call = bx_xstrdup(event->call);
	copy.frame = bx_xstrdup(event->frame);
	copy.data = bx_xstrdup(event->data);
	return copy;
}

static void keep(struct serve *serve, struct held *held)
{
	if (serve->held)
		serve->held_last->next = held;
	else
		serve->held = held;
	serve->held_last = held;
}

static void hold(struct serve *serve, const struct bx_event *event)
{
	if (serve->held_len == HELD_MAX) {
		if (!serve->figures.unheld++)
			bx_log(BX_LOG_WARN, "too many records of unknown calls; waits miss some, from %lld on",
				(long long)event->seq);
		return;
	}
	struct held *held = bx_xcalloc(1, sizeof *held);
	held->event = copy_of(event);
	keep(serve, held);
	serve->held_len++;
}

static void frame_shows(struct serve *serve, const struct bx_event *event)
{
	if (!event->frame)
		return;
	if (event->call && bx_op_by_verb(BX_CARD_EVENT, event->event))
		frames_shows(serve->frames, event->frame, event->call);
	else if (bx_told_by_name(event->event) == BX_TOLD_CARD_GONE)
		frames_shows(serve->frames, event->frame, NULL);
}

void dispatch_written(void *arg, const struct bx_event *event)
{
	struct serve *serve = arg;
	serve->last_seq = event->seq;
	frame_shows(serve, event);
	recent_note(serve->recent, event);
	follows_event(serve->follows, event);
	waits_event(serve->waits, event);
	if (event->own == BX_OWN_UNSETTLED && event->call)
		hold(serve, event);
}

void dispatch_seen(void *arg, const char *frame, uint64_t number)
{
	struct serve *serve = arg;
	frames_seen(serve->frames, frame, number);
}

static void let_go(struct serve *serve, struct held *held)
{
	serve->held_len--;
	bx_event_clear(&held->event);
	free(held);
}

static void settle_now(void *arg)
{
	struct settled *settled = arg;
	struct serve *serve = settled->serve;
	struct held *held = serve->held, *next;
	serve->held = NULL;
	for (; held; held = next) {
		next = held->next;
		held->next = NULL;
		struct bx_event *event = &held->event;
		if (!bx_streq(event->call, settled->call) || !bx_streq(event->portal, settled->portal)) {
			keep(serve, held);
			continue;
		}
		event->own = settled->own;
		waits_event(serve->waits, event);
		let_go(serve, held);
	}
	hooks_look_for_work(serve->hooks);
	free(settled->portal);
	free(settled->call);
	free(settled);
}

char **dispatch_hooks(void *arg, const struct bx_event *event)
{
	return hooks_for(((struct serve *)arg)->hooks, event);
}

void dispatch_hooked(void *arg)
{
	hooks_look_for_work(((struct serve *)arg)->hooks);
}

/* In the order of the journal: every record of before has been held when this one's turn comes. */
void dispatch_settled(struct serve *serve, const char *portal, const char *call, bool own)
{
	struct settled *settled = bx_xcalloc(1, sizeof *settled);
	*settled = (struct settled){.serve = serve, .portal = bx_xstrdup(portal),
		.call = bx_xstrdup(call), .own = own};
	journal_settle(serve->journal, portal, call, own, own || serve->opts.foreign);
	journal_after(serve->journal, settle_now, settled);
}

void dispatch_release(struct serve *serve)
{
	for (struct held *held = serve->held, *next; held; held = next) {
		next = held->next;
		let_go(serve, held);
	}
	serve->held = NULL;
}
