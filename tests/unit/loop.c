#include "loop.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "check.h"
#include "clock.h"
#include "timers.h"

static struct bx_loop *loop;
static char seen[4096];

static void note(const char *word)
{
	size_t len = strlen(seen);
	snprintf(seen + len, sizeof seen - len, "%s%s", len ? " " : "", word);
}

static void *word(const char *text)
{
	return (void *)text;
}

static void start(void)
{
	seen[0] = 0;
	loop = bx_loop_new(NULL);
}

static void run(void)
{
	struct bx_err err = {0};
	CHECK(bx_loop_run(loop, &err), "the loop runs and returns");
}

static void finish(void)
{
	bx_loop_free(loop);
	loop = NULL;
}

static void on_note(void *arg)
{
	note(arg);
}

static void on_stop(void *arg)
{
	if (arg)
		note(arg);
	bx_loop_stop(loop);
}

/* Timers. */

static void timers_order(void)
{
	start();
	bx_loop_timer(loop, 30, on_stop, word("last"));
	bx_loop_timer(loop, 1, on_note, word("c"));
	bx_loop_timer(loop, 0, on_note, word("a"));
	bx_loop_timer(loop, 0, on_note, word("b"));
	bx_loop_timer(loop, 2, on_note, word("d"));
	run();
	CHECK_STR(seen, "a b c d last", "timers come in order of time, then of adding");
	finish();
}

static int late;
static int64_t wanted;

static void on_late(void *arg)
{
	(void)arg;
	late += bx_mono_ms() < wanted;
	bx_loop_stop(loop);
}

static void timers_never_early(void)
{
	start();
	for (int i = 1; i <= 8; i++) {
		wanted = bx_mono_ms() + i;
		bx_loop_timer(loop, i, on_late, NULL);
		bx_loop_run(loop, NULL);
	}
	CHECK(late == 0, "no timer comes before its time");
	finish();
}

static struct bx_timer *victims[64];

static void on_cancel(void *arg)
{
	(void)arg;
	for (int i = 0; i < 64; i += 2)
		bx_loop_cancel(loop, victims[i]);
}

static int fired;

static void on_count(void *arg)
{
	fired += *(int *)arg;
}

static void timers_cancelled(void)
{
	static int one = 1;
	start();
	bx_loop_timer(loop, 0, on_cancel, NULL);
	for (int i = 0; i < 64; i++)
		victims[i] = bx_loop_timer(loop, i % 7, on_count, &one);
	bx_loop_timer(loop, 20, on_stop, NULL);
	bx_loop_cancel(loop, NULL);
	run();
	CHECK(fired == 32, "cancelled timers stay silent, also in the batch that cancels them");
	finish();
}

static int rounds;

static void on_again(void *arg)
{
	rounds++;
	if (!strcmp(seen, "pipe"))
		bx_loop_stop(loop);
	else
		bx_loop_timer(loop, 0, on_again, arg);
}

static void on_pipe(void *arg, int fd, uint32_t events)
{
	char byte;
	(void)events;
	if (read(fd, &byte, 1) == 1)
		note(arg);
}

static void timers_do_not_starve(void)
{
	int fds[2];
	start();
	if (pipe(fds) || write(fds[1], "x", 1) != 1)
		abort();
	bx_loop_fd(loop, fds[0], EPOLLIN, on_pipe, word("pipe"), NULL);
	bx_loop_timer(loop, 0, on_again, NULL);
	run();
	CHECK_STR(seen, "pipe", "a timer that always arms itself leaves the descriptors their turn");
	CHECK(rounds > 0, "and runs itself");
	close(fds[0]);
	close(fds[1]);
	finish();
}

static int stir[2];

static void on_stir(void *arg)
{
	note(arg);
	if (write(stir[1], "x", 1) != 1)
		abort();
	bx_loop_timer(loop, 0, on_stop, word("added"));
}

static void timers_of_a_callback(void)
{
	start();
	if (pipe(stir))
		abort();
	bx_loop_fd(loop, stir[0], EPOLLIN, on_pipe, word("pipe"), NULL);
	bx_loop_timer(loop, 0, on_stir, word("first"));
	run();
	CHECK_STR(seen, "first pipe added", "what a timer adds waits for the next batch");
	close(stir[0]);
	close(stir[1]);
	finish();
}

