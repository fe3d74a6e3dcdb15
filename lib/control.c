#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "accept.h"
#include "control_addr.h"
#include "lock.h"
#include "log.h"
#include "banned.h"

#define PEERS_MAX    256
#define REQUESTS_MAX 1024
#define QUEUE_MAX    (8 * BX_CONTROL_LINE_MAX)

struct bx_control {
	struct bx_loop *loop;
	struct bx_control_ops ops;
	void *arg;
	char *dir;
	int dirfd, lock, fd;
	struct bx_accept *accept;
	struct bx_peer *peers;
	int count;
};

struct bx_peer {
	struct bx_control *control;
	struct bx_peer *next;
	int fd;
	int open;    /* requests without their last answer */
	bool no_more; /* the client has sent its last request */
	bool cut;
	bool waiting; /* for room to write */
	struct bx_str in, out;
	size_t sent; /* of out */
};

static void peer_free(struct bx_peer *peer)
{
	struct bx_control *control = peer->control;
	for (struct bx_peer **at = &control->peers; *at; at = &(*at)->next) {
		if (*at != peer)
			continue;
		*at = peer->next;
		break;
	}
	control->count--;
	bx_loop_drop(control->loop, peer->fd);
	if (control->ops.gone)
		control->ops.gone(control->arg, peer);
	close(peer->fd);
	bx_str_release(&peer->in);
	bx_str_release(&peer->out);
	free(peer);
}

/* The peer may be in use by our caller, so it is freed when the loop reports the hang-up. */
static void peer_cut(struct bx_peer *peer, const char *why)
{
	if (peer->cut)
		return;
	peer->cut = true;
	bx_log(BX_LOG_WARN, "control: client cut: %s", why);
	shutdown(peer->fd, SHUT_RDWR);
}

static void peer_ready(void *arg, int fd, uint32_t events);

static void peer_watch(struct bx_peer *peer)
{
	uint32_t events = (peer->no_more ? 0 : EPOLLIN) | (peer->waiting ? EPOLLOUT : 0);
	struct bx_err err = {0};
	if (!bx_loop_fd(peer->control->loop, peer->fd, events, peer_ready, peer, &err))
		peer_cut(peer, err.text);
}

static void peer_write(struct bx_peer *peer)
{
	while (!peer->cut && peer->sent < peer->out.len) {
		ssize_t put = send(peer->fd, peer->out.buf + peer->sent,
			peer->out.len - peer->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno != EAGAIN)
			shutdown(peer->fd, SHUT_RDWR);
		if (put < 0)
			break;
		peer->sent += (size_t)put;
	}
	if (peer->sent == peer->out.len)
		bx_str_reset(&peer->out), peer->sent = 0;
	bool waiting = peer->out.len > 0;
	if (waiting == peer->waiting)
		return;
	peer->waiting = waiting;
	peer_watch(peer);
}

static void peer_send(struct bx_peer *peer, int64_t id, cJSON *answer)
{
	auto_json cJSON *owned = answer;
	if (peer->cut)
		return;
	if (peer->sent) {
		bx_str_cut(&peer->out, peer->sent);
		peer->sent = 0;
	}
	auto_free char *text = bx_json_print(owned);
	bx_str_printf(&peer->out, "{\"id\":%lld", (long long)id);
	bx_str_puts(&peer->out, owned->child ? "," : "");
	bx_str_puts(&peer->out, text + 1);
	if (!bx_str_putc(&peer->out, '\n')) {
		peer_cut(peer, "it does not read its answers");
		return;
	}
	if (!peer->waiting)
		peer_write(peer);
}

/* The last answer to a request. A client that only listens any more is let go with the last one;
 * the shutdown is noticed by the loop. */
static void peer_finish(struct bx_peer *peer, int64_t id, cJSON *answer)
{
	if (peer->open > 0)
		peer->open--;
	peer_send(peer, id, answer);
	if (peer->no_more && !peer->open && !peer->out.len)
		shutdown(peer->fd, SHUT_RDWR);
}

