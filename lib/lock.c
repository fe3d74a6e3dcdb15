#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include "clock.h"
#include "banned.h"

static bool try_lock(int fd, int command)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int done;
	do
		done = fcntl(fd, command, &whole);
	while (done < 0 && errno == EINTR);
	return done == 0;
}

/* There is no timed lock call, so a bounded wait asks again with growing pauses. */
static bool wait_lock(int fd, int timeout_ms)
{
	int64_t until = bx_mono_ms() + timeout_ms;
	for (int pause = 1;; pause = pause < 20 ? pause + 1 : 20) {
		if (try_lock(fd, F_OFD_SETLK))
			return true;
		if (bx_mono_ms() >= until)
			return false;
		poll(NULL, 0, pause);
	}
}

int bx_lock(const char *path, int timeout_ms, struct bx_err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
	if (fd < 0) {
		bx_fail_errno(err, "lock file %s", path);
		return -1;
	}
	if (timeout_ms < 0 ? try_lock(fd, F_OFD_SETLKW) : wait_lock(fd, timeout_ms))
		return fd;
	close(fd);
	bx_fail(err, BX_AGAIN, "", "%s is locked by another process", path);
	return -1;
}
