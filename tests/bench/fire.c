/* Requests that are wrong in every way, each on a connection of its own: fire ADDRESS SOURCE RATE
 * sends RATE of them a second, in turns, from that address. SIGTERM: the number of those sent is
 * printed, and of those that could not be (connections that were refused). */
#include <signal.h>
#include "peer.h"

#define LONG_LINE 20000 /* bytes, more than the headers may have */

static const char *const shots[] = {
	"", /* a connection that says nothing */
	"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
	"",
	"POST /event HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
	"",
	"POST /event HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"",
	"POST /event HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
	"",
	"nonsense\r\n\r\n",
	"POST /frame HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\nx",
	NULL, /* the long line */
};

static volatile sig_atomic_t leaving;
static long sent, failed;

static void leave(int signal)
{
	(void)signal;
	leaving = 1;
}

/* A connection that the server ends early is what is wanted, so nothing here is an error. */
static void shoot(const struct sockaddr_in *to, const struct sockaddr_in *from, const char *text)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct linger at_once = {.l_onoff = 1};
	if (fd < 0 || bind(fd, (const struct sockaddr *)from, sizeof *from) < 0 ||
		connect(fd, (const struct sockaddr *)to, sizeof *to) < 0) {
		failed++;
	} else {
		send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
		sent++;
	}
	/* The port is free again at once; what the server says is read by nobody. */
	if (fd >= 0 && !*text)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	char answer[512];
	if (*text && fd >= 0) {
		const struct timeval patience = {.tv_usec = 100000};
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
		(void)!recv(fd, answer, sizeof answer, 0);
	}
	if (fd >= 0)
		close(fd);
}

static struct sockaddr_in place(const char *host, const char *port)
{
	struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
	if (inet_pton(AF_INET, host, &addr.sin_addr) != 1)
		die(host);
	return addr;
}

int main(int argc, char **argv)
{
	const char *colon = argc == 4 ? strrchr(argv[1], ':') : NULL;
	if (!colon)
		return 2;
	auto_free char *host = bx_xstrndup(argv[1], (size_t)(colon - argv[1]));
	const struct sockaddr_in to = place(host, colon + 1), from = place(argv[2], "0");
	static char line[LONG_LINE + 64];
	size_t head = (size_t)snprintf(line, sizeof line, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
	memset(line + head, 'x', LONG_LINE);
	sigaction(SIGTERM, &(struct sigaction){.sa_handler = leave}, NULL);
	double start = seconds(), rate = strtod(argv[3], NULL);
	puts("{}");
	fflush(stdout);
	for (size_t i = 0; !leaving; i++) {
		const char *shot = shots[i % BX_COUNT(shots)];
		double early = start + (double)i / rate - seconds();
		if (early > 0)
			nanosleep(&(struct timespec){.tv_nsec = early < 1 ? (long)(early * 1e9) : 999999999}, NULL);
		shoot(&to, &from, shot ? shot : line);
	}
	printf("sent %ld\nfailed %ld\n", sent, failed);
	return 0;
}
