#include "audio.h"

#include <errno.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>
#include "clock.h"
#include "limit.h"
#include "banned.h"

#define LOOK_EVERY_MS 100
#define QUIET_MS      2000

static int open_file(const char *path, struct stat *st, struct bx_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, st)) {
		bx_fail(err, BX_USAGE, "", "%s: %s", path, strerror(errno));
	} else if (!S_ISREG(st->st_mode)) {
		bx_fail(err, BX_USAGE, "", "%s is not a file", path);
	} else {
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

/* A tag, or the sync word of a frame of layer III. */
static bool is_mp3(const unsigned char *b, ssize_t len)
{
	return (len >= 3 && !memcmp(b, "ID3", 3)) ||
		(len >= 2 && b[0] == 0xff && (b[1] & 0xe6) == 0xe2);
}

const char *audio_extension(const char *path, struct bx_err *err)
{
	struct stat st;
	unsigned char b[12];
	auto_fd int fd = open_file(path, &st, err);
	if (fd < 0)
		return NULL;
	ssize_t len = read(fd, b, sizeof b);
	if (len == sizeof b && !memcmp(b, "RIFF", 4) && !memcmp(b + 8, "WAVE", 4))
		return ".wav";
	if (is_mp3(b, len))
		return ".mp3";
	bx_fail(err, BX_USAGE, "", len > 0 ? "%s is neither wav nor mp3 by its content" : "%s is empty", path);
	return NULL;
}

enum writers { NOBODY, SOMEBODY, CANNOT_SAY };

/* The kernel grants a read lease only while nobody can write. */
static enum writers writers_of(int fd)
{
	if (!fcntl(fd, F_SETLEASE, F_RDLCK)) {
		fcntl(fd, F_SETLEASE, F_UNLCK);
		return NOBODY;
	}
	return errno == EAGAIN ? SOMEBODY : CANNOT_SAY;
}

bool audio_wait_stable(const char *path, int64_t deadline, void (*first)(void *arg), void *arg,
	struct bx_err *err)
{
	off_t size = -1;
	int64_t since = 0;
	for (;;) {
		struct stat st;
		auto_fd int fd = open_file(path, &st, err);
		if (fd < 0)
			return false;
		enum writers writers = writers_of(fd);
		if (st.st_size != size)
			since = bx_mono_ms();
		size = st.st_size;
		if (writers == NOBODY || (writers == CANNOT_SAY && bx_mono_ms() - since >= QUIET_MS))
			return true;
		if (first)
			first(arg);
		first = NULL;
		if (!bx_sleep_until(LOOK_EVERY_MS, deadline))
			return bx_fail(err, BX_TIMEOUT, "", "%s is still being written", path);
	}
}

char *audio_name(const char *path, const char *extension)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	const char *dot = strrchr(base, '.');
	bool audio = dot && (!strcasecmp(dot, ".wav") || !strcasecmp(dot, ".mp3"));
	int len = (int)(audio ? (size_t)(dot - base) : strlen(base));
	return bx_xprintf("%.*s%s", len, base, extension);
}