#define HEAP 500

struct entry {
	struct bx_timer *timer;
	int64_t due;
};

static struct entry entries[HEAP];
static int64_t last_due;
static int heap_fired, heap_disorder;

static void on_entry(void *arg)
{
	struct entry *entry = arg;
	heap_disorder += entry->due < last_due || !entry->timer;
	last_due = entry->due;
	heap_fired++;
}

/* Cancels in the middle of a large heap, always the same pseudo-random way. */
static void timers_heap(void)
{
	struct bx_timers timers = {0};
	uint32_t random = 1;
	int left = HEAP;
	const bool stop = false;
	for (int i = 0; i < HEAP; i++) {
		random = random * 1103515245 + 12345;
		entries[i].due = 1000 + (random >> 16) % 100;
		entries[i].timer = bx_timers_add(&timers, entries[i].due, on_entry, &entries[i]);
	}
	for (int i = 0; i < HEAP; i += 2 + i % 3, left--) {
		bx_timers_cancel(&timers, entries[i].timer);
		entries[i].timer = NULL;
	}
	bx_timers_expire(&timers, 999, &stop);
	CHECK(heap_fired == 0 && bx_timers_wait(&timers, 900) > 0, "no time is up yet");
	bx_timers_expire(&timers, 1050, &stop);
	CHECK(heap_fired > 0 && heap_fired < left && last_due <= 1050, "some are due");
	CHECK(bx_timers_wait(&timers, 2000) == 0, "overdue ones do not wait");
	bx_timers_expire(&timers, 2000, &stop);
	CHECK(heap_fired == left && heap_disorder == 0, "cancelling keeps the order of the others");
	CHECK(bx_timers_wait(&timers, 0) == -1, "and none is left");
	bx_timers_release(&timers);
}

static void timers_after_stop(void)
{
	start();
	bx_loop_timer(loop, 0, on_stop, word("stop"));
	bx_loop_timer(loop, 0, on_note, word("next"));
	run();
	CHECK_STR(seen, "stop", "nothing runs after the stop");
	bx_loop_timer(loop, 1, on_stop, word("again"));
	run();
	CHECK_STR(seen, "stop next again", "what was due is not lost for the next run");
	bx_loop_timer(loop, 1000000, on_note, word("never"));
	finish();
}

/* Descriptors. */

struct pair {
	int mine, other;
	struct pair *rival;
	int calls;
};

static void pair_open(struct pair *pair)
{
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds))
		abort();
	*pair = (struct pair){.mine = fds[0], .other = fds[1]};
}

static void pair_close(struct pair *pair)
{
	close(pair->mine);
	close(pair->other);
}

static void on_drop_rival(void *arg, int fd, uint32_t events)
{
	struct pair *pair = arg;
	(void)fd, (void)events;
	pair->calls++;
	bx_loop_drop(loop, pair->rival->mine);
	bx_loop_drop(loop, pair->mine);
}

static void dropped_in_batch(void)
{
	struct pair a, b;
	start();
	pair_open(&a), pair_open(&b);
	a.rival = &b, b.rival = &a;
	if (write(a.other, "x", 1) != 1 || write(b.other, "x", 1) != 1)
		abort();
	bx_loop_fd(loop, a.mine, EPOLLIN, on_drop_rival, &a, NULL);
	bx_loop_fd(loop, b.mine, EPOLLIN, on_drop_rival, &b, NULL);
	bx_loop_timer(loop, 5, on_stop, NULL);
	run();
	CHECK(a.calls + b.calls == 1, "no call follows for a descriptor dropped in the same batch");
	bx_loop_drop(loop, a.mine);
	bx_loop_drop(loop, -1);
	pair_close(&a), pair_close(&b);
	finish();
}

static struct pair fresh;

static void on_fresh(void *arg, int fd, uint32_t events)
{
	(void)arg, (void)fd, (void)events;
	note("stale");
}

/* Gives the rival's number to a new, silent descriptor while the rival's event is under way. */
static void on_replace_rival(void *arg, int fd, uint32_t events)
{
	struct pair *pair = arg;
	(void)fd, (void)events;
	int number = pair->rival->mine;
	bx_loop_drop(loop, pair->mine);
	bx_loop_drop(loop, number);
	pair_open(&fresh);
	if (dup2(fresh.mine, number) != number)
		abort();
	bx_loop_fd(loop, number, EPOLLIN, on_fresh, NULL, NULL);
	note("replaced");
}

