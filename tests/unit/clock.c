/* Times: what is taken for one, and how it is written. */
#include <stdlib.h>
#include <time.h>
#include "clock.h"
#include "check.h"

static void zone(const char *tz)
{
	setenv("TZ", tz, 1);
	tzset();
}

static void takes(const char *text, int64_t want, const char *what)
{
	int64_t got = -1;
	struct bx_err err = {0};
	if (!CHECK(bx_time_parse(text, &got, &err) && got == want, what))
		printf("# %s: %lld, not %lld\n", text, (long long)got, (long long)want);
}

static void refuses(const char *text)
{
	int64_t got = 7;
	struct bx_err err = {0};
	char what[100];
	snprintf(what, sizeof what, "'%s' is no time", text);
	if (!CHECK(!bx_time_parse(text, &got, &err) && err.exit == BX_USAGE && got == 7, what))
		printf("# %lld\n", (long long)got);
	CHECK(strstr(err.text, text), "and the text is named");
}

static void check_parse(void)
{
	zone("UTC");
	takes("2026-08-03T11:01:00+03:00", 1785744060000, "the portal's form");
	takes("2026-08-03T08:01:00Z", 1785744060000, "Z");
	takes("2026-08-03T08:01:00+00:00", 1785744060000, "no offset");
	takes("2026-08-03T04:31:00-03:30", 1785744060000, "west, and half hours");
	takes("2026-08-03T11:01:00+0300", 1785744060000, "without a colon");
	takes("2026-08-03T11:01:00+03", 1785744060000, "hours alone");
	takes("2026-08-03 11:01:00+03:00", 1785744060000, "a blank for the T");
	takes("2026-08-03T08:01Z", 1785744060000, "without seconds");
	takes("2026-08-03T08:01:00.250Z", 1785744060250, "milliseconds");
	takes("2026-08-03T08:01:00.2509999Z", 1785744060250, "what is finer is cut");
	takes("2026-08-03T08:01:00.5Z", 1785744060500, "a tenth");
	takes("2026-08-03", 1785715200000, "a date alone");
	takes("@1785744060", 1785744060000, "Unix time");
	takes("@-1", -1000, "before 1970");
	takes("1969-12-31T23:59:59Z", -1000, "before 1970 by its date");
	takes("2024-02-29T00:00:00Z", 1709164800000, "a leap day");
	takes("9999-12-31T23:59:59Z", 253402300799000, "the last second of four digits");
	int64_t now = 0;
	CHECK(bx_time_parse("now", &now, NULL) && llabs((long long)(now - bx_now_ms())) < 60000, "now");
}

static void check_refused(void)
{
	static const char *const bad[] = {"", "tomorrow", "2026-02-30", "2026-13-01", "2025-02-29T00:00:00Z",
		"2026-08-03T25:00:00Z", "2026-08-03T08:60:00Z", "2026-08-03T", "2026-08-03T08",
		"2026-08-03T08:01:00+", "2026-08-03T08:01:00+15:00", "2026-08-03T08:01:00+03:60",
		"2026-08-03T08:01:00 MSK", "2026-08-03T08:01:00Zx", "2026-08-03.5", "2026-08-03T08:01:00.Z",
		"2026-08-03T08:01:00+-3:00", "2026-08-03T08:01:00+ 3:00", "@", "@x", "@1.5",
		"@99999999999999", "1785744060", "03.08.2026", "2026-8-3", "26-08-03", "2026-08-03T8:01"};
	for (size_t i = 0; i < BX_COUNT(bad); i++)
		refuses(bad[i]);
}

static void check_local(void)
{
	char out[BX_ISO_SIZE];
	zone("EST5EDT,M3.2.0,M11.1.0");
	takes("2026-01-15T12:00:00", 1768496400000, "local time in winter");
	takes("2026-07-15T12:00:00", 1784131200000, "and in summer");
	bx_time_iso_local(out, 1768496400000);
	CHECK_STR(out, "2026-01-15T12:00:00-05:00", "written with the offset of winter");
	bx_time_iso_local(out, 1784131200000);
	CHECK_STR(out, "2026-07-15T12:00:00-04:00", "and of summer");
	zone("UTC");
}

static void check_write(void)
{
	char out[BX_ISO_SIZE];
	bx_time_iso(out, 1785744060999, 180);
	CHECK_STR(out, "2026-08-03T11:01:00+03:00", "seconds are cut, not rounded");
	bx_time_iso(out, 1785744060000, 0);
	CHECK_STR(out, "2026-08-03T08:01:00+00:00", "Z is written as +00:00");
	bx_time_iso(out, 1785744060000, -210);
	CHECK_STR(out, "2026-08-03T04:31:00-03:30", "west");
	bx_time_iso(out, -1, 0);
	CHECK_STR(out, "1969-12-31T23:59:59+00:00", "a moment before 1970");
	bx_time_iso(out, INT64_MAX, 0);
	CHECK(memchr(out, 0, sizeof out), "what no calendar holds is still a text");
	bx_time_iso(out, INT64_MIN, -720);
	CHECK(memchr(out, 0, sizeof out), "on both ends");
}

static void check_clocks(void)
{
	int64_t a = bx_mono_ms(), b = bx_mono_ms();
	CHECK(a > 0 && b >= a, "the clock for intervals does not go back");
	CHECK(bx_now_ms() > 1700000000000, "the other one knows the date");
	int64_t about = bx_now_about_ms(), now = bx_now_ms();
	CHECK(about <= now && about > now - 60000, "also about");
}

int main(void)
{
	check_parse();
	check_refused();
	check_local();
	check_write();
	check_clocks();
	return check_end();
}
