#include "tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include "str.h"
#include "banned.h"

#define CHUNK	   16384 /* a record of TLS */
#define ROUNDS	   8	 /* of one connection before the others have their turn */
#define PARTING_MS 1000	 /* for the client's half of an ending */
#define SLOWEST	   CHUNK /* bytes the client takes within slow_ms */

/* A certificate lasts as long as it is the one in use or a connection has it. */
struct paper {
	gnutls_certificate_credentials_t cred;
	unsigned users;
};

struct bx_tls {
	struct bx_loop *loop;
	struct paper *paper;
	gnutls_priority_t priority;
	int slow_ms;
	uint64_t *cut_slow;
	struct pump *pumps;
};

/* Bytes on their way in one direction. */
struct pipe {
	char *bytes;
	size_t len, sent;
	bool ended; /* its source has no more */
};

struct pump {
	struct bx_tls *tls;
	struct paper *paper;
	struct pump *prev, *next;
	int sock, plain;
	gnutls_session_t session;
	bool shaken;
	struct pipe up, down; /* from the client, to it */
	bool deaf;	      /* nobody takes what comes up any more */
	uint64_t taken;
	struct bx_timer *soon, *slow, *parting;
};

static void paper_leave(struct paper *paper)
{
	if (!paper || --paper->users)
		return;
	gnutls_certificate_free_credentials(paper->cred);
	free(paper);
}

static void pump_free(struct pump *pump)
{
	struct bx_tls *tls = pump->tls;
	if (pump->prev)
		pump->prev->next = pump->next;
	else
		tls->pumps = pump->next;
	if (pump->next)
		pump->next->prev = pump->prev;
	bx_loop_cancel(tls->loop, pump->soon);
	bx_loop_cancel(tls->loop, pump->slow);
	bx_loop_cancel(tls->loop, pump->parting);
	bx_loop_drop(tls->loop, pump->sock);
	bx_loop_drop(tls->loop, pump->plain);
	gnutls_deinit(pump->session);
	paper_leave(pump->paper);
	close(pump->sock);
	close(pump->plain);
	free(pump->up.bytes);
	free(pump->down.bytes);
	free(pump);
}

static bool pipe_waits(const struct pipe *pipe)
{
	return pipe->sent < pipe->len;
}

static void pipe_fill(struct pipe *pipe, const char *bytes, size_t len)
{
	pipe->bytes = bx_xrealloc(pipe->bytes, len);
	memcpy(pipe->bytes, bytes, len);
	pipe->len = len;
	pipe->sent = 0;
}

/* An idle connection keeps no memory for what it does not move. */
static void pipe_done(struct pipe *pipe)
{
	free(pipe->bytes);
	*pipe = (struct pipe){.ended = pipe->ended};
}

enum moved { MOVED, BLOCKED, BROKEN };

static enum moved socket_failed(void)
{
	return errno == EAGAIN || errno == EINTR ? BLOCKED : BROKEN;
}

static enum moved tls_failed(ssize_t result)
{
	return result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED || !gnutls_error_is_fatal((int)result)
		       ? BLOCKED
		       : BROKEN;
}

static enum moved up_out(struct pump *pump)
{
	struct pipe *up = &pump->up;
	ssize_t put = send(pump->plain, up->bytes + up->sent, up->len - up->sent,
		MSG_NOSIGNAL | MSG_DONTWAIT);
	if (put < 0 && socket_failed() == BLOCKED)
		return BLOCKED;
	pump->deaf = pump->deaf || put < 0;
	up->sent += put < 0 ? up->len - up->sent : (size_t)put;
	if (!pipe_waits(up))
		pipe_done(up);
	return MOVED;
}

static enum moved up_in(struct pump *pump)
{
	char chunk[CHUNK];
	ssize_t got = gnutls_record_recv(pump->session, chunk, sizeof chunk);
	if (got < 0)
		return tls_failed(got);
	if (got == 0) {
		pump->up.ended = true;
		shutdown(pump->plain, SHUT_WR);
	} else if (!pump->deaf) {
		pipe_fill(&pump->up, chunk, (size_t)got);
	}
	return MOVED;
}

static enum moved down_out(struct pump *pump)
{
	struct pipe *down = &pump->down;
	ssize_t put = gnutls_record_send(pump->session, down->bytes + down->sent, down->len - down->sent);
	if (put < 0)
		return tls_failed(put);
	down->sent += (size_t)put;
	if (!pipe_waits(down))
		pipe_done(down);
	return MOVED;
}

