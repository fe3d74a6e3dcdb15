#include "ws.h"

#include <errno.h>
#include <stdatomic.h>
#include <strings.h>
#include "check.h"
#include "net.h"

#define CONTINUED 0
#define TEXT	  1
#define BINARY	  2
#define CLOSE	  8
#define PING	  9
#define PONG	  10
#define FIN	  0x80

struct owner {
	struct server *server;
	struct bx_line *line;
};

/* The lines that are open, as their owner knows them; touched in the server's thread alone. */
#define OWNERS 64
static struct owner owners[OWNERS];
static atomic_int opened, closed, texts, last_why, refused_sends;

static void *on_open(void *arg, struct bx_line *line)
{
	for (int i = 0; i < OWNERS; i++) {
		if (owners[i].line)
			continue;
		owners[i] = (struct owner){.server = arg, .line = line};
		atomic_fetch_add(&opened, 1);
		return &owners[i];
	}
	abort();
}

static void *on_open_and_talk(void *arg, struct bx_line *line)
{
	void *owner = on_open(arg, line);
	bx_line_send(line, "first", 5);
	return owner;
}

static void *on_open_and_close(void *arg, struct bx_line *line)
{
	void *owner = on_open(arg, line);
	bx_line_close(line, 4001, "not now");
	return owner;
}

static void on_close(void *line_arg, struct bx_line *line, int why)
{
	struct owner *owner = line_arg;
	if (owner->line != line)
		abort();
	if (bx_line_send(line, "too late", 8))
		abort();
	bx_line_close(line, 1000, "twice");
	owner->line = NULL;
	atomic_store(&last_why, why);
	atomic_fetch_add(&closed, 1);
}

static void broadcast(const char *text, size_t len)
{
	for (int i = 0; i < OWNERS; i++)
		if (owners[i].line && !bx_line_send(owners[i].line, text, len))
			atomic_fetch_add(&refused_sends, 1);
}

static void close_others(const struct bx_line *line)
{
	for (int i = 0; i < OWNERS; i++)
		if (owners[i].line && owners[i].line != line)
			bx_line_close(owners[i].line, 4002, "another");
}

static void flood(struct bx_line *line)
{
	char text[1000];
	memset(text, 'x', sizeof text);
	while (bx_line_send(line, text, sizeof text))
		;
}

/* More than a socket takes from us while nobody reads. */
static void pile(struct bx_line *line)
{
	static char text[65536];
	memset(text, 'x', sizeof text);
	for (int i = 0; i < 256; i++)
		bx_line_send(line, text, sizeof text);
}

static void on_text(void *line_arg, struct bx_line *line, const char *text, size_t len)
{
	struct owner *owner = line_arg;
	if (owner->line != line || text[len])
		abort();
	atomic_fetch_add(&texts, 1);
	if (!strcmp(text, "close"))
		bx_line_close(line, 4000, "asked");
	else if (!strcmp(text, "close others"))
		close_others(line);
	else if (!strcmp(text, "flood"))
		flood(line);
	else if (!strcmp(text, "pile"))
		pile(line);
	else if (!strcmp(text, "all") || bx_starts(text, "wide"))
		broadcast(text, len);
	else if (bx_starts(text, "mute"))
		return;
	else
		bx_line_send(line, text, len);
}

static struct bx_line_ops ops = {.open = on_open, .text = on_text, .close = on_close};

static void on_request(void *arg, struct bx_request *req)
{
	static struct bx_line_ops talks, closes, impatient;
	struct bx_line_ops *mine = &ops;
	const char *path = bx_request_path(req);
	talks = closes = impatient = ops;
	talks.open = on_open_and_talk;
	closes.open = on_open_and_close;
	impatient.ping_ms = 25;
	mine = !strcmp(path, "/talk") ? &talks : !strcmp(path, "/close") ? &closes : !strcmp(path, "/impatient") ? &impatient : mine;
	bx_reply_header(req, "X-Route", "yes");
	if (!bx_reply_upgrade(req, mine, arg))
		bx_reply(req, 400, "text/plain", "not a line", 10);
}

