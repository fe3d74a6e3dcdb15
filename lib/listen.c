#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "str.h"
#include "banned.h"

#define BACKLOG 4096

static bool bad(const char *where, struct bx_err *err)
{
	return bx_fail(err, BX_USAGE, "address", "not an address to listen on (ADDR:PORT): %s", where);
}

/* Numeric addresses only: a name would ask a server, and wait for it. */
static bool resolve(const char *where, struct sockaddr_storage *addr, socklen_t *len,
	struct bx_err *err)
{
	const char *colon = strrchr(where, ':');
	if (!colon || !colon[1])
		return bad(where, err);
	bool bracketed = where[0] == '[' && colon[-1] == ']';
	if (!bracketed && memchr(where, ':', (size_t)(colon - where)))
		return bad(where, err);
	auto_free char *host = bracketed ? bx_xstrndup(where + 1, (size_t)(colon - where) - 2)
					 : bx_xstrndup(where, (size_t)(colon - where));
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	char *end;
	unsigned long port = strtoul(colon + 1, &end, 10);
	if (*end || port > 65535 || !*host || getaddrinfo(host, colon + 1, &hints, &found))
		return bad(where, err);
	memcpy(addr, found->ai_addr, found->ai_addrlen);
	*len = found->ai_addrlen;
	freeaddrinfo(found);
	return true;
}

static bool listen_inet(int fd, const char *where, const struct sockaddr_storage *addr,
	socklen_t len, struct bx_err *err)
{
	int on = 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (const struct sockaddr *)addr, len) < 0 || listen(fd, BACKLOG) < 0)
		return bx_fail_errno(err, "listening on %s", where);
	return true;
}

/* A socket address holds 107 bytes and a path may be longer, so it goes through a descriptor of
 * its directory. */
static int path_address(const char *path, struct sockaddr_un *addr, struct bx_err *err)
{
	const char *name = strrchr(path, '/') + 1;
	auto_free char *dir = bx_xstrndup(path, (size_t)(name - path));
	int dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0) {
		bx_fail_errno(err, "listening on %s", path);
		return -1;
	}
	*addr = (struct sockaddr_un){.sun_family = AF_UNIX};
	int len = snprintf(addr->sun_path, sizeof addr->sun_path, "/proc/self/fd/%d/%s", dirfd, name);
	if (*name && len < (int)sizeof addr->sun_path)
		return dirfd;
	bx_fail(err, BX_USAGE, "address", "not a name for a socket: %s", path);
	close(dirfd);
	return -1;
}

static void remove_dead(const char *path, const struct sockaddr_un *addr)
{
	struct stat st;
	if (lstat(path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return;
	auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (connect(fd, (const struct sockaddr *)addr, sizeof *addr) < 0 && errno == ECONNREFUSED)
		unlink(path);
}

static bool listen_path(int fd, const char *path, struct bx_err *err)
{
	struct sockaddr_un addr;
	struct stat st;
	auto_fd int dirfd = path_address(path, &addr, err);
	if (dirfd < 0)
		return false;
	remove_dead(path, &addr);
	if (fstat(dirfd, &st) < 0 || fchmod(fd, 0600) < 0 ||
		bind(fd, (const struct sockaddr *)&addr, sizeof addr) < 0 ||
		chmod(path, st.st_mode & 0660) < 0 || listen(fd, BACKLOG) < 0)
		return bx_fail_errno(err, "listening on %s", path);
	return true;
}

int bx_listen(const char *where, struct bx_err *err)
{
	struct sockaddr_storage addr = {.ss_family = AF_UNIX};
	socklen_t len = 0;
	if (where[0] != '/' && !resolve(where, &addr, &len, err))
		return -1;
	int fd = socket(addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		bx_fail_errno(err, "listening on %s", where);
		return -1;
	}
	if (len ? listen_inet(fd, where, &addr, len, err) : listen_path(fd, where, err))
		return fd;
	close(fd);
	return -1;
}

void bx_peer_text(char out[BX_PEER_SIZE], const struct sockaddr *addr)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)addr;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)addr;
	out[0] = 0;
	if (addr->sa_family == AF_INET)
		inet_ntop(AF_INET, &v4->sin_addr, out, BX_PEER_SIZE);
	else if (addr->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		inet_ntop(AF_INET, v6->sin6_addr.s6_addr + 12, out, BX_PEER_SIZE);
	else if (addr->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &v6->sin6_addr, out, BX_PEER_SIZE);
}

char *bx_listen_address(int fd)
{
	struct sockaddr_storage addr;
	memset(&addr, 0, sizeof addr);
	socklen_t len = sizeof addr;
	char text[BX_PEER_SIZE] = "";
	if (getsockname(fd, (struct sockaddr *)&addr, &len) < 0)
		return bx_xstrdup("");
	if (addr.ss_family == AF_UNIX)
		return bx_xstrdup(((struct sockaddr_un *)&addr)->sun_path);
	bool v6 = addr.ss_family == AF_INET6;
	int port = ntohs(v6 ? ((struct sockaddr_in6 *)&addr)->sin6_port
			    : ((struct sockaddr_in *)&addr)->sin_port);
	bx_peer_text(text, (struct sockaddr *)&addr);
	return bx_xprintf(strchr(text, ':') ? "[%s]:%d" : "%s:%d", text, port);
}
