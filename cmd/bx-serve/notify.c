#include "notify.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "auto.h"
#include "str.h"
#include "banned.h"

#define FIRST_FD 3

/* Sockets may be meant for another process, whose environment we have. */
static int sockets_len(void)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	if (!pid || !count || strtol(pid, NULL, 10) != getpid())
		return 0;
	long len = strtol(count, NULL, 10);
	return len > 0 && len < 1000 ? (int)len : 0;
}

int notify_listener(const char *name)
{
	const char *names = getenv("LISTEN_FDNAMES");
	auto_free char *all = bx_xprintf(":%s:", names ? names : "");
	auto_free char *wanted = bx_xprintf(":%s:", name);
	const char *found = strstr(all, wanted);
	int number = !found && !strcmp(name, "public") && !strstr(all, ":admin:") ? 0 : -1;
	for (const char *p = all; found && p <= found; p++)
		number += *p == ':';
	if (number < 0 || number >= sockets_len())
		return -1;
	fcntl(FIRST_FD + number, F_SETFD, FD_CLOEXEC);
	return FIRST_FD + number;
}

void notify_manager(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	size_t len = path ? strlen(path) : 0;
	if (!len || len >= sizeof addr.sun_path || (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(addr.sun_path, path, len);
	if (path[0] == '@')
		addr.sun_path[0] = 0; /* an abstract name */
	auto_fd int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	if (fd >= 0 && sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
			       (const struct sockaddr *)&addr, size) < 0)
		return;
}
