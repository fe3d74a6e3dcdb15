/* A person at a terminal: pty [-o FILE] COMMAND... runs the command on a terminal of its own (its
 * stdout goes to FILE) and does what the lines of standard input say:
 *   type TEXT   types it; \r \n \t \e \\ and \xHH stand for keys
 *   see TEXT    waits until the terminal shows it, after what was seen before
 *   prompt TEXT the same, but only of a line's beginning: a line being edited may be drawn again
 *               with its prompt, and what is typed then could come before the next one's terminal
 *   run CMD     runs a shell command beside it and waits for its end
 *   hang        hangs up
 * What the terminal showed is printed as it came; the status is the command's, or 99 when
 * something was not seen before it ended, or a line of these took more than a minute. */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHOWN_MAX (4 << 20)

static char shown[SHOWN_MAX + 1];
static size_t shown_len, seen;
static int terminal;

static void die(const char *what, const char *text)
{
	fprintf(stderr, "pty: %s: %s\n", what, text);
	exit(99);
}

static void on_alarm(int signo)
{
	(void)signo;
	static const char text[] = "pty: nothing happens any more\n";
	if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
		_exit(98);
	_exit(99);
}

/* Takes what the command wrote; 0: it ended. */
static int take(void)
{
	char *at = shown + shown_len;
	ssize_t got = read(terminal, at, SHOWN_MAX - shown_len);
	if (got <= 0)
		return got < 0 && errno == EINTR;
	if (fwrite(at, 1, (size_t)got, stdout) != (size_t)got || fflush(stdout))
		die("stdout", "is closed");
	shown_len += (size_t)got;
	return 1;
}

/* The next place where text is, or only where it begins a line. */
static char *find(const char *text, int begins)
{
	char *at = shown + seen, *end = shown + shown_len;
	while ((at = memmem(at, (size_t)(end - at), text, strlen(text))) && begins) {
		if (at == shown || at[-1] == '\n')
			break;
		at++;
	}
	return at;
}

static void see(const char *text, int begins)
{
	for (;;) {
		char *at = find(text, begins);
		if (at) {
			seen = (size_t)(at - shown) + strlen(text);
			return;
		}
		if (!take())
			die("never seen", text);
	}
}

static void type(const char *text)
{
	char keys[4096];
	size_t len = 0;
	for (const char *p = text; *p && len < sizeof keys; p++) {
		static const char names[] = "rnte\\", values[] = "\r\n\t\033\\";
		const char *name = *p == '\\' && p[1] ? strchr(names, p[1]) : NULL;
		unsigned byte = 0;
		if (name) {
			keys[len++] = values[name - names];
			p++;
		} else if (*p == '\\' && p[1] == 'x' && sscanf(p + 2, "%2x", &byte) == 1) {
			keys[len++] = (char)byte;
			p += 3;
		} else {
			keys[len++] = *p;
		}
	}
	if (write(terminal, keys, len) != (ssize_t)len)
		die("the terminal does not take", text);
}

static void beside(const char *text)
{
	pid_t pid = fork();
	int status;
	if (!pid) {
		execl("/bin/bash", "bash", "-c", text, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		die("failed", text);
}

static int obey(char *line)
{
	alarm(60);
	line[strcspn(line, "\n")] = 0;
	char *text = strchr(line, ' ');
	text = text ? text + 1 : line + strlen(line);
	if (!strncmp(line, "type ", 5))
		type(text);
	else if (!strncmp(line, "see ", 4))
		see(text, 0);
	else if (!strncmp(line, "prompt ", 7))
		see(text, 1);
	else if (!strncmp(line, "run ", 4))
		beside(text);
	else if (!strcmp(line, "hang"))
		return 0;
	else if (*line)
		die("what is", line);
	return 1;
}

int main(int argc, char **argv)
{
	const char *out = argc > 3 && !strcmp(argv[1], "-o") ? argv[2] : NULL;
	char **command = argv + (out ? 3 : 1), line[8192];
	struct winsize size = {.ws_row = 24, .ws_col = 80};
	int status;
	if (!*command)
		die("usage", "pty [-o FILE] COMMAND...");
	pid_t pid = forkpty(&terminal, NULL, NULL, &size);
	if (pid < 0)
		die("forkpty", strerror(errno));
	if (!pid) {
		if (out && !freopen(out, "w", stdout))
			_exit(126);
		execvp(*command, command);
		_exit(127);
	}
	signal(SIGALRM, on_alarm);
	alarm(60);
	while (fgets(line, sizeof line, stdin) && obey(line))
		;
	if (!feof(stdin))
		close(terminal);
	else
		while (take())
			;
	if (waitpid(pid, &status, 0) != pid)
		return 99;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
