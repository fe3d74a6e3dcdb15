#include "cancel.h"

#include <errno.h>
#include <signal.h>
#include <time.h>
#include "banned.h"

static volatile sig_atomic_t cancelled;
static struct sigaction was;
static bool watched;

static void note(int signo)
{
	(void)signo;
	cancelled = 1;
}

void bx_cancel_watch(bool on)
{
	struct sigaction noting = {.sa_handler = note};
	if (on != watched)
		sigaction(SIGINT, on ? &noting : &was, on ? &was : NULL);
	watched = on;
	cancelled = 0;
}

bool bx_cancelled(void)
{
	return cancelled;
}

void bx_cancel_clear(void)
{
	cancelled = 0;
}

int bx_cancel_poll(struct pollfd *fds, nfds_t count, int ms)
{
	struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
	sigset_t held, before;
	int found = -1;
	errno = EINTR;
	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	pthread_sigmask(SIG_BLOCK, &held, &before);
	if (!cancelled)
		found = ppoll(fds, count, ms < 0 ? NULL : &time, &before);
	int why = errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = why;
	return found;
}
