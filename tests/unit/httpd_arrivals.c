/* The server is told of arrivals, not of what lies unread: whatever comes together is taken whole. */
#include <errno.h>
#include <netinet/tcp.h>
#include "check.h"
#include "net.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static void on_request(void *arg, struct bx_request *req)
{
	char text[32];
	size_t len;
	(void)arg;
	bx_request_body(req, &len);
	int size = snprintf(text, sizeof text, "%zu", len);
	bx_reply(req, 200, "text/plain", text, (size_t)size);
}

/* Bytes, and perhaps an end, that arrive while the server is busy. */
struct speech {
	int fd;
	const char *text;
	bool end;
};

static void say_all(void *arg)
{
	struct speech *speech = arg;
	say(speech->fd, speech->text);
	if (speech->end)
		shutdown(speech->fd, SHUT_WR);
}

/* A connection that has been served, so that the server only waits for more. */
static int known(struct server *server)
{
	int fd = dial(server);
	say(fd, GET("/"));
	auto_free char *answer = hear(fd);
	CHECK_STR(body_of(answer), "0", "a connection is served");
	return fd;
}

static void end_with_request(struct server *server)
{
	int fd = known(server);
	struct speech speech = {fd, GET("/"), true};
	server_do(server, say_all, &speech);
	auto_free char *answer = hear(fd);
	CHECK_STR(body_of(answer), "0", "a request that comes together with the end is answered");
	CHECK(hear_end(fd), "and the end is noticed");
	close(fd);
	fd = known(server);
	speech = (struct speech){fd, "", true};
	server_do(server, say_all, &speech);
	CHECK(hear_end(fd), "an end alone too");
	close(fd);
	CHECK(server_settles(server, 0), "nothing of them stays");
}

/* More than is read at once; the rest must not wait for something new. */
static void long_body(struct server *server)
{
	auto_str struct bx_str text = BX_STR_INIT(65536);
	bx_str_puts(&text, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n");
	for (int i = 0; i < 20000; i++)
		bx_str_putc(&text, 'x');
	int fd = known(server);
	struct speech speech = {fd, text.buf, false};
	server_do(server, say_all, &speech);
	auto_free char *answer = hear(fd);
	CHECK_STR(body_of(answer), "20000", "a long body that lies there is taken whole");
	close(fd);
}

static void many_requests(struct server *server)
{
	auto_str struct bx_str text = BX_STR_INIT(65536);
	for (int i = 0; i < 700; i++)
		bx_str_puts(&text, GET("/"));
	int fd = known(server), good = 0;
	struct speech speech = {fd, text.buf, false};
	server_do(server, say_all, &speech);
	for (int i = 0; i < 700; i++) {
		auto_free char *answer = hear(fd);
		good += !strcmp(body_of(answer), "0");
	}
	CHECK(good == 700, "requests that lie there are all answered");
	close(fd);
}

/* The server's end of the connection is one of this process. */
static int other_end(int fd)
{
	struct sockaddr_in mine = {0}, peer;
	socklen_t len = sizeof mine;
	getsockname(fd, (struct sockaddr *)&mine, &len);
	for (int at = 3; at < 256; at++) {
		len = sizeof peer;
		if (!getpeername(at, (struct sockaddr *)&peer, &len) && peer.sin_family == AF_INET &&
			peer.sin_port == mine.sin_port)
			return at;
	}
	return -1;
}

static void no_waiting(struct server *server)
{
	int fd = known(server), on = 0;
	socklen_t len = sizeof on;
	CHECK(!getsockopt(other_end(fd), IPPROTO_TCP, TCP_NODELAY, &on, &len) && on,
		"no answer waits for the client to acknowledge the one before");
	close(fd);
}

int main(void)
{
	static void (*const tests[])(struct server *) = {end_with_request, long_body, many_requests, no_waiting};
	struct server server;
	alarm(120);
	server_start(&server, (struct bx_httpd_opts){0}, on_request);
	for (size_t i = 0; i < BX_COUNT(tests); i++)
		tests[i](&server);
	server_stop(&server);
	return check_end();
}
