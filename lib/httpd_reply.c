#include "httpd_impl.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <strings.h>
#include "log.h"
#include "banned.h"

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
	httpd_conn_arm_reader(req->conn);
	httpd_resume(req);
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
		httpd_part(req, raw, len, false);
	} else {
		req->stage = CUT;
		httpd_resume(req);
	}
}

void bx_reply_trickle(struct bx_request *req, const void *raw, size_t len, int pause_ms)
{
	if (!answerable(req))
		return;
	httpd_part(req, raw, len, false);
	bx_farewell_trickle(req->farewell, pause_ms);
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
		httpd_kick(conn->httpd);
	} else {
		close(conn->fd);
	}
	conn->fd = -1;
	httpd_conn_free(conn);
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
	httpd_kick(conn->httpd);
	return fd;
}

static void on_upgrade(void *arg, struct MHD_Connection *mhd, void *slot, const char *early,
	size_t early_len, MHD_socket sock, struct MHD_UpgradeResponseHandle *handle)
{
	struct bx_request *req = slot;
	struct conn *conn = req->conn;
	(void)arg, (void)mhd;
	httpd_conn_arm(conn, NEVER, REQUEST);
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
