/* How long the frames take to load, as they tell it, against what a portal puts up with: it removes
 * a handler that was slow too often in a day (portal.md 8.4). */
#ifndef BX_SERVE_LOADS_H
#define BX_SERVE_LOADS_H

#include "serve.h"

/* Milliseconds from the frame's first request to the end of its document; the browser's own share
 * is what network and server leave. */
struct load {
	int64_t ms, network_ms, server_ms;
};

struct loads *loads_new(struct serve *serve);
void loads_free(struct loads *loads); /* NULL allowed */
void loads_note(struct loads *loads, const char *portal, const struct load *load);
/* The portal counts a new registration, made at now_ms (Unix time), from zero. */
void loads_forget(struct loads *loads, const char *portal, int64_t now_ms);
/* A record of before the start, oldest first. */
void loads_replay(struct loads *loads, const struct bx_event *event);

cJSON *loads_list(const struct loads *loads); /* portals with slow loads in their day; the caller deletes */
/* {"buckets":[{"le","count"}…],"slow","slow_ms","limit_ms","network_ms","server_ms","browser_ms"}: counts of
 * each bucket alone, le null for what is above all; the sums of all loads. The caller deletes. */
cJSON *loads_json(const struct loads *loads);
void loads_metrics(const struct loads *loads, struct bx_str *out);

#endif
