#include "httpd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <microhttpd.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include "clock.h"
#include "farewell.h"
#include "listen.h"
#include "log.h"
#include "seats.h"
#include "str.h"
#include "tls.h"
#include "ws.h"
#include "banned.h"

#define ACCEPT_BATCH	64
#define ACCEPT_PAUSE_MS 100
#define SLOWEST_READER	(16 * 1024) /* bytes of an answer taken within each deadline_ms */
#define OTHER_FILES	256 /* descriptors that are no connections */
#define ANSWER_HEAD	(4 * 1024) /* of memory, and the notes about headers */
#define NEVER		INT64_MAX
#define UNSEEN		UINT64_MAX

struct bx_httpd {
	struct bx_loop *loop;
	struct MHD_Daemon *mhd;
	struct bx_httpd_opts opts;
	bx_httpd_fn *fn;
	void *arg;
	int listener, epoll;
	char *address;
	bool path, quiesced, ending;
	struct bx_tls *tls;
	struct bx_timer *kick, *pause;
	struct bx_seats *seats;
	struct conn *conns, *arriving;
	struct bx_httpd_figures figures;
};

/* What a connection is timed for: a request that has begun or is its first, the next one to
 * begin, its answer to be taken. Otherwise NEVER is due. */
enum awaits { REQUEST, NEXT, READER };

/* A connection; it outlives the library's own record of it when it is upgraded. */
struct conn {
	struct bx_httpd *httpd;
	struct conn *prev, *next;
	int fd;
	bool served; /* the library has it */
	struct bx_seat *seat;
	struct MHD_Connection *mhd;
	struct bx_request *req;
	char peer[BX_PEER_SIZE];
	/* What is due when; the timer may come earlier, and is set again then. */
	enum awaits awaits;
	int64_t due_ms, timer_ms;
	uint64_t taken; /* bytes the reader had taken when its time began, or UNSEEN */
	struct bx_timer *timer;
	struct bx_line *line;
	struct MHD_UpgradeResponseHandle *upgraded; /* the library still holds the socket */
};

enum stage {
	HEADERS,
	BODY,
	ASKED,	  /* the route is thinking */
	ANSWERED, /* response is to be queued, or has been */
	PARTING,  /* raw bytes are under way, then the connection is cut */
	CUT,
};

struct bx_request {
	struct conn *conn;
	enum stage stage;
	bool suspended, http11;
	char *uri, *method, *query;
	const char *path;
	struct bx_str body, headers; /* headers: name NUL value NUL … of the answer */
	struct MHD_Response *response;
	int status;
	struct bx_farewell *farewell;
	struct bx_line_ops ops;
	void *ops_arg;
};

static void conn_due(void *arg);

static void conn_arm(struct conn *conn, int64_t delay_ms, enum awaits awaits)
{
	conn->awaits = awaits;
	conn->due_ms = delay_ms == NEVER ? NEVER : bx_mono_ms() + delay_ms;
	if (conn->due_ms == NEVER || (conn->timer && conn->timer_ms <= conn->due_ms))
		return;
	bx_loop_cancel(conn->httpd->loop, conn->timer);
	conn->timer_ms = conn->due_ms;
	conn->timer = bx_loop_timer(conn->httpd->loop, delay_ms, conn_due, conn);
}

/* UNSEEN behind TLS, which looks after its slow readers itself, and on a Unix socket. */
static uint64_t conn_taken(const struct conn *conn)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof info;
	bool seen = !getsockopt(conn->fd, IPPROTO_TCP, TCP_INFO, &info, &size);
	return seen ? info.tcpi_bytes_acked : UNSEEN;
}

/* Most answers are taken at once: the reader is looked at when its time is up, not before. */
static void conn_arm_reader(struct conn *conn, uint64_t taken)
{
	conn->taken = taken;
	conn_arm(conn, conn->httpd->opts.deadline_ms, READER);
}

static bool reader_moves(struct conn *conn)
{
	uint64_t taken = conn_taken(conn);
	if (taken == UNSEEN) {
		conn->due_ms = NEVER;
		return true;
	}
	if (conn->taken != UNSEEN && taken - conn->taken < SLOWEST_READER)
		return false;
	conn_arm_reader(conn, taken);
	return true;
}

/* The library sees the shutdown and forgets the connection. */
static void conn_cut(struct conn *conn)
{
	if (conn->awaits == REQUEST)
		conn->httpd->figures.cut_deadline++;
	else if (conn->awaits == READER)
		conn->httpd->figures.cut_slow++;
	conn->due_ms = NEVER;
	shutdown(conn->fd, SHUT_RDWR);
}

