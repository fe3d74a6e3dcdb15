/* A client of a server in the same loop: it says the input, hangs up its half and waits until the
 * server has nothing more to say. */
#ifndef BX_FUZZ_PEER_H
#define BX_FUZZ_PEER_H

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "fuzz.h"
#include "loop.h"

#define QUIET_MS 2 /* of silence from a server that keeps the connection */

struct speaker {
	struct bx_loop *loop;
	struct bx_timer *timer;
	bool heard;
};

static inline void speaker_bored(void *arg)
{
	struct speaker *speaker = arg;
	speaker->timer = NULL;
	if (speaker->heard)
		speaker->timer = bx_loop_timer(speaker->loop, QUIET_MS, speaker_bored, speaker);
	else
		bx_loop_stop(speaker->loop);
	speaker->heard = false;
}

static inline void speaker_ready(void *arg, int fd, uint32_t events)
{
	struct speaker *speaker = arg;
	char chunk[65536];
	ssize_t got = recv(fd, chunk, sizeof chunk, MSG_DONTWAIT);
	(void)events;
	speaker->heard = true;
	if (got > 0 || (got < 0 && errno == EAGAIN))
		return;
	bx_loop_drop(speaker->loop, fd);
	bx_loop_stop(speaker->loop);
}

static inline void loop_now(void *loop)
{
	bx_loop_stop(loop);
}

/* Gives the loop one more turn, in which the server sees the end. */
static inline void loop_turn(struct bx_loop *loop)
{
	bx_loop_timer(loop, 0, loop_now, loop);
	bx_loop_run(loop, NULL);
}

static inline void speak(struct bx_loop *loop, const char *path, const void *data, size_t size)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct speaker speaker = {.loop = loop};
	int room = 1024 * 1024;
	auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	snprintf(addr.sun_path, sizeof addr.sun_path, "%s", path);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	must(!connect(fd, (struct sockaddr *)&addr, sizeof addr), "the server listens");
	if (send(fd, data, size, MSG_NOSIGNAL) < 0 && errno != EAGAIN)
		return;
	shutdown(fd, SHUT_WR);
	speaker.timer = bx_loop_timer(loop, QUIET_MS, speaker_bored, &speaker);
	must(bx_loop_fd(loop, fd, EPOLLIN, speaker_ready, &speaker, NULL), "the loop has room");
	bx_loop_run(loop, NULL);
	bx_loop_cancel(loop, speaker.timer);
	bx_loop_drop(loop, fd);
}

/* A folder of its own in memory, where there is one; it is named by BX_STATE. */
static inline char *fuzz_folder(void)
{
	char *dir = bx_xprintf("%s/bx-fuzz-XXXXXX", !access("/dev/shm", W_OK) ? "/dev/shm" : "/tmp");
	must(mkdtemp(dir) && !setenv("BX_STATE", dir, 1), "there is a folder");
	return dir;
}

#endif
