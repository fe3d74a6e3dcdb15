/* Many blocking jobs in one thread. */
#include <stdlib.h>
#include <unistd.h>
#include "crew.h"
#include "lock.h"
#include "str.h"
#include "check.h"

#define JOBS 1000

static struct {
	size_t begun, ended;
	unsigned now, highest;
	bool in_order;
} seen;

static void count(void *arg, size_t i)
{
	(void)arg;
	seen.in_order = seen.in_order && i == seen.begun;
	seen.begun++;
	seen.now++;
	seen.highest = seen.now > seen.highest ? seen.now : seen.highest;
	bx_crew_pause(0);
	seen.now--;
	seen.ended++;
}

static void check_counts(unsigned most, unsigned highest)
{
	memset(&seen, 0, sizeof seen);
	seen.in_order = true;
	bx_crew_run(JOBS, most, count, NULL);
	CHECK(seen.begun == JOBS && seen.ended == JOBS && seen.in_order, "each job runs once, in order");
	CHECK(seen.highest == highest, "as many at once as were allowed");
}

static struct bx_crew_job *sleeper;
static char story[16];

static void tell(void *arg, size_t i)
{
	(void)arg;
	strcat(story, i ? "b" : "a");
	if (!i) {
		sleeper = bx_crew_self();
		bx_crew_suspend();
	} else {
		bx_crew_wake(sleeper);
		bx_crew_pause(0);
	}
	strcat(story, i ? "b" : "a");
}

/* A lock that is waited for gives way to the job that holds it. */
static void share(void *arg, size_t i)
{
	struct bx_err err = {0};
	int fd = bx_lock(arg, 60000, &err);
	CHECK(fd >= 0, i ? "the lock is ours after the other" : "the lock is ours");
	bx_crew_pause(1);
	close(fd);
}

static void deep(void *arg, size_t i)
{
	volatile char much[400 * 1024];
	memset((char *)much, (int)i + 1, sizeof much);
	bx_crew_pause(0);
	*(bool *)arg = *(bool *)arg && much[0] == (char)(i + 1) && much[sizeof much - 1] == (char)(i + 1);
}

static void in_turn(void *arg, size_t i)
{
	size_t *ended = arg;
	while (*ended < i)
		bx_crew_pause(1);
	++*ended;
}

static void forever(void *arg, size_t i)
{
	(void)arg, (void)i;
	for (;;)
		bx_crew_pause(1000000);
}

/* Jobs that become known one by one. */
static void one_by_one(void)
{
	size_t ended = 0;
	bx_crew_open(2, in_turn, &ended);
	bx_crew_add(1);
	bx_crew_add(0);
	CHECK(!ended, "none begins before it is let");
	bx_crew_add(2);
	CHECK(ended == 1, "a third one waits for one of the first two, whichever ends");
	CHECK(bx_crew_turn(-1) && ended == 2 && bx_crew_turn(-1) && ended == 3, "each turn ends with a job");
	CHECK(!bx_crew_turn(-1), "none is under way");
	bx_crew_close();
}

static void beside_input(void)
{
	int pipe_of[2];
	if (pipe(pipe_of))
		return;
	bx_crew_open(2, forever, NULL);
	bx_crew_add(0);
	CHECK(write(pipe_of[1], "x", 1) == 1 && bx_crew_turn(pipe_of[0]), "input ends a turn in which no job does");
	bx_crew_close();
	close(pipe_of[0]);
	close(pipe_of[1]);
}

int main(void)
{
	bool whole = true;
	char path[] = "/tmp/bx-crew-XXXXXX";
	check_counts(1, 1);
	check_counts(7, 7);
	check_counts(JOBS + 5, JOBS);
	bx_crew_run(0, 10, count, NULL);
	CHECK(seen.begun == JOBS, "no job, no call");
	bx_crew_run(2, 2, tell, NULL);
	CHECK_STR(story, "abab", "a job that is woken goes on after the one that woke it gave way");
	CHECK(!bx_crew_self(), "afterwards nobody is in a crew");
	bx_crew_pause(1);
	close(mkstemp(path));
	bx_crew_run(2, 2, share, path);
	unlink(path);
	one_by_one();
	beside_input();
	bx_crew_run(20, 4, deep, &whole);
	CHECK(whole, "stacks are deep, and nobody else's");
	return check_end();
}
