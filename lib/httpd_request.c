#include "httpd_impl.h"

#include <string.h>
#include <strings.h>
#include "banned.h"

/* An absolute address in the request line is as good as a path (RFC 9112, 3.2.2). */
static char *uri_origin(char *uri)
{
	size_t scheme = !strncasecmp(uri, "http://", 7) ? 7 : !strncasecmp(uri, "https://", 8) ? 8 : 0;
	if (!scheme)
		return uri;
	char *path = uri + scheme + strcspn(uri + scheme, "/?");
	if (*path == '/')
		return path;
	path[-1] = '/'; /* "http://host?query" has room for it in front */
	return path - 1;
}

void *httpd_on_uri(void *arg, const char *uri, struct MHD_Connection *mhd)
{
	struct bx_httpd *httpd = arg;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct conn *conn = info->socket_context;
	struct bx_request *req = bx_xcalloc(1, sizeof *req);
	*req = (struct bx_request){.conn = conn, .uri = bx_xstrdup(uri),
		.body = BX_STR_INIT(httpd->opts.body_max), .headers = BX_STR_INIT(64 * 1024)};
	char *path = uri_origin(req->uri);
	req->path = path;
	req->query = path + strcspn(path, "?");
	if (*req->query)
		*req->query++ = 0;
	conn->req = req;
	if (conn->awaits == NEXT)
		httpd_conn_arm(conn, httpd->opts.deadline_ms, REQUEST);
	return req;
}

void httpd_on_completed(void *arg, struct MHD_Connection *mhd, void **slot,
	enum MHD_RequestTerminationCode code)
{
	struct bx_httpd *httpd = arg;
	struct bx_request *req = *slot;
	(void)mhd, (void)code;
	if (!req)
		return;
	struct conn *conn = req->conn;
	bx_farewell_free(req->farewell);
	if (req->response)
		MHD_destroy_response(req->response);
	bx_str_release(&req->body);
	bx_str_release(&req->headers);
	free(req->uri);
	free(req->method);
	free(req);
	*slot = conn->req = NULL;
	if (conn->mhd)
		httpd_conn_arm(conn, httpd->opts.idle_ms, NEXT);
	if (conn->mhd && httpd->quiesced)
		shutdown(conn->fd, SHUT_RDWR);
}

void httpd_resume(struct bx_request *req)
{
	if (!req->suspended)
		return;
	req->suspended = false;
	MHD_resume_connection(req->conn->mhd);
	httpd_kick(req->conn->httpd);
}

static enum MHD_Result suspend(struct bx_request *req)
{
	req->suspended = true;
	MHD_suspend_connection(req->conn->mhd);
	return MHD_YES;
}

static void farewell_done(void *arg)
{
	struct bx_request *req = arg;
	req->farewell = NULL;
	req->stage = CUT;
	httpd_resume(req);
}

void httpd_part(struct bx_request *req, const void *raw, size_t len, bool drain)
{
	struct bx_httpd *httpd = req->conn->httpd;
	req->stage = PARTING;
	httpd_conn_arm(req->conn, NEVER, REQUEST);
	req->farewell = bx_farewell(httpd->loop, req->conn->fd, raw, len, httpd->opts.deadline_ms,
		drain, farewell_done, req);
}

/* The library takes no answer in the middle of a body, and closes without reading the rest: the
 * refusal might never arrive. */
static enum MHD_Result refuse(struct bx_request *req, const char *status, uint64_t *count)
{
	auto_free char *raw = bx_xprintf("HTTP/1.1 %s\r\nConnection: close\r\n"
					 "Content-Type: text/plain\r\nContent-Length: %zu\r\n\r\n%s",
		status, strcmp(req->method, "HEAD") ? strlen(status) : 0,
		strcmp(req->method, "HEAD") ? status : "");
	++*count;
	httpd_part(req, raw, strlen(raw), true);
	return suspend(req);
}

struct counts {
	int hosts, lengths, encodings;
	bool odd;
};

