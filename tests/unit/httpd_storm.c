/* The same requests, in pieces cut anywhere, have the same answers; the seeds are fixed. */
#include "httpd.h"

#include <errno.h>
#include <netinet/tcp.h>
#include "check.h"
#include "net.h"

#define STREAMS	 12
#define CUTTINGS 12

static uint32_t state;

static unsigned below(unsigned limit)
{
	state = state * 1664525u + 1013904223u;
	return (state >> 8) % limit;
}

static void add_header(void *arg, const char *name, const char *value)
{
	bx_str_printf(arg, "%s=%s;", name, value);
}

static void say_back(void *arg)
{
	struct bx_request *req = arg;
	auto_str struct bx_str out = BX_STR_INIT(1024 * 1024);
	size_t len;
	const char *body = bx_request_body(req, &len);
	bx_str_printf(&out, "%s %s?%s ", bx_request_method(req), bx_request_path(req), bx_request_query(req));
	bx_request_headers(req, add_header, &out);
	bx_str_add(&out, body, len);
	bx_reply(req, 200, "text/plain", out.buf, out.len);
}

static void say_nothing(void *arg)
{
	bx_reply(arg, 204, NULL, NULL, 0);
}

static void on_request(void *arg, struct bx_request *req)
{
	struct server *server = arg;
	bx_loop_fn *answer = !strcmp(bx_request_path(req), "/none") ? say_nothing : say_back;
	if (!strcmp(bx_request_query(req), "late"))
		bx_loop_timer(server->loop, (int64_t)(strlen(bx_request_path(req)) & 1), answer, req);
	else
		answer(req);
}

static void add_bytes(struct bx_str *out, unsigned len)
{
	static const char bytes[] = "ab\r\n0: ";
	for (unsigned i = 0; i < len; i++)
		bx_str_putc(out, bytes[below(sizeof bytes - 1)]);
}

static void add_chunks(struct bx_str *out)
{
	bx_str_puts(out, "Transfer-Encoding: chunked\r\n\r\n");
	for (unsigned i = below(5); i; i--) {
		unsigned len = 1 + below(below(4) ? 20 : 3000);
		bx_str_printf(out, "%x%s\r\n", len, below(2) ? ";x=\"y\"" : "");
		add_bytes(out, len);
		bx_str_puts(out, "\r\n");
	}
	bx_str_printf(out, "0\r\n%s\r\n", below(2) ? "Trailer: GET / HTTP/1.1\r\n" : "");
}

static void add_request(struct bx_str *out)
{
	static const char *const methods[] = {"GET", "HEAD", "POST", "PUT"};
	static const char *const targets[] = {"/", "/none", "/?late", "/none?late", "/%0d%0a?a=b", "http://b?late"};
	const char *method = methods[below(BX_COUNT(methods))];
	for (unsigned i = below(8); i > 5; i--)
		bx_str_puts(out, "\r\n");
	bx_str_printf(out, "%s %s HTTP/1.1\r\nHost: a\r\n", method, targets[below(BX_COUNT(targets))]);
	for (unsigned i = below(4); i; i--)
		bx_str_printf(out, "X-%u: \t%u \r\n", i, below(100000));
	unsigned kind = *method == 'P' ? below(3) : 3, len = below(below(4) ? 50 : 8000);
	if (kind == 0) {
		add_chunks(out);
	} else {
		bx_str_printf(out, kind == 3 ? "\r\n" : "Content-Length: %u\r\n\r\n", len);
		add_bytes(out, kind == 3 ? 0 : len);
	}
}

/* Requests with an end that closes the connection, in good or in bad. */
static void make_stream(struct bx_str *out)
{
	static const char *const ends[] = {
		"GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
		"GET /end?late HTTP/1.0\r\n\r\n",
		"GET /end HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
		"GET /end HTTP/1.1\nHost: a\r\n\r\n",
		"POST /end HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\nx",
		"POST /end HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n",
	};
	for (unsigned i = 1 + below(40); i; i--)
		add_request(out);
	bx_str_puts(out, ends[below(BX_COUNT(ends))]);
}

/* In pieces of up to so many bytes; the answers without their dates. */
static char *answers(struct server *server, const struct bx_str *stream, unsigned piece)
{
	int fd = dial(server), on = 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	for (size_t at = 0; at < stream->len;) {
		size_t left = stream->len - at, len = 1 + below(piece);
		say_bytes(fd, stream->buf + at, len < left ? len : left);
		at += len;
	}
	char *all = hear_all(fd, NULL);
	close(fd);
	for (char *date = all; (date = strstr(date, "\r\nDate: ")); date += 8)
		memset(date + 8, '-', strcspn(date + 8, "\r"));
	return all;
}

static void storm(struct server *server, unsigned seed)
{
	static const unsigned pieces[] = {3, 10, 100, 1000, 20000};
	auto_str struct bx_str stream = BX_STR_INIT(4 * 1024 * 1024);
	state = seed;
	make_stream(&stream);
	auto_free char *want = answers(server, &stream, 1u << 30);
	int same = 0;
	for (int i = 0; i < CUTTINGS; i++) {
		unsigned piece = stream.len < 3000 ? pieces[i % 5] : pieces[2 + i % 3];
		auto_free char *got = answers(server, &stream, piece);
		same += !strcmp(got, want);
	}
	CHECK(same == CUTTINGS && strstr(want, "\r\nConnection: close\r\n"), "the same answers in every cutting");
	if (same != CUTTINGS)
		printf("# seed %u\n", seed);
}

int main(void)
{
	struct server server;
	alarm(240);
	server_start(&server, (struct bx_httpd_opts){0}, on_request);
	for (unsigned seed = 1; seed <= STREAMS; seed++)
		storm(&server, seed);
	CHECK(server_settles(&server, 0), "and nothing of it stays open");
	server_stop(&server);
	return check_end();
}
