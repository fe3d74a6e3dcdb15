/* Many blocking jobs in one thread: each has a stack of its own, and while one waits for a server
 * or a pause, others go on. Layer 0.
 *
 * A job gives way in bx_crew_pause and bx_crew_suspend alone, so that nothing else needs a lock.
 * Code that waits calls these wherever it runs: outside of a crew it simply waits. */
#ifndef BX_CREW_H
#define BX_CREW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Calls job(arg, i) for every i below count, in this order, most of them at once (1 to 10000).
 * Returns when all have returned. Not from within a job. One at a time, or one alone, runs as outside
 * of a crew. */
typedef void bx_crew_fn(void *arg, size_t i);
void bx_crew_run(size_t count, unsigned most, bx_crew_fn *job, void *arg);

/* The same where jobs become known one by one. most: 2 to 10000. */
void bx_crew_open(unsigned most, bx_crew_fn *job, void *arg);
void bx_crew_add(size_t i);   /* waits until fewer than most are under way */
/* Lets the jobs go on until one has ended, or fd (-1: none) can be read. False: none is under way. */
bool bx_crew_turn(int fd);
void bx_crew_close(void); /* when all have ended */

/* Waits for that time; outside of a crew Ctrl-C (cancel.h) ends it. */
void bx_crew_pause(int64_t ms);

/* For whoever waits on behalf of jobs (a library with many transfers under way). */
struct bx_crew_job;
struct bx_crew_job *bx_crew_self(void); /* NULL: outside of a crew */
void bx_crew_suspend(void);		/* the job that runs now, until it is woken */
void bx_crew_wake(struct bx_crew_job *job);
/* Called when every job waits: sleeps until something of its own happened or fd (-1: none) can be
 * read, at most ms, and wakes those it was for. One for the process; NULL: the crew sleeps itself. */
void bx_crew_on_idle(void (*idle)(int64_t ms, int fd));

#endif