/* Only what every server on the way must understand alike. */
static bool header_odd(const char *name, size_t name_len, const char *value, size_t value_len)
{
	static const char token[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "!#$%&'*+-.^_`|~";
	if (!name_len || strspn(name, token) != name_len)
		return true;
	for (size_t i = 0; i < value_len; i++)
		if (((unsigned char)value[i] < ' ' && value[i] != '\t') || value[i] == 0x7f)
			return true;
	return false;
}

static enum MHD_Result count_header(void *arg, enum MHD_ValueKind kind, const char *name,
	size_t name_len, const char *value, size_t value_len)
{
	struct counts *counts = arg;
	(void)kind;
	counts->odd |= header_odd(name, name_len, value, value_len);
	if (!strcasecmp(name, MHD_HTTP_HEADER_HOST))
		counts->hosts++;
	else if (!strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH))
		counts->lengths++;
	else if (!strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING))
		counts->encodings++, counts->odd |= !value || strcasecmp(value, "chunked");
	return MHD_YES;
}

static bool ambiguous(struct bx_request *req)
{
	struct counts counts = {0};
	MHD_get_connection_values_n(req->conn->mhd, MHD_HEADER_KIND, count_header, &counts);
	return counts.hosts > 1 || counts.lengths + counts.encodings > 1 || counts.odd;
}

static bool declares_too_much(struct bx_request *req)
{
	const char *text = bx_request_header(req, MHD_HTTP_HEADER_CONTENT_LENGTH);
	return text && strtoull(text, NULL, 10) > req->body.max;
}

static enum MHD_Result take_headers(struct bx_request *req, const char *method, const char *version)
{
	struct bx_httpd *httpd = req->conn->httpd;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(req->conn->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	req->method = bx_xstrdup(method);
	req->http11 = !strcmp(version, MHD_HTTP_VERSION_1_1);
	req->stage = BODY;
	if (ambiguous(req))
		return refuse(req, "400 Bad Request", &httpd->figures.refused_malformed);
	if (info && info->header_size > httpd->opts.header_max)
		return refuse(req, "431 Request Header Fields Too Large",
			&httpd->figures.refused_headers);
	if (declares_too_much(req))
		return refuse(req, "413 Content Too Large", &httpd->figures.refused_body);
	return MHD_YES;
}

static enum MHD_Result give(struct bx_request *req)
{
	enum MHD_Result result = MHD_queue_response(req->conn->mhd, (unsigned)req->status, req->response);
	MHD_destroy_response(req->response);
	req->response = NULL;
	return result;
}

static enum MHD_Result ask(struct bx_request *req)
{
	struct bx_httpd *httpd = req->conn->httpd;
	req->stage = ASKED;
	httpd->figures.requests++;
	httpd_conn_arm(req->conn, NEVER, REQUEST);
	httpd->fn(httpd->arg, req);
	if (req->stage == ANSWERED)
		return give(req);
	return req->stage == CUT ? MHD_NO : suspend(req);
}

enum MHD_Result httpd_on_request(void *arg, struct MHD_Connection *mhd, const char *url,
	const char *method, const char *version, const char *data, size_t *len, void **slot)
{
	struct bx_httpd *httpd = arg;
	struct bx_request *req = *slot;
	(void)mhd, (void)url;
	/* The library must not be left with a request that waits for us. */
	if (httpd->ending && req->stage != ANSWERED)
		return MHD_NO;
	switch (req->stage) {
	case HEADERS:
		return take_headers(req, method, version);
	case BODY:
		if (!*len)
			return ask(req);
		if (!bx_str_add(&req->body, data, *len))
			return refuse(req, "413 Content Too Large", &httpd->figures.refused_body);
		*len = 0;
		return MHD_YES;
	case ANSWERED:
		return give(req);
	default:
		return MHD_NO;
	}
}

const char *bx_request_method(const struct bx_request *req)
{
	return req->method;
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
	return MHD_lookup_connection_value(req->conn->mhd, MHD_HEADER_KIND, name);
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

struct each {
	bx_header_fn *fn;
	void *arg;
};

static enum MHD_Result each_header(void *arg, enum MHD_ValueKind kind, const char *name,
	const char *value)
{
	struct each *each = arg;
	(void)kind;
	each->fn(each->arg, name, value ? value : "");
	return MHD_YES;
}

void bx_request_headers(const struct bx_request *req, bx_header_fn *fn, void *arg)
{
	struct each each = {fn, arg};
	MHD_get_connection_values(req->conn->mhd, MHD_HEADER_KIND, each_header, &each);
}
