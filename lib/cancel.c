#include "cancel.h"

#include <signal.h>
#include "banned.h"

static volatile sig_atomic_t cancelled;
static struct sigaction before;
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
		sigaction(SIGINT, on ? &noting : &before, on ? &before : NULL);
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
