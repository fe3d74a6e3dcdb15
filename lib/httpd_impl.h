/* Shared by the files of httpd alone. Layer 3. */
#ifndef BX_HTTPD_IMPL_H
#define BX_HTTPD_IMPL_H

#include <sys/queue.h>
#include "accept.h"
#include "farewell.h"
#include "http1.h"
#include "httpd.h"
#include "listen.h"
#include "seats.h"
#include "str.h"
#include "tls.h"
#include "ws.h"

#define NEVER	  INT64_MAX
#define TAIL_ROOM 4096 /* for a head and what else stands before a tail */

struct bx_httpd {
	struct bx_loop *loop;
	struct bx_httpd_opts opts;
	bx_httpd_fn *fn;
	void *arg;
	int listener;
	char *address;
	bool path, quiesced;
	struct bx_tls *tls;
	struct bx_accept *accept;
	struct bx_seats *seats;
	struct bx_str spare;	  /* memory of the last answer's head, for the next */
	struct bx_request *idle; /* memory of the last request, for the next */
	struct conn *conns;
	LIST_HEAD(upgraded_list, upgraded) lines;
	struct bx_httpd_figures figures;
};

/* What a connection is timed for: a request that has begun or is its first, the next one to
 * begin, its answer to be taken. Otherwise NEVER is due. */
enum awaits { REQUEST, NEXT, READER };

/* The life of a request; a connection begins every one of them at HEAD. */
enum stage {
	HEAD,
	BODY,
	ASKED,	 /* the route is thinking */
	SENDING, /* the client has not taken all of the answer yet */
	SENT,
	UPGRADE, /* the handshake is sent: the connection becomes a line */
	PARTING, /* raw bytes are under way, then the connection is cut */
	CUT,
};

struct conn {
	struct bx_httpd *httpd;
	struct conn *prev, *next;
	int fd;
	enum stage stage;
	bool calling;	  /* the route is on the stack */
	uint32_t watched; /* in the loop for this; 0: not at all */
	bool unseen;	  /* there may be more to read than the loop will tell */
	struct bx_seat *seat;
	char peer[BX_PEER_SIZE];
	/* What is due when; the timer may come earlier, and is set again then. */
	enum awaits awaits;
	int64_t due_ms, timer_ms;
	uint64_t taken; /* bytes the reader had taken when its time began, or UNSEEN */
	struct bx_timer *timer;
	struct bx_timer *settle; /* set by an answer that came late */
	struct bx_str in;	 /* bytes that no request has used yet */
	size_t line;		 /* of bx_head_end */
	struct bx_request *req;
	/* Of the answer, what the socket did not take: out, then more, which outlives the server. */
	struct bx_str out;
	const char *more;
	size_t sent, more_len; /* sent: bytes of out */
	struct bx_farewell *farewell;
	const struct bx_line_ops *ops; /* of the line it becomes */
	void *ops_arg;
};

/* What is left of a connection as long as its line lasts: there may be very many. */
struct upgraded {
	struct bx_httpd *httpd;
	LIST_ENTRY(upgraded) link;
	struct bx_seat *seat;
	struct bx_line *line;
	int fd;
};

struct bx_tail {
	size_t len;
	char room[TAIL_ROOM], text[];
};

struct bx_request {
	struct conn *conn;
	struct bx_head head;
	struct bx_chunks chunks;
	const char *path, *query;
	struct bx_str text, body, headers; /* of the head; of the answer, as they are sent */
};

/* Connections: bytes, time and their end (httpd_conn.c). */
void httpd_conn_start(struct bx_httpd *httpd, int fd, const struct sockaddr *addr, struct bx_seat *seat);
void httpd_conn_end(struct conn *conn);
void httpd_conn_arm(struct conn *conn, int64_t delay_ms, enum awaits awaits);
void httpd_conn_arm_reader(struct conn *conn);
/* After the stage has changed: goes on with what follows from it. */
void httpd_conn_settle(struct conn *conn);
/* Sends what is left of the answer; SENDING becomes SENT or CUT. */
void httpd_conn_flush(struct conn *conn);
/* The same; more is the tail's, and nothing is sent yet. */
void httpd_conn_flush_joined(struct conn *conn, struct bx_tail *tail);
/* The bytes as they are, then the end of the connection. */
void httpd_conn_part(struct conn *conn, const void *raw, size_t len, bool drain);

/* Requests: from bytes to the route (httpd_request.c). True: something was done, and there may be
 * more to do. */
bool httpd_request_step(struct conn *conn);
void httpd_request_free(struct bx_request *req); /* NULL allowed */
void httpd_request_release(struct bx_httpd *httpd);

#endif
