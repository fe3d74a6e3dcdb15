#include "sender.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include "clock.h"
#include "http.h"
#include "lanes.h"
#include "trace.h"
#include "banned.h"

#define WORKERS	   4
#define TIMEOUT_MS 30000
#define REPLY_MAX  (64 * 1024 * 1024)
#define GRACE_S	   1 /* for posts under way at the end */

struct post {
	struct sb_turn turn; /* of a post; a fetch has none */
	struct post *next;
	struct sb_sender *sender;
	char *url, *body; /* body NULL: fetch it */
	int status;
	char *error, *got;
	size_t got_len;
	sb_fetched_fn *fetched;
	void *arg;
	int64_t trace, took_ms;
};

/* Each worker has the addresses that hash to it, so that a slow one holds up no more than those. */
struct worker {
	struct sb_sender *sender;
	pthread_t thread;
	bool running;
	struct post *first, *last;
};

struct waiter {
	struct waiter *next;
	bool but_held;
	bx_loop_fn *fn;
	void *arg;
};

struct sb_sender {
	struct sandbox *sb;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	struct worker workers[WORKERS];
	size_t pending, flying; /* flying: not held back */
	struct sb_lanes *lanes;
	struct waiter *waiters;
};

static void free_post(struct post *p)
{
	free(p->url);
	free(p->body);
	free(p->error);
	free(p->got);
	free(p);
}

static void call_waiters(struct sb_sender *s)
{
	for (struct waiter **at = &s->waiters, *w; (w = *at);) {
		if (w->but_held ? s->flying : s->pending) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		w->fn(w->arg);
		free(w);
	}
}

static void sent(void *arg)
{
	struct post *p = arg;
	struct sb_sender *s = p->sender;
	s->pending--;
	s->flying--;
	if (p->trace)
		sb_trace_answer(s->sb, p->trace, p->status, NULL);
	if (p->turn.lane)
		sb_lanes_done(s->lanes, &p->turn, p->took_ms);
	if (p->fetched)
		p->fetched(p->arg, &(struct sb_fetched){p->status, p->error, p->got, p->got_len});
	free_post(p);
	call_waiters(s);
}

static void do_post(struct bx_http *http, struct post *p)
{
	struct bx_http_request request = {.url = p->url, .body = p->body,
		.body_len = p->body ? strlen(p->body) : 0,
		.type = p->body ? "application/x-www-form-urlencoded" : NULL,
		.timeout_ms = TIMEOUT_MS, .reply_max = REPLY_MAX, .once = true};
	auto_reply struct bx_http_reply reply;
	struct bx_err err = {0};
	int64_t begun = bx_mono_ms();
	bx_http_reply_init(&reply);
	if (bx_http_do(http, &request, &reply, &err))
		p->status = reply.status;
	else
		p->error = bx_xstrdup(err.text);
	p->took_ms = bx_mono_ms() - begun;
	p->got_len = reply.body.len;
	p->got = bx_str_take(&reply.body);
}

static struct post *next_post(struct worker *w)
{
	pthread_mutex_lock(&w->sender->lock);
	while (!w->first && !w->sender->stop)
		pthread_cond_wait(&w->sender->wake, &w->sender->lock);
	struct post *p = w->sender->stop ? NULL : w->first;
	if (p && !(w->first = p->next))
		w->last = NULL;
	pthread_mutex_unlock(&w->sender->lock);
	return p;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct bx_http *http = bx_http_new();
	for (struct post *p; (p = next_post(w));) {
		do_post(http, p);
		bx_loop_post(w->sender->sb->loop, sent, p);
	}
	bx_http_free(http);
	return NULL;
}

static struct worker *worker_for(struct sb_sender *s, const char *url)
{
	unsigned hash = 5381;
	for (; *url; url++)
		hash = hash * 33 + (unsigned char)*url;
	struct worker *w = &s->workers[hash % WORKERS];
	w->sender = s;
	if (!w->running)
		w->running = !pthread_create(&w->thread, NULL, work, w);
	return w;
}

static void queue(struct post *p)
{
	struct sb_sender *s = p->sender;
	struct worker *w = worker_for(s, p->url);
	s->flying++;
	pthread_mutex_lock(&s->lock);
	*(w->last ? &w->last->next : &w->first) = p;
	w->last = p;
	pthread_cond_broadcast(&s->wake);
	pthread_mutex_unlock(&s->lock);
}

static struct post *post_of(struct sb_turn *turn)
{
	return (struct post *)(void *)turn; /* its first member */
}

static void go(struct sb_turn *turn)
{
	queue(post_of(turn));
}

static void drop(struct sb_turn *turn)
{
	free_post(post_of(turn));
}

struct sb_sender *sb_sender_new(struct sandbox *sb)
{
	struct sb_sender *s = bx_xcalloc(1, sizeof *s);
	s->sb = sb;
	s->lanes = sb_lanes_new(sb, go, drop);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->wake, NULL);
	return s;
}

void sb_send(struct sandbox *sb, const char *url, const char *body)
{
	struct sb_sender *s = sb->sender;
	struct post *p = bx_xcalloc(1, sizeof *p);
	*p = (struct post){.sender = s, .url = bx_xstrdup(url), .body = bx_xstrdup(body)};
	p->trace = sb_trace_sent(sb, url, body);
	s->pending++;
	sb_lanes_add(s->lanes, url, &p->turn);
}

void sb_fetch(struct sandbox *sb, const char *url, sb_fetched_fn *fn, void *arg)
{
	struct post *p = bx_xcalloc(1, sizeof *p);
	*p = (struct post){.sender = sb->sender, .url = bx_xstrdup(url), .fetched = fn, .arg = arg};
	sb->sender->pending++;
	queue(p);
}

void sb_when_idle(struct sandbox *sb, bool but_held, bx_loop_fn *fn, void *arg)
{
	struct waiter *w = bx_xcalloc(1, sizeof *w);
	*w = (struct waiter){sb->sender->waiters, but_held, fn, arg};
	sb->sender->waiters = w;
	call_waiters(sb->sender);
}

void sb_sender_clock(struct sandbox *sb)
{
	sb_lanes_clock(sb->sender->lanes);
}

/* True when every thread has ended; one stuck in a post is left to the end of the process. */
static bool join_workers(struct sb_sender *s)
{
	struct timespec until;
	bool all = true;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += GRACE_S;
	for (struct worker *w = s->workers; w < s->workers + WORKERS; w++) {
		if (w->running && pthread_timedjoin_np(w->thread, NULL, &until))
			all = false;
	}
	return all;
}

void sb_sender_free(struct sb_sender *s)
{
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_cond_broadcast(&s->wake);
	pthread_mutex_unlock(&s->lock);
	if (!join_workers(s))
		return;
	for (struct worker *w = s->workers; w < s->workers + WORKERS; w++) {
		for (struct post *p; (p = w->first); free_post(p))
			w->first = p->next;
	}
	sb_lanes_free(s->lanes);
	for (struct waiter *w; (w = s->waiters); free(w))
		s->waiters = w->next;
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
