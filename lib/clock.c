#include "clock.h"

#include <ctype.h>
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

int64_t bx_now_about_ms(void)
{
	return read_clock(CLOCK_REALTIME_COARSE);
}

int64_t bx_mono_ms(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

static int64_t floor_seconds(int64_t ms)
{
	return ms / 1000 - (ms % 1000 < 0);
}

/* No calendar of four digits holds more. */
#define FIRST_SECOND (-62135596800LL)
#define LAST_SECOND  253402300799LL

void bx_time_iso(char out[BX_ISO_SIZE], int64_t unix_ms, int offset_minutes)
{
	int64_t seconds = floor_seconds(unix_ms) + (int64_t)offset_minutes * 60;
	time_t shifted = (time_t)(seconds < FIRST_SECOND  ? FIRST_SECOND
				  : seconds > LAST_SECOND ? LAST_SECOND
							  : seconds);
	struct tm tm;
	gmtime_r(&shifted, &tm);
	int minutes = abs(offset_minutes);
	snprintf(out, BX_ISO_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d",
		(tm.tm_year + 1900) % 10000, (tm.tm_mon + 1) % 100, tm.tm_mday % 100, tm.tm_hour % 100,
		tm.tm_min % 100, tm.tm_sec % 100, offset_minutes < 0 ? '-' : '+', minutes / 60 % 100,
		minutes % 60);
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

/* Exactly so many digits, within the range. */
static bool take_digits(const char **p, int count, int least, int most, int *out)
{
	int value = 0;
	for (int i = 0; i < count; i++, (*p)++) {
		if (!isdigit((unsigned char)**p))
			return false;
		value = value * 10 + (**p - '0');
	}
	*out = value;
	return value >= least && value <= most;
}

static bool take_char(const char **p, const char *set)
{
	if (!**p || !strchr(set, **p))
		return false;
	(*p)++;
	return true;
}

/* Nothing, Z, +HH, +HHMM or +HH:MM. */
static bool parse_zone(const char *p, bool *given, int *minutes)
{
	*given = *p != 0;
	*minutes = 0;
	if (!*p || bx_streq(p, "Z") || bx_streq(p, "z"))
		return true;
	bool west = *p == '-';
	int hours, mins = 0;
	if (!take_char(&p, "+-") || !take_digits(&p, 2, 0, 14, &hours))
		return false;
	bool colon = take_char(&p, ":");
	if ((colon || *p) && !take_digits(&p, 2, 0, 59, &mins))
		return false;
	*minutes = (hours * 60 + mins) * (west ? -1 : 1);
	return !*p;
}

static bool parse_unix(const char *text, int64_t *unix_ms)
{
	char *end;
	errno = 0;
	long long seconds = strtoll(text, &end, 10);
	if (errno || end == text || *end || seconds > LAST_SECOND || seconds < FIRST_SECOND)
		return false;
	*unix_ms = seconds * 1000;
	return true;
}

/* timegm takes 31 February; a date that changes on the way back was not a date. */
static bool is_real_date(const struct tm *tm)
{
	struct tm copy = *tm;
	time_t t = timegm(&copy);
	struct tm back;
	gmtime_r(&t, &back);
	return back.tm_mday == tm->tm_mday && back.tm_mon == tm->tm_mon;
}

static bool parse_date(const char **p, struct tm *tm)
{
	if (!take_digits(p, 4, 1, 9999, &tm->tm_year) || !take_char(p, "-") ||
		!take_digits(p, 2, 1, 12, &tm->tm_mon) || !take_char(p, "-") ||
		!take_digits(p, 2, 1, 31, &tm->tm_mday))
		return false;
	tm->tm_year -= 1900;
	tm->tm_mon--;
	return is_real_date(tm);
}

/* HH:MM, HH:MM:SS or HH:MM:SS.FRACTION, cut to milliseconds. */
static bool parse_clock(const char **p, struct tm *tm, int *ms)
{
	if (!take_digits(p, 2, 0, 23, &tm->tm_hour) || !take_char(p, ":") ||
		!take_digits(p, 2, 0, 59, &tm->tm_min))
		return false;
	if (!take_char(p, ":"))
		return true;
	if (!take_digits(p, 2, 0, 60, &tm->tm_sec))
		return false;
	if (!take_char(p, "."))
		return true;
	int weight = 100;
	for (; isdigit((unsigned char)**p); (*p)++, weight /= 10)
		*ms += (**p - '0') * weight;
	return weight < 100;
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
	const char *p = text;
	bool zoned;
	int ms = 0, offset;
	if (!parse_date(&p, &tm) || (take_char(&p, "T ") && !parse_clock(&p, &tm, &ms)) ||
		!parse_zone(p, &zoned, &offset))
		return bad_time(text, err);
	time_t seconds = zoned ? timegm(&tm) - (time_t)offset * 60 : mktime(&tm);
	*unix_ms = (int64_t)seconds * 1000 + ms;
	return true;
}
