/* A proxy of the old kind, for tests: oldproxy ADDR TARGETFILE forwards connections to the
 * ADDR:PORT that the file names, but spoils the Upgrade header, so that no WebSocket passes. With
 * `cut` as a third argument they pass; SIGUSR1 cuts all that is open, and SIGUSR2 does so for the
 * last time: from then on none passes. SIGHUP makes a black hole of what is open: nobody is told,
 * and whatever comes is swallowed, with {"hole":NUMBER,"bytes":NUMBER} as a line of output for each
 * piece. Its first line is {"listening":"ADDR:PORT"}. */
#include <signal.h>
#include <poll.h>
#include <sys/signalfd.h>
#include "relay.h"

#define PAIRS 200

static struct pollfd fds[2 + 2 * PAIRS]; /* the listener, signals, then pairs of client and target */
static struct pollfd *const pair_fds = fds + 2;
static int pairs, spoiler = 1, holes;
static int hole_of[PAIRS]; /* 0: the pair is in none */

static void take(const char *file)
{
	int client = accept(fds[0].fd, NULL, NULL), target = dial(file, NULL);
	if (client < 0 || target < 0 || pairs == PAIRS) {
		close(client);
		close(target);
		return;
	}
	pair_fds[2 * pairs] = (struct pollfd){.fd = client, .events = POLLIN};
	pair_fds[2 * pairs + 1] = (struct pollfd){.fd = target, .events = POLLIN};
	hole_of[pairs++] = 0;
}

static int pass(int from, int to, int spoil)
{
	char data[65536];
	ssize_t got = recv(from, data, sizeof data, 0);
	if (got <= 0)
		return 0;
	char *at = spoil ? memmem(data, (size_t)got, "Upgrade: websocket", 18) : NULL;
	if (at)
		*at = 'X';
	return send_all(to, data, (size_t)got);
}

/* An end that closed is still open for the other one, so its descriptor is only left aside. */
static void swallow(struct pollfd *end, int hole)
{
	char data[65536];
	ssize_t got = end->revents ? recv(end->fd, data, sizeof data, 0) : 0;
	if (end->revents && got <= 0)
		end->fd = -1;
	if (got > 0)
		printf("{\"hole\":%d,\"bytes\":%zd}\n", hole, got);
	fflush(stdout);
}

static int alive(struct pollfd *pair, int hole)
{
	if (!hole)
		return (!pair[0].revents || pass(pair[0].fd, pair[1].fd, spoiler)) &&
		       (!pair[1].revents || pass(pair[1].fd, pair[0].fd, 0));
	swallow(&pair[0], hole);
	swallow(&pair[1], hole);
	return 1;
}

static void forward(void)
{
	for (int i = 0; i < pairs; i++) {
		struct pollfd *pair = &pair_fds[2 * i];
		if (alive(pair, hole_of[i]))
			continue;
		close(pair[0].fd);
		close(pair[1].fd);
		pairs--;
		memmove(pair, pair + 2, (size_t)(pairs - i) * 2 * sizeof *pair);
		memmove(hole_of + i, hole_of + i + 1, (size_t)(pairs - i) * sizeof *hole_of);
		i--;
	}
}

static void dig(void)
{
	holes++;
	for (int i = 0; i < pairs; i++)
		hole_of[i] = holes;
}

static void cut_all(void)
{
	for (int i = 0; i < 2 * pairs; i++)
		close(pair_fds[i].fd);
	pairs = 0;
}

static void obey(int signals)
{
	struct signalfd_siginfo order;
	if (read(signals, &order, sizeof order) != sizeof order)
		die("signal");
	spoiler = spoiler || order.ssi_signo == SIGUSR2;
	if (order.ssi_signo == SIGHUP)
		dig();
	else
		cut_all();
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	spoiler = argc == 3;
	sigset_t orders;
	sigemptyset(&orders);
	sigaddset(&orders, SIGUSR1);
	sigaddset(&orders, SIGUSR2);
	sigaddset(&orders, SIGHUP);
	sigprocmask(SIG_BLOCK, &orders, NULL);
	fds[0] = (struct pollfd){.fd = listen_on(argv[1], "listening"), .events = POLLIN};
	fds[1] = (struct pollfd){.fd = signalfd(-1, &orders, 0), .events = POLLIN};
	while (poll(fds, 2 + 2 * (nfds_t)pairs, -1) > 0) {
		short fresh = fds[0].revents;
		if (fds[1].revents) {
			obey(fds[1].fd);
			continue;
		}
		forward();
		if (fresh)
			take(argv[2]);
	}
}
