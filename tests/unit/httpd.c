#include "httpd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <strings.h>
#include <sys/stat.h>
#include "check.h"
#include "net.h"

#define LATE_MAX 64
#define BIG	 (8 * 1024 * 1024)

static struct bx_request *late[LATE_MAX];
static atomic_int late_count;
static char *big;
static struct bx_tail *tail, *big_tail;

static void add_header(void *arg, const char *name, const char *value)
{
	bx_str_printf(arg, "%s=%s;", name, value);
}

static void say_request(struct bx_request *req)
{
	struct bx_str out = BX_STR_INIT(65536);
	size_t len;
	const char *body = bx_request_body(req, &len);
	const char *probe = bx_request_header(req, "x-PROBE");
	bx_str_printf(&out, "%s %s ?%s %s probe=%s body=%zu:", bx_request_method(req),
		bx_request_path(req), bx_request_query(req), bx_request_peer(req),
		probe ? probe : "(none)", len);
	for (size_t i = 0; i < len && i < 32; i++)
		bx_str_putc(&out, body[i] ? body[i] : '0');
	bx_str_puts(&out, body[len] ? " unended" : " ended ");
	bx_request_headers(req, add_header, &out);
	bx_reply_header(req, "X-One", "1");
	bx_reply_header(req, "X-Two", "2");
	bx_reply(req, 201, "text/x-probe", out.buf, out.len);
	bx_str_release(&out);
}

static void say_wide(struct bx_request *req)
{
	char wide[70001];
	memset(wide, 'x', 70000);
	wide[70000] = 0;
	bx_reply_header(req, "X-Wide", wide);
	bx_reply_header(req, "X-After", "1");
	bx_reply(req, 200, NULL, "wide", 4);
}

static void say_late(void *arg)
{
	struct bx_request *req = arg;
	bx_reply_header(req, "X-Late", "yes");
	bx_reply(req, 200, "text/plain", "late", 4);
}

static void say_late_ones(struct bx_request *req)
{
	int count = atomic_exchange(&late_count, 0);
	for (int i = 0; i < count; i++)
		say_late(late[i]);
	bx_reply(req, 200, NULL, "released", 8);
}

static void cut_late(void *arg)
{
	bx_reply_cut(arg, "HTTP/1.1 200 OK\r\nConte", 22);
}

static void cut_late_silently(void *arg)
{
	bx_reply_cut(arg, NULL, 0);
}

