#include "httpd_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include "log.h"
#include "banned.h"

#define ACCEPT_BATCH	64
#define ACCEPT_PAUSE_MS 100
#define OTHER_FILES	256	   /* descriptors that are no connections */
#define ANSWER_HEAD	(4 * 1024) /* of memory, and the notes about headers */

static void kicked(void *arg);

static void kick_in(struct bx_httpd *httpd, int64_t delay_ms)
{
	if (!httpd->kick)
		httpd->kick = bx_loop_timer(httpd->loop, delay_ms, kicked, httpd);
}

void httpd_kick(struct bx_httpd *httpd)
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
		httpd_conn_free(conn);
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
	struct conn *conn = httpd->arriving = httpd_conn_new(httpd, fd, addr, seat);
	httpd_conn_arm(conn, httpd->opts.deadline_ms, REQUEST);
	MHD_add_connection(httpd->mhd, fd, addr, len);
	if (httpd->arriving)
		httpd_conn_free(conn);
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
	httpd_kick(httpd);
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
	httpd->mhd = MHD_start_daemon(flags, 0, NULL, NULL, httpd_on_request, httpd,
		MHD_OPTION_EXTERNAL_LOGGER, on_log, httpd, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		opts->header_max + ANSWER_HEAD, MHD_OPTION_CONNECTION_LIMIT, opts->total + 16,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_CONNECTION, on_connection, httpd,
		MHD_OPTION_NOTIFY_COMPLETED, httpd_on_completed, httpd, MHD_OPTION_URI_LOG_CALLBACK,
		httpd_on_uri, httpd, MHD_OPTION_END);
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
			httpd_resume(conn->req);
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
