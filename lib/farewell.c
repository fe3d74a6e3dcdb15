#include "farewell.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "str.h"
#include "banned.h"

#define DRAIN_MS    1000
#define DRAIN_BYTES (1024 * 1024)

struct bx_farewell {
	struct bx_loop *loop;
	int fd;
	bool drain;
	struct bx_str bytes;
	size_t sent, drained;
	struct bx_timer *timer;
	bx_loop_fn *done;
	void *arg;
};

void bx_farewell_free(struct bx_farewell *farewell)
{
	if (!farewell)
		return;
	bx_loop_drop(farewell->loop, farewell->fd);
	bx_loop_cancel(farewell->loop, farewell->timer);
	bx_str_release(&farewell->bytes);
	free(farewell);
}

static void end(void *arg)
{
	struct bx_farewell *farewell = arg;
	bx_loop_fn *done = farewell->done;
	void *done_arg = farewell->arg;
	bx_farewell_free(farewell);
	done(done_arg);
}

static void time_out(void *arg)
{
	struct bx_farewell *farewell = arg;
	farewell->timer = NULL;
	end(farewell);
}

static bool later(ssize_t moved)
{
	return moved < 0 && (errno == EAGAIN || errno == EINTR);
}

static void draining(void *arg, int fd, uint32_t events)
{
	struct bx_farewell *farewell = arg;
	char waste[16384];
	(void)events;
	ssize_t got = recv(fd, waste, sizeof waste, MSG_DONTWAIT);
	if (got > 0)
		farewell->drained += (size_t)got;
	if ((got <= 0 && !later(got)) || farewell->drained >= DRAIN_BYTES)
		end(farewell);
}

static void drain(struct bx_farewell *farewell)
{
	bx_loop_cancel(farewell->loop, farewell->timer);
	farewell->timer = bx_loop_timer(farewell->loop, DRAIN_MS, time_out, farewell);
	if (shutdown(farewell->fd, SHUT_WR) < 0 ||
		!bx_loop_fd(farewell->loop, farewell->fd, EPOLLIN, draining, farewell, NULL))
		end(farewell);
}

static void sending(void *arg, int fd, uint32_t events)
{
	struct bx_farewell *farewell = arg;
	(void)events;
	while (farewell->sent < farewell->bytes.len) {
		ssize_t put = send(fd, farewell->bytes.buf + farewell->sent,
			farewell->bytes.len - farewell->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (later(put))
			return;
		if (put <= 0) {
			end(farewell);
			return;
		}
		farewell->sent += (size_t)put;
	}
	if (farewell->drain)
		drain(farewell);
	else
		end(farewell);
}

struct bx_farewell *bx_farewell(struct bx_loop *loop, int fd, const void *bytes, size_t len,
	int within_ms, bool drain_after, bx_loop_fn *done, void *arg)
{
	struct bx_farewell *farewell = bx_xcalloc(1, sizeof *farewell);
	*farewell = (struct bx_farewell){.loop = loop, .fd = fd, .drain = drain_after,
		.bytes = BX_STR_INIT(SIZE_MAX / 2), .done = done, .arg = arg};
	bx_str_add(&farewell->bytes, bytes, len);
	bool watched = bx_loop_fd(loop, fd, EPOLLOUT, sending, farewell, NULL);
	farewell->timer = bx_loop_timer(loop, watched ? within_ms : 0, time_out, farewell);
	return farewell;
}
