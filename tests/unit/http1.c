/* Heads and chunks, whole and in every cut (RFC 9112). */
#include "http1.h"
#include "check.h"
#include "str.h"

static enum bx_http1 measure(const char *text, size_t len, size_t *size)
{
	size_t line = 0;
	return bx_head_end(text, len, &line, size);
}

static void ends(void)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\nmore";
	size_t whole = sizeof text - 1 - 4, size = 0, line = 0;
	bool waits = true;
	for (size_t len = 0; len < whole; len++)
		waits &= bx_head_end(text, len, &line, &size) == BX_HTTP1_MORE;
	CHECK(waits, "a head is awaited to its empty line, byte by byte");
	CHECK(bx_head_end(text, whole, &line, &size) == BX_HTTP1_DONE && size == whole, "and measured");
	CHECK(measure(text, sizeof text - 1, &size) == BX_HTTP1_DONE && size == whole, "also at once");
	CHECK(measure("GET / HTTP/1.1\n\n", 16, &size) == BX_HTTP1_BAD, "a bare line feed is none");
	CHECK(measure("\n", 1, &size) == BX_HTTP1_BAD, "also alone");
}

static bool reads(struct bx_head *head, char *text)
{
	return bx_head_read(head, text, strlen(text));
}

static void parts(void)
{
	struct bx_head head;
	char text[] = "POST /a?b HTTP/1.1\r\nhost: x\r\nX-Empty:\r\nX-Wide: \t a b \t\r\n"
		      "content-length: 12\r\nExpect: 100-Continue\r\n\r\n";
	CHECK(reads(&head, text), "a request");
	CHECK_STR(head.method, "POST", "its method");
	CHECK_STR(head.target, "/a?b", "its target");
	CHECK_STR(bx_head_get(&head, "Host"), "x", "names in any case");
	CHECK_STR(bx_head_get(&head, "x-empty"), "", "an empty value");
	CHECK_STR(bx_head_get(&head, "x-wide"), "a b", "white space around a value is not of it");
	CHECK(!bx_head_get(&head, "X"), "a name it has not");
	CHECK(head.length == 12 && head.go_on && head.keep && head.http11 && !head.chunked,
		"what it says of itself");
}

static void lists(void)
{
	struct bx_head head;
	char text[] = "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nUpgrade: a,B\r\n"
		      "Connection: x, Upgrade\r\n\r\n";
	CHECK(reads(&head, text) && bx_head_lists(&head, "connection", "upgrade") &&
		      bx_head_lists(&head, "Connection", "Keep-Alive") && bx_head_lists(&head, "Upgrade", "b"),
		"a list may be spread over several headers");
	CHECK(!bx_head_lists(&head, "Connection", "close") && !bx_head_lists(&head, "Connection", "up") &&
		      !bx_head_lists(&head, "Host", "b") && !bx_head_lists(&head, "Via", "a"),
		"and has no other words");
	char old[] = "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n";
	CHECK(reads(&head, old) && !head.go_on, "an old client does not know what 100 is");
}

