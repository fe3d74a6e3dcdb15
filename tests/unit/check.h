/* Unit tests: one line per check, a closing count, and a status. */
#ifndef BX_CHECK_H
#define BX_CHECK_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int check_done, check_failed;

#define CHECK(cond, ...) check_that((cond), __FILE__, __LINE__, #cond, __VA_ARGS__)
#define CHECK_STR(got, want, ...) check_text((got), (want), __FILE__, __LINE__, __VA_ARGS__)

static inline bool check_that(bool ok, const char *file, int line, const char *cond, const char *what)
{
	check_done++;
	printf("%sok %d - %s\n", ok ? "" : "not ", check_done, what);
	if (!ok) {
		check_failed++;
		printf("# %s:%d: %s\n", file, line, cond);
	}
	return ok;
}

static inline bool check_text(const char *got, const char *want, const char *file, int line,
	const char *what)
{
	bool ok = got && want ? !strcmp(got, want) : got == want;
	check_that(ok, file, line, "the texts are equal", what);
	if (!ok)
		printf("#  got: %s\n# want: %s\n", got ? got : "(null)", want ? want : "(null)");
	return ok;
}

static inline int check_end(void)
{
	printf("1..%d\n", check_done);
	return check_failed != 0;
}

#endif
