#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cancel.h"
#include "clock.h"
#include "crew.h"
#include "str.h"
#include "banned.h"

static bool try_lock(int fd, int command, const struct flock *range)
{
	struct flock asked;
	int done;
	do {
		asked = *range;
		done = fcntl(fd, command, &asked);
	} while (done < 0 && errno == EINTR);
	return done == 0;
}

/* There is no timed lock call, so a bounded wait asks again with growing pauses. */
static bool wait_lock(int fd, const struct flock *range, int timeout_ms)
{
	int64_t until = bx_mono_ms() + timeout_ms;
	for (int pause = 1;; pause = pause < 20 ? pause + 1 : 20) {
		if (try_lock(fd, F_OFD_SETLK, range))
			return true;
		if (bx_mono_ms() >= until || bx_cancelled())
			return false;
		bx_crew_pause(pause);
	}
}

/* Whether the file's folder belongs to a group that works together. */
static bool is_shared(const char *path)
{
	const char *slash = strrchr(path, '/');
	auto_free char *dir = slash ? bx_xstrndup(path, (size_t)(slash - path + 1)) : bx_xstrdup(".");
	struct stat st;
	return !stat(dir, &st) && st.st_mode & S_IWGRP;
}

/* The first user's umask must not lock the others out. */
static int open_file(const char *path)
{
	int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;
	int fd = open(path, flags | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return errno == EEXIST ? open(path, flags) : -1;
	if (is_shared(path) && fchmod(fd, 0660)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int lock_range(const char *path, const struct flock *range, int timeout_ms, struct bx_err *err)
{
	int fd = open_file(path);
	if (fd < 0) {
		bx_fail_errno(err, "lock file %s", path);
		return -1;
	}
	if (timeout_ms < 0 ? try_lock(fd, F_OFD_SETLKW, range) : wait_lock(fd, range, timeout_ms))
		return fd;
	close(fd);
	bx_fail(err, BX_AGAIN, "", "%s is locked by another process", path);
	return -1;
}

int bx_lock(const char *path, int timeout_ms, struct bx_err *err)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	return lock_range(path, &whole, timeout_ms, err);
}

int bx_lock_one(const char *path, int64_t number, int timeout_ms, struct bx_err *err)
{
	struct flock one = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = number, .l_len = 1};
	return lock_range(path, &one, timeout_ms, err);
}
