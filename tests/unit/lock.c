/* Locks between processes. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "lock.h"
#include "str.h"
#include "check.h"

static char dir[] = "/tmp/bx-lock-XXXXXX";

static char *in_dir(const char *name)
{
	return bx_xprintf("%s/%s", dir, name);
}

static void check_alone(const char *path)
{
	struct bx_err err = {0};
	int fd = bx_lock(path, 0, &err);
	struct stat st;
	CHECK(fd >= 0 && !fstat(fd, &st) && (st.st_mode & 0777) == 0600, "a lock file is made, 0600");
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC, "children do not inherit it");
	CHECK(bx_lock(path, 0, &err) < 0 && err.exit == BX_AGAIN && strstr(err.text, path),
		"a second one is told to come again, also within a process");
	CHECK(bx_lock(path, 30, &err) < 0 && err.exit == BX_AGAIN, "after a short wait, too");
	close(fd);
	fd = bx_lock(path, 0, &err);
	CHECK(fd >= 0, "closing it lets it go");
	close(fd);
}

static void check_shared(const char *path)
{
	struct stat st;
	mode_t was = umask(077);
	int fd = chmod(dir, 0770) ? -1 : bx_lock(path, 0, NULL);
	CHECK(fd >= 0 && !fstat(fd, &st) && (st.st_mode & 0777) == 0660,
		"in a group's folder it is the group's, whatever the umask");
	umask(was);
	chmod(dir, 0700);
	close(fd);
	unlink(path);
}

static void check_errors(const char *path)
{
	struct bx_err err = {0};
	auto_free char *nowhere = in_dir("none/lock"), *link = in_dir("link");
	CHECK(bx_lock(nowhere, 0, &err) < 0 && err.exit == BX_LOCAL && strstr(err.text, nowhere),
		"no folder, no lock");
	CHECK(!symlink(path, link) && bx_lock(link, 0, &err) < 0 && err.exit == BX_LOCAL,
		"no lock through a symbolic link");
	unlink(link);
}

/* The child takes the lock, says so, and dies when told. */
static pid_t holder(const char *path, int *said, int *tell)
{
	int up[2], down[2];
	if (pipe(up) || pipe(down))
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		char c;
		close(down[1]);
		c = bx_lock(path, 0, NULL) >= 0 ? 'y' : 'n';
		if (write(up[1], &c, 1) == 1 && read(down[0], &c, 1) < 0)
			_exit(1);
		_exit(0);
	}
	close(up[1]);
	close(down[0]);
	*said = up[0];
	*tell = down[1];
	return pid;
}

static void check_processes(const char *path)
{
	int said, tell, status;
	pid_t pid = holder(path, &said, &tell);
	char c = 0;
	CHECK(read(said, &c, 1) == 1 && c == 'y', "another process has it");
	struct bx_err err = {0};
	CHECK(bx_lock(path, 0, &err) < 0 && err.exit == BX_AGAIN, "this one has not");
	kill(pid, SIGKILL);
	int fd = bx_lock(path, -1, &err);
	CHECK(fd >= 0, "when it is killed, the lock goes to who waits");
	waitpid(pid, &status, 0);
	close(fd);
	close(said);
	close(tell);
	pid = holder(path, &said, &tell);
	CHECK(read(said, &c, 1) == 1 && c == 'y', "taken again");
	close(tell);
	fd = bx_lock(path, 60000, &err);
	CHECK(fd >= 0, "a bounded wait ends with the other process");
	waitpid(pid, &status, 0);
	close(fd);
	close(said);
}

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	umask(0);
	auto_free char *path = in_dir("lock");
	auto_free char *shared = in_dir("shared");
	check_alone(path);
	check_shared(shared);
	check_errors(path);
	check_processes(path);
	unlink(path);
	rmdir(dir);
	return check_end();
}
