#include "loads.h"

#include <string.h>
#include "clock.h"
#include "log.h"
#include "banned.h"

#define LOAD_BUCKETS 10 /* and one for everything above */
#define DAY_MS	    (24 * 3600 * 1000LL)
#define LOAD_MOST   (10 * 60 * 1000)
#define BUDGET	    10 /* the next one costs the registration */
#define RECORDS_MAX 50 /* of a portal's day: whoever has a frame's token can report */

static const int bounds_ms[LOAD_BUCKETS] = {25, 50, 100, 250, 500, 1000, 2000, 3000, 4000, 5000};

/* The portal's day begins with its first slow load. A page of the registration before may be late to
 * tell of its load. */
struct budget {
	struct budget *next;
	char *portal;
	int64_t since_ms, until_ms; /* Unix time: the registration's, and the end of the day */
	unsigned today, before;
};

struct loads {
	struct serve *serve;
	struct budget *budgets;
	uint64_t slow, buckets[LOAD_BUCKETS + 1];
	uint64_t network_ms, server_ms, browser_ms;
};

static struct budget *budget_of(struct loads *loads, const char *portal)
{
	struct budget *b = loads->budgets;
	while (b && strcmp(b->portal, portal) != 0)
		b = b->next;
	if (b)
		return b;
	b = bx_xcalloc(1, sizeof *b);
	*b = (struct budget){.next = loads->budgets, .portal = bx_xstrdup(portal)};
	loads->budgets = b;
	return b;
}

/* Returns the counter that a load of so many milliseconds is in. */
static const unsigned *budget_take(struct budget *b, int64_t now_ms, int64_t load_ms)
{
	unsigned *counter = now_ms - load_ms < b->since_ms ? &b->before : &b->today;
	if (now_ms >= b->until_ms) {
		b->today = b->before = 0;
		b->until_ms = now_ms + DAY_MS;
	}
	++*counter;
	return counter;
}

static int64_t browser_ms(const struct load *load)
{
	return load->ms - load->network_ms - load->server_ms;
}

static bool load_ok(const struct load *load)
{
	return load->ms >= 0 && load->ms <= LOAD_MOST && load->network_ms >= 0 && load->server_ms >= 0 &&
		load->network_ms <= LOAD_MOST && load->server_ms <= LOAD_MOST && browser_ms(load) >= 0;
}

static void count(struct loads *loads, const struct load *load)
{
	size_t i = 0;
	while (i < LOAD_BUCKETS && load->ms > bounds_ms[i])
		i++;
	loads->buckets[i]++;
	loads->network_ms += (uint64_t)load->network_ms;
	loads->server_ms += (uint64_t)load->server_ms;
	loads->browser_ms += (uint64_t)browser_ms(load);
}

static void record(struct loads *loads, const struct budget *b, const struct load *load, unsigned today)
{
	auto_json cJSON *data = cJSON_CreateObject();
	bx_json_set_int(data, "ms", load->ms);
	bx_json_set_int(data, "network", load->network_ms);
	bx_json_set_int(data, "server", load->server_ms);
	bx_json_set_int(data, "browser", browser_ms(load));
	bx_json_set_int(data, "today", today);
	bx_json_set_int(data, "budget", BUDGET);
	serve_note(loads->serve, b->portal, BX_TOLD_FRAME_SLOW, data);
	bx_log(BX_LOG_WARN, "%s: the handler page took %lld ms to load (network %lld, server %lld, browser"
			    " %lld), slow for the %uth time today", b->portal, (long long)load->ms,
		(long long)load->network_ms, (long long)load->server_ms, (long long)browser_ms(load), today);
}

/* Older portals are said to act at the third slow load, today's after the tenth. */
static void warn(struct loads *loads, const struct budget *b)
{
	static const unsigned limits[] = {3, BUDGET};
	for (size_t i = 0; i < BX_COUNT(limits); i++) {
		if (b->today + 1 != limits[i])
			continue;
		auto_json cJSON *data = cJSON_CreateObject();
		bx_json_set_int(data, "today", b->today);
		bx_json_set_int(data, "before", limits[i]);
		serve_note(loads->serve, b->portal, BX_TOLD_FRAME_BUDGET, data);
		bx_log(BX_LOG_ERROR, "%s: one slow load is left before the %s of a day, which may cost the"
				     " registration", b->portal, limits[i] == BUDGET ? "tenth" : "third");
	}
}

void loads_note(struct loads *loads, const char *portal, const struct load *load)
{
	if (!load_ok(load))
		return;
	count(loads, load);
	if (load->ms < loads->serve->opts.slow_ms)
		return;
	struct budget *b = budget_of(loads, portal);
	loads->slow++;
	const unsigned *counter = budget_take(b, bx_now_ms(), load->ms);
	if (*counter > RECORDS_MAX)
		return;
	record(loads, b, load, *counter);
	if (counter == &b->today)
		warn(loads, b);
}

void loads_forget(struct loads *loads, const char *portal, int64_t now_ms)
{
	struct budget *b = budget_of(loads, portal);
	b->since_ms = now_ms;
	b->before = b->today;
	b->today = 0;
}

