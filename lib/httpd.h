/* The HTTP server: a strict reader (http1.h) in the loop. Requests arrive whole (headers checked,
 * body read within the ceilings) in the loop's thread and are answered once, at once or later.
 * Layer 3.
 *
 * Refused before any route sees them, counted in the figures: two Host headers, two
 * Content-Length, Content-Length together with Transfer-Encoding (400); a body over body_max
 * (413); headers over header_max (431); a request not complete within deadline_ms (cut); a reader
 * that takes, after the first deadline_ms, less than 16 KiB of a longer answer in another (cut as
 * slow); more connections than per_address or total (refused). */
#ifndef BX_HTTPD_H
#define BX_HTTPD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include "err.h"
#include "loop.h"
#include "str.h"

struct bx_httpd;
struct bx_request;
struct bx_line;
struct bx_line_ops;

struct bx_httpd_opts {
	const char *listen;   /* "ADDR:PORT", "[V6]:PORT" or a socket's path (starts with '/'); port 0: any */
	int listen_fd;	      /* an already listening socket, or -1 */
	const char *tls_cert, *tls_key; /* PEM texts, not paths; NULL: plain */
	size_t body_max;      /* bytes; 0: 1 MiB */
	size_t header_max;    /* bytes of all headers; 0: 16 KiB */
	int deadline_ms;      /* for a whole request; 0: 10000 */
	int idle_ms;	      /* kept-alive connection without a request; 0: 75000 */
	unsigned per_address; /* connections; 0: 200, but no limit for loopback, where a proxy may be */
	unsigned total;	      /* connections; 0: 20000 */
};

struct bx_httpd_figures {
	uint64_t requests, refused_malformed, refused_body, refused_headers, cut_deadline,
		cut_slow, refused_connections, connections_open;
};

typedef void bx_httpd_fn(void *arg, struct bx_request *req);

/* Serves with the loop until freed. fn is called for every request. NULL: BX_LOCAL (address in
 * use …) or BX_USAGE (bad address), naming it. The process's limit of open files is raised as far
 * as total asks for and the system allows. */
struct bx_httpd *bx_httpd_new(struct bx_loop *loop, const struct bx_httpd_opts *opts, bx_httpd_fn *fn,
	void *arg, struct bx_err *err);
/* Another certificate for new connections of a server that has one. False: BX_LOCAL, the old stays. */
bool bx_httpd_renew(struct bx_httpd *httpd, const char *cert, const char *key, struct bx_err *err);
void bx_httpd_quiesce(struct bx_httpd *httpd); /* takes no new connection, finishes the open ones */
/* Closes all connections and lines (1001). Not from a callback of the server or of a line. */
void bx_httpd_free(struct bx_httpd *httpd);
const char *bx_httpd_address(const struct bx_httpd *httpd); /* "ADDR:PORT" really bound, or the path */
void bx_httpd_figures(const struct bx_httpd *httpd, struct bx_httpd_figures *out);

/* Valid until the answer is given. Header names in any case; NULL when absent. The body is
 * followed by a NUL that len does not count. */
const char *bx_request_method(const struct bx_request *req);
const char *bx_request_path(const struct bx_request *req);  /* not decoded, without the query */
const char *bx_request_query(const struct bx_request *req); /* raw, without '?'; "" when none */
const char *bx_request_header(const struct bx_request *req, const char *name);
const char *bx_request_body(const struct bx_request *req, size_t *len);
const char *bx_request_peer(const struct bx_request *req); /* address without port */
typedef void bx_header_fn(void *arg, const char *name, const char *value);
void bx_request_headers(const struct bx_request *req, bx_header_fn *fn, void *arg);

/* Exactly one of the following ends a request. Headers are added before. The bytes are copied,
 * unless static_body promises that they outlive the server. */
void bx_reply_header(struct bx_request *req, const char *name, const char *value);
/* Constant headers as they are sent, each with its CRLF. */
void bx_reply_lines(struct bx_request *req, const char *lines);
/* The same of pieces, none of which brings a CR or LF from outside. */
void bx_reply_pieces(struct bx_request *req, const struct bx_piece *pieces, size_t count);
void bx_reply(struct bx_request *req, int status, const char *type, const void *body, size_t len);
void bx_reply_static(struct bx_request *req, int status, const char *type, const void *body, size_t len);
/* The end of a body, always the same, with room before it, so that an answer goes out in one piece
 * that is not put together each time. The text is copied. It outlives the server. */
struct bx_tail *bx_tail_new(const char *text, size_t len);
void bx_tail_free(struct bx_tail *tail); /* NULL allowed */
void bx_reply_tail(struct bx_request *req, int status, const char *type, const void *body, size_t len,
	struct bx_tail *tail);
/* Cuts the connection after sending `len` raw bytes of an answer (0: none); for the sandbox's
 * faults. */
void bx_reply_cut(struct bx_request *req, const void *raw, size_t len);
/* The same, a byte at a time with pause_ms (> 0) between two; len > 0. */
void bx_reply_trickle(struct bx_request *req, const void *raw, size_t len, int pause_ms);
/* WebSocket handshake and upgrade; false, still to be answered, when the request is not one. */
bool bx_reply_upgrade(struct bx_request *req, const struct bx_line_ops *ops, void *arg);

#endif
