/* How seldom forged notices can make the daemon ask a portal. */
#include "check.h"
#include "bx-serve/pace.c"

#define SECOND 1000LL
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static void one(void)
{
	struct pace pace = {0};
	CHECK(!pace_wait(&pace, 5), "the first may be done at once");
	pace_begin(&pace, 1000);
	CHECK(pace_wait(&pace, 1000) == MINUTE, "the next has to wait a minute");
	pace_end(&pace, true);
	CHECK(pace_wait(&pace, 31 * SECOND) == 30 * SECOND, "and waits for what is left of it");
	CHECK(!pace_wait(&pace, 61 * SECOND), "then it may be done");
}

/* Asks as often as it may for that long; how often that was, and the shortest and longest gap. */
static int flood(struct pace *pace, int64_t from_ms, int64_t for_ms, bool useful, int64_t *shortest,
	int64_t *longest)
{
	int count = 0;
	int64_t last = 0;
	*shortest = INT64_MAX;
	*longest = 0;
	for (int64_t now = from_ms; now < from_ms + for_ms; now += SECOND) {
		if (pace_wait(pace, now))
			continue;
		if (last && now - last < *shortest)
			*shortest = now - last;
		if (last && now - last > *longest)
			*longest = now - last;
		last = now;
		count++;
		pace_begin(pace, now);
		pace_end(pace, useful);
	}
	return count;
}

static void floods(void)
{
	struct pace pace = {0};
	int64_t shortest, longest;
	int count = flood(&pace, SECOND, DAY, false, &shortest, &longest);
	CHECK(shortest == MINUTE && longest == HOUR, "vain ones begin a minute apart and end an hour apart");
	CHECK(count == 7 + 22, "a day of notices without a pause leads to 29 questions");
	CHECK(pace_wait(&pace, DAY + SECOND) > 0, "the last of them still holds back the next");
	CHECK(!pace_wait(&pace, 2 * DAY), "but not for ever");
	pace_begin(&pace, 2 * DAY);
	CHECK(pace_wait(&pace, 2 * DAY) == MINUTE, "a long silence forgives");
	pace_end(&pace, false);
	CHECK(pace_wait(&pace, 2 * DAY) == MINUTE, "and the delay grows from the start again");
	pace = (struct pace){0};
	CHECK(flood(&pace, SECOND, HOUR, true, &shortest, &longest) == 60 && longest == MINUTE,
		"useful ones stay a minute apart");
}

int main(void)
{
	one();
	floods();
	return check_end();
}
