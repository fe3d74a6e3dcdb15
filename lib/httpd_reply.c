#include "httpd_impl.h"

#include <string.h>
#include <strings.h>
#include <time.h>
#include "log.h"
#include "banned.h"

#define HEAD_ROOM   256 /* bytes of an answer's head besides the headers of the route */
#define ROUTES_ROOM 768 /* of those, at first */
#define SMALL	    2048

static void add_header(struct bx_str *out, const char *name, const char *value)
{
	size_t name_len = strlen(name), value_len = strlen(value);
	char *p = bx_str_grow(out, name_len + value_len + 4);
	if (!p)
		return;
	p = mempcpy(p, name, name_len);
	p = mempcpy(p, ": ", 2);
	p = mempcpy(p, value, value_len);
	mempcpy(p, "\r\n", 2);
}

/* Most routes have several headers. */
static struct bx_str *with_room(struct bx_str *headers)
{
	if (!headers->cap)
		bx_str_room(headers, ROUTES_ROOM);
	return headers;
}

void bx_reply_lines(struct bx_request *req, const char *lines)
{
	bx_str_puts(with_room(&req->headers), lines);
}

void bx_reply_pieces(struct bx_request *req, const struct bx_piece *pieces, size_t count)
{
	bx_str_pieces(with_room(&req->headers), pieces, count);
}

void bx_reply_header(struct bx_request *req, const char *name, const char *value)
{
	if (strpbrk(value, "\r\n") || strpbrk(name, ": \r\n"))
		bx_log(BX_LOG_ERROR, "http: not a header: %s", name);
	else if (*value)
		add_header(with_room(&req->headers), name, value);
}

static bool answerable(const struct bx_request *req)
{
	if (req->conn->stage == ASKED)
		return true;
	bx_log(BX_LOG_ERROR, "http: a second answer to %s %s", req->head.method, req->path);
	return false;
}

/* The status line and the date; most answers of a second begin with the same ones. */
static void add_beginning(struct bx_str *out, int status)
{
	static struct {
		time_t at;
		int status;
		size_t len;
		char text[160];
	} last;
	time_t now = time(NULL);
	if (now != last.at || status != last.status) {
		char date[40];
		struct tm tm;
		gmtime_r(&now, &tm);
		strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
		last.at = now;
		last.status = status;
		last.len = (size_t)snprintf(last.text, sizeof last.text, "HTTP/1.1 %d %s\r\nDate: %s\r\n", status,
			bx_http1_reason(status), date);
	}
	bx_str_add(out, last.text, last.len);
}

static void settle_late(void *arg)
{
	struct conn *conn = arg;
	conn->settle = NULL;
	httpd_conn_settle(conn);
}

/* While the route is on the stack, what follows waits for its return; otherwise for the loop,
 * since whoever answers may be in the middle of anything. */
static void answered(struct conn *conn)
{
	if (!conn->calling && !conn->settle)
		conn->settle = bx_loop_timer(conn->httpd->loop, 0, settle_late, conn);
}

static void start_answer(struct bx_request *req, int status, size_t body)
{
	struct bx_str *out = &req->conn->out, *spare = &req->conn->httpd->spare;
	if (!out->cap && spare->cap) {
		*out = *spare;
		bx_str_init(spare, SIZE_MAX / 2);
	}
	bx_str_room(out, HEAD_ROOM + req->headers.len + body);
	add_beginning(out, status);
}

static void add_connection(struct bx_request *req)
{
	struct conn *conn = req->conn;
	if (!req->head.keep || conn->httpd->quiesced)
		add_header(&conn->out, "Connection", "close");
	else if (!req->head.http11)
		add_header(&conn->out, "Connection", "keep-alive");
}

/* All of the head behind its beginning, and what is copied of the body. */
static void add_head(struct bx_request *req, const char *type, bool bare, size_t len,
	const struct bx_piece *copied)
{
	struct bx_str *out = &req->conn->out;
	add_connection(req);
	if (type)
		add_header(out, "Content-Type", type);
	if (!bare) {
		bx_str_add(out, "Content-Length: ", 16);
		bx_str_number(out, (int64_t)len);
		bx_str_add(out, "\r\n", 2);
	}
	const struct bx_piece pieces[] = {{req->headers.buf, req->headers.len}, BX_PIECE("\r\n"), *copied};
	bx_str_pieces(out, pieces, BX_COUNT(pieces));
}

