#include "httpd_impl.h"

#include <string.h>
#include <strings.h>
#include "banned.h"

#define IDLE_MAX (64 * 1024) /* bytes kept for the next request */

/* An absolute address in the request line is as good as a path (RFC 9112, 3.2.2). */
static char *uri_origin(char *uri)
{
	if (*uri == '/')
		return uri;
	size_t scheme = !strncasecmp(uri, "http://", 7) ? 7 : !strncasecmp(uri, "https://", 8) ? 8 : 0;
	if (!scheme)
		return uri;
	char *path = uri + scheme + strcspn(uri + scheme, "/?");
	if (*path == '/')
		return path;
	path[-1] = '/'; /* "http://host?query" has room for it in front */
	return path - 1;
}

static void set_target(struct bx_request *req)
{
	char *path = uri_origin(req->text.buf + (req->head.target - req->text.buf));
	char *query = path + strcspn(path, "?");
	if (*query)
		*query++ = 0;
	req->path = path;
	req->query = query;
}

/* The client may still be sending: a plain end could destroy the refusal on its way. */
static bool refuse(struct conn *conn, int status, uint64_t *count)
{
	const char *reason = bx_http1_reason(status);
	bool head = conn->req && conn->req->head.method && !strcmp(conn->req->head.method, "HEAD");
	auto_free char *raw = bx_xprintf("HTTP/1.1 %d %s\r\nConnection: close\r\n"
					 "Content-Type: text/plain\r\nContent-Length: %zu\r\n\r\n%s",
		status, reason, strlen(reason), head ? "" : reason);
	++*count;
	httpd_conn_part(conn, raw, strlen(raw), true);
	return false;
}

static bool refuse_malformed(struct conn *conn)
{
	return refuse(conn, 400, &conn->httpd->figures.refused_malformed);
}

static struct bx_request *start_request(struct conn *conn)
{
	struct bx_httpd *httpd = conn->httpd;
	struct bx_request *req = httpd->idle;
	httpd->idle = NULL;
	if (req) {
		req->conn = conn;
		return req;
	}
	req = bx_xrealloc(NULL, sizeof *req);
	*req = (struct bx_request){.conn = conn, .text = BX_STR_INIT(SIZE_MAX / 2),
		.body = BX_STR_INIT(httpd->opts.body_max), .headers = BX_STR_INIT(SIZE_MAX / 2)};
	return req;
}

static bool take_head(struct conn *conn, size_t size)
{
	struct bx_httpd *httpd = conn->httpd;
	struct bx_request *req = conn->req = start_request(conn);
	bx_str_add(&req->text, conn->in.buf, size);
	bx_str_cut(&conn->in, size);
	conn->stage = BODY;
	if (!bx_head_read(&req->head, req->text.buf, size))
		return refuse_malformed(conn);
	set_target(req);
	if (req->head.length > req->body.max)
		return refuse(conn, 413, &httpd->figures.refused_body);
	return true;
}

static void skip_empty_lines(struct conn *conn)
{
	size_t skip = 0;
	while (conn->in.len >= skip + 2 && !memcmp(conn->in.buf + skip, "\r\n", 2))
		skip += 2;
	bx_str_cut(&conn->in, skip);
}

static bool read_head(struct conn *conn)
{
	struct bx_httpd *httpd = conn->httpd;
	size_t size = 0;
	if (!conn->line)
		skip_empty_lines(conn);
	if (!conn->in.len)
		return false;
	if (conn->awaits == NEXT && conn->in.buf[0] != '\r')
		httpd_conn_arm(conn, httpd->opts.deadline_ms, REQUEST);
	enum bx_http1 state = bx_head_end(conn->in.buf, conn->in.len, &conn->line, &size);
	if (state == BX_HTTP1_BAD)
		return refuse_malformed(conn);
	if ((state == BX_HTTP1_DONE ? size : conn->in.len) > httpd->opts.header_max)
		return refuse(conn, 431, &httpd->figures.refused_headers);
	return state == BX_HTTP1_DONE && take_head(conn, size);
}

static bool ask(struct conn *conn)
{
	struct bx_httpd *httpd = conn->httpd;
	conn->stage = ASKED;
	httpd->figures.requests++;
	httpd_conn_arm(conn, NEVER, REQUEST);
	conn->calling = true;
	httpd->fn(httpd->arg, conn->req);
	conn->calling = false;
	return false;
}

static bool more_body(struct conn *conn)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct bx_request *req = conn->req;
	if (!req->head.go_on || conn->in.len || req->body.len)
		return false;
	req->head.go_on = false;
	ssize_t put = send(conn->fd, go_on, sizeof go_on - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (put != (ssize_t)sizeof go_on - 1)
		conn->stage = CUT;
	return false;
}

static bool read_chunks(struct conn *conn)
{
	struct bx_request *req = conn->req;
	size_t used = 0;
	enum bx_http1 state = bx_chunks_read(&req->chunks, conn->in.buf, conn->in.len, &used, &req->body);
	bx_str_cut(&conn->in, used);
	if (req->body.over)
		return refuse(conn, 413, &conn->httpd->figures.refused_body);
	if (state == BX_HTTP1_BAD)
		return refuse_malformed(conn);
	return state == BX_HTTP1_DONE ? ask(conn) : more_body(conn);
}

static bool read_body(struct conn *conn)
{
	struct bx_request *req = conn->req;
	if (req->head.chunked)
		return read_chunks(conn);
	size_t left = (size_t)req->head.length - req->body.len;
	size_t now = left < conn->in.len ? left : conn->in.len;
	bx_str_add(&req->body, conn->in.buf, now);
	bx_str_cut(&conn->in, now);
	return now == left ? ask(conn) : more_body(conn);
}

bool httpd_request_step(struct conn *conn)
{
	return conn->stage == HEAD ? read_head(conn) : conn->stage == BODY && read_body(conn);
}

static void release(struct bx_request *req)
{
	bx_str_release(&req->text);
	bx_str_release(&req->body);
	bx_str_release(&req->headers);
	free(req);
}

void httpd_request_free(struct bx_request *req)
{
	if (!req)
		return;
	struct bx_httpd *httpd = req->conn->httpd;
	if (httpd->idle || req->text.cap + req->body.cap + req->headers.cap > IDLE_MAX) {
		release(req);
		return;
	}
	bx_str_reset(&req->text);
	bx_str_reset(&req->body);
	bx_str_reset(&req->headers);
	req->head = (struct bx_head){0};
	req->chunks = (struct bx_chunks){0};
	httpd->idle = req;
}

void httpd_request_release(struct bx_httpd *httpd)
{
	if (httpd->idle)
		release(httpd->idle);
	httpd->idle = NULL;
}

const char *bx_request_method(const struct bx_request *req)
{
	return req->head.method;
}

const char *bx_request_path(const struct bx_request *req)
{
	return req->path;
}

const char *bx_request_query(const struct bx_request *req)
{
	return req->query;
}

const char *bx_request_header(const struct bx_request *req, const char *name)
{
	return bx_head_get(&req->head, name);
}

const char *bx_request_body(const struct bx_request *req, size_t *len)
{
	if (len)
		*len = req->body.len;
	return req->body.buf;
}

const char *bx_request_peer(const struct bx_request *req)
{
	return req->conn->peer;
}

void bx_request_headers(const struct bx_request *req, bx_header_fn *fn, void *arg)
{
	for (const char *name = req->head.fields; name < req->head.fields_end;) {
		const char *value = name + strlen(name) + 1;
		fn(arg, name, value);
		name = value + strlen(value) + 1;
	}
}
