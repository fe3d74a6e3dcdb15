/* An HTTP server for unit tests that does what a script says, one step a request, and writes down
 * what it was asked. */
#ifndef BX_PEER_H
#define BX_PEER_H

#include <arpa/inet.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include "str.h"

enum peer_do {
	PEER_ANSWER,
	PEER_CUT,  /* reads the request and closes */
	PEER_HALF, /* closes in the middle of the answer */
	PEER_HANG, /* reads the request and waits until the client is gone */
};

struct peer_step {
	enum peer_do what;
	int status;
	const char *body;   /* %s is the peer's own address, http://127.0.0.1:PORT */
	const char *header; /* one line, e.g. "Location: …"; %s as above */
};

#define PEER_LOG_MAX (1024 * 1024)

struct peer {
	pid_t pid;
	char url[64], domain[32];
	struct peer_log {
		int count;
		size_t len;
		char text[PEER_LOG_MAX]; /* request line and body of each request, a line each */
	} *log; /* shared with the server */
};

static inline bool peer_read(int fd, struct bx_str *in)
{
	char chunk[4096];
	bx_str_reset(in);
	for (;;) {
		char *end = strstr(in->buf, "\r\n\r\n"), *length = strcasestr(in->buf, "\r\nContent-Length:");
		size_t want = end && length && length < end ? strtoul(length + 17, NULL, 10) : 0;
		if (end && in->len >= (size_t)(end + 4 - in->buf) + want)
			return true;
		ssize_t got = read(fd, chunk, sizeof chunk);
		if (got <= 0)
			return false;
		bx_str_add(in, chunk, (size_t)got);
	}
}

static inline void peer_note(struct peer_log *log, const struct bx_str *in)
{
	size_t line = strcspn(in->buf, "\r"), room = PEER_LOG_MAX - 1 - log->len;
	const char *body = strstr(in->buf, "\r\n\r\n") + 4;
	int put = snprintf(log->text + log->len, room, "%.*s %s\n", (int)line, in->buf, body);
	log->len += (size_t)put < room ? (size_t)put : room;
	log->count++;
}

/* False: the connection is over. */
static inline bool peer_step(int fd, const struct peer_step *step, const char *url)
{
	auto_str struct bx_str body = BX_STR_INIT(PEER_LOG_MAX), out = BX_STR_INIT(PEER_LOG_MAX);
	char byte;
	if (step->what == PEER_CUT || (step->what == PEER_HANG && read(fd, &byte, 1) <= 0))
		return false;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
	bx_str_printf(&body, step->body ? step->body : "", url);
	bx_str_printf(&out, "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n",
		step->status, body.len);
	if (step->header) {
		bx_str_printf(&out, step->header, url);
		bx_str_puts(&out, "\r\n");
	}
#pragma GCC diagnostic pop
	bx_str_printf(&out, "\r\n%s", body.buf);
	size_t len = step->what == PEER_HALF ? out.len - body.len / 2 - 1 : out.len;
	return write(fd, out.buf, len) == (ssize_t)len && step->what == PEER_ANSWER;
}

static inline void peer_serve(struct peer *peer, int listener, const struct peer_step *steps, int count)
{
	auto_str struct bx_str in = BX_STR_INIT(PEER_LOG_MAX);
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		while (fd >= 0 && peer_read(fd, &in)) {
			int n = peer->log->count;
			peer_note(peer->log, &in);
			/* After its last step it goes on cutting, so that a test cannot hang. */
			static const struct peer_step cut = {.what = PEER_CUT};
			if (!peer_step(fd, n < count ? steps + n : &cut, peer->url))
				break;
		}
		close(fd);
	}
}

static inline bool peer_start(struct peer *peer, const struct peer_step *steps, int count)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof at;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listener, (struct sockaddr *)&at, size) || listen(listener, 64) ||
		getsockname(listener, (struct sockaddr *)&at, &size))
		return false;
	snprintf(peer->domain, sizeof peer->domain, "127.0.0.1:%d", ntohs(at.sin_port));
	snprintf(peer->url, sizeof peer->url, "http://%s", peer->domain);
	peer->log = mmap(NULL, sizeof *peer->log, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fflush(stdout);
	peer->pid = fork();
	if (!peer->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGPIPE, SIG_IGN);
		peer_serve(peer, listener, steps, count);
	}
	close(listener);
	return peer->pid > 0;
}

static inline void peer_stop(struct peer *peer)
{
	kill(peer->pid, SIGKILL);
	waitpid(peer->pid, NULL, 0);
	munmap(peer->log, sizeof *peer->log);
	peer->log = NULL;
}

#endif