void bx_peer_answer(struct bx_peer *peer, int64_t id, cJSON *answer)
{
	peer_send(peer, id, answer ? answer : cJSON_CreateObject());
}

void bx_peer_done(struct bx_peer *peer, int64_t id, cJSON *answer)
{
	if (!answer)
		answer = cJSON_CreateObject();
	bx_json_set_bool(answer, "done", true);
	peer_finish(peer, id, answer);
}

void bx_peer_error(struct bx_peer *peer, int64_t id, const struct bx_err *err)
{
	cJSON *answer = cJSON_CreateObject();
	bx_json_set_str(answer, "error", err->code);
	bx_json_set_str(answer, "error_description", err->text);
	bx_json_set_int(answer, "exit", err->exit);
	peer_finish(peer, id, answer);
}

size_t bx_peer_queued(const struct bx_peer *peer)
{
	return peer->out.len - peer->sent;
}

static void peer_refuse(struct bx_peer *peer, int64_t id, const char *why)
{
	struct bx_err err = {0};
	bx_fail(&err, BX_USAGE, "bad_request", "%s", why);
	peer->open++;
	bx_peer_error(peer, id, &err);
}

static void peer_request(struct bx_peer *peer, const char *line, size_t len)
{
	if (strspn(line, " \t\r") == len)
		return;
	struct bx_err err = {0};
	auto_json cJSON *request = bx_json_parse(line, len, &err);
	int64_t id = 0;
	if (!request)
		peer_refuse(peer, 0, err.text);
	else if (!bx_json_int(request, "id", &id) || id < 1)
		peer_refuse(peer, 0, "a request is a map with a positive id");
	else if (!bx_json_str(request, "cmd"))
		peer_refuse(peer, id, "a request names its cmd");
	else if (peer->open >= REQUESTS_MAX)
		peer_refuse(peer, id, "too many requests are open on this connection");
	else
		peer->open++, peer->control->ops.request(peer->control->arg, peer, id, request);
}

static void peer_lines(struct bx_peer *peer)
{
	size_t taken = 0;
	while (!peer->cut) {
		char *line = peer->in.buf + taken;
		char *end = memchr(line, '\n', peer->in.len - taken);
		if (!end)
			break;
		*end = 0;
		taken = (size_t)(end - peer->in.buf) + 1;
		peer_request(peer, line, (size_t)(end - line));
	}
	bx_str_cut(&peer->in, taken);
}

static void peer_read(struct bx_peer *peer)
{
	char chunk[65536];
	ssize_t got = recv(peer->fd, chunk, sizeof chunk, MSG_DONTWAIT);
	if (got < 0)
		return;
	if (!got) {
		peer->no_more = true;
		peer_watch(peer);
	} else if (bx_str_add(&peer->in, chunk, (size_t)got)) {
		peer_lines(peer);
	} else {
		peer_cut(peer, "its line is too long");
	}
}

static void peer_ready(void *arg, int fd, uint32_t events)
{
	struct bx_peer *peer = arg;
	(void)fd;
	if (events & EPOLLOUT) {
		peer_write(peer);
		if (!peer->waiting && !peer->cut && peer->control->ops.drained)
			peer->control->ops.drained(peer->control->arg, peer);
	}
	if (events & EPOLLIN)
		peer_read(peer);
	bool served = peer->no_more && !peer->open && !peer->out.len;
	if (served || events & (EPOLLHUP | EPOLLERR))
		peer_free(peer);
}

static void log_peer(int fd)
{
	struct ucred who;
	socklen_t size = sizeof who;
	if (bx_log_wants(BX_LOG_TRACE) && !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size))
		bx_log(BX_LOG_TRACE, "control: client pid %d uid %u gid %u", who.pid, who.uid,
			who.gid);
}

static void peer_add(struct bx_control *control, int fd)
{
	struct bx_peer *peer = bx_xcalloc(1, sizeof *peer);
	*peer = (struct bx_peer){.control = control, .fd = fd, .next = control->peers};
	/* One line may be under way while a chunk of the next ones arrives with it. */
	bx_str_init(&peer->in, BX_CONTROL_LINE_MAX + 65536);
	bx_str_init(&peer->out, QUEUE_MAX);
	control->peers = peer;
	control->count++;
	log_peer(fd);
	if (!bx_loop_fd(control->loop, fd, EPOLLIN, peer_ready, peer, NULL))
		peer_free(peer);
}