/* The body is what is copied, then rest. The first of it is still to be sent. */
static void write_answer(struct bx_request *req, int status, const char *type, struct bx_piece copied,
	struct bx_piece rest)
{
	struct conn *conn = req->conn;
	size_t len = copied.len + rest.len;
	bool bare = status == 204 || status == 304;
	if (bare || !strcmp(req->head.method, "HEAD"))
		copied.len = rest.len = 0;
	start_answer(req, status, copied.len);
	add_head(req, type, bare, len, &copied);
	conn->more = rest.text;
	conn->more_len = rest.len;
	httpd_conn_arm_reader(conn);
}

/* A small body is sooner copied than sent from where it lies. */
void bx_reply(struct bx_request *req, int status, const char *type, const void *body, size_t len)
{
	const struct bx_piece none = BX_PIECE(""), whole = len ? (struct bx_piece){body, len} : none;
	struct conn *conn = req->conn;
	if (!answerable(req))
		return;
	write_answer(req, status, type, len <= SMALL ? whole : none, len <= SMALL ? none : whole);
	httpd_conn_flush(conn);
	if (conn->stage == SENDING) {
		bx_str_add(&conn->out, conn->more, conn->more_len);
		conn->more_len = 0;
	}
	answered(conn);
}

void bx_reply_static(struct bx_request *req, int status, const char *type, const void *body, size_t len)
{
	if (!answerable(req))
		return;
	write_answer(req, status, type, (struct bx_piece)BX_PIECE(""), (struct bx_piece){body, len});
	httpd_conn_flush(req->conn);
	answered(req->conn);
}

struct bx_tail *bx_tail_new(const char *text, size_t len)
{
	struct bx_tail *tail = bx_xrealloc(NULL, sizeof *tail + len);
	tail->len = len;
	memcpy(tail->text, text, len);
	return tail;
}

void bx_tail_free(struct bx_tail *tail)
{
	free(tail);
}

void bx_reply_tail(struct bx_request *req, int status, const char *type, const void *body, size_t len,
	struct bx_tail *tail)
{
	if (!answerable(req))
		return;
	write_answer(req, status, type, (struct bx_piece){body, len}, (struct bx_piece){tail->text, tail->len});
	httpd_conn_flush_joined(req->conn, tail);
	answered(req->conn);
}

void bx_reply_cut(struct bx_request *req, const void *raw, size_t len)
{
	if (!answerable(req))
		return;
	struct conn *conn = req->conn;
	if (len) {
		httpd_conn_part(conn, raw, len, false);
	} else {
		conn->stage = CUT;
		answered(conn);
	}
}

void bx_reply_trickle(struct bx_request *req, const void *raw, size_t len, int pause_ms)
{
	if (!answerable(req))
		return;
	httpd_conn_part(req->conn, raw, len, false);
	bx_farewell_trickle(req->conn->farewell, pause_ms);
}

bool bx_reply_upgrade(struct bx_request *req, const struct bx_line_ops *ops, void *arg)
{
	char accept[29];
	const char *key = bx_request_header(req, "Sec-WebSocket-Key");
	const char *version = bx_request_header(req, "Sec-WebSocket-Version");
	if (!answerable(req) || !req->head.http11 || strcmp(req->head.method, "GET") || req->body.len ||
		!bx_head_lists(&req->head, "Upgrade", "websocket") ||
		!bx_head_lists(&req->head, "Connection", "upgrade") ||
		!bx_streq(version, "13") || !key || !bx_ws_accept_key(accept, key))
		return false;
	struct conn *conn = req->conn;
	start_answer(req, 101, 0);
	add_header(&conn->out, "Connection", "Upgrade");
	add_header(&conn->out, "Upgrade", "websocket");
	add_header(&conn->out, "Sec-WebSocket-Accept", accept);
	bx_str_add(&conn->out, req->headers.buf, req->headers.len);
	bx_str_puts(&conn->out, "\r\n");
	httpd_conn_flush(conn);
	conn->ops = ops;
	conn->ops_arg = arg;
	conn->stage = conn->stage == SENT ? UPGRADE : CUT;
	answered(conn);
	return true;
}