static void conn_due(void *arg)
{
	struct conn *conn = arg;
	conn->timer = NULL;
	if (conn->due_ms == NEVER)
		return;
	int64_t now = bx_mono_ms();
	if (conn->due_ms > now)
		conn_arm(conn, conn->due_ms - now, conn->awaits);
	else if (conn->awaits != READER || !reader_moves(conn))
		conn_cut(conn);
}

static struct conn *conn_new(struct bx_httpd *httpd, int fd, const struct sockaddr *addr,
	struct bx_seat *seat)
{
	struct conn *conn = bx_xcalloc(1, sizeof *conn);
	*conn = (struct conn){.httpd = httpd, .next = httpd->conns, .fd = fd, .seat = seat};
	bx_peer_text(conn->peer, addr);
	if (httpd->conns)
		httpd->conns->prev = conn;
	httpd->conns = conn;
	return conn;
}

static void conn_free(struct conn *conn)
{
	if (conn->served || conn->line)
		return;
	struct bx_httpd *httpd = conn->httpd;
	if (conn->prev)
		conn->prev->next = conn->next;
	else
		httpd->conns = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	bx_loop_cancel(httpd->loop, conn->timer);
	bx_seats_leave(httpd->seats, conn->seat);
	free(conn);
}

static void kicked(void *arg);

static void kick_in(struct bx_httpd *httpd, int64_t delay_ms)
{
	if (!httpd->kick)
		httpd->kick = bx_loop_timer(httpd->loop, delay_ms, kicked, httpd);
}

static void kick(struct bx_httpd *httpd)
{
	kick_in(httpd, 0);
}

static void run(struct bx_httpd *httpd)
{
	MHD_UNSIGNED_LONG_LONG wait;
	MHD_run(httpd->mhd);
	if (MHD_get_timeout(httpd->mhd, &wait) == MHD_YES)
		kick_in(httpd, (int64_t)wait);
}

static void kicked(void *arg)
{
	struct bx_httpd *httpd = arg;
	httpd->kick = NULL;
	run(httpd);
}

static void epoll_ready(void *arg, int fd, uint32_t events)
{
	(void)fd, (void)events;
	run(arg);
}

/* The library answers what it cannot parse by itself and tells nobody but its log. */
static void on_log(void *arg, const char *fmt, va_list ap)
{
	struct bx_httpd *httpd = arg;
	char text[512];
	unsigned status = 0;
	vsnprintf(text, sizeof text, fmt, ap);
	text[strcspn(text, "\n")] = 0;
	bx_log(BX_LOG_TRACE, "http: %s", text);
	const char *code = strstr(text, "HTTP response code is ");
	if (!code || sscanf(code, "HTTP response code is %u", &status) != 1)
		return;
	if (status == MHD_HTTP_CONTENT_TOO_LARGE)
		httpd->figures.refused_body++;
	else if (status == MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE || status == MHD_HTTP_URI_TOO_LONG)
		httpd->figures.refused_headers++;
	else
		httpd->figures.refused_malformed++;
}

static void on_connection(void *arg, struct MHD_Connection *mhd, void **slot,
	enum MHD_ConnectionNotificationCode code)
{
	struct bx_httpd *httpd = arg;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*slot = httpd->arriving;
		httpd->arriving->mhd = mhd;
		httpd->arriving->served = true;
		httpd->arriving = NULL;
	} else {
		struct conn *conn = *slot;
		conn->served = false;
		conn_free(conn);
	}
}

static void admit(struct bx_httpd *httpd, int fd, const struct sockaddr *addr, socklen_t len)
{
	struct bx_seat *seat = bx_seats_take(httpd->seats, addr);
	if (!seat) {
		httpd->figures.refused_connections++;
		close(fd);
		return;
	}
	if (httpd->tls)
		fd = bx_tls_serve(httpd->tls, fd);
	if (fd < 0) {
		bx_seats_leave(httpd->seats, seat);
		return;
	}
	struct conn *conn = httpd->arriving = conn_new(httpd, fd, addr, seat);
	conn_arm(conn, httpd->opts.deadline_ms, REQUEST);
	MHD_add_connection(httpd->mhd, fd, addr, len);
	if (httpd->arriving)
		conn_free(conn);
	httpd->arriving = NULL;
}

static void accept_ready(void *arg, int listener, uint32_t events);