static void parting_over(void *arg)
{
	struct pump *pump = arg;
	pump->parting = NULL;
	pump_free(pump);
}

static enum moved down_in(struct pump *pump)
{
	char chunk[CHUNK];
	ssize_t got = recv(pump->plain, chunk, sizeof chunk, MSG_DONTWAIT);
	if (got < 0 && socket_failed() == BLOCKED)
		return BLOCKED;
	if (got > 0) {
		pipe_fill(&pump->down, chunk, (size_t)got);
		return MOVED;
	}
	pump->down.ended = true;
	gnutls_bye(pump->session, GNUTLS_SHUT_WR);
	shutdown(pump->sock, SHUT_WR);
	pump->parting = bx_loop_timer(pump->tls->loop, PARTING_MS, parting_over, pump);
	return MOVED;
}

static enum moved move_up(struct pump *pump)
{
	if (pipe_waits(&pump->up))
		return up_out(pump);
	return pump->up.ended ? BLOCKED : up_in(pump);
}

static enum moved move_down(struct pump *pump)
{
	if (pipe_waits(&pump->down))
		return down_out(pump);
	return pump->down.ended ? BLOCKED : down_in(pump);
}

static enum moved shake(struct pump *pump)
{
	int result = gnutls_handshake(pump->session);
	pump->shaken = result == 0;
	return result == 0 ? MOVED : tls_failed(result);
}

static enum moved move_some(struct pump *pump)
{
	enum moved up = MOVED, down = MOVED;
	if (!pump->shaken && (up = shake(pump)) != MOVED)
		return up;
	for (int i = 0; i < ROUNDS && (up == MOVED || down == MOVED); i++) {
		up = move_up(pump);
		if (up != BROKEN)
			down = move_down(pump);
		if (up == BROKEN || down == BROKEN || (pump->up.ended && pump->down.ended))
			return BROKEN;
	}
	return up == MOVED || down == MOVED ? MOVED : BLOCKED;
}

static void pump_ready(void *arg, int fd, uint32_t events);

static void watch(struct pump *pump, int fd, uint32_t events)
{
	if (events)
		bx_loop_fd(pump->tls->loop, fd, events, pump_ready, pump, NULL);
	else
		bx_loop_drop(pump->tls->loop, fd);
}

/* Only what can move something: hang-ups are reported again and again. */
static void watch_both(struct pump *pump)
{
	bool wants_out = pump->shaken ? pipe_waits(&pump->down)
				      : gnutls_record_get_direction(pump->session) == 1;
	bool wants_in = pump->shaken ? !pump->up.ended && !pipe_waits(&pump->up) : !wants_out;
	watch(pump, pump->sock, (wants_in ? EPOLLIN : 0) | (wants_out ? EPOLLOUT : 0));
	bool takes = pump->shaken && !pump->down.ended && !pipe_waits(&pump->down);
	bool gives = pipe_waits(&pump->up);
	/* Before the handshake is done the other end can only give up. */
	uint32_t giving_up = pump->shaken ? 0 : EPOLLRDHUP;
	watch(pump, pump->plain, (takes ? EPOLLIN : 0) | (gives ? EPOLLOUT : 0) | giving_up);
}

static uint64_t taken_by_client(const struct pump *pump)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof info;
	getsockopt(pump->sock, IPPROTO_TCP, TCP_INFO, &info, &size);
	return info.tcpi_bytes_acked;
}

static void watch_slow(struct pump *pump);

static void slow_over(void *arg)
{
	struct pump *pump = arg;
	pump->slow = NULL;
	if (!pipe_waits(&pump->down))
		return;
	if (taken_by_client(pump) - pump->taken >= SLOWEST) {
		watch_slow(pump);
		return;
	}
	++*pump->tls->cut_slow;
	pump_free(pump);
}

static void watch_slow(struct pump *pump)
{
	if (pump->slow || !pipe_waits(&pump->down))
		return;
	pump->taken = taken_by_client(pump);
	pump->slow = bx_loop_timer(pump->tls->loop, pump->tls->slow_ms, slow_over, pump);
}

static void pump_run(void *arg);

static void pump_later(struct pump *pump)
{
	if (!pump->soon)
		pump->soon = bx_loop_timer(pump->tls->loop, 0, pump_run, pump);
}

