#include "accept.h"

#include <errno.h>
#include <string.h>
#include "log.h"
#include "str.h"
#include "banned.h"

#define BATCH	 64 /* before others in the loop have their turn */
#define PAUSE_MS 100

struct bx_accept {
	struct bx_loop *loop;
	int listener;
	const char *name;
	bx_accept_fn *fn;
	void *arg;
	struct bx_timer *pause;
};

static void ready(void *arg, int listener, uint32_t events);

static void again(void *arg)
{
	struct bx_accept *accept = arg;
	struct bx_err err = {0};
	accept->pause = NULL;
	if (bx_loop_fd(accept->loop, accept->listener, EPOLLIN, ready, accept, &err))
		return;
	bx_log(BX_LOG_ERROR, "%s: %s", accept->name, err.text);
	accept->pause = bx_loop_timer(accept->loop, PAUSE_MS, again, accept);
}

/* No descriptor is left: the waiting connections would only wake the loop again and again. */
static void look_away(struct bx_accept *accept)
{
	bx_log(BX_LOG_ERROR, "%s: accept: %s", accept->name, strerror(errno));
	bx_loop_drop(accept->loop, accept->listener);
	accept->pause = bx_loop_timer(accept->loop, PAUSE_MS, again, accept);
}

static void ready(void *arg, int listener, uint32_t events)
{
	struct bx_accept *accept = arg;
	(void)events;
	for (int i = 0; i < BATCH; i++) {
		struct sockaddr_storage addr = {0};
		socklen_t len = sizeof addr;
		int fd = accept4(listener, (struct sockaddr *)&addr, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0)
			accept->fn(accept->arg, fd, (struct sockaddr *)&addr);
		else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			look_away(accept);
		if (fd < 0)
			break;
	}
}

struct bx_accept *bx_accept_start(struct bx_loop *loop, int listener, const char *name, bx_accept_fn *fn,
	void *arg, struct bx_err *err)
{
	struct bx_accept *accept = bx_xcalloc(1, sizeof *accept);
	*accept = (struct bx_accept){.loop = loop, .listener = listener, .name = name, .fn = fn, .arg = arg};
	if (bx_loop_fd(loop, listener, EPOLLIN, ready, accept, err))
		return accept;
	free(accept);
	return NULL;
}

void bx_accept_stop(struct bx_accept *accept)
{
	if (!accept)
		return;
	bx_loop_cancel(accept->loop, accept->pause);
	bx_loop_drop(accept->loop, accept->listener);
	free(accept);
}
