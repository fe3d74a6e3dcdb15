/* Connections are taken, also after there was no descriptor left for them. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <unistd.h>
#include "accept.h"
#include "check.h"
#include "listen.h"
#include "str.h"

struct door {
	struct bx_loop *loop;
	int count, wanted;
};

static void on_accept(void *arg, int fd, const struct sockaddr *addr)
{
	struct door *door = arg;
	CHECK(addr->sa_family == AF_UNIX, "who comes has an address");
	CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK && fcntl(fd, F_GETFD) & FD_CLOEXEC, "and a descriptor as promised");
	close(fd);
	if (++door->count == door->wanted)
		bx_loop_stop(door->loop);
}

static void stop(void *arg)
{
	bx_loop_stop(arg);
}

static int dial(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	snprintf(addr.sun_path, sizeof addr.sun_path, "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(!connect(fd, (struct sockaddr *)&addr, sizeof addr), "a client connects");
	return fd;
}

/* Whether any epoll set of this process has it; info is the text of such a set. */
static bool watched(int info, int fd)
{
	char text[65536], *found = text, *end;
	ssize_t len = pread(info, text, sizeof text - 1, 0);
	text[len > 0 ? len : 0] = 0;
	while ((found = strstr(found, "tfd:"))) {
		if (strtol(found + 4, &end, 10) == fd)
			return true;
		found = end;
	}
	return false;
}

/* Opened while that is possible. */
static int epoll_info(void)
{
	for (int fd = 3; fd < 64; fd++) {
		char path[64], to[64] = "";
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		if (readlink(path, to, sizeof to - 1) < 0 || strcmp(to, "anon_inode:[eventpoll]") != 0)
			continue;
		snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
		return open(path, O_RDONLY | O_CLOEXEC);
	}
	return -1;
}

static void no_descriptor_left(struct door *door, int listener, const char *path)
{
	struct rlimit before, none;
	int info = epoll_info(), first = dial(path);
	getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	none.rlim_cur = 0;
	CHECK(info >= 0 && watched(info, listener), "the socket is watched");
	setrlimit(RLIMIT_NOFILE, &none);
	bx_loop_timer(door->loop, 0, stop, door->loop);
	CHECK(bx_loop_run(door->loop, NULL) && !door->count, "without a descriptor nobody is taken");
	CHECK(!watched(info, listener), "and who waits does not wake the loop again and again");
	setrlimit(RLIMIT_NOFILE, &before);
	door->wanted = 1;
	CHECK(bx_loop_run(door->loop, NULL) && door->count == 1, "who had to wait is taken when there is one again");
	close(first);
	close(info);
}

int main(void)
{
	struct bx_err err = {0};
	struct door door = {.loop = bx_loop_new(&err), .wanted = 3};
	char dir[] = "/tmp/bx-accept-XXXXXX";
	if (!door.loop || !mkdtemp(dir))
		return 1;
	alarm(60);
	auto_free char *path = bx_xprintf("%s/door", dir);
	int listener = bx_listen(path, &err);
	fcntl(listener, F_SETFL, O_NONBLOCK);
	struct bx_accept *accept = bx_accept_start(door.loop, listener, "test", on_accept, &door, &err);
	CHECK(accept, "a listening socket is taken");
	int clients[3];
	for (int i = 0; i < 3; i++)
		clients[i] = dial(path);
	CHECK(bx_loop_run(door.loop, NULL) && door.count == 3, "all who wait are let in");
	door.count = 0;
	no_descriptor_left(&door, listener, path);
	bx_accept_stop(accept);
	for (int i = 0; i < 3; i++)
		close(clients[i]);
	close(listener);
	bx_loop_free(door.loop);
	unlink(path);
	rmdir(dir);
	return check_end();
}
