/* A slow network, for tests: slowproxy ADDR TARGETFILE forwards connections to the ADDR:PORT that the
 * file names, and holds every request for the handler page for as many milliseconds as the number
 * behind it says. The file is read anew for each connection and each such request. Its first line
 * of output is {"listening":"ADDR:PORT"}. */
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>
#include "relay.h"

static const char slow[] = "POST /worker";

static void hold(const char *file)
{
	int ms;
	int fd = dial(file, &ms);
	if (fd >= 0)
		close(fd);
	nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, NULL);
}

static int pass(int from, int to, const char *file)
{
	char data[65536];
	ssize_t got = recv(from, data, sizeof data, 0);
	if (got <= 0)
		return 0;
	if (file && (size_t)got >= sizeof slow && !memcmp(data, slow, sizeof slow - 1))
		hold(file);
	return send_all(to, data, (size_t)got);
}

static void relay(int client, const char *file)
{
	int target = dial(file, NULL);
	struct pollfd fds[2] = {{.fd = client, .events = POLLIN}, {.fd = target, .events = POLLIN}};
	while (target >= 0 && poll(fds, 2, -1) > 0)
		if ((fds[0].revents && !pass(client, target, file)) ||
			(fds[1].revents && !pass(target, client, NULL)))
			return;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	int listener = listen_on(argv[1], "listening"), client;
	signal(SIGCHLD, SIG_IGN);
	while ((client = accept(listener, NULL, NULL)) >= 0) {
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			relay(client, argv[2]);
			_exit(0);
		}
		close(client);
	}
}