static void accept_again(void *arg)
{
	struct bx_httpd *httpd = arg;
	struct bx_err err = {0};
	httpd->pause = NULL;
	if (!bx_loop_fd(httpd->loop, httpd->listener, EPOLLIN, accept_ready, httpd, &err))
		bx_log(BX_LOG_ERROR, "http: %s", err.text);
}

/* No descriptor is left: the waiting connections would only wake the loop again and again. */
static void accept_pause(struct bx_httpd *httpd)
{
	bx_log(BX_LOG_ERROR, "http: accept: %s", strerror(errno));
	bx_loop_drop(httpd->loop, httpd->listener);
	httpd->pause = bx_loop_timer(httpd->loop, ACCEPT_PAUSE_MS, accept_again, httpd);
}

static void accept_ready(void *arg, int listener, uint32_t events)
{
	struct bx_httpd *httpd = arg;
	(void)events;
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		struct sockaddr_storage addr = {0};
		socklen_t len = sizeof addr;
		int fd = accept4(listener, (struct sockaddr *)&addr, &len,
			SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0)
			admit(httpd, fd, (struct sockaddr *)&addr, len);
		else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			accept_pause(httpd);
		if (fd < 0)
			break;
	}
	kick(httpd);
}

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

static void *on_uri(void *arg, const char *uri, struct MHD_Connection *mhd)
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
		conn_arm(conn, httpd->opts.deadline_ms, REQUEST);
	return req;
}

static void on_completed(void *arg, struct MHD_Connection *mhd, void **slot,
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
		conn_arm(conn, httpd->opts.idle_ms, NEXT);
	if (conn->mhd && httpd->quiesced)
		shutdown(conn->fd, SHUT_RDWR);
}

static void resume(struct bx_request *req)
{
	if (!req->suspended)
		return;
	req->suspended = false;
	MHD_resume_connection(req->conn->mhd);
	kick(req->conn->httpd);
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
	resume(req);
}

