/* What the proxies of the tests share: addresses as ADDR:PORT, a target that a file names, a
 * listener that tells where it is. Whatever fails ends the program. */
#ifndef BX_TEST_RELAY_H
#define BX_TEST_RELAY_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static inline void die(const char *what)
{
	perror(what);
	exit(1);
}

static inline struct sockaddr_in address(const char *text)
{
	char host[64];
	int port;
	struct sockaddr_in addr = {.sin_family = AF_INET};
	if (sscanf(text, "%63[^:]:%d", host, &port) != 2 || inet_pton(AF_INET, host, &addr.sin_addr) != 1)
		die("address");
	addr.sin_port = htons((in_port_t)port);
	return addr;
}

/* Connects to the ADDR:PORT in the first line of file; -1: nobody is there. *more, when given, is
 * the number behind it, or 0. */
static inline int dial(const char *file, int *more)
{
	char text[100] = "";
	FILE *f = fopen(file, "r");
	if (!f || !fgets(text, sizeof text, f))
		die(file);
	fclose(f);
	const char *space = strchr(text, ' ');
	if (more)
		*more = space ? atoi(space) : 0;
	struct sockaddr_in to = address(text);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Listens on any port of that address and prints {WHAT:"ADDR:PORT"}. */
static inline int listen_on(const char *host, const char *what)
{
	char with_port[100];
	snprintf(with_port, sizeof with_port, "%s:0", host);
	struct sockaddr_in addr = address(with_port);
	socklen_t size = sizeof addr;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(fd, (struct sockaddr *)&addr, size) < 0 || listen(fd, 100) < 0 ||
		getsockname(fd, (struct sockaddr *)&addr, &size) < 0)
		die("listen");
	printf("{\"%s\":\"%s:%d\"}\n", what, host, ntohs(addr.sin_port));
	fflush(stdout);
	return fd;
}

static inline int send_all(int fd, const char *data, size_t len)
{
	ssize_t put = 0;
	for (size_t done = 0; done < len; done += (size_t)put)
		if ((put = send(fd, data + done, len - done, MSG_NOSIGNAL)) <= 0)
			return 0;
	return 1;
}

#endif