static void admit(void *arg, int fd, const struct sockaddr *addr)
{
	struct bx_control *control = arg;
	(void)addr;
	if (control->count < PEERS_MAX) {
		peer_add(control, fd);
		return;
	}
	static const char busy[] = "{\"id\":0,\"error\":\"busy\",\"error_description\":"
				   "\"too many clients on the control socket\",\"exit\":3}\n";
	send(fd, busy, sizeof busy - 1, MSG_NOSIGNAL);
	close(fd);
}

/* Only the holder of the lock comes here, so whatever socket lies there is a dead one. Other
 * kinds of file are left alone and make bind fail. */
static bool remove_stale(int dirfd, struct bx_err *err)
{
	struct stat st;
	if (fstatat(dirfd, BX_CONTROL_NAME, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT || bx_fail_errno(err, "control socket");
	if (S_ISSOCK(st.st_mode) && unlinkat(dirfd, BX_CONTROL_NAME, 0) < 0)
		return bx_fail_errno(err, "removing the old control socket");
	return true;
}

/* The socket is as open as its directory, and never opener for a moment. */
static bool listen_at(int fd, int dirfd, const struct sockaddr_un *addr, struct bx_err *err)
{
	struct stat st;
	if (fstat(dirfd, &st) < 0 || fchmod(fd, 0600) < 0 ||
		bind(fd, (const struct sockaddr *)addr, sizeof *addr) < 0 ||
		fchmodat(dirfd, BX_CONTROL_NAME, st.st_mode & 0660, 0) < 0 || listen(fd, 128) < 0)
		return bx_fail_errno(err, "control socket");
	return true;
}

static bool take_lock(struct bx_control *control, struct bx_err *err)
{
	auto_free char *path = bx_xprintf("%s/%s.lock", control->dir, BX_CONTROL_NAME);
	control->lock = bx_lock(path, 0, err);
	if (control->lock < 0 && err && err->exit == BX_AGAIN)
		return bx_fail(err, BX_LOCAL, "running", "bx-serve is already running in %s",
			control->dir);
	return control->lock >= 0;
}

static bool control_open(struct bx_control *control, struct bx_err *err)
{
	struct sockaddr_un addr;
	control->dirfd = bx_control_address(control->dir, &addr, err);
	if (control->dirfd < 0 || !take_lock(control, err) || !remove_stale(control->dirfd, err))
		return false;
	control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (control->fd < 0)
		return bx_fail_errno(err, "control socket");
	if (listen_at(control->fd, control->dirfd, &addr, err))
		control->accept = bx_accept_start(control->loop, control->fd, "control", admit, control, err);
	return control->accept != NULL;
}

struct bx_control *bx_control_serve(struct bx_loop *loop, const char *dir,
	const struct bx_control_ops *ops, void *arg, struct bx_err *err)
{
	struct bx_control *control = bx_xcalloc(1, sizeof *control);
	*control = (struct bx_control){.loop = loop, .ops = *ops, .arg = arg,
		.dir = bx_xstrdup(dir), .dirfd = -1, .lock = -1, .fd = -1};
	struct bx_err why = {0};
	if (control_open(control, &why))
		return control;
	if (err)
		*err = why;
	if (control->fd >= 0)
		close(control->fd);
	control->fd = -1;
	bx_control_free(control);
	return NULL;
}

void bx_control_free(struct bx_control *control)
{
	if (!control)
		return;
	while (control->peers)
		peer_free(control->peers);
	if (control->fd >= 0) {
		bx_accept_stop(control->accept);
		unlinkat(control->dirfd, BX_CONTROL_NAME, 0);
		close(control->fd);
	}
	if (control->dirfd >= 0)
		close(control->dirfd);
	if (control->lock >= 0)
		close(control->lock);
	free(control->dir);
	free(control);
}
