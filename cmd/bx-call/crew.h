/* Processes that deliver, one call each at a time: a store and a connection belong to one. */
#ifndef BX_CALL_CREW_H
#define BX_CALL_CREW_H

#include "call.h"
#include "outbox.h"

struct crew;

/* Forks count of them, so nothing that belongs to one process may be open yet. NULL: err. */
struct crew *crew_new(struct bx_cli *cli, size_t count, struct bx_err *err);
void crew_free(struct crew *crew); /* waits until each has done what it is at; NULL allowed */
bool crew_free_hand(const struct crew *crew); /* whether one of them has nothing to do */
bool crew_at_work(const struct crew *crew);   /* whether one of them has */

/* Gives the chain of that portal to one that is free; job comes back with its report. */
bool crew_give(struct crew *crew, const char *portal, int64_t chain, void *job, struct bx_err *err);

struct crew_report {
	void *job;
	bool held; /* somebody else delivers that call at this moment */
	enum bx_outbox_end end;
	char *error;  /* why, with TROUBLE and BROKEN; or NULL */
	cJSON *items; /* those no longer queued, as call_outbox_line has them */
};
void crew_report_release(struct crew_report *report);

/* Waits for the next report, at most timeout_ms (-1: for ever). 1, or 0 for none, or -1: err. */
int crew_wait(struct crew *crew, int timeout_ms, struct crew_report *report, struct bx_err *err);

#endif
