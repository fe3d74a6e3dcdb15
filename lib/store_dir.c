/* The state directory: where it is, and that it is private. */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include "banned.h"

#define SYSTEM_DIR "/var/lib/bx"

static bool choose(struct bx_str *dir, struct bx_err *err)
{
	const char *own = getenv("BX_STATE"), *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	if (own && *own)
		bx_str_puts(dir, own);
	else if (!access(SYSTEM_DIR, R_OK | W_OK | X_OK))
		bx_str_puts(dir, SYSTEM_DIR);
	else if (xdg && *xdg)
		bx_str_printf(dir, "%s/bx", xdg);
	else if (home && *home)
		bx_str_printf(dir, "%s/.local/state/bx", home);
	else
		return bx_fail(err, BX_LOCAL, "", "no state directory: set BX_STATE or HOME");
	return !dir->over || bx_fail(err, BX_LOCAL, "", "the path of the state directory is too long");
}

static bool make_path(char *path, struct bx_err *err)
{
	for (char *p = path + 1;; p++) {
		char was = *p;
		if (was && was != '/')
			continue;
		*p = 0;
		if (mkdir(path, 0700) && errno != EEXIST)
			return bx_fail_errno(err, "state directory %s", path);
		if (!was)
			return true;
		*p = was;
	}
}

static bool check_private(const char *path, struct bx_err *err)
{
	struct stat st;
	if (stat(path, &st))
		return bx_fail_errno(err, "state directory %s", path);
	if (!S_ISDIR(st.st_mode))
		return bx_fail(err, BX_LOCAL, "", "state directory %s: not a directory", path);
	if (st.st_mode & S_IRWXO)
		return bx_fail(err, BX_LOCAL, "",
			"state directory %s is open to others (mode %04o); run: chmod o-rwx '%s'", path,
			(unsigned)st.st_mode & 07777, path);
	return true;
}

bool bx_store_dir(struct bx_str *dir, struct bx_err *err)
{
	auto_str struct bx_str path = BX_STR_INIT(BX_PATH_MAX);
	struct stat st;
	if (!choose(&path, err))
		return false;
	if (stat(path.buf, &st) && errno == ENOENT && !make_path(path.buf, err))
		return false;
	if (!check_private(path.buf, err))
		return false;
	return bx_str_puts(dir, path.buf) ||
		bx_fail(err, BX_LOCAL, "", "the path of the state directory is too long");
}

bool bx_store_has(const char *name, struct bx_str *path)
{
	auto_str struct bx_str file = BX_STR_INIT(BX_PATH_MAX);
	if (!choose(&file, NULL) || (*name && !bx_str_printf(&file, "/%s", name)) ||
		access(file.buf, F_OK))
		return false;
	return !path || bx_str_puts(path, file.buf);
}

bool bx_store_path(struct bx_str *path, const char *name, struct bx_err *err)
{
	if (!bx_store_dir(path, err))
		return false;
	return bx_str_printf(path, "/%s", name) ||
		bx_fail(err, BX_LOCAL, "", "the path of the state directory is too long");
}

bool bx_store_make(const char *path, struct bx_err *err)
{
	auto_free char *dir = bx_xstrndup(path, (size_t)(strrchr(path, '/') - path));
	struct stat st;
	if (stat(dir, &st))
		return bx_fail_errno(err, "state directory %s", dir);
	mode_t mode = st.st_mode & S_IWGRP ? 0660 : 0600;
	auto_fd int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd >= 0)
		return !fchmod(fd, mode) || bx_fail_errno(err, "%s", path);
	if (errno != EEXIST)
		return bx_fail_errno(err, "%s", path);
	if (stat(path, &st))
		return bx_fail_errno(err, "%s", path);
	if (st.st_mode & S_IRWXO)
		return bx_fail(err, BX_LOCAL, "", "%s is open to others (mode %04o); run: chmod o-rwx '%s'",
			path, (unsigned)st.st_mode & 07777, path);
	return true;
}
