/* The service manager, when there is one: told how we are, and opener of our sockets. */
#ifndef BX_SERVE_NOTIFY_H
#define BX_SERVE_NOTIFY_H

void notify_manager(const char *state); /* "READY=1", "STOPPING=1" … */

/* The listening socket that it has opened for us under that name; without names the first one is
 * "public". -1: there is none. The caller has it. */
int notify_listener(const char *name);

#endif
