#include "secret.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include "auto.h"
#include "banned.h"

#define LINE_MAX_BYTES 4096
#define ASK_MS	       300

void bx_mask(struct bx_str *out, const char *secret)
{
	size_t shown = strlen(secret) / 4;
	bx_str_add(out, secret, shown > 4 ? 4 : shown);
	bx_str_puts(out, "\u2026");
}

void bx_secret_wipe(void *p, size_t len)
{
	explicit_bzero(p, len);
}

/* The terminal as it was while a secret is typed, for a signal that ends us in the midst. */
static struct {
	int fd;
	struct termios was;
	struct sigaction before[3];
} quiet;

static const int ends[3] = {SIGINT, SIGTERM, SIGHUP};

static void echo_on(void)
{
	tcsetattr(quiet.fd, TCSAFLUSH, &quiet.was);
	for (size_t i = 0; i < BX_COUNT(ends); i++)
		sigaction(ends[i], quiet.before + i, NULL);
}

static void on_end(int signo)
{
	echo_on();
	raise(signo);
}

static bool echo_off(int fd)
{
	struct sigaction ending = {.sa_handler = on_end};
	if (!isatty(fd) || tcgetattr(fd, &quiet.was))
		return false;
	struct termios silent = quiet.was;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	quiet.fd = fd;
	for (size_t i = 0; i < BX_COUNT(ends); i++)
		sigaction(ends[i], &ending, quiet.before + i);
	tcsetattr(fd, TCSAFLUSH, &silent);
	return true;
}

/* Byte by byte, so that what follows the line stays for whoever reads fd next. */
static bool read_line(int fd, struct bx_str *line, struct bx_err *err)
{
	for (;;) {
		char c;
		ssize_t got = read(fd, &c, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return bx_fail_errno(err, "reading the secret");
		if (got == 0 || c == '\n')
			return true;
		if (c != '\r' && !bx_str_putc(line, c))
			return bx_fail(err, BX_USAGE, "", "the secret is longer than %d bytes", LINE_MAX_BYTES);
	}
}

static bool wait_for(int fd, bool (*go_on)(void *arg), void *arg)
{
	struct pollfd on = {.fd = fd, .events = POLLIN};
	while (go_on && poll(&on, 1, ASK_MS) <= 0)
		if (!go_on(arg))
			return false;
	return true;
}

char *bx_secret_read_while(int fd, const char *prompt, bool (*go_on)(void *arg), void *arg, struct bx_err *err)
{
	auto_str struct bx_str line = BX_STR_INIT(LINE_MAX_BYTES);
	bool asked = echo_off(fd);
	if (asked)
		fprintf(stderr, "%s: ", prompt);
	bool ok = wait_for(fd, go_on, arg) && read_line(fd, &line, err);
	if (asked) {
		echo_on();
		fputc('\n', stderr);
	}
	return ok ? bx_str_take(&line) : NULL;
}

char *bx_secret_read(int fd, const char *prompt, struct bx_err *err)
{
	char *line = bx_secret_read_while(fd, prompt, NULL, NULL, err);
	if (!line || *line)
		return line;
	free(line);
	bx_fail(err, BX_USAGE, "", "%s: nothing was given", prompt);
	return NULL;
}
