#include "httpd_impl.h"

#include <linux/tcp.h>
#include "clock.h"
#include "banned.h"

#define SLOWEST_READER (16 * 1024) /* bytes of an answer taken within each deadline_ms */
#define UNSEEN	       UINT64_MAX

static void conn_due(void *arg);

void httpd_conn_arm(struct conn *conn, int64_t delay_ms, enum awaits awaits)
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
		httpd_conn_arm(conn, conn->due_ms - now, conn->awaits);
	else if (conn->awaits != READER || !reader_moves(conn))
		conn_cut(conn);
}

struct conn *httpd_conn_new(struct bx_httpd *httpd, int fd, const struct sockaddr *addr,
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

void httpd_conn_free(struct conn *conn)
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
