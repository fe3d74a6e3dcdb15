#include "hand.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include "banned.h"

static bool start(char *const *argv, int input, pid_t *pid, struct bx_err *err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	posix_spawnattr_init(&attributes);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE); /* which we ignore */
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	errno = posix_spawnp(pid, argv[0], &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return !errno || bx_fail_errno(err, "%s cannot be run", argv[0]);
}

static bool ended_well(pid_t pid, const char *name, struct bx_err *err)
{
	int status = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		return bx_fail(err, BX_REFUSED, "", "%s was ended by signal %d", name, WTERMSIG(status));
	return !WEXITSTATUS(status) ||
		bx_fail(err, BX_REFUSED, "", "%s ended with status %d", name, WEXITSTATUS(status));
}

bool hand_to(char *const *argv, const char *portal, const cJSON *event, struct bx_err *err)
{
	int ends[2];
	pid_t pid;
	const char *name = bx_json_str(event, "EVENT_NAME");
	if (pipe2(ends, O_CLOEXEC))
		return bx_fail_errno(err, "pipe");
	setenv("BX_PORTAL", portal, 1);
	setenv("BX_EVENT", name ? name : "", 1);
	bool started = start(argv, ends[0], &pid, err);
	close(ends[0]);
	/* A command need not read what it is given. */
	if (started)
		bx_json_emit(ends[1], event, NULL);
	close(ends[1]);
	return started && ended_well(pid, argv[0], err);
}
