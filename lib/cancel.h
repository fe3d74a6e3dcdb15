/* Ctrl-C at a prompt: it ends what is under way and not the program. Whoever waits asks. Layer 0. */
#ifndef BX_CANCEL_H
#define BX_CANCEL_H

#include <poll.h>
#include <stdbool.h>

/* From now on SIGINT is noted here (true), or does again what it did before (false). System calls
 * that wait are cut short by it. */
void bx_cancel_watch(bool on);
bool bx_cancelled(void); /* since the last clear */
void bx_cancel_clear(void);
/* poll, cut short (EINTR) also by a Ctrl-C that came since the last clear and before the waiting. */
int bx_cancel_poll(struct pollfd *fds, nfds_t count, int ms);

#endif