static void replay_slow(struct loads *loads, const struct bx_event *event)
{
	auto_json cJSON *data = event->data ? bx_json_parse(event->data, strlen(event->data), NULL) : NULL;
	int64_t ms = 0;
	bx_json_int(data, "ms", &ms);
	budget_take(budget_of(loads, event->portal), event->ms, ms);
}

void loads_replay(struct loads *loads, const struct bx_event *event)
{
	enum bx_told told = bx_told_by_name(event->event);
	if (event->portal && told == BX_TOLD_FRAME_SLOW)
		replay_slow(loads, event);
	else if (event->portal && told == BX_TOLD_WORKER_RESTORED)
		loads_forget(loads, event->portal, event->ms);
}

cJSON *loads_list(const struct loads *loads)
{
	cJSON *list = cJSON_CreateArray();
	for (const struct budget *b = loads->budgets; b; b = b->next) {
		char iso[BX_ISO_SIZE];
		if (!b->today || bx_now_ms() >= b->until_ms)
			continue;
		cJSON *o = cJSON_CreateObject();
		bx_time_iso_local(iso, b->until_ms);
		bx_json_set_str(o, "portal", b->portal);
		bx_json_set_int(o, "today", b->today);
		bx_json_set_int(o, "budget", BUDGET);
		bx_json_set_str(o, "until", iso);
		cJSON_AddItemToArray(list, o);
	}
	return list;
}

cJSON *loads_json(const struct loads *loads)
{
	cJSON *out = cJSON_CreateObject(), *buckets = cJSON_CreateArray();
	for (size_t i = 0; i <= LOAD_BUCKETS; i++) {
		cJSON *bucket = cJSON_CreateObject();
		bx_json_set(bucket, "le", i < LOAD_BUCKETS ? cJSON_CreateNumber(bounds_ms[i]) : cJSON_CreateNull());
		bx_json_set_int(bucket, "count", (int64_t)loads->buckets[i]);
		cJSON_AddItemToArray(buckets, bucket);
	}
	bx_json_set(out, "buckets", buckets);
	bx_json_set_int(out, "slow", (int64_t)loads->slow);
	bx_json_set_int(out, "slow_ms", loads->serve->opts.slow_ms);
	bx_json_set_int(out, "limit_ms", bounds_ms[LOAD_BUCKETS - 1]);
	bx_json_set_int(out, "network_ms", (int64_t)loads->network_ms);
	bx_json_set_int(out, "server_ms", (int64_t)loads->server_ms);
	bx_json_set_int(out, "browser_ms", (int64_t)loads->browser_ms);
	return out;
}

static void histogram(const struct loads *loads, struct bx_str *out)
{
	uint64_t sum = 0;
	bx_str_puts(out, "# HELP bx_serve_load_ms load times of the handler page, as reported by frames\n"
			 "# TYPE bx_serve_load_ms histogram\n");
	for (size_t i = 0; i < LOAD_BUCKETS; i++) {
		sum += loads->buckets[i];
		bx_str_printf(out, "bx_serve_load_ms_bucket{le=\"%d\"} %llu\n", bounds_ms[i],
			(unsigned long long)sum);
	}
	sum += loads->buckets[LOAD_BUCKETS];
	uint64_t all_ms = loads->network_ms + loads->server_ms + loads->browser_ms;
	bx_str_printf(out, "bx_serve_load_ms_bucket{le=\"+Inf\"} %llu\nbx_serve_load_ms_sum %llu\n"
			   "bx_serve_load_ms_count %llu\n",
		(unsigned long long)sum,
		(unsigned long long)all_ms,
		(unsigned long long)sum);
}

static void shares(const struct loads *loads, struct bx_str *out)
{
	const struct {
		const char *part;
		uint64_t ms;
	} parts[] = {{"network", loads->network_ms}, {"server", loads->server_ms}, {"browser", loads->browser_ms}};
	bx_str_puts(out, "# HELP bx_serve_load_share_ms_total where the time of loading went\n"
			 "# TYPE bx_serve_load_share_ms_total counter\n");
	for (size_t i = 0; i < BX_COUNT(parts); i++)
		bx_str_printf(out, "bx_serve_load_share_ms_total{part=\"%s\"} %llu\n", parts[i].part,
			(unsigned long long)parts[i].ms);
}

void loads_metrics(const struct loads *loads, struct bx_str *out)
{
	histogram(loads, out);
	shares(loads, out);
	bx_str_printf(out, "# HELP bx_serve_slow_loads_total pages near the portal's limit\n"
			   "# TYPE bx_serve_slow_loads_total counter\nbx_serve_slow_loads_total %llu\n"
			   "# HELP bx_serve_slow_today slow loads in the portal's day\n"
			   "# TYPE bx_serve_slow_today gauge\n", (unsigned long long)loads->slow);
	for (const struct budget *b = loads->budgets; b; b = b->next)
		if (bx_now_ms() < b->until_ms)
			bx_str_printf(out, "bx_serve_slow_today{portal=\"%s\"} %u\n", b->portal, b->today);
}

struct loads *loads_new(struct serve *serve)
{
	struct loads *loads = bx_xcalloc(1, sizeof *loads);
	loads->serve = serve;
	return loads;
}

void loads_free(struct loads *loads)
{
	for (struct budget *b = loads ? loads->budgets : NULL, *next; b; b = next) {
		next = b->next;
		free(b->portal);
		free(b);
	}
	free(loads);
}
