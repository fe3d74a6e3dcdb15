#include "clock.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include "str.h"
#include "banned.h"

static int64_t read_clock(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t bx_now_ms(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t bx_mono_ms(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

static int64_t floor_seconds(int64_t ms)
{
	return ms / 1000 - (ms % 1000 < 0);
}

void bx_time_iso(char out[BX_ISO_SIZE], int64_t unix_ms, int offset_minutes)
{
	time_t shifted = (time_t)(floor_seconds(unix_ms) + (int64_t)offset_minutes * 60);
	struct tm tm;
	gmtime_r(&shifted, &tm);
	size_t len = strftime(out, BX_ISO_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	int minutes = abs(offset_minutes);
	snprintf(out + len, BX_ISO_SIZE - len, "%c%02d:%02d", offset_minutes < 0 ? '-' : '+',
		minutes / 60 % 100, minutes % 60);
}

void bx_time_iso_local(char out[BX_ISO_SIZE], int64_t unix_ms)
{
	time_t seconds = (time_t)floor_seconds(unix_ms);
	struct tm tm;
	localtime_r(&seconds, &tm);
	bx_time_iso(out, unix_ms, (int)(tm.tm_gmtoff / 60));
}

static bool bad_time(const char *text, struct bx_err *err)
{
	return bx_fail(err, BX_USAGE, "",
		"'%s' is not a time: use ISO 8601 (2026-08-03T11:01:00+03:00), @UNIX, or now", text);
}

static bool parse_zone(const char *p, bool *given, int *minutes)
{
	*given = *p != 0;
	*minutes = 0;
	if (!*p || bx_streq(p, "Z") || bx_streq(p, "z"))
		return true;
	int hours, mins, used = 0;
	if (*p != '+' && *p != '-')
		return false;
	if ((sscanf(p + 1, "%2d:%2d%n", &hours, &mins, &used) != 2 &&
		    sscanf(p + 1, "%2d%2d%n", &hours, &mins, &used) != 2) ||
		p[1 + used] || hours < 0 || hours > 14 || mins < 0 || mins > 59)
		return false;
	*minutes = (hours * 60 + mins) * (*p == '-' ? -1 : 1);
	return true;
}

static bool parse_unix(const char *text, int64_t *unix_ms)
{
	char *end;
	errno = 0;
	long long seconds = strtoll(text, &end, 10);
	if (errno || end == text || *end || seconds > 253402300799LL || seconds < -62135596800LL)
		return false;
	*unix_ms = seconds * 1000;
	return true;
}

/* strptime normalises 31 February; a date that changes on the way back was not a date. */
static bool is_real_date(const struct tm *tm)
{
	struct tm copy = *tm;
	time_t t = timegm(&copy);
	struct tm back;
	gmtime_r(&t, &back);
	return back.tm_mday == tm->tm_mday && back.tm_mon == tm->tm_mon;
}

bool bx_time_parse(const char *text, int64_t *unix_ms, struct bx_err *err)
{
	if (bx_streq(text, "now")) {
		*unix_ms = bx_now_ms();
		return true;
	}
	if (*text == '@')
		return parse_unix(text + 1, unix_ms) || bad_time(text, err);
	struct tm tm = {.tm_isdst = -1};
	const char *p = strptime(text, "%Y-%m-%d", &tm);
	if (!p || !is_real_date(&tm))
		return bad_time(text, err);
	if (*p == 'T' || *p == ' ') {
		const char *q = strptime(p + 1, "%H:%M:%S", &tm);
		p = q ? q : strptime(p + 1, "%H:%M", &tm);
		if (!p)
			return bad_time(text, err);
	}
	if (*p == '.')
		p += 1 + strspn(p + 1, "0123456789");
	bool zoned;
	int offset;
	if (!parse_zone(p, &zoned, &offset))
		return bad_time(text, err);
	time_t seconds = zoned ? timegm(&tm) - (time_t)offset * 60 : mktime(&tm);
	*unix_ms = (int64_t)seconds * 1000;
	return true;
}
