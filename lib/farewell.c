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
	int pause_ms; /* between two bytes; 0: all at once */
	struct bx_timer *timer, *pause;
	bx_loop_fn *done;
	void *arg;
};

void bx_farewell_free(struct bx_farewell *farewell)
{
	if (!farewell)
		return;
	bx_loop_drop(farewell->loop, farewell->fd);
	bx_loop_cancel(farewell->loop, farewell->timer);
	bx_loop_cancel(farewell->loop, farewell->pause);
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

static void sending(void *arg, int fd, uint32_t events);

static void go_on(void *arg)
{
	struct bx_farewell *farewell = arg;
	farewell->pause = NULL;
	if (!bx_loop_fd(farewell->loop, farewell->fd, EPOLLOUT, sending, farewell, NULL))
		end(farewell);
}

static void rest_a_while(struct bx_farewell *farewell)
{
	bx_loop_drop(farewell->loop, farewell->fd);
	farewell->pause = bx_loop_timer(farewell->loop, farewell->pause_ms, go_on, farewell);
}

/* Sends what fits, or the next byte; false: no more for now, or it has ended. */
static bool send_some(struct bx_farewell *farewell)
{
	size_t left = farewell->bytes.len - farewell->sent;
	ssize_t put = send(farewell->fd, farewell->bytes.buf + farewell->sent,
		farewell->pause_ms ? 1 : left, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (put > 0)
		farewell->sent += (size_t)put;
	else if (!later(put))
		end(farewell);
	return put > 0;
}

static void sending(void *arg, int fd, uint32_t events)
{
	struct bx_farewell *farewell = arg;
	(void)fd, (void)events;
	while (farewell->sent < farewell->bytes.len) {
		if (!send_some(farewell))
			return;
		if (farewell->pause_ms && farewell->sent < farewell->bytes.len) {
			rest_a_while(farewell);
			return;
		}
	}
	if (farewell->drain)
		drain(farewell);
	else
		end(farewell);
}

void bx_farewell_trickle(struct bx_farewell *farewell, int pause_ms)
{
	farewell->pause_ms = pause_ms;
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
