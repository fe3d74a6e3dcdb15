/* A proxy of the old kind, for tests: oldproxy ADDR TARGETFILE forwards connections to the
 * ADDR:PORT that the file names, but spoils the Upgrade header, so that no WebSocket passes. With
 * `cut` as a third argument they pass; SIGUSR1 cuts all that is open, and SIGUSR2 does so for the
 * last time: from then on none passes. Its first line of output is {"listening":"ADDR:PORT"}. */
#include <errno.h>
#include <signal.h>
#include <poll.h>
#include "relay.h"

#define PAIRS 200

static struct pollfd fds[1 + 2 * PAIRS]; /* the listener, then pairs of client and target */
static int pairs, spoiler = 1;
static volatile sig_atomic_t cut;

static void on_cut(int signo)
{
	cut = signo;
}

static void take(const char *file)
{
	int client = accept(fds[0].fd, NULL, NULL), target = dial(file, NULL);
	if (client < 0 || target < 0 || pairs == PAIRS) {
		close(client);
		close(target);
		return;
	}
	fds[1 + 2 * pairs] = (struct pollfd){.fd = client, .events = POLLIN};
	fds[2 + 2 * pairs] = (struct pollfd){.fd = target, .events = POLLIN};
	pairs++;
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

static void forward(void)
{
	for (int i = 0; i < pairs; i++) {
		struct pollfd *pair = &fds[1 + 2 * i];
		if ((!pair[0].revents || pass(pair[0].fd, pair[1].fd, spoiler)) &&
			(!pair[1].revents || pass(pair[1].fd, pair[0].fd, 0)))
			continue;
		close(pair[0].fd);
		close(pair[1].fd);
		pairs--;
		memmove(pair, pair + 2, (size_t)(pairs - i) * 2 * sizeof *pair);
		i--;
	}
}

static void cut_all(void)
{
	spoiler = spoiler || cut == SIGUSR2;
	for (int i = 1; i < 1 + 2 * pairs; i++)
		close(fds[i].fd);
	pairs = 0;
	cut = 0;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	spoiler = argc == 3;
	sigset_t held, open;
	sigemptyset(&held);
	sigaddset(&held, SIGUSR1);
	sigaddset(&held, SIGUSR2);
	sigprocmask(SIG_BLOCK, &held, &open);
	sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_cut}, NULL);
	sigaction(SIGUSR2, &(struct sigaction){.sa_handler = on_cut}, NULL);
	fds[0] = (struct pollfd){.fd = listen_on(argv[1], "listening"), .events = POLLIN};
	while (ppoll(fds, 1 + 2 * (nfds_t)pairs, NULL, &open) > 0 || errno == EINTR) {
		if (cut || sigtimedwait(&held, NULL, &(struct timespec){0}) == SIGUSR1) {
			cut_all();
			continue;
		}
		short fresh = fds[0].revents;
		forward();
		if (fresh)
			take(argv[2]);
	}
}
