/* A WebSocket client for tests: wscat URL [ORIGIN]. Lines of standard input become messages,
 * messages become lines; the end of the line is told as "closed CODE" on the last one. A handshake
 * refused is "refused STATUS". The end of standard input closes with 1000; the line "!" cuts. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER (1 << 20)

static int fd;
static unsigned char in[BUFFER];
static size_t in_len;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void put(const void *data, size_t len)
{
	for (const char *p = data; len;) {
		ssize_t done = send(fd, p, len, MSG_NOSIGNAL);
		if (done < 0)
			return; /* the read side tells why */
		p += done;
		len -= (size_t)done;
	}
}

/* Clients mask; a mask of zeros leaves the bytes as they are. */
static void put_frame(int opcode, const char *data, size_t len)
{
	unsigned char head[14] = {(unsigned char)(0x80 | opcode)};
	size_t size = 2;
	if (len < 126) {
		head[1] = (unsigned char)(0x80 | len);
	} else if (len < 65536) {
		head[1] = 0x80 | 126;
		head[2] = (unsigned char)(len >> 8);
		head[3] = (unsigned char)len;
		size = 4;
	} else {
		head[1] = 0x80 | 127;
		for (int i = 0; i < 8; i++)
			head[2 + i] = (unsigned char)((uint64_t)len >> (56 - 8 * i));
		size = 10;
	}
	put(head, size + 4);
	put(data, len);
}

static void fill(void)
{
	ssize_t got = in_len < sizeof in ? recv(fd, in + in_len, sizeof in - in_len, 0) : 0;
	if (got <= 0) {
		printf("closed 1006\n");
		exit(0);
	}
	in_len += (size_t)got;
}

static void drop(size_t len)
{
	memmove(in, in + len, in_len - len);
	in_len -= len;
}

static void dial(const char *host, int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (inet_pton(AF_INET, host, &to.sin_addr) != 1 ||
		connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
		die("connect");
}

static void handshake(const char *host, int port, const char *path, const char *origin)
{
	char text[2048];
	int len = snprintf(text, sizeof text,
		"GET %s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s%s%s\r\n",
		path, host, port, *origin ? "Origin: " : "", origin, *origin ? "\r\n" : "");
	put(text, (size_t)len);
	unsigned char *end;
	while (!(end = memmem(in, in_len, "\r\n\r\n", 4)))
		fill();
	if (strncmp((char *)in, "HTTP/1.1 101", 12) != 0) {
		printf("refused %.3s\n", in + 9);
		exit(0);
	}
	drop((size_t)(end + 4 - in));
}

/* Handles one whole frame of the server; false when there is none yet. */
static int one_frame(void)
{
	if (in_len < 2)
		return 0;
	size_t head = in[1] == 127 ? 10 : in[1] == 126 ? 4 : 2, len = in[1];
	if (in_len < head)
		return 0;
	if (head > 2) {
		len = 0;
		for (size_t i = 2; i < head; i++)
			len = len << 8 | in[i];
	}
	if (in_len < head + len)
		return 0;
	int opcode = in[0] & 15;
	if (opcode == 1)
		printf("%.*s\n", (int)len, in + head);
	else if (opcode == 9)
		put_frame(10, (char *)in + head, len);
	else if (opcode == 8) {
		printf("closed %d\n", len >= 2 ? in[head] << 8 | in[head + 1] : 1005);
		exit(0);
	}
	fflush(stdout);
	drop(head + len);
	return 1;
}

int main(int argc, char **argv)
{
	char host[64], path[512] = "/", line[BUFFER / 2];
	int port;
	if (argc < 2 || sscanf(argv[1], "ws://%63[^:/]:%d%511s", host, &port, path) < 2) {
		fprintf(stderr, "usage: wscat ws://ADDR:PORT/PATH [ORIGIN]\n");
		return 2;
	}
	dial(host, port);
	handshake(host, port, path, argc > 2 ? argv[2] : "");
	setvbuf(stdin, NULL, _IONBF, 0);
	struct pollfd fds[2] = {{.fd = fd, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
	for (;;) {
		while (one_frame())
			;
		if (poll(fds, 2, -1) < 0)
			die("poll");
		if (fds[0].revents)
			fill();
		if (!fds[1].revents)
			continue;
		if (!fgets(line, sizeof line, stdin)) {
			put_frame(8, "\x03\xe8", 2);
			fds[1].fd = -1;
		} else if (!strcmp(line, "!\n")) {
			return 0;
		} else {
			put_frame(1, line, strcspn(line, "\n"));
		}
	}
}