/* The client's side. */

#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define UPGRADE "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
#define HANDSHAKE(path)                                                                           \
	"GET " path " HTTP/1.1\r\nHost: a\r\n" UPGRADE "Sec-WebSocket-Version: 13\r\n" KEY "\r\n"

static void add_frame(struct bx_str *out, int first, const void *data, size_t len)
{
	static const unsigned char mask[4] = {0x11, 0x82, 0x43, 0xf4};
	bx_str_putc(out, (char)first);
	if (len < 126) {
		bx_str_putc(out, (char)(0x80 | len));
	} else {
		int bytes = len < 65536 ? 2 : 8;
		bx_str_putc(out, (char)(0x80 | (bytes == 2 ? 126 : 127)));
		while (bytes--)
			bx_str_putc(out, (char)(len >> 8 * bytes));
	}
	bx_str_add(out, mask, 4);
	for (size_t i = 0; i < len; i++)
		bx_str_putc(out, (char)(((const unsigned char *)data)[i] ^ mask[i % 4]));
}

static bool put_frame(int fd, int first, const void *data, size_t len)
{
	struct bx_str out = BX_STR_INIT(16 * 1024 * 1024);
	add_frame(&out, first, data, len);
	bool ok = say_bytes(fd, out.buf, out.len);
	bx_str_release(&out);
	return ok;
}

static bool put_text(int fd, const char *text)
{
	return put_frame(fd, FIN | TEXT, text, strlen(text));
}

/* The next frame's first byte, its payload in *out; -1 at the end of the connection. */
static int get_frame(int fd, struct bx_str *out)
{
	unsigned char head[2], extra[8];
	bx_str_reset(out);
	if (!hear_bytes(fd, head, 2))
		return -1;
	size_t len = head[1] & 0x7f, bytes = len == 126 ? 2 : len == 127 ? 8 : 0;
	if (bytes && !hear_bytes(fd, extra, bytes))
		return -1;
	if (bytes)
		len = 0;
	for (size_t i = 0; i < bytes; i++)
		len = len << 8 | extra[i];
	char *data = bx_xcalloc(len + 1, 1);
	bool ok = hear_bytes(fd, data, len);
	bx_str_add(out, data, len);
	free(data);
	return ok && !(head[1] & 0x80) ? head[0] : -1;
}

static struct bx_str got = BX_STR_INIT(16 * 1024 * 1024);

static bool expect(int fd, int first, const char *text)
{
	int frame = get_frame(fd, &got);
	if (frame == first && got.len == strlen(text) && !memcmp(got.buf, text, got.len))
		return true;
	printf("# frame %d: %.60s\n", frame, got.buf);
	return false;
}

static bool expect_close(int fd, int why)
{
	int frame = get_frame(fd, &got);
	int code = got.len >= 2 ? (unsigned char)got.buf[0] << 8 | (unsigned char)got.buf[1] : 1005;
	if (frame == (FIN | CLOSE) && code == why)
		return true;
	printf("# frame %d, status %d\n", frame, code);
	return false;
}

static int dial_line_with(struct server *server, const char *handshake, int receive_buffer)
{
	int fd = dial_small(bx_httpd_address(server->httpd), receive_buffer);
	struct bx_str head = BX_STR_INIT(65536);
	say(fd, handshake);
	hear_head(fd, &head);
	if (status_of(head.buf) != 101)
		printf("# %s\n", head.buf);
	bx_str_release(&head);
	return fd;
}

static int dial_line(struct server *server)
{
	return dial_line_with(server, HANDSHAKE("/"), 0);
}

static bool settles(struct server *server, int why)
{
	bool gone = server_settles(server, 0) && atomic_load(&opened) == atomic_load(&closed);
	if (gone && atomic_load(&last_why) == why)
		return true;
	printf("# opened %d closed %d why %d\n", opened, closed, last_why);
	return false;
}

/* Tests. */

