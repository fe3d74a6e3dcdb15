/* A crowd of connections that mean no good: crowd ADDR:PORT SOURCE N KIND
 *   head  a request whose headers come a byte at a time, and never end
 *   body  the same of a body
 *   mute  one that says nothing
 * N stand at a time: who is cut dials again, but of the mute ones N dial in all. The first line,
 * {"open":N}, says that all have dialled. SIGTERM: nobody dials any more; when the server has ended
 * the last one, the number of those it ended is printed. SOURCE is the address they come from. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include "relay.h"

#define BATCH	256
#define PAUSE_MS 200 /* between two bytes of one connection */

static const struct kind {
	const char *name, *start, *more;
} kinds[] = {
	{"head", "GET /healthz HTTP/1.1\r\nHost: a\r\nX: ", "x"},
	{"body", "POST /event HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", "x"},
	{"mute", "", NULL},
};

static volatile sig_atomic_t leaving;
static const struct kind *kind;
static struct sockaddr_in to, from;
static int epoll, *fds, count, standing, ended;

static void leave(int signal)
{
	(void)signal;
	leaving = 1;
}

static void join(int i)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.u32 = (uint32_t)i};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof from) < 0 ||
		connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
		die("dial");
	/* Who is cut in the middle of it is told so by the loop. */
	send(fd, kind->start, strlen(kind->start), MSG_NOSIGNAL | MSG_DONTWAIT);
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll");
	fds[i] = fd;
	standing++;
}

static void part(int i)
{
	close(fds[i]);
	fds[i] = -1;
	standing--;
	ended++;
	if (!leaving && kind->more)
		join(i);
}

static void dribble(void)
{
	for (int i = 0; i < count; i++)
		if (fds[i] >= 0)
			send(fds[i], kind->more, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void stand(void)
{
	struct epoll_event events[BATCH];
	int ready = epoll_wait(epoll, events, BATCH, PAUSE_MS);
	for (int i = 0; i < ready; i++)
		part((int)events[i].data.u32);
	if (!ready && kind->more)
		dribble();
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 5 && i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(kinds[i].name, argv[4]))
			kind = &kinds[i];
	if (!kind)
		return 2;
	char source[100];
	snprintf(source, sizeof source, "%s:0", argv[2]);
	to = address(argv[1]);
	from = address(source);
	count = atoi(argv[3]);
	fds = calloc((size_t)count, sizeof *fds);
	epoll = epoll_create1(0);
	sigaction(SIGTERM, &(struct sigaction){.sa_handler = leave, .sa_flags = SA_RESTART}, NULL);
	for (int i = 0; i < count; i++)
		join(i);
	printf("{\"open\":%d}\n", count);
	fflush(stdout);
	while (!leaving || standing)
		stand();
	printf("%d\n", ended);
	free(fds);
	return 0;
}
