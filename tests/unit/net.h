/* A server with its loop in a thread of its own, and a client that writes and reads raw bytes. */
#ifndef BX_TEST_NET_H
#define BX_TEST_NET_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "httpd.h"
#include "loop.h"
#include "str.h"
#include "ws.h"

struct server {
	struct bx_loop *loop;
	struct bx_httpd *httpd;
	pthread_t thread;
};

static inline void *server_thread(void *arg)
{
	bx_loop_run(arg, NULL);
	return NULL;
}

static inline void server_start(struct server *server, struct bx_httpd_opts opts, bx_httpd_fn *fn)
{
	struct bx_err err = {0};
	if (!opts.listen)
		opts.listen = "127.0.0.1:0";
	opts.listen_fd = opts.listen_fd ? opts.listen_fd : -1;
	server->loop = bx_loop_new(&err);
	server->httpd = server->loop ? bx_httpd_new(server->loop, &opts, fn, server, &err) : NULL;
	if (!server->httpd) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	pthread_create(&server->thread, NULL, server_thread, server->loop);
}

struct in_loop {
	bx_loop_fn *fn;
	void *arg;
	sem_t done;
};

static inline void in_loop_run(void *arg)
{
	struct in_loop *job = arg;
	job->fn(job->arg);
	sem_post(&job->done);
}

/* Runs fn in the server's thread and waits for it. */
static inline void server_do(struct server *server, bx_loop_fn *fn, void *arg)
{
	struct in_loop job = {.fn = fn, .arg = arg};
	sem_init(&job.done, 0, 0);
	bx_loop_post(server->loop, in_loop_run, &job);
	sem_wait(&job.done);
	sem_destroy(&job.done);
}

static inline void server_stop_now(void *loop)
{
	bx_loop_stop(loop);
}

/* The server is still there, but does not move any more. */
static inline void server_halt(struct server *server)
{
	bx_loop_post(server->loop, server_stop_now, server->loop);
	pthread_join(server->thread, NULL);
}

static inline void server_free(struct server *server)
{
	bx_httpd_free(server->httpd);
	bx_loop_free(server->loop);
}

static inline void server_stop(struct server *server)
{
	server_halt(server);
	server_free(server);
}

struct figures_job {
	struct server *server;
	struct bx_httpd_figures figures;
};

static inline void figures_now(void *arg)
{
	struct figures_job *job = arg;
	bx_httpd_figures(job->server->httpd, &job->figures);
}

static inline struct bx_httpd_figures server_figures(struct server *server)
{
	struct figures_job job = {.server = server};
	server_do(server, figures_now, &job);
	return job.figures;
}

/* Gives the server turns until so many connections are open. */
static inline bool server_settles(struct server *server, uint64_t open)
{
	for (int i = 0; i < 5000; i++) {
		if (server_figures(server).connections_open == open)
			return true;
		poll(NULL, 0, 1);
	}
	return false;
}

/* What does not come within this time never comes. */
#define PATIENCE_MS 20000

static inline void be_patient(int fd)
{
	struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

static inline int dial_path(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	snprintf(addr.sun_path, sizeof addr.sun_path, "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	be_patient(fd);
	if (connect(fd, (struct sockaddr *)&addr, sizeof addr) == 0)
		return fd;
	close(fd);
	return -1;
}

/* receive_buffer: bytes, 0 for the usual size. */
static inline int dial_small(const char *address, int receive_buffer)
{
	if (address[0] == '/')
		return dial_path(address);
	struct sockaddr_in addr = {.sin_family = AF_INET};
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	addr.sin_port = htons((uint16_t)strtoul(strrchr(address, ':') + 1, NULL, 10));
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	be_patient(fd);
	if (receive_buffer)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
	if (connect(fd, (struct sockaddr *)&addr, sizeof addr) == 0)
		return fd;
	close(fd);
	return -1;
}

static inline int dial(struct server *server)
{
	return dial_small(bx_httpd_address(server->httpd), 0);
}

static inline bool say_bytes(int fd, const void *data, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t put = send(fd, (const char *)data + done, len - done, MSG_NOSIGNAL);
		if (put <= 0)
			return false;
		done += (size_t)put;
	}
	return true;
}

static inline bool say(int fd, const char *text)
{
	return say_bytes(fd, text, strlen(text));
}

/* One byte at a time: a head is read to its very end and not beyond. */
static inline bool hear_bytes(int fd, void *out, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t got = recv(fd, (char *)out + done, len - done, 0);
		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

static inline void hear_head(int fd, struct bx_str *out)
{
	char byte;
	while ((out->len < 4 || memcmp(out->buf + out->len - 4, "\r\n\r\n", 4)) &&
		hear_bytes(fd, &byte, 1))
		bx_str_putc(out, byte);
}

/* One answer: its head and as much body as it declares. The caller frees it. */
static inline char *hear(int fd)
{
	struct bx_str out = BX_STR_INIT(64 * 1024 * 1024);
	hear_head(fd, &out);
	const char *length = strcasestr(out.buf, "\r\nContent-Length: ");
	size_t len = length ? strtoul(length + 18, NULL, 10) : 0;
	char *body = bx_xcalloc(len + 1, 1);
	if (hear_bytes(fd, body, len))
		bx_str_add(&out, body, len);
	free(body);
	return bx_str_take(&out);
}

/* Everything up to the end of the connection. *ended tells whether there was one (also a reset). */
static inline char *hear_all(int fd, bool *ended)
{
	struct bx_str out = BX_STR_INIT(64 * 1024 * 1024);
	char chunk[65536];
	ssize_t got;
	while ((got = recv(fd, chunk, sizeof chunk, 0)) > 0)
		bx_str_add(&out, chunk, (size_t)got);
	if (ended)
		*ended = got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
	return bx_str_take(&out);
}

static inline bool hear_end(int fd)
{
	bool ended;
	free(hear_all(fd, &ended));
	return ended;
}

/* Says text on a new connection and returns one answer. */
static inline char *converse(struct server *server, const char *text)
{
	int fd = dial(server);
	say(fd, text);
	char *answer = hear(fd);
	close(fd);
	return answer;
}

static inline int status_of(const char *answer)
{
	int status = 0;
	return sscanf(answer, "HTTP/1.1 %d", &status) == 1 ? status : 0;
}

static inline int status_for(struct server *server, const char *text)
{
	char *answer = converse(server, text);
	int status = status_of(answer);
	free(answer);
	return status;
}

static inline const char *body_of(const char *answer)
{
	const char *end = strstr(answer, "\r\n\r\n");
	return end ? end + 4 : "";
}

#endif
