#include "httpd_impl.h"

#include <errno.h>
#include <linux/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include "banned.h"

#define SLOWEST_READER (16 * 1024) /* bytes of an answer taken within each deadline_ms */
#define UNSEEN	       UINT64_MAX
#define READ_BYTES     (16 * 1024)
#define ARRIVALS       (EPOLLIN | EPOLLRDHUP | EPOLLET)
#define SPARE_MAX      (64 * 1024)
#define IDLE_ROOM      4096 /* of memory, that a connection keeps for its next request */

static void conn_due(void *arg);
static void conn_ready(void *arg, int fd, uint32_t events);

void httpd_conn_arm(struct conn *conn, int64_t delay_ms, enum awaits awaits)
{
	conn->awaits = awaits;
	conn->due_ms = delay_ms == NEVER ? NEVER : bx_loop_ms(conn->httpd->loop) + delay_ms;
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
void httpd_conn_arm_reader(struct conn *conn)
{
	conn->taken = UNSEEN;
	httpd_conn_arm(conn, conn->httpd->opts.deadline_ms, READER);
}

static bool reader_moves(struct conn *conn)
{
	uint64_t taken = conn_taken(conn);
	if (conn->taken != UNSEEN && taken - conn->taken < SLOWEST_READER)
		return false;
	httpd_conn_arm(conn, conn->httpd->opts.deadline_ms, READER);
	conn->taken = taken;
	return true;
}

/* The loop sees the shutdown, and the connection ends. */
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
	int64_t now = bx_loop_ms(conn->httpd->loop);
	if (conn->due_ms > now)
		httpd_conn_arm(conn, conn->due_ms - now, conn->awaits);
	else if (conn->awaits != READER || !reader_moves(conn))
		conn_cut(conn);
}

/* What the stage waits for; nothing of the socket matters while the route is thinking. The loop
 * tells of arrivals, which spares it one look at the socket a request; watching anew makes it tell of
 * what is there already. */
static void watch(struct conn *conn)
{
	uint32_t wanted = conn->stage == SENDING ? EPOLLOUT : conn->stage == ASKED ? 0 : ARRIVALS;
	if (wanted == conn->watched && !(conn->unseen && wanted))
		return;
	conn->watched = wanted;
	conn->unseen = false;
	if (!wanted)
		bx_loop_drop(conn->httpd->loop, conn->fd);
	else if (!bx_loop_fd(conn->httpd->loop, conn->fd, wanted, conn_ready, conn, NULL))
		httpd_conn_end(conn);
}

void httpd_conn_start(struct bx_httpd *httpd, int fd, const struct sockaddr *addr, struct bx_seat *seat)
{
	struct conn *conn = bx_xcalloc(1, sizeof *conn);
	*conn = (struct conn){.httpd = httpd, .next = httpd->conns, .fd = fd, .seat = seat,
		.in = BX_STR_INIT(SIZE_MAX / 2), .out = BX_STR_INIT(SIZE_MAX / 2)};
	bx_peer_text(conn->peer, addr);
	if (httpd->conns)
		httpd->conns->prev = conn;
	httpd->conns = conn;
	httpd_conn_arm(conn, httpd->opts.deadline_ms, REQUEST);
	watch(conn);
}

/* All but the socket and its seat. */
static void conn_free(struct conn *conn)
{
	struct bx_httpd *httpd = conn->httpd;
	if (conn->prev)
		conn->prev->next = conn->next;
	else
		httpd->conns = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	bx_farewell_free(conn->farewell);
	bx_loop_cancel(httpd->loop, conn->timer);
	bx_loop_cancel(httpd->loop, conn->settle);
	httpd_request_free(conn->req);
	bx_str_release(&conn->in);
	bx_str_release(&conn->out);
	free(conn);
}

static void leave(struct bx_httpd *httpd, int fd, struct bx_seat *seat)
{
	bx_loop_drop(httpd->loop, fd);
	close(fd);
	bx_seats_leave(httpd->seats, seat);
}

void httpd_conn_end(struct conn *conn)
{
	leave(conn->httpd, conn->fd, conn->seat);
	conn_free(conn);
}

static void farewell_done(void *arg)
{
	struct conn *conn = arg;
	conn->farewell = NULL;
	httpd_conn_end(conn);
}

void httpd_conn_part(struct conn *conn, const void *raw, size_t len, bool drain)
{
	struct bx_httpd *httpd = conn->httpd;
	conn->stage = PARTING;
	httpd_conn_arm(conn, NEVER, REQUEST);
	conn->farewell = bx_farewell(httpd->loop, conn->fd, raw, len, httpd->opts.deadline_ms, drain,
		farewell_done, conn);
}

static void line_gone(void *arg)
{
	struct upgraded *upgraded = arg;
	LIST_REMOVE(upgraded, link);
	leave(upgraded->httpd, upgraded->fd, upgraded->seat);
	free(upgraded);
}

