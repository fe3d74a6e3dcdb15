/* A file of registrations, read and checked as a whole before anything is asked. */
#ifndef BX_BIND_WANTED_H
#define BX_BIND_WANTED_H

#include "kinds.h"
#include "urls.h"

struct bx_cli;

/* Lists of parameters, in the order in which they are made; NULL: the file does not speak of that
 * kind, which is then left alone. */
struct wanted {
	cJSON *places, *handlers;
	bool words; /* some address is one of bx-serve's */
};

/* "-" is standard input. BX_USAGE naming the line. */
bool wanted_read(const char *path, struct wanted *wanted, struct bx_err *err);
/* bx-serve's page as the background worker, as the options of the command line want it. */
bool wanted_worker(const struct bx_cli *cli, struct wanted *wanted, struct bx_err *err);
void wanted_release(struct wanted *wanted);

/* A copy in the portal's form, with its addresses in place of @worker, @error and @event. The
 * caller deletes; list may be NULL. */
cJSON *wanted_of(const struct bind_kind *kind, const cJSON *list, const struct urls *urls);

#endif
