/* A proxy of the old kind, for tests: oldproxy ADDR TARGETFILE forwards connections to the
 * ADDR:PORT that the file names, but spoils the Upgrade header, so that no WebSocket passes. Its
 * first line of output is {"listening":"ADDR:PORT"}. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAIRS 200

static struct pollfd fds[1 + 2 * PAIRS]; /* the listener, then pairs of client and target */
static int pairs;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static struct sockaddr_in address(const char *text)
{
	char host[64];
	int port;
	struct sockaddr_in addr = {.sin_family = AF_INET};
	if (sscanf(text, "%63[^:]:%d", host, &port) != 2 || inet_pton(AF_INET, host, &addr.sin_addr) != 1)
		die("address");
	addr.sin_port = htons((in_port_t)port);
	return addr;
}

static int dial(const char *file)
{
	char text[100] = "";
	FILE *f = fopen(file, "r");
	if (!f || !fgets(text, sizeof text, f))
		die(file);
	fclose(f);
	struct sockaddr_in to = address(text);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	close(fd);
	return -1;
}

static void take(const char *file)
{
	int client = accept(fds[0].fd, NULL, NULL), target = dial(file);
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
	for (ssize_t done = 0, put; done < got; done += put)
		if ((put = send(to, data + done, (size_t)(got - done), MSG_NOSIGNAL)) <= 0)
			return 0;
	return 1;
}

static void forward(void)
{
	for (int i = 0; i < pairs; i++) {
		struct pollfd *pair = &fds[1 + 2 * i];
		if ((!pair[0].revents || pass(pair[0].fd, pair[1].fd, 1)) &&
			(!pair[1].revents || pass(pair[1].fd, pair[0].fd, 0)))
			continue;
		close(pair[0].fd);
		close(pair[1].fd);
		pairs--;
		memmove(pair, pair + 2, (size_t)(pairs - i) * 2 * sizeof *pair);
		i--;
	}
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	char with_port[100];
	snprintf(with_port, sizeof with_port, "%s:0", argv[1]);
	struct sockaddr_in addr = address(with_port);
	socklen_t size = sizeof addr;
	fds[0] = (struct pollfd){.fd = socket(AF_INET, SOCK_STREAM, 0), .events = POLLIN};
	if (bind(fds[0].fd, (struct sockaddr *)&addr, size) < 0 || listen(fds[0].fd, 100) < 0 ||
		getsockname(fds[0].fd, (struct sockaddr *)&addr, &size) < 0)
		die("listen");
	printf("{\"listening\":\"%s:%d\"}\n", argv[1], ntohs(addr.sin_port));
	fflush(stdout);
	while (poll(fds, 1 + 2 * (nfds_t)pairs, -1) > 0) {
		short fresh = fds[0].revents;
		forward();
		if (fresh)
			take(argv[2]);
	}
}
