#include "err.h"

#include <errno.h>
#include <stdarg.h>
#include "banned.h"

const struct bx_exit_row bx_exits[11] = {
	{BX_OK, "Done."},
	{BX_REFUSED, "The portal refused, or some items of a batch or file were refused."},
	{BX_USAGE, "Usage: an argument is wrong; nothing was sent."},
	{BX_AGAIN, "Try again later: the portal was not reached or is at its limit; nothing was done."},
	{BX_NOAUTH, "Not authorised."},
	{BX_ABSENT, "Not there: no such call, card, frame or profile."},
	{BX_TIMEOUT, "The wait timed out."},
	{BX_QUEUED, "Queued in the outbox."},
	{BX_UNKNOWN, "Outcome unknown: cut off after sending something that is not safe to repeat."},
	{BX_LOCAL, "Local failure: state directory, disk or socket."},
	{BX_DRIFT, "Drift or findings."},
};

bool bx_fail(struct bx_err *err, enum bx_exit status, const char *code, const char *fmt, ...)
{
	if (!err)
		return false;
	err->exit = status;
	err->http = 0;
	snprintf(err->code, sizeof err->code, "%s", code ? code : "");
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	return false;
}

bool bx_fail_errno(struct bx_err *err, const char *fmt, ...)
{
	int number = errno;
	char what[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	return bx_fail(err, BX_LOCAL, "", "%s: %s", what, strerror(number));
}
