/* Tells the service manager, when there is one, how we are. */
#ifndef BX_SERVE_NOTIFY_H
#define BX_SERVE_NOTIFY_H

void notify_manager(const char *state); /* "READY=1", "STOPPING=1" … */

#endif