/* The loop watches the socket for the line from then on. */
static void open_line(struct conn *conn)
{
	auto_str struct bx_str early = conn->in;
	const struct bx_line_ops *ops = conn->ops;
	void *ops_arg = conn->ops_arg;
	struct upgraded *upgraded = bx_xcalloc(1, sizeof *upgraded);
	*upgraded = (struct upgraded){.httpd = conn->httpd, .seat = conn->seat, .fd = conn->fd};
	LIST_INSERT_HEAD(&conn->httpd->lines, upgraded, link);
	bx_str_init(&conn->in, SIZE_MAX / 2);
	conn_free(conn);
	upgraded->line = bx_line_new(upgraded->httpd->loop, upgraded->fd, early.buf, early.len, ops, ops_arg,
		line_gone, upgraded);
	if (!upgraded->line)
		line_gone(upgraded);
}

/* A close while bytes are unread resets the connection, and that may overtake the answer. */
static bool unread(const struct conn *conn)
{
	int waiting = 0;
	return conn->in.len || (!ioctl(conn->fd, FIONREAD, &waiting) && waiting);
}

/* An idle connection holds no memory for an answer; one that is just under way finds some. */
static void spare_out(struct conn *conn)
{
	struct bx_str *spare = &conn->httpd->spare;
	if (!spare->cap && conn->out.cap <= SPARE_MAX) {
		*spare = conn->out;
		bx_str_init(&conn->out, SIZE_MAX / 2);
		bx_str_reset(spare);
	} else {
		bx_str_release(&conn->out);
	}
}

/* The next request may already be there. */
static bool next_request(struct conn *conn)
{
	bool keep = conn->req->head.keep && !conn->httpd->quiesced;
	httpd_request_free(conn->req);
	conn->req = NULL;
	conn->line = conn->sent = 0;
	conn->stage = keep ? HEAD : CUT;
	spare_out(conn);
	httpd_conn_arm(conn, conn->httpd->opts.idle_ms, NEXT);
	if (!conn->in.len && conn->in.cap > IDLE_ROOM)
		bx_str_release(&conn->in);
	if (!keep && unread(conn))
		httpd_conn_part(conn, NULL, 0, true);
	return keep;
}

/* Requests one after the other, until one needs what is not there: bytes, an answer, a reader. */
static void advance(struct conn *conn)
{
	do {
		while (httpd_request_step(conn))
			;
	} while (conn->stage == SENT && next_request(conn));
}

void httpd_conn_settle(struct conn *conn)
{
	advance(conn);
	switch (conn->stage) {
	case CUT:
		httpd_conn_end(conn);
		break;
	case UPGRADE:
		open_line(conn);
		break;
	case PARTING:
		break;
	default:
		watch(conn);
	}
}

/* Most answers are one piece. */
static ssize_t send_some(struct conn *conn)
{
	struct iovec parts[] = {{conn->out.buf + conn->sent, conn->out.len - conn->sent},
		{(void *)conn->more, conn->more_len}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	if (!conn->more_len)
		return send(conn->fd, parts[0].iov_base, parts[0].iov_len, MSG_NOSIGNAL | MSG_DONTWAIT);
	return sendmsg(conn->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void count_sent(struct conn *conn, size_t put)
{
	size_t left = conn->out.len - conn->sent, first = put < left ? put : left, second = put - first;
	conn->sent += first;
	conn->more = second ? conn->more + second : conn->more;
	conn->more_len -= second;
}

void httpd_conn_flush_joined(struct conn *conn, struct bx_tail *tail)
{
	size_t len = conn->out.len;
	if (len <= sizeof tail->room && conn->more_len) {
		char *from = tail->room + sizeof tail->room - len;
		memcpy(from, conn->out.buf, len);
		ssize_t put = send(conn->fd, from, len + tail->len, MSG_NOSIGNAL | MSG_DONTWAIT);
		count_sent(conn, put > 0 ? (size_t)put : 0);
	}
	httpd_conn_flush(conn);
}

void httpd_conn_flush(struct conn *conn)
{
	while (conn->sent < conn->out.len || conn->more_len) {
		ssize_t put = send_some(conn);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0) {
			conn->stage = errno == EAGAIN ? SENDING : CUT;
			return;
		}
		count_sent(conn, (size_t)put);
	}
	conn->stage = SENT;
}

/* One piece, so that the others have their turn. Less than there was room for is all there is,
 * except where the other side's end may follow. */
static void receive(struct conn *conn, uint32_t events)
{
	char bytes[READ_BYTES];
	ssize_t got = recv(conn->fd, bytes, sizeof bytes, MSG_DONTWAIT);
	conn->unseen = got == sizeof bytes || events & ~(uint32_t)EPOLLIN || (got < 0 && errno == EINTR);
	if (got > 0)
		bx_str_add(&conn->in, bytes, (size_t)got);
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		conn->stage = CUT;
}

static void conn_ready(void *arg, int fd, uint32_t events)
{
	struct conn *conn = arg;
	(void)fd;
	if (conn->stage == SENDING)
		httpd_conn_flush(conn);
	else
		receive(conn, events);
	httpd_conn_settle(conn);
}
