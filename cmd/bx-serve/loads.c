/* How long the frame takes to load, before the portal minds: it removes a handler that was slow
 * too often in a day (portal.md 8.4). */
#include "clock.h"
#include "frames_impl.h"
#include "log.h"
#include "banned.h"

#define SLOW_MS	  4000 /* the portal's clock starts a little earlier than the frame's */
#define LOUD	  3
#define DAY_MS	  (24 * 3600 * 1000LL)

const int load_bounds_ms[LOAD_BUCKETS] = {25, 50, 100, 250, 500, 1000, 2000, 3000, 4000, 5000};

static void count(struct figures *figures, int64_t ms)
{
	size_t i = 0;
	while (i < LOAD_BUCKETS && ms > load_bounds_ms[i])
		i++;
	figures->loads[i]++;
}

void load_note(struct serve *serve, const struct token *token, int64_t ms)
{
	static int64_t day_started_ms;
	static unsigned today;
	if (ms < 0 || ms > 10 * 60 * 1000)
		return;
	count(&serve->figures, ms);
	if (ms < SLOW_MS)
		return;
	serve->figures.slow_loads++;
	if (!day_started_ms || bx_mono_ms() - day_started_ms > DAY_MS) {
		day_started_ms = bx_mono_ms();
		today = 0;
	}
	auto_json cJSON *data = cJSON_CreateObject();
	bx_json_set_int(data, "ms", ms);
	bx_json_set_int(data, "today", ++today);
	serve_note(serve, token->portal, today >= LOUD ? "load.alarm" : "load.slow", data);
	bx_log(today >= LOUD ? BX_LOG_ERROR : BX_LOG_WARN,
		"%s: the handler took %lld ms to load, slow for the %uth time today", token->portal,
		(long long)ms, today);
}