static void reused_in_batch(void)
{
	struct pair a, b;
	start();
	pair_open(&a), pair_open(&b);
	a.rival = &b, b.rival = &a;
	if (write(a.other, "x", 1) != 1 || write(b.other, "x", 1) != 1)
		abort();
	bx_loop_fd(loop, a.mine, EPOLLIN, on_replace_rival, &a, NULL);
	bx_loop_fd(loop, b.mine, EPOLLIN, on_replace_rival, &b, NULL);
	bx_loop_timer(loop, 5, on_stop, NULL);
	run();
	CHECK_STR(seen, "replaced", "an old event does not reach the new owner of the number");
	pair_close(&a), pair_close(&b), pair_close(&fresh);
	finish();
}

static void on_hangup(void *arg, int fd, uint32_t events)
{
	(void)arg;
	note(events & EPOLLHUP ? "hangup" : "other");
	bx_loop_drop(loop, fd);
	bx_loop_stop(loop);
}

static void hangup_alone(void)
{
	struct pair a;
	start();
	pair_open(&a);
	bx_loop_fd(loop, a.mine, 0, on_hangup, NULL, NULL);
	if (write(a.other, "x", 1) != 1)
		abort();
	shutdown(a.other, SHUT_WR);
	bx_loop_timer(loop, 2, on_stop, NULL);
	run();
	CHECK_STR(seen, "", "half a hang-up would be reported without an end, and is not with events 0");
	shutdown(a.other, SHUT_RD);
	run();
	CHECK_STR(seen, "hangup", "a whole one is");
	pair_close(&a);
	finish();
}

static void on_swap(void *arg, int fd, uint32_t events)
{
	note(events & EPOLLOUT ? "out" : "in");
	if (events & EPOLLOUT)
		bx_loop_fd(loop, fd, EPOLLIN, on_swap, arg, NULL);
	else
		bx_loop_stop(loop);
}

static void events_changed(void)
{
	struct pair a;
	start();
	pair_open(&a);
	if (write(a.other, "x", 1) != 1)
		abort();
	bx_loop_fd(loop, a.mine, EPOLLOUT, on_swap, NULL, NULL);
	run();
	CHECK_STR(seen, "out in", "watching again changes the events");
	bx_loop_drop(loop, a.mine);
	pair_close(&a);
	struct bx_err err = {0};
	CHECK(!bx_loop_fd(loop, a.mine, EPOLLIN, on_swap, NULL, &err) && err.exit == BX_LOCAL,
		word("a closed descriptor cannot be watched"));
	CHECK(!bx_loop_fd(loop, -1, EPOLLIN, on_swap, NULL, &err), word("nor can none"));
	finish();
}

static void on_pipe_of_many(void *arg, int fd, uint32_t events)
{
	on_pipe(arg, fd, events);
	if (strlen(seen) == 300 * 2 - 1)
		bx_loop_stop(loop);
}

static void many_descriptors(void)
{
	static struct pair pairs[300];
	start();
	for (int i = 0; i < 300; i++) {
		pair_open(&pairs[i]);
		bx_loop_fd(loop, pairs[i].mine, EPOLLIN, on_pipe_of_many, word("."), NULL);
		if (write(pairs[i].other, "x", 1) != 1)
			abort();
	}
	run();
	CHECK(strlen(seen) == 300 * 2 - 1, "more descriptors than a batch holds are all served");
	for (int i = 0; i < 300; i++) {
		bx_loop_drop(loop, pairs[i].mine);
		pair_close(&pairs[i]);
	}
	finish();
}

/* Signals and children. */

static void on_signal(void *arg, int signo)
{
	note(arg);
	if (signo == SIGUSR2)
		bx_loop_stop(loop);
}

static void signals(void)
{
	start();
	struct bx_err err = {0};
	bool ok = bx_loop_signal(loop, SIGUSR1, on_signal, word("usr1"), &err) &&
		  bx_loop_signal(loop, SIGUSR2, on_signal, word("usr2"), &err);
	CHECK(ok, "signals are taken over");
	kill(getpid(), SIGUSR1);
	bx_loop_timer(loop, 0, on_note, word("timer"));
	kill(getpid(), SIGUSR2);
	run();
	CHECK(strstr(seen, "usr1") && strstr(seen, "usr2"), "and reach their callbacks in the loop");
	CHECK(!bx_loop_signal(loop, 9999, on_signal, NULL, &err), word("an unknown signal is refused"));
	finish();
}

