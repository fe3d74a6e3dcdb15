/* One error type. The message and the exit status are set where the failure is understood and
 * printed once, in cli. Layer 0. */
#ifndef BX_ERR_H
#define BX_ERR_H

#include <stdbool.h>
#include <stddef.h>
#include "auto.h"

/* Exit statuses are API; bx_exits[] is their only description. */
enum bx_exit {
	BX_OK = 0,
	BX_REFUSED = 1,
	BX_USAGE = 2,
	BX_AGAIN = 3,
	BX_NOAUTH = 4,
	BX_ABSENT = 5,
	BX_TIMEOUT = 6,
	BX_QUEUED = 7,
	BX_UNKNOWN = 8,
	BX_LOCAL = 9,
	BX_DRIFT = 10,
};

struct bx_exit_row {
	enum bx_exit status;
	const char *help;
};
extern const struct bx_exit_row bx_exits[11];

/* exit BX_OK means no error yet. code is the portal's or our own short code and may be empty;
 * http is the HTTP status or 0. Both texts are raw: whoever prints them escapes. */
struct bx_err {
	enum bx_exit exit;
	int http;
	char code[64];
	char text[1024];
};

/* Fills err (which may be NULL) and returns false, so that a failure is one statement. */
bool bx_fail(struct bx_err *err, enum bx_exit status, const char *code, const char *fmt, ...)
	BX_PRINTF(4, 5);
/* The same for a failed system call: appends strerror(errno), exit BX_LOCAL. */
bool bx_fail_errno(struct bx_err *err, const char *fmt, ...) BX_PRINTF(2, 3);

#endif
