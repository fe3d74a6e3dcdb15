#include "pace.h"

#include "banned.h"

static int64_t gap_of(const struct pace *pace)
{
	return pace->gap_ms ? pace->gap_ms : PACE_LEAST_MS;
}

int64_t pace_wait(const struct pace *pace, int64_t now_ms)
{
	int64_t next_ms = pace->begun_ms + gap_of(pace);
	return pace->begun_ms && now_ms < next_ms ? next_ms - now_ms : 0;
}

/* A silence of twice the gap forgives what was before it. */
void pace_begin(struct pace *pace, int64_t now_ms)
{
	if (now_ms - pace->begun_ms > 2 * gap_of(pace))
		pace->gap_ms = 0;
	pace->begun_ms = now_ms;
}

void pace_end(struct pace *pace, bool useful)
{
	int64_t longer = pace->gap_ms * 2 < PACE_MOST_MS ? pace->gap_ms * 2 : PACE_MOST_MS;
	pace->gap_ms = useful || !pace->gap_ms ? PACE_LEAST_MS : longer;
}
