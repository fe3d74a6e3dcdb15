/* A port where nobody answers: its listen backlog is full, so that connecting hangs. Prints the
 * address as JSON and stays until it is ended. */
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include "banned.h"

int main(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) || listen(fd, 0) ||
		getsockname(fd, (struct sockaddr *)&at, &len))
		return 1;
	for (int i = 0; i < 8; i++) {
		int one = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		/* The first ones are taken into the backlog, the others find it full. */
		if (one >= 0 && connect(one, (struct sockaddr *)&at, len))
			continue;
	}
	printf("{\"listening\":\"127.0.0.1:%d\"}\n", ntohs(at.sin_port));
	fflush(stdout);
	pause();
	return 0;
}
