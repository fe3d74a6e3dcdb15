/* The error type: filled where the failure is understood, printed once. */
#include <errno.h>
#include "err.h"
#include "check.h"

int main(void)
{
	struct bx_err err = {0};
	CHECK(err.exit == BX_OK, "an error begins as none");
	CHECK(!bx_fail(&err, BX_REFUSED, "ERROR_CORE", "%s %d", "no such", 7), "failing is one statement");
	CHECK(err.exit == BX_REFUSED && !err.http, "it has a status");
	CHECK_STR(err.code, "ERROR_CORE", "a code");
	CHECK_STR(err.text, "no such 7", "and a text");
	err.http = 400;
	bx_fail(&err, BX_USAGE, NULL, "x");
	CHECK(!err.http && !*err.code, "a later failure keeps nothing of the one before");
	CHECK(!bx_fail(NULL, BX_USAGE, "", "nobody asks"), "nobody has to ask");
	char big[3000];
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = 0;
	bx_fail(&err, BX_USAGE, big, "%s", big);
	CHECK(strlen(err.text) == sizeof err.text - 1 && strlen(err.code) == sizeof err.code - 1,
		"long texts are cut");
	errno = ENOENT;
	CHECK(!bx_fail_errno(&err, "opening %s", "x") && err.exit == BX_LOCAL, "a system call");
	CHECK_STR(err.text, "opening x: No such file or directory", "says why");
	errno = EACCES;
	CHECK(!bx_fail_errno(&err, "%s", big) && err.exit == BX_LOCAL, "with a long text, too");
	bool rows = true;
	for (int i = 0; i < (int)BX_COUNT(bx_exits); i++)
		rows = rows && (int)bx_exits[i].status == i && *bx_exits[i].help;
	CHECK(rows, "every status has its row, in order");
	return check_end();
}