static void part(struct bx_request *req, const void *raw, size_t len, bool drain)
{
	struct bx_httpd *httpd = req->conn->httpd;
	req->stage = PARTING;
	conn_arm(req->conn, NEVER, REQUEST);
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
	part(req, raw, strlen(raw), true);
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
	if (httpd->ending)
		return MHD_NO;
	req->stage = ASKED;
	httpd->figures.requests++;
	conn_arm(req->conn, NEVER, REQUEST);
	httpd->fn(httpd->arg, req);
	if (req->stage == ANSWERED)
		return give(req);
	return req->stage == CUT ? MHD_NO : suspend(req);
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *mhd, const char *url,
	const char *method, const char *version, const char *data, size_t *len, void **slot)
{
	struct bx_httpd *httpd = arg;
	struct bx_request *req = *slot;
	(void)mhd, (void)url;
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

void bx_reply_header(struct bx_request *req, const char *name, const char *value)
{
	bx_str_add(&req->headers, name, strlen(name) + 1);
	bx_str_add(&req->headers, value, strlen(value) + 1);
}

static bool answerable(const struct bx_request *req)
{
	if (req->stage == ASKED)
		return true;
	bx_log(BX_LOG_ERROR, "http: a second answer to %s %s", req->method, req->path);
	return false;
}

/* Takes response over; it waits for the library when the request is suspended. */
static void answer(struct bx_request *req, int status, struct MHD_Response *response)
{
	const char *end = req->headers.buf + req->headers.len;
	for (const char *name = req->headers.buf; name < end;) {
		const char *value = name + strlen(name) + 1;
		if (*value && MHD_add_response_header(response, name, value) != MHD_YES)
			bx_log(BX_LOG_ERROR, "http: not a header: %s", name);
		name = value + strlen(value) + 1;
	}
	if (req->conn->httpd->quiesced)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	req->stage = ANSWERED;
	req->status = status;
	req->response = response;
	conn_arm_reader(req->conn, UNSEEN);
	resume(req);
}

static void reply(struct bx_request *req, int status, const char *type, const void *body, size_t len,
	enum MHD_ResponseMemoryMode mode)
{
	if (!answerable(req))
		return;
	struct MHD_Response *response = MHD_create_response_from_buffer(len, (void *)body, mode);
	if (type)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	answer(req, status, response);
}

void bx_reply(struct bx_request *req, int status, const char *type, const void *body, size_t len)
{
	reply(req, status, type, body, len, MHD_RESPMEM_MUST_COPY);
}

void bx_reply_static(struct bx_request *req, int status, const char *type, const void *body, size_t len)
{
	reply(req, status, type, body, len, MHD_RESPMEM_PERSISTENT);
}

void bx_reply_cut(struct bx_request *req, const void *raw, size_t len)
{
	if (!answerable(req))
		return;
	if (len) {
		part(req, raw, len, false);
	} else {
		req->stage = CUT;
		resume(req);
	}
}

/* An element of a comma-separated list, in any case. */
static bool listed(const char *list, const char *word)
{
	size_t len = strlen(word);
	while (list && *list) {
		list += strspn(list, " \t,");
		size_t element = strcspn(list, " \t,");
		if (element == len && !strncasecmp(list, word, len))
			return true;
		list += element;
	}
	return false;
}

static void line_gone(void *arg)
{
	struct conn *conn = arg;
	conn->line = NULL;
	if (conn->upgraded) {
		MHD_upgrade_action(conn->upgraded, MHD_UPGRADE_ACTION_CLOSE);
		conn->upgraded = NULL;
		kick(conn->httpd);
	} else {
		close(conn->fd);
	}
	conn->fd = -1;
	conn_free(conn);
}

/* The library walks its whole list of upgraded connections for every answer that comes late, so
 * the line lives on a duplicate of the socket and the library forgets the connection. */
static int take_socket(struct conn *conn, int sock, struct MHD_UpgradeResponseHandle *handle)
{
	int on = 1, fd = fcntl(sock, F_DUPFD_CLOEXEC, 3);
	setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (fd < 0) {
		conn->upgraded = handle;
		return sock;
	}
	MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
	kick(conn->httpd);
	return fd;
}

static void on_upgrade(void *arg, struct MHD_Connection *mhd, void *slot, const char *early,
	size_t early_len, MHD_socket sock, struct MHD_UpgradeResponseHandle *handle)
{
	struct bx_request *req = slot;
	struct conn *conn = req->conn;
	(void)arg, (void)mhd;
	conn_arm(conn, NEVER, REQUEST);
	conn->fd = take_socket(conn, sock, handle);
	conn->mhd = NULL;
	conn->line = bx_line_new(conn->httpd->loop, conn->fd, early, early_len, &req->ops,
		req->ops_arg, line_gone, conn);
	if (!conn->line)
		line_gone(conn);
}

bool bx_reply_upgrade(struct bx_request *req, const struct bx_line_ops *ops, void *arg)
{
	char accept[29];
	const char *key = bx_request_header(req, MHD_HTTP_HEADER_SEC_WEBSOCKET_KEY);
	const char *version = bx_request_header(req, MHD_HTTP_HEADER_SEC_WEBSOCKET_VERSION);
	if (!answerable(req) || !req->http11 || strcmp(req->method, "GET") || req->body.len ||
		!listed(bx_request_header(req, MHD_HTTP_HEADER_UPGRADE), "websocket") ||
		!listed(bx_request_header(req, MHD_HTTP_HEADER_CONNECTION), "upgrade") ||
		!bx_streq(version, "13") || !key || !bx_ws_accept_key(accept, key))
		return false;
	struct MHD_Response *response = MHD_create_response_for_upgrade(on_upgrade, NULL);
	MHD_add_response_header(response, MHD_HTTP_HEADER_UPGRADE, "websocket");
	MHD_add_response_header(response, MHD_HTTP_HEADER_SEC_WEBSOCKET_ACCEPT, accept);
	req->ops = *ops;
	req->ops_arg = arg;
	answer(req, MHD_HTTP_SWITCHING_PROTOCOLS, response);
	return true;
}

static void set_options(struct bx_httpd_opts *opts)
{
	opts->body_max = opts->body_max ? opts->body_max : 1024 * 1024;
	opts->header_max = opts->header_max ? opts->header_max : 16 * 1024;
	opts->deadline_ms = opts->deadline_ms ? opts->deadline_ms : 10000;
	opts->idle_ms = opts->idle_ms ? opts->idle_ms : 75000;
	opts->per_address = opts->per_address ? opts->per_address : 200;
	opts->total = opts->total ? opts->total : 20000;
}

static void raise_files(unsigned total)
{
	struct rlimit limit;
	rlim_t wanted = (rlim_t)total + OTHER_FILES;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* All waiting is timed here, so the library gets no timeout of its own. Its memory is emptied for
 * every request, so it is no larger than it must be. */
static bool start(struct bx_httpd *httpd, struct bx_err *err)
{
	const struct bx_httpd_opts *opts = &httpd->opts;
	if (opts->tls_cert)
		httpd->tls = bx_tls_new(httpd->loop, opts->tls_cert, opts->tls_key, opts->deadline_ms,
			&httpd->figures.cut_slow, err);
	if (opts->tls_cert && !httpd->tls)
		return false;
	unsigned flags = MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME |
			 MHD_ALLOW_UPGRADE | MHD_USE_ERROR_LOG | MHD_USE_TURBO;
	httpd->mhd = MHD_start_daemon(flags, 0, NULL, NULL, on_request, httpd, MHD_OPTION_EXTERNAL_LOGGER, on_log, httpd,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, opts->header_max + ANSWER_HEAD,
		MHD_OPTION_CONNECTION_LIMIT, opts->total + 16, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, httpd, MHD_OPTION_NOTIFY_COMPLETED,
		on_completed, httpd, MHD_OPTION_URI_LOG_CALLBACK, on_uri, httpd, MHD_OPTION_END);
	if (!httpd->mhd)
		return bx_fail(err, BX_LOCAL, "http", "the HTTP server does not start");
	httpd->epoll = MHD_get_daemon_info(httpd->mhd, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	return bx_loop_fd(httpd->loop, httpd->epoll, EPOLLIN, epoll_ready, httpd, err) &&
	       bx_loop_fd(httpd->loop, httpd->listener, EPOLLIN, accept_ready, httpd, err);
}

struct bx_httpd *bx_httpd_new(struct bx_loop *loop, const struct bx_httpd_opts *opts, bx_httpd_fn *fn,
	void *arg, struct bx_err *err)
{
	int listener = opts->listen_fd >= 0 ? opts->listen_fd : bx_listen(opts->listen, err);
	if (listener < 0)
		return NULL;
	struct bx_httpd *httpd = bx_xcalloc(1, sizeof *httpd);
	*httpd = (struct bx_httpd){.loop = loop, .opts = *opts, .fn = fn, .arg = arg,
		.listener = listener, .epoll = -1};
	set_options(&httpd->opts);
	httpd->path = opts->listen_fd < 0 && opts->listen[0] == '/';
	httpd->address = httpd->path ? bx_xstrdup(opts->listen) : bx_listen_address(listener);
	httpd->seats = bx_seats_new(httpd->opts.total, httpd->opts.per_address, !opts->per_address);
	fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK);
	raise_files(httpd->opts.total);
	if (start(httpd, err))
		return httpd;
	bx_httpd_free(httpd);
	return NULL;
}

static void stop_listening(struct bx_httpd *httpd)
{
	bx_loop_cancel(httpd->loop, httpd->pause);
	httpd->pause = NULL;
	if (httpd->listener < 0)
		return;
	bx_loop_drop(httpd->loop, httpd->listener);
	close(httpd->listener);
	httpd->listener = -1;
	if (httpd->path)
		unlink(httpd->address);
}

void bx_httpd_quiesce(struct bx_httpd *httpd)
{
	stop_listening(httpd);
	httpd->quiesced = true;
	for (struct conn *conn = httpd->conns; conn; conn = conn->next)
		if (conn->awaits == NEXT && !conn->req)
			shutdown(conn->fd, SHUT_RDWR);
}

static void end_conns(struct bx_httpd *httpd)
{
	for (struct conn *conn = httpd->conns, *next; conn; conn = next) {
		next = conn->next;
		if (conn->req && conn->req->suspended) {
			bx_farewell_free(conn->req->farewell);
			conn->req->farewell = NULL;
			conn->req->stage = CUT;
			resume(conn->req);
		}
		if (conn->line)
			bx_line_end(conn->line, 1001);
	}
}

void bx_httpd_free(struct bx_httpd *httpd)
{
	if (!httpd)
		return;
	stop_listening(httpd);
	httpd->ending = true;
	end_conns(httpd);
	bx_loop_drop(httpd->loop, httpd->epoll);
	if (httpd->mhd) {
		MHD_run(httpd->mhd);
		MHD_stop_daemon(httpd->mhd);
	}
	bx_tls_free(httpd->tls);
	bx_loop_cancel(httpd->loop, httpd->kick);
	bx_seats_free(httpd->seats);
	free(httpd->address);
	free(httpd);
}

const char *bx_httpd_address(const struct bx_httpd *httpd)
{
	return httpd->address;
}

void bx_httpd_figures(const struct bx_httpd *httpd, struct bx_httpd_figures *out)
{
	*out = httpd->figures;
	out->connections_open = bx_seats_taken(httpd->seats);
}
