/* The other end for measurements: blocking dialling, WebSocket frames, a process's figures. */
#ifndef BX_BENCH_PEER_H
#define BX_BENCH_PEER_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "str.h"

static inline _Noreturn void die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static inline double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline void many_files(void)
{
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* address: A.B.C.D:PORT */
static inline int dial(const char *address)
{
	struct sockaddr_in addr = {.sin_family = AF_INET};
	const char *colon = strrchr(address, ':');
	auto_free char *host = colon ? bx_xstrndup(address, (size_t)(colon - address)) : NULL;
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (!host || inet_pton(AF_INET, host, &addr.sin_addr) != 1)
		die(address);
	addr.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof addr) < 0)
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

static inline void put(int fd, const void *data, size_t len)
{
	for (const char *p = data; len;) {
		ssize_t done = send(fd, p, len, MSG_NOSIGNAL);
		if (done < 0 && errno == EAGAIN)
			continue;
		if (done <= 0)
			die("send");
		p += done;
		len -= (size_t)done;
	}
}

/* One answer with a declared length; its body is left in out. */
static inline void get_answer(int fd, struct bx_str *out)
{
	char chunk[16384];
	size_t need = SIZE_MAX;
	bx_str_reset(out);
	while (out->len < need) {
		ssize_t got = recv(fd, chunk, sizeof chunk, 0);
		if (got <= 0)
			die("answer");
		bx_str_add(out, chunk, (size_t)got);
		const char *end = strstr(out->buf, "\r\n\r\n");
		if (!end || need != SIZE_MAX)
			continue;
		const char *length = strcasestr(out->buf, "\r\nContent-Length: ");
		need = (size_t)(end + 4 - out->buf) + (length ? strtoul(length + 18, NULL, 10) : 0);
	}
}

/* A handshake with what else its head says (whole lines); the answer is awaited. */
static inline int dial_line(const char *address, const char *path, const char *more)
{
	int fd = dial(address);
	auto_str struct bx_str text = BX_STR_INIT(65536);
	bx_str_printf(&text,
		"GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n",
		path, address, more);
	put(fd, text.buf, text.len);
	bx_str_reset(&text);
	char byte;
	while (text.len < 4 || memcmp(text.buf + text.len - 4, "\r\n\r\n", 4)) {
		if (recv(fd, &byte, 1, 0) != 1)
			die("handshake");
		bx_str_putc(&text, byte);
	}
	if (strncmp(text.buf, "HTTP/1.1 101 ", 13) != 0) {
		fprintf(stderr, "bench: handshake: %.40s\n", text.buf);
		exit(1);
	}
	return fd;
}

/* One text message, masked with zeros. */
static inline void put_text(int fd, const char *text, size_t len)
{
	unsigned char frame[14 + 65536] = {0x81, 0x80};
	size_t head = 6;
	if (len < 126) {
		frame[1] |= (unsigned char)len;
	} else {
		frame[1] |= 126;
		frame[2] = (unsigned char)(len >> 8);
		frame[3] = (unsigned char)len;
		head = 8;
	}
	memset(frame + head - 4, 0, 4);
	memcpy(frame + head, text, len);
	put(fd, frame, head + len);
}

/* The messages of one line as they arrive; fn is called for each whole text. */
struct inbox {
	int fd;
	struct bx_str bytes;
};

typedef void inbox_fn(void *arg, const char *text, size_t len);

static inline size_t frame_text(struct inbox *inbox, size_t at, inbox_fn *fn, void *arg)
{
	const unsigned char *p = (const unsigned char *)inbox->bytes.buf + at;
	size_t left = inbox->bytes.len - at, head = 2, len;
	if (left < 2)
		return 0;
	len = p[1] & 0x7f;
	if (len == 126 && left >= 4)
		len = (size_t)p[2] << 8 | p[3], head = 4;
	else if (len >= 126)
		return 0;
	if (left < head + len)
		return 0;
	if ((p[0] & 0x0f) == 1)
		fn(arg, (const char *)p + head, len);
	else if ((p[0] & 0x0f) == 8)
		die("the line was closed");
	return head + len;
}

/* Takes what has arrived. False: the line has ended. */
static inline bool inbox_read(struct inbox *inbox, inbox_fn *fn, void *arg)
{
	char chunk[65536];
	ssize_t got = recv(inbox->fd, chunk, sizeof chunk, MSG_DONTWAIT);
	if (got <= 0)
		return got < 0 && errno == EAGAIN;
	bx_str_add(&inbox->bytes, chunk, (size_t)got);
	size_t at = 0, frame;
	while ((frame = frame_text(inbox, at, fn, arg)))
		at += frame;
	bx_str_cut(&inbox->bytes, at);
	if (!inbox->bytes.len)
		bx_str_release(&inbox->bytes);
	return true;
}

/* Of another process: resident bytes, and processor time used so far in seconds. */
static inline long process_memory(long pid)
{
	char path[64], line[256];
	long kb = 0;
	snprintf(path, sizeof path, "/proc/%ld/status", pid);
	auto_file FILE *file = fopen(path, "r");
	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "VmRSS: %ld", &kb) == 1)
			break;
	return kb * 1024;
}

static inline double process_time(long pid)
{
	char path[64];
	unsigned long user = 0, kernel = 0;
	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	auto_file FILE *file = fopen(path, "r");
	if (!file || fscanf(file, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			     &user, &kernel) != 2)
		return 0;
	return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static inline char *file_text(const char *path)
{
	auto_file FILE *file = fopen(path, "r");
	struct bx_str out = BX_STR_INIT(1024 * 1024);
	char chunk[4096];
	size_t got;
	if (!file)
		die(path);
	while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
		bx_str_add(&out, chunk, got);
	return bx_str_take(&out);
}

/* The frame token of one more document: the page asked for once more on the same connection. */
static inline char *page_token(int fd, const char *request)
{
	auto_str struct bx_str page = BX_STR_INIT(1024 * 1024);
	put(fd, request, strlen(request));
	get_answer(fd, &page);
	const char *token = strstr(page.buf, "\"t\":\"");
	if (!token) {
		fprintf(stderr, "bench: no token in: %.200s\n", page.buf);
		exit(1);
	}
	return bx_xstrndup(token + 5, strcspn(token + 5, "\""));
}

#endif
