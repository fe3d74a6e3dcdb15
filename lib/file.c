#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include "banned.h"

bool bx_file_read(struct bx_str *out, const char *path, struct bx_err *err)
{
	bool given = !strcmp(path, "-");
	auto_fd int fd = given ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC);
	const char *name = given ? "standard input" : path;
	char chunk[65536];
	ssize_t got;
	if (fd < 0)
		return bx_fail(err, BX_USAGE, "", "%s: %s", name, strerror(errno));
	while ((got = read(fd, chunk, sizeof chunk)) > 0 || (got < 0 && errno == EINTR)) {
		if (got > 0 && !bx_str_add(out, chunk, (size_t)got))
			return bx_fail(err, BX_USAGE, "", "%s is larger than %zu bytes", name, out->max);
	}
	return got == 0 || bx_fail_errno(err, "%s", name);
}