static void on_request(void *arg, struct bx_request *req)
{
	struct server *server = arg;
	const char *path = bx_request_path(req);
	if (!strcmp(path, "/soon"))
		bx_loop_timer(server->loop, 1, say_late, req);
	else if (!strcmp(path, "/wait"))
		late[atomic_fetch_add(&late_count, 1)] = req;
	else if (!strcmp(path, "/wide"))
		say_wide(req);
	else if (!strcmp(path, "/release"))
		say_late_ones(req);
	else if (!strcmp(path, "/cut"))
		bx_reply_cut(req, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal", 41);
	else if (!strcmp(path, "/cut-silent"))
		bx_reply_cut(req, NULL, 0);
	else if (!strcmp(path, "/cut-late"))
		bx_loop_timer(server->loop, 0, cut_late, req);
	else if (!strcmp(path, "/cut-late-silent"))
		bx_loop_timer(server->loop, 0, cut_late_silently, req);
	else if (!strcmp(path, "/cut-big"))
		bx_reply_cut(req, big, BIG);
	else if (!strcmp(path, "/big"))
		bx_reply_static(req, 200, "text/plain", big, BIG);
	else if (!strcmp(path, "/empty"))
		bx_reply(req, 204, NULL, NULL, 0);
	else if (!strcmp(path, "/tail"))
		bx_reply_tail(req, 200, "text/html", "<p>page", 7, tail);
	else if (!strcmp(path, "/tail-wide"))
		bx_reply_tail(req, 200, "text/html", big, 10000, tail);
	else if (!strcmp(path, "/tail-big"))
		bx_reply_tail(req, 200, "text/html", "<p>page", 7, big_tail);
	else if (!strcmp(path, "/static"))
		bx_reply_static(req, 200, "text/html", "<p>page", 7);
	else
		say_request(req);
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static char *request_with(const char *head, size_t filler)
{
	struct bx_str out = BX_STR_INIT(64 * 1024 * 1024);
	bx_str_puts(&out, head);
	for (size_t i = 0; i < filler; i++)
		bx_str_putc(&out, 'x');
	return bx_str_take(&out);
}

static void plain_requests(struct server *server)
{
	int fd = dial(server);
	say(fd, GET("/static"));
	auto_free char *page = hear(fd);
	CHECK(status_of(page) == 200 && strstr(page, "\r\nContent-Type: text/html\r\n"), "a page");
	CHECK_STR(body_of(page), "<p>page", "with its body");
	say(fd, "HEAD /static HTTP/1.1\r\nHost: a\r\n\r\n");
	struct bx_str head = BX_STR_INIT(4096);
	hear_head(fd, &head);
	CHECK(strstr(head.buf, "\r\nContent-Length: 7\r\n"), "HEAD tells the length");
	say(fd, GET("/empty"));
	auto_free char *empty = hear(fd);
	CHECK(status_of(empty) == 204, "and has no body: the next answer follows at once");
	say(fd, "GET /%41/b%2Fc?x=%20&y HTTP/1.1\r\nhOST: a\r\nX-Probe: p q\r\nX-B: 2\r\n\r\n");
	auto_free char *got = hear(fd);
	CHECK_STR(body_of(got), "GET /%41/b%2Fc ?x=%20&y 127.0.0.1 probe=p q body=0: ended "
				"hOST=a;X-Probe=p q;X-B=2;", "path and query are raw, headers in any case");
	CHECK(status_of(got) == 201 && strstr(got, "X-One: 1\r\n") && strstr(got, "X-Two: 2\r\n"),
		"status and headers of the answer");
	bx_str_release(&head);
	close(fd);
}

/* Others ask for the same end while one is slow to take his. */
static void tails(struct server *server)
{
	int slow = dial_small(bx_httpd_address(server->httpd), 4096), fd = dial(server);
	say(slow, GET("/tail-big"));
	say(fd, GET("/tail") GET("/tail-big") GET("/tail-wide"));
	auto_free char *small = hear(fd);
	CHECK_STR(body_of(small), "<p>page</p>", "a page and its end");
	auto_free char *whole = hear(fd);
	CHECK(!strncmp(body_of(whole), "<p>page", 7) && !strcmp(body_of(whole) + 7, big), "an end that no socket takes at once");
	auto_free char *wide = hear(fd);
	CHECK(strlen(body_of(wide)) == 10004 && !strcmp(body_of(wide) + 10000, "</p>"), "more than there is room for before it");
	auto_free char *late_one = hear(slow);
	CHECK(!strcmp(body_of(late_one), body_of(whole)), "a slow reader gets his own");
	say(fd, "HEAD /tail HTTP/1.1\r\nHost: a\r\n\r\n");
	auto_str struct bx_str head = BX_STR_INIT(4096);
	hear_head(fd, &head);
	CHECK(strstr(head.buf, "\r\nContent-Length: 11\r\n"), "HEAD tells the length of both");
	say(fd, GET("/static"));
	auto_free char *next = hear(fd);
	CHECK_STR(body_of(next), "<p>page", "and has neither");
	close(fd);
	close(slow);
}

static void odd_targets(struct server *server)
{
	static const struct {
		const char *target, *want;
	} rows[] = {
		{"http://other:80/abs?q", "GET /abs ?q"},
		{"HTTPS://other", "GET / ?"},
		{"http://other?q=1", "GET / ?q=1"},
		{"http://other/?a?b", "GET / ?a?b"},
		{"/a//b/../c;d", "GET /a//b/../c;d ?"},
		{"/?", "GET / ?"},
	};
	for (size_t i = 0; i < BX_COUNT(rows); i++) {
		auto_free char *text = bx_xprintf("GET %s HTTP/1.1\r\nHost: a\r\n\r\n", rows[i].target);
		auto_free char *answer = converse(server, text);
		CHECK(bx_starts(body_of(answer), rows[i].want), rows[i].target);
	}
}

static void bodies(struct server *server)
{
	static const char post[] = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\na\0b\0c";
	int fd = dial(server);
	say_bytes(fd, post, sizeof post - 1);
	auto_free char *first = hear(fd);
	CHECK(strstr(first, "body=5:a0b0c ended"), "a body may hold any byte, and ends with a NUL");
	say(fd, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
		"3\r\nabc\r\n1;x=y\r\nd\r\n0\r\n\r\n");
	auto_free char *second = hear(fd);
	CHECK(strstr(second, "body=4:abcd ended"), "chunks are put together");
	say(fd, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
	auto_free char *go_on = hear(fd);
	CHECK(status_of(go_on) == 100, "who asks is told to go on");
	say(fd, "xyz");
	auto_free char *third = hear(fd);
	CHECK(strstr(third, "PUT / ?") && strstr(third, "body=3:xyz"), "and then heard");
	for (const char *at = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok"; *at; at++)
		say_bytes(fd, at, 1);
	auto_free char *fourth = hear(fd);
	CHECK(strstr(fourth, "body=2:ok"), "a request may come byte by byte");
	close(fd);
}

static void pipelined(struct server *server)
{
	static const char *const wants[] = {"<p>page", "late", "<p>page", "late", "<p>page"};
	int fd = dial(server);
	say(fd, GET("/static") GET("/soon") GET("/static") GET("/soon") GET("/static"));
	for (size_t i = 0; i < BX_COUNT(wants); i++) {
		auto_free char *answer = hear(fd);
		CHECK_STR(body_of(answer), wants[i], "answers come in the order of the requests");
	}
	close(fd);
}

static void closes_gently(struct server *server)
{
	auto_free char *text = request_with("GET /static HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
		200000);
	int fd = dial(server);
	say(fd, text);
	auto_free char *answer = hear(fd);
	char byte;
	CHECK(strstr(answer, "\r\nConnection: close\r\n") && !strcmp(body_of(answer), "<p>page"),
		"the last request of a connection is answered");
	CHECK(recv(fd, &byte, 1, 0) == 0, "and what follows it, unread, does not destroy the answer");
	close(fd);
	fd = dial(server);
	say(fd, "POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\nx\r\n");
	auto_free char *old = hear(fd);
	CHECK(status_of(old) == 201 && recv(fd, &byte, 1, 0) == 0, "also not what old clients send behind a body");
	close(fd);
	CHECK(server_settles(server, 0), "and nothing of it stays open");
}

static void wide_headers(struct server *server)
{
	auto_free char *answer = converse(server, GET("/wide"));
	const char *wide = strstr(answer, "\r\nX-Wide: ");
	CHECK(wide && strspn(wide + 10, "x") == 70000 && strstr(answer, "\r\nX-After: 1\r\n"),
		"the headers of an answer are whole, however long they are");
}

static void late_answers(struct server *server)
{
	int fds[LATE_MAX];
	for (int i = 0; i < LATE_MAX; i++) {
		fds[i] = dial(server);
		say(fds[i], GET("/wait"));
	}
	while (atomic_load(&late_count) < LATE_MAX)
		poll(NULL, 0, 1);
	close(fds[0]);
	CHECK(status_for(server, GET("/release")) == 200, "a route answers others and itself");
	int good = 0;
	for (int i = 1; i < LATE_MAX; i++) {
		auto_free char *answer = hear(fds[i]);
		good += strstr(answer, "\r\nX-Late: yes\r\n") && !strcmp(body_of(answer), "late");
		say(fds[i], GET("/static"));
		auto_free char *next = hear(fds[i]);
		good += status_of(next) == 200;
		close(fds[i]);
	}
	CHECK(good == 2 * (LATE_MAX - 1), "answers may come late, and the connection lives on");
	CHECK(server_settles(server, 0), "a client that left before its answer leaves nothing");
}

static void cuts(struct server *server)
{
	static const struct {
		const char *request, *want;
	} rows[] = {
		{GET("/cut"), "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal"},
		{GET("/cut-silent"), ""},
		{GET("/cut-late"), "HTTP/1.1 200 OK\r\nConte"},
		{GET("/cut-late-silent"), ""},
	};
	for (size_t i = 0; i < BX_COUNT(rows); i++) {
		bool ended;
		int fd = dial(server);
		say(fd, rows[i].request);
		auto_free char *all = hear_all(fd, &ended);
		CHECK_STR(all, rows[i].want, "a cut sends exactly the bytes given");
		CHECK(ended, "and ends the connection");
		close(fd);
	}
	int fd = dial(server);
	say(fd, GET("/cut-big"));
	auto_free char *all = hear_all(fd, NULL);
	CHECK(!strcmp(all, big), "also more than a socket holds at once");
	close(fd);
	CHECK(server_settles(server, 0), "and nothing of it stays open");
}

/* Everything here is refused, and no route sees it. */
static void malformed(struct server *server)
{
	static const struct {
		const char *why, *text;
	} rows[] = {
		{"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
		{"the same host twice", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
		{"no host", "GET / HTTP/1.1\r\n\r\n"},
		{"two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\nx"},
		{"length and chunks", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
				      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		{"chunks twice", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
				 "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		{"another encoding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"},
		{"hidden encoding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n"},
		{"a list of lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx"},
		{"a negative length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"},
		{"a signed length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx"},
		{"a length of no digits", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n"},
		{"an empty length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n"},
		{"a line without a version", "GET /\r\n\r\n"},
		{"a version from the future", "GET / HTTP/9.1\r\nHost: a\r\n\r\n"},
		{"no line at all", "\x16\x03\x01\x02\r\n\r\n"},
		{"a header without a colon", "GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n"},
		{"a space before the colon", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 1\r\n\r\nx"},
		{"a control byte in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\001b\r\n\r\n"},
		{"a name that is no word", "GET / HTTP/1.1\r\nHost: a\r\nX\\Y: 1\r\n\r\n"},
		{"a line that begins with a space", "GET / HTTP/1.1\r\n Host: a\r\nHost: a\r\n\r\n"},
		{"a bad chunk", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"},
		{"a chunk longer than told", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
					     "1\r\nabc\r\n0\r\n\r\n"},
	};
	struct bx_httpd_figures before = server_figures(server);
	for (size_t i = 0; i < BX_COUNT(rows); i++) {
		bool ended;
		int fd = dial(server);
		say(fd, rows[i].text);
		auto_free char *all = hear_all(fd, &ended);
		int status = status_of(all);
		CHECK(ended && (status >= 400 || !*all), rows[i].why);
		close(fd);
	}
	struct bx_httpd_figures after = server_figures(server);
	CHECK(after.requests == before.requests, "no route saw any of it");
	CHECK(after.refused_malformed >= before.refused_malformed + 16, "it is counted");
	printf("# counted %d of %zu\n", (int)(after.refused_malformed - before.refused_malformed),
		BX_COUNT(rows));
}

static void ignored_upgrade(struct server *server)
{
	CHECK(status_for(server, "GET /static HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\n"
				 "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n") == 200,
		"an offer of HTTP/2 is answered in HTTP/1.1");
}

static void body_ceiling(struct server *server)
{
	auto_free char *fits = request_with("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n", 1000);
	CHECK(status_for(server, fits) == 201, "a body of just the ceiling is taken");
	CHECK(status_for(server, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n") == 413,
		"one byte more is refused before it is sent");
	CHECK(status_for(server, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n"
				 "Expect: 100-continue\r\n\r\n") == 413, "and nobody is told to go on");
	auto_free char *sent = request_with("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n",
		100000);
	CHECK(status_for(server, sent) == 413, "the refusal arrives although the body is under way");
	auto_free char *chunked = request_with("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
					       "ffff\r\n", 0xffff);
	CHECK(status_for(server, chunked) == 413, "so it does in the middle of chunks");
	CHECK(server_figures(server).refused_body == 4, "all four are counted");
	CHECK(server_figures(server).requests == 1, "and no route saw them");
	CHECK(server_settles(server, 0), "nothing stays open");
}

static void header_ceiling(struct server *server)
{
	auto_free char *small = request_with("GET / HTTP/1.1\r\nHost: a\r\nX: ", 3900);
	auto_free char *fits = bx_xprintf("%s\r\n\r\n", small);
	CHECK(status_for(server, fits) == 201, "headers below the ceiling are taken");
	auto_free char *wide = request_with("GET / HTTP/1.1\r\nHost: a\r\nX: ", 4200);
	auto_free char *over = bx_xprintf("%s\r\n\r\n", wide);
	CHECK(status_for(server, over) == 431, "headers over it are not");
	auto_free char *huge = request_with("GET / HTTP/1.1\r\nHost: a\r\nX: ", 200000);
	CHECK(status_for(server, huge) == 431, "nor ones without an end");
	auto_free char *line = request_with("GET /", 200000);
	int status = status_for(server, line);
	CHECK(status == 414 || status == 431, "nor a line without an end");
	CHECK(server_figures(server).refused_headers == 3, "all three are counted");
	CHECK(server_settles(server, 0), "nothing stays open");
}

/* Sends on and on, always some bytes at a time, until the server ends it. */
static bool dribble(struct server *server, const char *start, const char *more)
{
	int fd = dial(server);
	bool alive = say(fd, start);
	struct pollfd watch = {.fd = fd, .events = POLLIN};
	while (alive && poll(&watch, 1, 2) == 0)
		alive = say(fd, more);
	bool ended = !alive || hear_end(fd);
	close(fd);
	return ended;
}

static void deadlines(struct server *server)
{
	CHECK(dribble(server, "GET / HTTP/1.1\r\nHost: a\r\nX: ", "x"), "a byte now and then ends: headers");
	CHECK(dribble(server, "", "\r\n"), "… empty lines before the first");
	CHECK(dribble(server, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n", "x"), "… body");
	CHECK(dribble(server, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
		      "1\r\nx\r\n"), "… chunks");
	CHECK(server_figures(server).cut_deadline == 4, "each is counted");
	CHECK(dribble(server, GET("/static"), ""), "a kept connection without a request ends");
	CHECK(dribble(server, GET("/static"), "\r\n"), "also with empty lines");
	CHECK(dribble(server, GET("/static") "GET / HT", "x"), "also with half a request");
	CHECK(server_figures(server).cut_deadline >= 4, "(idleness is not counted as such)");
	int fd = dial(server);
	CHECK(hear_end(fd), "a connection that never says anything ends");
	close(fd);
	fd = dial_small(bx_httpd_address(server->httpd), 4096);
	say(fd, GET("/big"));
	CHECK(server_settles(server, 0), "who does not read his answer is cut");
	CHECK(server_figures(server).cut_slow == 1, "and counted");
	close(fd);
	bool served = false;
	for (int i = 0; i < 100 && !served; i++) /* a slow machine may itself miss a deadline */
		served = status_for(server, GET("/soon")) == 200;
	CHECK(served, "the server goes on");
}

static void deadline_of_the_next(struct server *server)
{
	CHECK(dribble(server, GET("/static") "GET / HTTP/1.1\r\nX: ", "x"),
		"the second request of a connection has its deadline too, however long it may idle");
	CHECK(server_figures(server).cut_deadline == 1, "and is counted");
	bool kept = false;
	for (int i = 0; i < 20 && !kept; i++) { /* a slow machine may itself miss a deadline */
		int fd = dial(server);
		say(fd, GET("/static"));
		free(hear(fd));
		dribble(server, "GET / HTTP/1.1\r\nX: ", "x");
		dribble(server, "GET / HTTP/1.1\r\nX: ", "x");
		say(fd, GET("/static"));
		auto_free char *second = hear(fd);
		kept = status_of(second) == 200;
		close(fd);
	}
	CHECK(kept, "and may idle longer than a deadline before it");
}

/* A slow machine may miss the deadline before the request is whole. */
static int dial_and_wait(struct server *server)
{
	for (;;) {
		int fd = dial(server);
		struct pollfd watch = {.fd = fd, .events = POLLIN};
		say(fd, GET("/wait"));
		while (atomic_load(&late_count) < 1 && poll(&watch, 1, 1) == 0)
			;
		if (atomic_load(&late_count))
			return fd;
		close(fd);
	}
}

/* The route takes longer than the deadline: that is its own affair. */
static void thinking_is_free(struct server *server)
{
	int fd = dial_and_wait(server);
	CHECK(dribble(server, "GET / HTTP/1.1\r\nX: ", "x"), "meanwhile a deadline passes");
	CHECK(dribble(server, "GET / HTTP/1.1\r\nX: ", "x"), "and another");
	atomic_store(&late_count, 0);
	server_do(server, say_late, late[0]);
	auto_free char *answer = hear(fd);
	CHECK_STR(body_of(answer), "late", "and the answer arrives");
	close(fd);
}

static void limits(struct server *server)
{
	int fds[4];
	for (int i = 0; i < 4; i++)
		fds[i] = dial(server);
	CHECK(hear_end(fds[3]), "one connection too many from an address is closed");
	say(fds[2], GET("/static"));
	auto_free char *answer = hear(fds[2]);
	CHECK(status_of(answer) == 200, "the others are served");
	for (int i = 0; i < 4; i++)
		close(fds[i]);
	CHECK(server_settles(server, 0), "they leave");
	CHECK(status_for(server, GET("/static")) == 200, "and make room");
	CHECK(server_figures(server).refused_connections == 1, "the refusal is counted");
}

/* A proxy on this machine brings everybody from one address. */
static void loopback_is_free(struct server *server)
{
	int fds[250], served = 0;
	for (int i = 0; i < 250; i++) {
		fds[i] = dial(server);
		say(fds[i], GET("/static"));
	}
	CHECK(server_settles(server, 250), "very many connections of one address are open");
	for (int i = 0; i < 250; i++) {
		auto_free char *answer = hear(fds[i]);
		served += status_of(answer) == 200;
		close(fds[i]);
	}
	CHECK(served == 250, "loopback has no limit of its own unless one is given");
}

static void addresses(void)
{
	struct bx_err err = {0};
	struct bx_loop *loop = bx_loop_new(NULL);
	static const char *const bad[] = {"", "nowhere", "localhost:80", ":80", "1.2.3.4", "1.2.3.4:",
		"1.2.3.4:99999", "1.2.3.4:80x", "::1:80", "[::1]", "1.2.3.4:-1"};
	for (size_t i = 0; i < BX_COUNT(bad); i++) {
		struct bx_httpd_opts opts = {.listen = bad[i], .listen_fd = -1};
		CHECK(!bx_httpd_new(loop, &opts, on_request, NULL, &err) && err.exit == BX_USAGE &&
			      strstr(err.text, bad[i]), bad[i]);
	}
	struct bx_httpd_opts opts = {.listen = "127.0.0.1:0", .listen_fd = -1};
	struct bx_httpd *one = bx_httpd_new(loop, &opts, on_request, NULL, NULL);
	opts.listen = bx_httpd_address(one);
	CHECK(!bx_httpd_new(loop, &opts, on_request, NULL, &err) && err.exit == BX_LOCAL &&
		      strstr(err.text, opts.listen), "an address in use is refused by name");
	opts.listen = "[::1]:0";
	struct bx_httpd *six = bx_httpd_new(loop, &opts, on_request, NULL, NULL);
	CHECK(!six || bx_starts(bx_httpd_address(six), "[::1]:"), "version 6 where there is one");
	bx_httpd_free(six);
	bx_httpd_free(one);
	bx_httpd_free(NULL);
	bx_loop_free(loop);
}

static char *scratch(void)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = bx_xprintf("%s/bx-httpd-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		abort();
	return dir;
}

static void unix_socket(void)
{
	auto_free char *dir = scratch();
	auto_free char *path = bx_xprintf("%s/admin", dir);
	struct server server, rival = {.loop = bx_loop_new(NULL)};
	struct stat st;
	struct bx_err err = {0};
	server_start(&server, (struct bx_httpd_opts){.listen = path, .per_address = 1}, on_request);
	CHECK(!stat(path, &st) && (st.st_mode & 0777) == 0600, "the socket is as open as its directory");
	int first = dial(&server);
	auto_free char *answer = converse(&server, "GET / HTTP/1.0\r\n\r\n");
	CHECK(strstr(answer, "GET / ?  probe"), "it serves, and knows no address of its client");
	struct bx_httpd_opts same = {.listen = path, .listen_fd = -1};
	CHECK(!bx_httpd_new(rival.loop, &same, on_request, NULL, &err) && err.exit == BX_LOCAL,
		"a living socket is not taken over");
	close(first);
	server_stop(&server);
	CHECK(stat(path, &st) < 0 && errno == ENOENT, "the path goes with the server");
	int dead = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	snprintf(addr.sun_path, sizeof addr.sun_path, "%s", path);
	if (bind(dead, (struct sockaddr *)&addr, sizeof addr))
		abort();
	close(dead);
	rival.httpd = bx_httpd_new(rival.loop, &same, on_request, NULL, &err);
	CHECK(rival.httpd, "a dead one is");
	bx_httpd_free(rival.httpd);
	FILE *file = fopen(path, "w");
	fclose(file);
	CHECK(!bx_httpd_new(rival.loop, &same, on_request, NULL, &err), "another file is left alone");
	bx_loop_free(rival.loop);
	unlink(path);
	rmdir(dir);
}

static void given_socket(void)
{
	struct sockaddr_in addr = {.sin_family = AF_INET};
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct server server;
	if (bind(fd, (struct sockaddr *)&addr, sizeof addr) || listen(fd, 8))
		abort();
	server_start(&server, (struct bx_httpd_opts){.listen_fd = fd}, on_request);
	CHECK(status_for(&server, GET("/static")) == 200, "a socket that listens already is served");
	server_stop(&server);
}

static void quiesce_now(void *arg)
{
	bx_httpd_quiesce(((struct server *)arg)->httpd);
}

static void quiesce(void)
{
	struct server server;
	server_start(&server, (struct bx_httpd_opts){0}, on_request);
	int busy = dial(&server), idle = dial(&server), reading = dial(&server);
	char first;
	say(busy, GET("/wait"));
	say(idle, GET("/static"));
	say(reading, GET("/big"));
	auto_free char *page = hear(idle);
	CHECK(hear_bytes(reading, &first, 1), "(an answer under way)");
	while (atomic_load(&late_count) < 1)
		poll(NULL, 0, 1);
	server_do(&server, quiesce_now, &server);
	CHECK(status_of(page) == 200 && hear_end(idle), "an idle connection is let go");
	CHECK(dial(&server) < 0, "a new one is not taken");
	atomic_store(&late_count, 0);
	server_do(&server, say_late, late[0]);
	auto_free char *answer = hear(busy);
	CHECK(strstr(answer, "\r\nConnection: close\r\n") && !strcmp(body_of(answer), "late"),
		"the open request is answered, and told that it is the last");
	bool ended;
	auto_free char *rest = hear_all(reading, &ended);
	CHECK(ended && !strcmp(body_of(rest), big), "the answer under way arrives whole");
	CHECK(hear_end(busy) && server_settles(&server, 0), "then all are gone");
	close(busy), close(idle), close(reading);
	server_stop(&server);
}

static void freed_in_the_middle(void)
{
	struct server server;
	server_start(&server, (struct bx_httpd_opts){0}, on_request);
	static const char *const starts[] = {"", "GET / HT", GET("/wait"), GET("/static"), GET("/big"),
		GET("/cut-big"), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc"};
	int fds[BX_COUNT(starts)];
	for (size_t i = 0; i < BX_COUNT(starts); i++)
		say(fds[i] = dial(&server), starts[i]);
	while (atomic_load(&late_count) < 1)
		poll(NULL, 0, 1);
	atomic_store(&late_count, 0);
	server_halt(&server);
	say(fds[0], GET("/wait"));
	/* To refuse this one would leave the library with a request that waits for its farewell. */
	say(fds[1], "TP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
	server_free(&server);
	CHECK(atomic_load(&late_count) == 0, "no route is asked while the server is freed");
	int ended = 0;
	for (size_t i = 0; i < BX_COUNT(starts); i++) {
		ended += hear_end(fds[i]);
		close(fds[i]);
	}
	CHECK(ended == BX_COUNT(starts), "a server freed in the middle of everything ends all");
}

static void serve(struct bx_httpd_opts opts, void (*test)(struct server *))
{
	struct server server;
	server_start(&server, opts, on_request);
	test(&server);
	server_stop(&server);
}

int main(void)
{
	static void (*const tests[])(struct server *) = {plain_requests, tails, odd_targets, bodies, pipelined,
		closes_gently, wide_headers, late_answers, cuts, malformed, ignored_upgrade};
	alarm(240);
	big = request_with("", BIG);
	tail = bx_tail_new("</p>", 4);
	big_tail = bx_tail_new(big, BIG);
	for (size_t i = 0; i < BX_COUNT(tests); i++)
		serve((struct bx_httpd_opts){0}, tests[i]);
	serve((struct bx_httpd_opts){.body_max = 1000}, body_ceiling);
	serve((struct bx_httpd_opts){.header_max = 4096}, header_ceiling);
	serve((struct bx_httpd_opts){.deadline_ms = 30, .idle_ms = 60}, deadlines);
	serve((struct bx_httpd_opts){.deadline_ms = 30, .idle_ms = 60}, thinking_is_free);
	serve((struct bx_httpd_opts){.deadline_ms = 30}, deadline_of_the_next);
	serve((struct bx_httpd_opts){.per_address = 3}, limits);
	serve((struct bx_httpd_opts){.total = 3}, limits);
	serve((struct bx_httpd_opts){0}, loopback_is_free);
	addresses();
	unix_socket();
	given_socket();
	quiesce();
	freed_in_the_middle();
	bx_tail_free(tail);
	bx_tail_free(big_tail);
	free(big);
	return check_end();
}