static void pump_step(struct pump *pump)
{
	enum moved moved = move_some(pump);
	if (moved == BROKEN) {
		pump_free(pump);
		return;
	}
	if (moved == MOVED)
		pump_later(pump); /* bytes may wait inside the session, where no event tells of them */
	watch_both(pump);
	watch_slow(pump);
}

static void pump_run(void *arg)
{
	struct pump *pump = arg;
	pump->soon = NULL;
	pump_step(pump);
}

static void pump_ready(void *arg, int fd, uint32_t events)
{
	struct pump *pump = arg;
	if (!pump->shaken && fd == pump->plain && events)
		pump_free(pump);
	else
		pump_step(pump);
}

static struct paper *paper_new(const char *cert, const char *key, struct bx_err *err)
{
	const gnutls_datum_t cert_pem = {(unsigned char *)cert, (unsigned)strlen(cert)};
	const gnutls_datum_t key_pem = {(unsigned char *)key, (unsigned)strlen(key)};
	gnutls_certificate_credentials_t cred = NULL;
	int result = gnutls_certificate_allocate_credentials(&cred);
	if (result >= 0)
		result = gnutls_certificate_set_x509_key_mem(cred, &cert_pem, &key_pem, GNUTLS_X509_FMT_PEM);
	if (result < 0) {
		if (cred)
			gnutls_certificate_free_credentials(cred);
		bx_fail(err, BX_LOCAL, "tls", "the certificate or its key: %s", gnutls_strerror(result));
		return NULL;
	}
	struct paper *paper = bx_xcalloc(1, sizeof *paper);
	*paper = (struct paper){.cred = cred, .users = 1};
	return paper;
}

bool bx_tls_renew(struct bx_tls *tls, const char *cert, const char *key, struct bx_err *err)
{
	struct paper *paper = paper_new(cert, key, err);
	if (!paper)
		return false;
	paper_leave(tls->paper);
	tls->paper = paper;
	return true;
}

struct bx_tls *bx_tls_new(struct bx_loop *loop, const char *cert, const char *key, int slow_ms,
	uint64_t *cut_slow, struct bx_err *err)
{
	struct bx_tls *tls = bx_xcalloc(1, sizeof *tls);
	*tls = (struct bx_tls){.loop = loop, .slow_ms = slow_ms, .cut_slow = cut_slow};
	int result = gnutls_priority_init(&tls->priority, NULL, NULL);
	if (result < 0)
		bx_fail(err, BX_LOCAL, "tls", "%s", gnutls_strerror(result));
	if (result >= 0 && bx_tls_renew(tls, cert, key, err))
		return tls;
	bx_tls_free(tls);
	return NULL;
}

void bx_tls_free(struct bx_tls *tls)
{
	if (!tls)
		return;
	while (tls->pumps) {
		/* What the other end left is delivered as far as the client takes it at once. */
		struct pump *pump = tls->pumps;
		enum moved moved = pump->shaken ? MOVED : BROKEN;
		while (moved == MOVED && !pump->down.ended)
			moved = move_down(pump);
		pump_free(pump);
	}
	paper_leave(tls->paper);
	if (tls->priority)
		gnutls_priority_deinit(tls->priority);
	free(tls);
}

static bool session_open(struct bx_tls *tls, gnutls_session_t *session, int fd)
{
	static const gnutls_datum_t http = {(unsigned char *)"http/1.1", 8};
	if (gnutls_init(session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0)
		return false;
	gnutls_priority_set(*session, tls->priority);
	gnutls_credentials_set(*session, GNUTLS_CRD_CERTIFICATE, tls->paper->cred);
	gnutls_alpn_set_protocols(*session, &http, 1, 0);
	gnutls_transport_set_int(*session, fd);
	return true;
}

int bx_tls_serve(struct bx_tls *tls, int fd)
{
	int pair[2], on = 1;
	gnutls_session_t session;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) {
		close(fd);
		return -1;
	}
	if (!session_open(tls, &session, fd)) {
		close(pair[0]), close(pair[1]), close(fd);
		return -1;
	}
	struct pump *pump = bx_xcalloc(1, sizeof *pump);
	*pump = (struct pump){.tls = tls, .next = tls->pumps, .sock = fd, .plain = pair[0],
		.session = session, .paper = tls->paper};
	tls->paper->users++;
	if (tls->pumps)
		tls->pumps->prev = pump;
	tls->pumps = pump;
	watch_both(pump);
	return pair[1];
}
