/* Lines without a terminal that can be drawn on. */
#include "repl_impl.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include "cancel.h"
#include "banned.h"

static char *whole_line(struct bx_plain *p)
{
	char *start = p->buf.buf + p->taken;
	size_t left = p->buf.len - p->taken;
	char *end = left ? memchr(start, '\n', left) : NULL;
	if (!end && !(p->eof && left))
		return NULL;
	size_t len = end ? (size_t)(end - start) : left;
	p->taken += len + (end != NULL);
	return bx_xstrndup(start, len && start[len - 1] == '\r' ? len - 1 : len);
}

static enum bx_line cut_short(const char *what, struct bx_err *err)
{
	if (bx_cancelled())
		return BX_LINE_CUT;
	if (errno == EINTR)
		return BX_LINE_GOT;
	bx_fail_errno(err, "%s", what);
	return BX_LINE_ERROR;
}

/* Waits and reads what there is. */
static enum bx_line fill(struct bx_repl *r, struct bx_err *err)
{
	struct bx_plain *p = &r->plain;
	struct pollfd on[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = r->watched, .events = POLLIN}};
	char chunk[4096];
	if (bx_cancelled())
		return BX_LINE_CUT;
	if (ppoll(on, 2, NULL, &r->open_mask) < 0)
		return cut_short("waiting for input", err);
	if (on[1].revents) {
		r->ops->ready(r->arg, r->watched);
		fflush(stdout);
	}
	if (!on[0].revents)
		return BX_LINE_GOT;
	ssize_t got = read(STDIN_FILENO, chunk, sizeof chunk);
	if (got < 0)
		return cut_short("reading standard input", err);
	p->eof = !got;
	bx_str_cut(&p->buf, p->taken);
	p->taken = 0;
	if (bx_str_add(&p->buf, chunk, (size_t)got))
		return BX_LINE_GOT;
	bx_fail(err, BX_USAGE, "", "a line is longer than %d bytes", BX_REPL_ENTRY_MAX);
	return BX_LINE_ERROR;
}

enum bx_line bx_plain_line(struct bx_repl *r, char **line, struct bx_err *err)
{
	/* Ctrl-C waits for the moments in which we wait: none is missed. */
	sigset_t held;
	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigprocmask(SIG_BLOCK, &held, &r->open_mask);
	if (r->typed)
		fputs(r->prompt, stderr);
	enum bx_line got = BX_LINE_GOT;
	while (got == BX_LINE_GOT && !(*line = whole_line(&r->plain)))
		got = r->plain.eof ? BX_LINE_END : fill(r, err);
	sigprocmask(SIG_SETMASK, &r->open_mask, NULL);
	return got;
}