static void accept_keys(void)
{
	char out[29];
	CHECK(bx_ws_accept_key(out, "dGhlIHNhbXBsZSBub25jZQ=="), "a key is accepted");
	CHECK_STR(out, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "as RFC 6455 says");
	static const char *const bad[] = {"", "short", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ==x",
		"dGhlIHNhbXBsZSBub25j****", "dGhlIHNhbXBsZSBub25jZQ=", "AAAAAAAAAAAAAAAAAAAAAAAA"};
	for (size_t i = 0; i < BX_COUNT(bad); i++)
		CHECK(!bx_ws_accept_key(out, bad[i]), "another text is not");
}

static void handshakes(struct server *server)
{
	auto_free char *good = converse(server, HANDSHAKE("/"));
	CHECK(status_of(good) == 101 && strcasestr(good, "\r\nUpgrade: websocket\r\n") &&
		      strcasestr(good, "\r\nConnection: Upgrade\r\n") &&
		      strstr(good, "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
		"a handshake is answered");
	CHECK(strstr(good, "\r\nX-Route: yes\r\n"), "with the route's own headers");
	static const struct {
		const char *why, *text;
	} rows[] = {
		{"no key", "GET / HTTP/1.1\r\nHost: a\r\n" UPGRADE "Sec-WebSocket-Version: 13\r\n\r\n"},
		{"no version", "GET / HTTP/1.1\r\nHost: a\r\n" UPGRADE KEY "\r\n"},
		{"an old version", "GET / HTTP/1.1\r\nHost: a\r\n" UPGRADE "Sec-WebSocket-Version: 8\r\n" KEY "\r\n"},
		{"no upgrade", "GET / HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Version: 13\r\n" KEY "\r\n"},
		{"not for this connection", "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
					    "Sec-WebSocket-Version: 13\r\n" KEY "\r\n"},
		{"another protocol", "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websockets\r\n"
				     "Sec-WebSocket-Version: 13\r\n" KEY "\r\n"},
		{"an old client", "GET / HTTP/1.0\r\nHost: a\r\n" UPGRADE "Sec-WebSocket-Version: 13\r\n" KEY "\r\n"},
		{"a post", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n" UPGRADE
			   "Sec-WebSocket-Version: 13\r\n" KEY "\r\n"},
	};
	for (size_t i = 0; i < BX_COUNT(rows); i++)
		CHECK(status_for(server, rows[i].text) == 400, rows[i].why);
	CHECK(settles(server, 1006), "a line lost without a word closes with 1006");
}

static bool echoes(int fd, size_t len)
{
	char *text = bx_xcalloc(len + 1, 1);
	memset(text, 'e', len);
	bool ok = put_text(fd, text) && expect(fd, FIN | TEXT, text);
	free(text);
	return ok;
}

static void messages(struct server *server)
{
	int fd = dial_line(server);
	CHECK(echoes(fd, 1) && echoes(fd, 125) && echoes(fd, 126) && echoes(fd, 65535) && echoes(fd, 65536),
		"messages of all length forms go both ways");
	CHECK(echoes(fd, 0), "also empty ones");
	put_frame(fd, FIN | TEXT, "a\0bc", 4);
	CHECK(get_frame(fd, &got) == (FIN | TEXT) && got.len == 4 && !memcmp(got.buf, "a\0bc", 4),
		"and ones with a NUL, whole");
	put_frame(fd, TEXT, "a\xc3", 2);
	put_frame(fd, FIN | PING, "mid", 3);
	put_frame(fd, CONTINUED, "\xa9", 1);
	put_frame(fd, FIN | CONTINUED, "b", 1);
	CHECK(expect(fd, FIN | PONG, "mid"), "a ping between fragments is answered");
	CHECK(expect(fd, FIN | TEXT, "a\xc3\xa9" "b"), "and the fragments are one message, cut anywhere");
	struct bx_str run = BX_STR_INIT(1024 * 1024);
	for (int i = 0; i < 10000; i++)
		add_frame(&run, FIN | TEXT, "mute", 4);
	add_frame(&run, FIN | TEXT, "end", 3);
	int before = atomic_load(&texts);
	say_bytes(fd, run.buf, run.len);
	CHECK(expect(fd, FIN | TEXT, "end") && atomic_load(&texts) == before + 10001,
		"ten thousand messages in one breath are all heard");
	bx_str_reset(&run);
	add_frame(&run, FIN | TEXT, "slow", 4);
	for (size_t i = 0; i < run.len; i++)
		say_bytes(fd, run.buf + i, 1);
	CHECK(expect(fd, FIN | TEXT, "slow"), "a frame may come byte by byte");
	bx_str_release(&run);
	close(fd);
	CHECK(settles(server, 1006), "closing is noticed");
}

static void early_bytes(struct server *server)
{
	struct bx_str hello = BX_STR_INIT(65536);
	bx_str_puts(&hello, HANDSHAKE("/talk"));
	add_frame(&hello, FIN | TEXT, "early", 5);
	add_frame(&hello, FIN | TEXT, "bird", 4);
	int fd = dial(server);
	say_bytes(fd, hello.buf, hello.len);
	bx_str_reset(&hello);
	hear_head(fd, &hello);
	CHECK(expect(fd, FIN | TEXT, "first"), "the owner may talk when the line opens");
	CHECK(expect(fd, FIN | TEXT, "early") && expect(fd, FIN | TEXT, "bird"),
		"what came with the handshake is not lost");
	bx_str_release(&hello);
	close(fd);
	CHECK(settles(server, 1006), "(gone)");
}

struct offence {
	const char *what;
	int first;
	const char *data;
	size_t len;
	int why;
};

static void offences(struct server *server)
{
	static char large[2001];
	memset(large, 'x', sizeof large);
	const struct offence rows[] = {
		{"a binary message", FIN | BINARY, "b", 1, 1003},
		{"broken UTF-8", FIN | TEXT, "a\xff", 2, 1007},
		{"half a character", FIN | TEXT, "a\xc3", 2, 1007},
		{"too long a message", FIN | TEXT, large, 2001, 1009},
		{"a reserved bit", FIN | 0x40 | TEXT, "a", 1, 1002},
		{"a reserved frame", FIN | 3, "a", 1, 1002},
		{"a continuation of nothing", FIN | CONTINUED, "a", 1, 1002},
		{"a long ping", FIN | PING, large, 126, 1002},
		{"a ping in fragments", PING, "a", 1, 1002},
	};
	for (size_t i = 0; i < BX_COUNT(rows); i++) {
		int fd = dial_line(server);
		put_frame(fd, rows[i].first, rows[i].data, rows[i].len);
		int frame = get_frame(fd, &got);
		int why = got.len >= 2 ? (unsigned char)got.buf[0] << 8 | (unsigned char)got.buf[1] : 0;
		CHECK((frame == (FIN | CLOSE) && why == rows[i].why) || (frame < 0 && rows[i].why == 1002),
			rows[i].what);
		put_frame(fd, FIN | CLOSE, got.buf, got.len < 2 ? 0 : 2);
		CHECK(hear_end(fd), "ends the line");
		close(fd);
		CHECK(settles(server, atomic_load(&last_why)) && (last_why == rows[i].why || last_why == 1006),
			"and the owner is told");
	}
	int fd = dial_line(server);
	put_frame(fd, TEXT, large, 1999);
	put_frame(fd, CONTINUED, large, 1);
	put_frame(fd, FIN | CONTINUED, large, 1);
	CHECK(expect_close(fd, 1009), "fragments count together");
	close(fd);
	fd = dial_line(server);
	say_bytes(fd, "\x81\x01" "a", 3);
	CHECK(expect_close(fd, 1002), "an unmasked frame is refused");
	close(fd);
	CHECK(settles(server, 1002), "(gone)");
}

static void closings(struct server *server)
{
	int fd = dial_line(server);
	put_frame(fd, FIN | CLOSE, "\x03\xe9" "bye", 5);
	CHECK(expect_close(fd, 1001) && hear_end(fd), "a closing is answered and ends");
	close(fd);
	CHECK(settles(server, 1001), "its status is told");
	fd = dial_line(server);
	put_frame(fd, FIN | CLOSE, "", 0);
	CHECK(expect_close(fd, 1005) && hear_end(fd), "one without a status too");
	close(fd);
	CHECK(settles(server, 1005), "as 1005");
	fd = dial_line(server);
	put_text(fd, "close");
	CHECK(expect_close(fd, 4000) && !strcmp(got.buf + 2, "asked"), "the owner closes with a reason");
	int before = atomic_load(&texts);
	put_text(fd, "still talking");
	put_frame(fd, FIN | CLOSE, "\x03\xe8", 2);
	CHECK(hear_end(fd), "the answer ends it, whatever it says");
	close(fd);
	CHECK(settles(server, 4000) && atomic_load(&texts) == before, "with the owner's status");
	fd = dial_line(server);
	put_text(fd, "close");
	CHECK(expect_close(fd, 4000) && hear_end(fd), "a closing that is never answered ends all the same");
	close(fd);
	CHECK(settles(server, 4000), "with the owner's status");
	fd = dial_line_with(server, HANDSHAKE("/close"), 0);
	CHECK(expect_close(fd, 4001), "the owner may close a line as it opens");
	close(fd);
	CHECK(server_settles(server, 0), "(gone)");
}

static void ends_from_elsewhere(struct server *server)
{
	int fds[20], ended = 0;
	for (int i = 0; i < 20; i++)
		fds[i] = dial_line(server);
	put_text(fds[7], "all");
	for (int i = 0; i < 20; i++)
		ended += expect(fds[i], FIN | TEXT, "all");
	CHECK(ended == 20, "one line's message may speak on all of them");
	put_text(fds[7], "close others");
	ended = 0;
	for (int i = 0; i < 20; i++)
		ended += i != 7 && expect_close(fds[i], 4002);
	CHECK(ended == 19, "and close all others");
	CHECK(echoes(fds[7], 10), "and lives on");
	for (int i = 0; i < 20; i++)
		close(fds[i]);
	CHECK(server_settles(server, 0), "(gone)");
}

static void await_closing(int before)
{
	for (int i = 0; i < PATIENCE_MS && atomic_load(&closed) == before; i++)
		poll(NULL, 0, 1);
}

static void slow_readers(struct server *server)
{
	char wide[1001] = "wide";
	memset(wide + 4, 'w', sizeof wide - 5);
	int greedy = dial_line_with(server, HANDSHAKE("/"), 4096), before = atomic_load(&closed);
	put_text(greedy, "flood");
	await_closing(before);
	CHECK(atomic_load(&last_why) == 1008, "a line that is sent too much at once is cut with 1008");
	int slow = dial_line_with(server, HANDSHAKE("/"), 4096), good = dial_line(server), told = 0;
	before = atomic_load(&closed), last_why = 0;
	while (atomic_load(&closed) == before && put_text(good, wide) && expect(good, FIN | TEXT, wide))
		told++;
	CHECK(atomic_load(&last_why) == 1008 && told > 10, "so is one that does not read for long");
	CHECK(echoes(good, 100), "the others do not notice");
	CHECK(hear_end(slow) && hear_end(greedy), "and its socket is closed");
	close(slow), close(greedy);
	int pinger = dial_line_with(server, HANDSHAKE("/"), 4096);
	char load[125] = {0};
	while (put_frame(pinger, FIN | PING, load, sizeof load))
		;
	close(pinger);
	CHECK(echoes(good, 100), "so is one that pings and does not read the answers");
	close(good);
	CHECK(settles(server, 1006), "(gone)");
}

/* Neither is there anything more to read for us, nor does our part of the ending go out. */
static void deaf_offenders(struct server *server)
{
	static const int ends[] = {FIN | CLOSE, FIN | 3};
	static const int whys[] = {1005, 1002};
	for (size_t i = 0; i < BX_COUNT(ends); i++) {
		int fd = dial_line_with(server, HANDSHAKE("/"), 4096);
		put_text(fd, "pile");
		put_frame(fd, ends[i], "", 0);
		put_text(fd, "and what follows");
		CHECK(settles(server, whys[i]), "who ends a line and does not read is not waited for");
		close(fd);
	}
}

static void pings(struct server *server)
{
	bool pinged = false, kept = false;
	for (int i = 0; i < 20 && !pinged; i++) { /* on a slow machine the end may come before the ping is read */
		int fd = dial_line_with(server, HANDSHAKE("/impatient"), 0);
		pinged = get_frame(fd, &got) == (FIN | PING) && hear_end(fd);
		close(fd);
		CHECK(settles(server, 1006), "twice as much silence ends a line as lost");
	}
	CHECK(pinged, "once as much is answered by a ping");
	for (int i = 0; i < 20 && !kept; i++) { /* a slow machine may be late with its answer */
		int fd = dial_line_with(server, HANDSHAKE("/impatient"), 0);
		kept = true;
		for (int pongs = 0; pongs < 4 && kept; pongs++)
			kept = get_frame(fd, &got) == (FIN | PING) && put_frame(fd, FIN | PONG, "", 0);
		close(fd);
	}
	CHECK(kept, "one that answers lives on");
	CHECK(server_settles(server, 0), "(gone)");
}

static void places(struct server *server)
{
	int one = dial_line(server), two = dial_line(server), three = dial(server);
	CHECK(hear_end(three), "an open line keeps its place");
	close(three), close(one);
	CHECK(server_settles(server, 1), "until it is gone");
	one = dial_line(server);
	CHECK(echoes(one, 3) && echoes(two, 3), "then there is room again");
	close(one), close(two);
	CHECK(server_settles(server, 0), "(gone)");
}

static void serve(struct bx_httpd_opts opts, void (*test)(struct server *))
{
	struct server server;
	server_start(&server, opts, on_request);
	test(&server);
	server_stop(&server);
}

static void server_ends(void)
{
	struct server server;
	server_start(&server, (struct bx_httpd_opts){0}, on_request);
	int open = dial_line(&server), closing = dial_line(&server), talking = dial_line(&server);
	put_text(closing, "close");
	CHECK(expect_close(closing, 4000), "(closing)");
	put_frame(talking, TEXT, "half a mess", 11);
	int before = atomic_load(&closed), parting = dial_line(&server);
	put_frame(parting, FIN | CLOSE, "", 0);
	CHECK(expect_close(parting, 1005) && hear_end(parting), "(parting)");
	await_closing(before++);
	server_stop(&server);
	CHECK(atomic_load(&closed) == before + 3, "the end of the server is told to every line's owner");
	CHECK(expect_close(open, 1001) && hear_end(open), "and to the other side");
	CHECK(expect_close(talking, 1001) && hear_end(talking) && hear_end(closing), "wherever it was");
	close(open), close(closing), close(talking), close(parting);
}

int main(void)
{
	alarm(240);
	accept_keys();
	serve((struct bx_httpd_opts){0}, handshakes);
	ops.message_max = 100000;
	serve((struct bx_httpd_opts){0}, messages);
	serve((struct bx_httpd_opts){0}, early_bytes);
	ops.message_max = 2000;
	serve((struct bx_httpd_opts){0}, offences);
	serve((struct bx_httpd_opts){0}, closings);
	serve((struct bx_httpd_opts){0}, ends_from_elsewhere);
	ops.queue_max = 64 * 1024 * 1024;
	serve((struct bx_httpd_opts){0}, deaf_offenders);
	ops.queue_max = 50000;
	serve((struct bx_httpd_opts){0}, slow_readers);
	serve((struct bx_httpd_opts){0}, pings);
	serve((struct bx_httpd_opts){.per_address = 2}, places);
	server_ends();
	bx_str_release(&got);
	return check_end();
}
