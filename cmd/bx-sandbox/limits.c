#include "limits.h"

#include <string.h>
#include "banned.h"

#define BUCKETS	    10
#define WINDOW_MS   600000
#define COUNTED_MS  100 /* calls this short or shorter are not counted */
#define SOURCES_MAX 10000

struct source {
	struct source *next;
	char *address;
	double level;
	int64_t at_ms;
};

struct used {
	struct used *next;
	char *account, *method;
	struct {
		int64_t minute, first_ms, sum_ms;
	} buckets[BUCKETS];
};

struct sb_limits {
	struct source *sources;
	size_t source_count;
	struct used *used;
};

struct sb_limits *sb_limits_new(void)
{
	return bx_xcalloc(1, sizeof(struct sb_limits));
}

void sb_limits_reset(struct sb_limits *limits)
{
	for (struct source *s; (s = limits->sources);) {
		limits->sources = s->next;
		free(s->address);
		free(s);
	}
	for (struct used *u; (u = limits->used);) {
		limits->used = u->next;
		free(u->account);
		free(u->method);
		free(u);
	}
	limits->source_count = 0;
}

void sb_limits_free(struct sb_limits *limits)
{
	if (limits)
		sb_limits_reset(limits);
	free(limits);
}

static struct source *source_of(struct sb_limits *limits, const char *address, int64_t now)
{
	for (struct source *s = limits->sources; s; s = s->next) {
		if (!strcmp(s->address, address))
			return s;
	}
	if (limits->source_count >= SOURCES_MAX)
		return limits->sources;
	struct source *s = bx_xcalloc(1, sizeof *s);
	*s = (struct source){limits->sources, bx_xstrdup(address), 0, now};
	limits->sources = s;
	limits->source_count++;
	return s;
}

bool sb_rate(struct sandbox *sb, const char *address)
{
	if (!sb->opts.bucket_max)
		return true;
	int64_t now = sandbox_now_ms(sb);
	struct source *s = source_of(sb->limits, address, now);
	if (now > s->at_ms)
		s->level -= (double)(now - s->at_ms) * (double)sb->opts.bucket_leak / 1000;
	if (s->level < 0)
		s->level = 0;
	s->at_ms = now;
	if (s->level + 1 > (double)sb->opts.bucket_max)
		return false;
	s->level += 1;
	return true;
}

static struct used *used_of(struct sb_limits *limits, const char *account, const char *method)
{
	for (struct used *u = limits->used; u; u = u->next) {
		if (!strcmp(u->account, account) && !strcmp(u->method, method))
			return u;
	}
	struct used *u = bx_xcalloc(1, sizeof *u);
	u->account = bx_xstrdup(account);
	u->method = bx_xstrdup(method);
	u->next = limits->used;
	limits->used = u;
	return u;
}

static void add_used(struct used *u, int64_t now, int64_t ms)
{
	int64_t minute = now / 60000;
	size_t at = (size_t)(minute % BUCKETS);
	if (u->buckets[at].minute != minute || !u->buckets[at].sum_ms) {
		u->buckets[at].minute = minute;
		u->buckets[at].first_ms = now;
		u->buckets[at].sum_ms = 0;
	}
	u->buckets[at].sum_ms += ms;
}

struct sb_operating sb_operating(struct sandbox *sb, const char *account, const char *method,
	int64_t ms)
{
	int64_t now = sandbox_now_ms(sb), oldest = now;
	struct used *u = used_of(sb->limits, account, method);
	struct sb_operating sum = {0};
	if (ms > COUNTED_MS)
		add_used(u, now, ms);
	for (size_t i = 0; i < BUCKETS; i++) {
		if (!u->buckets[i].sum_ms || u->buckets[i].first_ms + WINDOW_MS <= now)
			continue;
		sum.ms += u->buckets[i].sum_ms;
		if (u->buckets[i].first_ms < oldest)
			oldest = u->buckets[i].first_ms;
	}
	sum.reset_at = (oldest + WINDOW_MS) / 1000;
	return sum;
}
