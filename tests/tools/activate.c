/* A small service manager, for tests: activate ADDR COMMAND... listens on any port of ADDR and runs
 * the command with that socket as systemd hands it over. Its first line of output is
 * {"activated":"ADDR:PORT"}; on SIGHUP it ends the command, on the next one it runs it again; SIGTERM
 * ends both. */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include "relay.h"

#define FIRST_FD 3

static pid_t run(int listener, char **argv)
{
	pid_t pid = fork();
	if (pid)
		return pid;
	char text[20];
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (listener != FIRST_FD && dup2(listener, FIRST_FD) < 0)
		die("dup2");
	fcntl(FIRST_FD, F_SETFD, 0);
	snprintf(text, sizeof text, "%d", getpid());
	setenv("LISTEN_PID", text, 1);
	setenv("LISTEN_FDS", "1", 1);
	setenv("LISTEN_FDNAMES", "public", 1);
	execvp(argv[0], argv);
	die(argv[0]);
	return -1;
}

static int end(pid_t pid)
{
	int status = 0;
	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int main(int argc, char **argv)
{
	sigset_t wanted;
	int got, status = 0;
	if (argc < 3)
		return 2;
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGHUP);
	sigaddset(&wanted, SIGTERM);
	sigprocmask(SIG_BLOCK, &wanted, NULL);
	int listener = listen_on(argv[1], "activated");
	pid_t pid = run(listener, argv + 2);
	while (!sigwait(&wanted, &got) && got == SIGHUP) {
		if (pid) {
			status = end(pid);
			pid = 0;
			printf("{\"ended\":%d}\n", status);
			fflush(stdout);
		} else {
			pid = run(listener, argv + 2);
		}
	}
	return pid ? end(pid) : status;
}
