#include "httpd_impl.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/resource.h>
#include "banned.h"

#define OTHER_FILES 256 /* descriptors that are no connections */

static void admit(void *arg, int fd, const struct sockaddr *addr)
{
	struct bx_httpd *httpd = arg;
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
	httpd_conn_start(httpd, fd, addr, seat);
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

/* Connections inherit that nothing they send waits for the client to acknowledge what was sent
 * before: answers go out whole. A Unix socket knows no such waiting. */
static void set_listener(int listener)
{
	int on = 1;
	fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK);
	setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
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

static bool start(struct bx_httpd *httpd, struct bx_err *err)
{
	const struct bx_httpd_opts *opts = &httpd->opts;
	if (opts->tls_cert)
		httpd->tls = bx_tls_new(httpd->loop, opts->tls_cert, opts->tls_key, opts->deadline_ms,
			&httpd->figures.cut_slow, err);
	if (httpd->tls || !opts->tls_cert)
		httpd->accept = bx_accept_start(httpd->loop, httpd->listener, "http", admit, httpd, err);
	return httpd->accept != NULL;
}

struct bx_httpd *bx_httpd_new(struct bx_loop *loop, const struct bx_httpd_opts *opts, bx_httpd_fn *fn,
	void *arg, struct bx_err *err)
{
	int listener = opts->listen_fd >= 0 ? opts->listen_fd : bx_listen(opts->listen, err);
	if (listener < 0)
		return NULL;
	struct bx_httpd *httpd = bx_xcalloc(1, sizeof *httpd);
	*httpd = (struct bx_httpd){.loop = loop, .opts = *opts, .fn = fn, .arg = arg,
		.listener = listener, .spare = BX_STR_INIT(SIZE_MAX / 2)};
	set_options(&httpd->opts);
	httpd->path = opts->listen_fd < 0 && opts->listen[0] == '/';
	httpd->address = httpd->path ? bx_xstrdup(opts->listen) : bx_listen_address(listener);
	httpd->seats = bx_seats_new(httpd->opts.total, httpd->opts.per_address, !opts->per_address);
	set_listener(listener);
	raise_files(httpd->opts.total);
	if (start(httpd, err))
		return httpd;
	bx_httpd_free(httpd);
	return NULL;
}

bool bx_httpd_renew(struct bx_httpd *httpd, const char *cert, const char *key, struct bx_err *err)
{
	return bx_tls_renew(httpd->tls, cert, key, err);
}

static void stop_listening(struct bx_httpd *httpd)
{
	if (httpd->listener < 0)
		return;
	bx_accept_stop(httpd->accept);
	httpd->accept = NULL;
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
		if (conn->awaits == NEXT && conn->stage == HEAD)
			shutdown(conn->fd, SHUT_RDWR);
}

static void end_conns(struct bx_httpd *httpd)
{
	for (struct conn *conn = httpd->conns, *next; conn; conn = next) {
		next = conn->next;
		httpd_conn_end(conn);
	}
	while (!LIST_EMPTY(&httpd->lines))
		bx_line_end(LIST_FIRST(&httpd->lines)->line, 1001);
}

void bx_httpd_free(struct bx_httpd *httpd)
{
	if (!httpd)
		return;
	stop_listening(httpd);
	end_conns(httpd);
	bx_tls_free(httpd->tls);
	bx_seats_free(httpd->seats);
	bx_str_release(&httpd->spare);
	httpd_request_release(httpd);
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