static void kept(void)
{
	static const struct {
		const char *text;
		bool keep;
	} rows[] = {
		{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
		{"GET / HTTP/1.0\r\n\r\n", false},
		{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade, Close\r\n\r\n", false},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n", true},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n", false},
	};
	for (size_t i = 0; i < BX_COUNT(rows); i++) {
		struct bx_head head;
		auto_free char *text = bx_xstrdup(rows[i].text);
		CHECK(reads(&head, text) && head.keep == rows[i].keep, rows[i].text);
	}
}

static void refused(void)
{
	static const char *const rows[] = {
		"GET / HTTP/1.2\r\nHost: a\r\n\r\n", "GET / http/1.1\r\nHost: a\r\n\r\n",
		"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
		" GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /a\rb HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\tb\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n",
		"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1234567890123456789\r\n\r\n", "\r\n", "\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "GET / HTTP/1.1\r\nHost: me@a\r\n\r\n",
	};
	for (size_t i = 0; i < BX_COUNT(rows); i++) {
		struct bx_head head;
		auto_free char *text = bx_xstrdup(rows[i]);
		CHECK(!reads(&head, text), rows[i]);
	}
}

/* Feeds the text in pieces, as a socket brings it: what is not used comes again. */
/* Every byte at every place of a value and of a target, since they are looked at several at once. */
static void bytes(void)
{
	int wrong = 0;
	for (int place = 0; place < 20; place++)
		for (int c = 1; c < 256; c++) {
			struct bx_head head;
			bool plain = c >= ' ' && c != 0x7f;
			char text[] = "GET /aaaaaaaaaaaaaaaaaaaaa HTTP/1.1\r\nHost: a\r\nX: "
				      "bbbbbbbbbbbbbbbbbbbbb\r\n\r\n";
			auto_free char *target = bx_xstrdup(text);
			*(strchr(text, 'b') + place) = (char)c;
			*(strchr(target, 'a') + place) = (char)c;
			wrong += c != '\n' && c != '\r' && reads(&head, text) != (plain || c == '\t');
			wrong += c != '\n' && c != '\r' && c != ' ' && reads(&head, target) != plain;
		}
	CHECK(!wrong, "no control characters but the tab of a value, wherever they stand");
}

static enum bx_http1 feed(const char *text, size_t piece, struct bx_str *body, size_t *rest)
{
	struct bx_chunks chunks = {0};
	auto_str struct bx_str in = BX_STR_INIT(65536);
	enum bx_http1 state = BX_HTTP1_MORE;
	size_t len = strlen(text), at = 0, used;
	while (state == BX_HTTP1_MORE && at < len) {
		size_t now = piece < len - at ? piece : len - at;
		bx_str_add(&in, text + at, now);
		at += now;
		state = bx_chunks_read(&chunks, in.buf, in.len, &used, body);
		bx_str_cut(&in, used);
	}
	*rest = in.len + len - at;
	return state;
}

static void chunks(void)
{
	static const char text[] = "4\r\nWiki\r\n6;a=\"b\"\r\npedia \r\nE \t\r\nin \r\n\r\nchunks.\r\n0\r\nA: b\r\n\r\nNEXT";
	bool same = true;
	for (size_t piece = 1; piece < sizeof text; piece++) {
		auto_str struct bx_str body = BX_STR_INIT(1000);
		size_t rest;
		same &= feed(text, piece, &body, &rest) == BX_HTTP1_DONE && rest == 4 &&
			!strcmp(body.buf, "Wikipedia in \r\n\r\nchunks.");
	}
	CHECK(same, "chunks in every cut, with extensions and trailers, and what follows is left");
	static const char *const bad[] = {"\r\n", "x\r\n", "-1\r\n", "1\n", "1\r\nab\r\n", "1x\r\n",
		"1000000000000000\r\n", "1;a\001\r\n", "0\r\nA\n\r\n"};
	for (size_t i = 0; i < BX_COUNT(bad); i++) {
		auto_str struct bx_str body = BX_STR_INIT(1000);
		size_t rest;
		CHECK(feed(bad[i], 1, &body, &rest) == BX_HTTP1_BAD && !body.over, bad[i]);
	}
	auto_str struct bx_str small = BX_STR_INIT(3);
	size_t rest;
	CHECK(feed("4\r\nWiki\r\n", 100, &small, &rest) == BX_HTTP1_BAD && small.over, "a ceiling says so");
	auto_str struct bx_str endless = BX_STR_INIT(100000);
	bx_str_puts(&endless, "0\r\n");
	for (int i = 0; i < 3000; i++)
		bx_str_puts(&endless, "A: b\r\n");
	CHECK(feed(endless.buf, 100, &small, &rest) == BX_HTTP1_BAD, "trailers without an end");
	bx_str_reset(&endless);
	for (int i = 0; i < 3000; i++)
		bx_str_putc(&endless, '1');
	CHECK(feed(endless.buf, 100, &small, &rest) == BX_HTTP1_BAD, "a size without an end");
}

int main(void)
{
	ends();
	parts();
	lists();
	kept();
	refused();
	bytes();
	chunks();
	return check_end();
}