static int statuses[2], ended;

static void on_child(void *arg, pid_t pid, int status)
{
	*(int *)arg = status;
	CHECK(waitpid(pid, NULL, WNOHANG) < 0, "the child has been waited for");
	if (++ended == 2)
		bx_loop_stop(loop);
}

static void children(void)
{
	start();
	pid_t gone = fork();
	if (!gone)
		_exit(7);
	pid_t stays = fork();
	if (!stays)
		for (;;)
			pause();
	bool ok = bx_loop_child(loop, gone, on_child, &statuses[0], NULL) &&
		  bx_loop_child(loop, stays, on_child, &statuses[1], NULL);
	CHECK(ok, "children are watched");
	kill(stays, SIGKILL);
	run();
	CHECK(WIFEXITED(statuses[0]) && WEXITSTATUS(statuses[0]) == 7, "an exit is told with its status");
	CHECK(WIFSIGNALED(statuses[1]) && WTERMSIG(statuses[1]) == SIGKILL, "a kill with its signal");
	struct bx_err err = {0};
	CHECK(!bx_loop_child(loop, gone, on_child, NULL, &err), "a child that is gone cannot be watched");
	pid_t left = fork();
	if (!left)
		_exit(0);
	bx_loop_child(loop, left, on_child, NULL, NULL);
	finish();
	waitpid(left, NULL, 0);
}

/* Posts. */

#define POSTS 10000
static int numbers[POSTS], next_number, disorder;

static void on_number(void *arg)
{
	disorder += *(int *)arg != next_number++;
	if (next_number == POSTS)
		bx_loop_stop(loop);
}

static void *poster(void *arg)
{
	for (int i = 0; i < POSTS; i++) {
		numbers[i] = i;
		bx_loop_post(loop, on_number, &numbers[i]);
	}
	return arg;
}

static void posts_from_a_thread(void)
{
	pthread_t thread;
	start();
	pthread_create(&thread, NULL, poster, NULL);
	run();
	pthread_join(thread, NULL);
	CHECK(next_number == POSTS && disorder == 0, "posts of another thread run all, in order");
	finish();
}

static void on_post_more(void *arg)
{
	note(arg);
	bx_loop_post(loop, on_stop, word("later"));
}

static void posts_stopped(void)
{
	start();
	bx_loop_post(loop, on_note, word("one"));
	bx_loop_post(loop, on_stop, word("two"));
	bx_loop_post(loop, on_post_more, word("three"));
	bx_loop_post(loop, on_note, word("four"));
	run();
	CHECK_STR(seen, "one two", "a stop ends the posts");
	run();
	CHECK_STR(seen, "one two three four later", "the rest runs next, in order");
	bx_loop_post(loop, on_note, word("never"));
	finish();
}

/* The time of a batch is that of its beginning, for all of its callbacks. */
static int64_t before_ms, batch_ms;

static void on_first(void *arg)
{
	(void)arg;
	batch_ms = bx_loop_ms(loop);
	CHECK(batch_ms >= before_ms && batch_ms <= bx_mono_ms(), "a batch has the time of its beginning");
	while (bx_mono_ms() <= batch_ms)
		;
}

static void on_second(void *arg)
{
	(void)arg;
	CHECK(bx_loop_ms(loop) == batch_ms, "and keeps it to its end");
	bx_loop_stop(loop);
}

static void batch_time(void)
{
	start();
	before_ms = bx_mono_ms();
	bx_loop_post(loop, on_first, NULL);
	bx_loop_post(loop, on_second, NULL);
	run();
	finish();
}

int main(void)
{
	alarm(60);
	timers_order();
	timers_never_early();
	timers_cancelled();
	timers_do_not_starve();
	timers_of_a_callback();
	timers_heap();
	timers_after_stop();
	dropped_in_batch();
	reused_in_batch();
	hangup_alone();
	events_changed();
	many_descriptors();
	signals();
	children();
	posts_from_a_thread();
	posts_stopped();
	batch_time();
	return check_end();
}
