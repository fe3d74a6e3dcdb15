/* Lines edited on a terminal. */
#include "repl_impl.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <wchar.h>
#include "cancel.h"
#include "repl_lib.h"
#include "banned.h"

#define PAST_SIZE 1000

/* What came while a key was waited for. */
static volatile sig_atomic_t resized, suspended, ended;

static void on_signal(int signo)
{
	if (signo == SIGWINCH)
		resized = 1;
	else if (signo == SIGTSTP)
		suspended = 1;
	else
		ended = signo;
}

static const int signals[] = {SIGWINCH, SIGTSTP, SIGTERM, SIGHUP, SIGQUIT};

/* Signals wait, but for the moments in which a key is waited for: none is missed. */
static void hold_signals(struct bx_repl *r, struct sigaction before[BX_COUNT(signals)])
{
	struct sigaction noting = {.sa_handler = on_signal};
	sigset_t held;
	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	for (size_t i = 0; i < BX_COUNT(signals); i++) {
		sigaddset(&held, signals[i]);
		sigaction(signals[i], &noting, before + i);
	}
	sigprocmask(SIG_BLOCK, &held, &r->open_mask);
}

static void let_signals(struct bx_repl *r, const struct sigaction before[BX_COUNT(signals)])
{
	for (size_t i = 0; i < BX_COUNT(signals); i++)
		sigaction(signals[i], before + i, NULL);
	sigprocmask(SIG_SETMASK, &r->open_mask, NULL);
}

static char *prompt_of(EditLine *edit)
{
	struct bx_repl *r;
	bx_edit()->el_get(edit, EL_CLIENTDATA, &r);
	return (char *)r->prompt;
}

static size_t columns(const char *text, size_t len)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

/* The line being typed goes, from its first row on; EL_REFRESH draws it again. */
static void clear_line(struct bx_repl *r)
{
	struct winsize size = {.ws_col = 80};
	ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
	const LineInfo *line = bx_edit()->el_line(r->edit);
	size_t at = columns(r->prompt, strlen(r->prompt)) +
		columns(line->buffer, (size_t)(line->cursor - line->buffer));
	for (size_t row = size.ws_col ? at / size.ws_col : 0; row; row--)
		fputs("\033[A", stderr);
	fputs("\r\033[J", stderr);
}

static void tell_ready(void *arg)
{
	struct bx_repl *r = arg;
	if (r->edit)
		clear_line(r);
	r->ops->ready(r->arg, r->watched);
	fflush(stdout);
	if (r->edit)
		bx_edit()->el_set(r->edit, EL_REFRESH);
}

/* The terminal is left as the shell wants it, and taken again. */
static void suspend(struct bx_repl *r)
{
	suspended = 0;
	bx_edit()->el_set(r->edit, EL_PREP_TERM, 0);
	raise(SIGSTOP);
	bx_edit()->el_set(r->edit, EL_PREP_TERM, 1);
	bx_edit()->el_set(r->edit, EL_REFRESH);
}

static void end_by_signal(struct bx_repl *r)
{
	bx_edit()->el_set(r->edit, EL_PREP_TERM, 0);
	fputc('\n', stderr);
	signal(ended, SIG_DFL);
	sigprocmask(SIG_SETMASK, &r->open_mask, NULL);
	raise(ended);
}

/* One byte; 0: no more; -1: Ctrl-C. */
static int next_byte(struct bx_repl *r, char *byte)
{
	for (;;) {
		struct pollfd on[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
			{.fd = r->watched, .events = POLLIN}};
		if (resized)
			bx_edit()->el_resize(r->edit);
		resized = 0;
		if (suspended)
			suspend(r);
		if (ended)
			end_by_signal(r);
		if (bx_cancelled())
			return -1;
		if (ppoll(on, 2, NULL, &r->open_mask) < 0)
			continue;
		if (on[1].revents)
			tell_ready(r);
		ssize_t got = on[0].revents ? read(STDIN_FILENO, byte, 1) : -1;
		if (got >= 0)
			return (int)got;
	}
}

static int next_key(EditLine *edit, wchar_t *key)
{
	struct bx_repl *r;
	mbstate_t state = {0};
	char byte;
	int got;
	bx_edit()->el_get(edit, EL_CLIENTDATA, &r);
	while ((got = next_byte(r, &byte)) > 0) {
		size_t used = mbrtowc(key, &byte, 1, &state);
		if (used == (size_t)-1)
			state = (mbstate_t){0};
		else if (used != (size_t)-2)
			return 1;
	}
	if (got < 0)
		errno = EINTR;
	return got;
}

void bx_edit_init(struct bx_repl *r, const char *tool)
{
	HistEvent event;
	if (!bx_edit())
		return;
	r->edit = bx_edit()->el_init(tool, stdin, stderr, stderr);
	r->past = bx_edit()->history_init();
	if (!r->edit || !r->past) {
		bx_edit_release(r);
		return;
	}
	bx_edit()->history(r->past, &event, H_SETSIZE, PAST_SIZE);
	bx_edit()->history(r->past, &event, H_SETUNIQUE, 1);
	bx_edit()->el_set(r->edit, EL_CLIENTDATA, r);
	bx_edit()->el_set(r->edit, EL_SIGNAL, 0);
	bx_edit()->el_set(r->edit, EL_PROMPT, prompt_of);
	bx_edit()->el_set(r->edit, EL_EDITOR, "emacs");
	bx_edit()->el_set(r->edit, EL_HIST, bx_edit()->history, r->past);
	bx_edit()->el_set(r->edit, EL_GETCFN, next_key);
	/* In wide letters, for of narrow ones libedit keeps a copy that it never frees. */
	bx_edit()->el_wset(r->edit, EL_ADDFN, L"bx-complete", L"what may stand here", bx_repl_tab);
	bx_edit()->el_set(r->edit, EL_BIND, "^I", "bx-complete", NULL);
	bx_edit()->el_set(r->edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
	bx_edit()->el_source(r->edit, NULL);
}

void bx_edit_release(struct bx_repl *r)
{
	if (r->edit)
		bx_edit()->el_end(r->edit);
	if (r->past)
		bx_edit()->history_end(r->past);
	r->edit = NULL;
	r->past = NULL;
}

void bx_edit_forget(struct bx_repl *r)
{
	HistEvent event;
	if (r->past)
		bx_edit()->history(r->past, &event, H_CLEAR);
}

void bx_edit_remember(void *arg, const char *entry)
{
	struct bx_repl *r = arg;
	HistEvent event;
	if (r->past)
		bx_edit()->history(r->past, &event, H_ENTER, entry);
}

enum bx_line bx_edit_line(struct bx_repl *r, char **line)
{
	struct sigaction before[BX_COUNT(signals)];
	int count = 0;
	hold_signals(r, before);
	/* Before the prompt: whoever answers at the sight of it must find no line discipline. */
	bx_edit()->el_set(r->edit, EL_PREP_TERM, 1);
	const char *text = bx_edit()->el_gets(r->edit, &count);
	let_signals(r, before);
	if (text && count > 0) {
		*line = bx_xstrndup(text, (size_t)count - (text[count - 1] == '\n'));
		return BX_LINE_GOT;
	}
	return bx_cancelled() ? BX_LINE_CUT : BX_LINE_END;
}
