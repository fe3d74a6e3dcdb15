/* A sandbox in memory, without a network: nothing it would post or fetch leaves the process. */
#ifndef BX_FUZZ_PORTAL_H
#define BX_FUZZ_PORTAL_H

#include "bx-sandbox/access.h"
#include "bx-sandbox/call.h"
#include "bx-sandbox/demo.h"
#include "bx-sandbox/portals.h"
#include "bx-sandbox/entrance.h"
#include "bx-sandbox/sender.h"
#include "bx-sandbox/state.h"
#include "fuzz.h"

/* In the place of sender.c. */
struct sb_sender *sb_sender_new(struct sandbox *sb)
{
	(void)sb;
	return NULL;
}

void sb_sender_free(struct sb_sender *sender)
{
	(void)sender;
}

void sb_send(struct sandbox *sb, const char *url, const char *body)
{
	(void)sb;
	must(url && body, "what is posted has an address and a body");
}

void sb_fetch(struct sandbox *sb, const char *url, sb_fetched_fn *fn, void *arg)
{
	(void)sb, (void)url, (void)fn, (void)arg;
}

void sb_when_idle(struct sandbox *sb, bool but_held, bx_loop_fn *fn, void *arg)
{
	(void)sb, (void)but_held;
	fn(arg);
}

void sb_sender_clock(struct sandbox *sb)
{
	(void)sb;
}

/* The demo company with its app installed. */
static inline void portal_fill(struct sandbox *sb)
{
	sb_state_init(sb);
	sb->opts = (struct sb_opts){.slow_limit = 10, .slow_ms = 5000, .zone_minutes = 180, .keep = 100,
		.duration_ms = 60000, .portals = 1};
	sb_demo(sb);
	sb->address = bx_xstrdup("127.0.0.1:8080");
	sb->domain = bx_xstrdup("127.0.0.1:8080");
	cJSON *app = sb->tables[SB_APPS].first->data;
	bx_json_set_bool(app, "ADDED", true);
	bx_json_set_bool(app, "INSTALLED", true);
	sb_portal_open(sb);
}

/* The loop stays. */
static inline void portal_empty(struct sandbox *sb)
{
	struct bx_loop *loop = sb->loop;
	sb_portal_close(sb);
	sb_state_release(sb);
	*sb = (struct sandbox){.loop = loop};
}

#endif
