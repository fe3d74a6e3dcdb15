/* Shared by the files of httpd alone. Layer 3. */
#ifndef BX_HTTPD_IMPL_H
#define BX_HTTPD_IMPL_H

#include <microhttpd.h>
#include "farewell.h"
#include "httpd.h"
#include "listen.h"
#include "seats.h"
#include "str.h"
#include "tls.h"
#include "ws.h"

#define NEVER INT64_MAX

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

/* Connections and their time (httpd_conn.c). */
struct conn *httpd_conn_new(struct bx_httpd *httpd, int fd, const struct sockaddr *addr,
	struct bx_seat *seat);
void httpd_conn_free(struct conn *conn); /* once neither the library nor a line has it */
void httpd_conn_arm(struct conn *conn, int64_t delay_ms, enum awaits awaits);
void httpd_conn_arm_reader(struct conn *conn);

/* The library works in its own turn, after the batch, when something was done to it. */
void httpd_kick(struct bx_httpd *httpd);

/* What the library calls for requests (httpd_request.c). */
void *httpd_on_uri(void *arg, const char *uri, struct MHD_Connection *mhd);
enum MHD_Result httpd_on_request(void *arg, struct MHD_Connection *mhd, const char *url,
	const char *method, const char *version, const char *data, size_t *len, void **slot);
void httpd_on_completed(void *arg, struct MHD_Connection *mhd, void **slot,
	enum MHD_RequestTerminationCode code);
void httpd_resume(struct bx_request *req);
/* The bytes as they are, then the end of the connection. */
void httpd_part(struct bx_request *req, const void *raw, size_t len, bool drain);

#endif
