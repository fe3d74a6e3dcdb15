#include "loop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include "clock.h"
#include "log.h"
#include "str.h"
#include "timers.h"
#include "banned.h"

#define BATCH 256

/* fn is NULL where nothing is watched. The generation goes with every event the kernel reports,
 * so an event of a dropped descriptor never reaches the next owner of its number. */
struct watch {
	bx_loop_fd_fn *fn;
	void *arg;
	uint32_t generation;
};

struct post {
	struct post *next;
	bx_loop_fn *fn;
	void *arg;
};

struct child {
	struct bx_loop *loop;
	struct child *next;
	int fd;
	pid_t pid;
	bx_loop_child_fn *fn;
	void *arg;
};

struct bx_loop {
	int epoll, wake, signals;
	bool stop;
	int64_t ms;
	struct watch *watches; /* by descriptor */
	size_t room;
	struct bx_timers timers;
	struct child *children;
	sigset_t blocked;
	struct {
		bx_loop_signal_fn *fn;
		void *arg;
	} on_signal[_NSIG];
	pthread_mutex_t lock; /* for the posts alone */
	struct post *first, **last;
};

static void grow(struct bx_loop *loop, size_t need)
{
	if (need <= loop->room)
		return;
	size_t room = loop->room ? loop->room : 64;
	while (room < need)
		room *= 2;
	loop->watches = bx_xrealloc(loop->watches, room * sizeof *loop->watches);
	memset(loop->watches + loop->room, 0, (room - loop->room) * sizeof *loop->watches);
	loop->room = room;
}

bool bx_loop_fd(struct bx_loop *loop, int fd, uint32_t events, bx_loop_fd_fn *fn, void *arg,
	struct bx_err *err)
{
	if (fd < 0)
		return bx_fail(err, BX_LOCAL, "loop", "watching a closed descriptor");
	grow(loop, (size_t)fd + 1);
	struct watch *watch = &loop->watches[fd];
	bool known = watch->fn != NULL;
	uint32_t generation = known ? watch->generation : watch->generation + 1;
	struct epoll_event event = {.events = events,
		.data.u64 = (uint64_t)generation << 32 | (uint32_t)fd};
	if (epoll_ctl(loop->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) < 0)
		return bx_fail_errno(err, "watching descriptor %d", fd);
	*watch = (struct watch){.fn = fn, .arg = arg, .generation = generation};
	return true;
}

void bx_loop_drop(struct bx_loop *loop, int fd)
{
	if (fd < 0 || (size_t)fd >= loop->room || !loop->watches[fd].fn)
		return;
	loop->watches[fd].fn = NULL;
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
}

struct bx_timer *bx_loop_timer(struct bx_loop *loop, int64_t delay_ms, bx_loop_fn *fn, void *arg)
{
	/* The clock counts whole milliseconds; one more, so that no delay comes out short. */
	int64_t due = bx_mono_ms() + (delay_ms > 0 ? delay_ms + 1 : 0);
	return bx_timers_add(&loop->timers, due, fn, arg);
}

void bx_loop_cancel(struct bx_loop *loop, struct bx_timer *timer)
{
	if (timer)
		bx_timers_cancel(&loop->timers, timer);
}

static void signals_ready(void *arg, int fd, uint32_t events)
{
	struct bx_loop *loop = arg;
	struct signalfd_siginfo info;
	(void)events;
	while (!loop->stop && read(fd, &info, sizeof info) == sizeof info) {
		int signo = (int)info.ssi_signo;
		if (signo > 0 && signo < _NSIG && loop->on_signal[signo].fn)
			loop->on_signal[signo].fn(loop->on_signal[signo].arg, signo);
	}
}

bool bx_loop_signal(struct bx_loop *loop, int signo, bx_loop_signal_fn *fn, void *arg,
	struct bx_err *err)
{
	if (signo < 1 || signo >= _NSIG || sigaddset(&loop->blocked, signo) < 0)
		return bx_fail(err, BX_LOCAL, "loop", "no such signal: %d", signo);
	loop->on_signal[signo].fn = fn;
	loop->on_signal[signo].arg = arg;
	pthread_sigmask(SIG_BLOCK, &loop->blocked, NULL);
	int fd = signalfd(loop->signals, &loop->blocked, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return bx_fail_errno(err, "signalfd");
	loop->signals = fd;
	return bx_loop_fd(loop, fd, EPOLLIN, signals_ready, loop, err);
}

static void child_free(struct child *child)
{
	struct child **at = &child->loop->children;
	while (*at != child)
		at = &(*at)->next;
	*at = child->next;
	bx_loop_drop(child->loop, child->fd);
	close(child->fd);
	free(child);
}

static void child_ready(void *arg, int fd, uint32_t events)
{
	struct child *child = arg, done = *child;
	int status = 0;
	(void)fd, (void)events;
	pid_t got = waitpid(child->pid, &status, WNOHANG);
	if (!got || (got < 0 && errno == EINTR))
		return;
	child_free(child);
	done.fn(done.arg, done.pid, status);
}

bool bx_loop_child(struct bx_loop *loop, pid_t pid, bx_loop_child_fn *fn, void *arg,
	struct bx_err *err)
{
	int fd = pidfd_open(pid, 0);
	if (fd < 0)
		return bx_fail_errno(err, "child %d", (int)pid);
	struct child *child = bx_xcalloc(1, sizeof *child);
	*child = (struct child){.loop = loop, .next = loop->children, .fd = fd, .pid = pid,
		.fn = fn, .arg = arg};
	loop->children = child;
	if (bx_loop_fd(loop, fd, EPOLLIN, child_ready, child, err))
		return true;
	child_free(child);
	return false;
}

void bx_loop_post(struct bx_loop *loop, bx_loop_fn *fn, void *arg)
{
	struct post *post = bx_xcalloc(1, sizeof *post);
	*post = (struct post){.fn = fn, .arg = arg};
	pthread_mutex_lock(&loop->lock);
	bool wake = !loop->first;
	*loop->last = post;
	loop->last = &post->next;
	/* Under the lock: the loop cannot be freed by what this very post lets happen. */
	if (wake && eventfd_write(loop->wake, 1) < 0)
		bx_log(BX_LOG_ERROR, "waking the loop: %s", strerror(errno));
	pthread_mutex_unlock(&loop->lock);
}

static struct post *posts_take(struct bx_loop *loop)
{
	pthread_mutex_lock(&loop->lock);
	struct post *posts = loop->first;
	loop->first = NULL;
	loop->last = &loop->first;
	pthread_mutex_unlock(&loop->lock);
	return posts;
}

/* What is left when a post stops the loop stays for the next run. */
static void posts_give_back(struct bx_loop *loop, struct post *posts)
{
	if (!posts)
		return;
	struct post **end = &posts->next;
	while (*end)
		end = &(*end)->next;
	pthread_mutex_lock(&loop->lock);
	*end = loop->first;
	if (!loop->first)
		loop->last = end;
	loop->first = posts;
	eventfd_write(loop->wake, 1);
	pthread_mutex_unlock(&loop->lock);
}

static void posts_ready(void *arg, int fd, uint32_t events)
{
	struct bx_loop *loop = arg;
	eventfd_t count;
	(void)events;
	eventfd_read(fd, &count);
	struct post *post = posts_take(loop);
	while (post && !loop->stop) {
		struct post done = *post;
		free(post);
		post = done.next;
		done.fn(done.arg);
	}
	posts_give_back(loop, post);
}

struct bx_loop *bx_loop_new(struct bx_err *err)
{
	struct bx_loop *loop = bx_xcalloc(1, sizeof *loop);
	loop->signals = -1;
	loop->ms = bx_mono_ms();
	loop->last = &loop->first;
	sigemptyset(&loop->blocked);
	pthread_mutex_init(&loop->lock, NULL);
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop->epoll < 0 || loop->wake < 0)
		bx_fail_errno(err, "event loop");
	else if (bx_loop_fd(loop, loop->wake, EPOLLIN, posts_ready, loop, err))
		return loop;
	bx_loop_free(loop);
	return NULL;
}

void bx_loop_free(struct bx_loop *loop)
{
	if (!loop)
		return;
	while (loop->children)
		child_free(loop->children);
	for (struct post *post = posts_take(loop), *next; post; post = next) {
		next = post->next;
		free(post);
	}
	bx_timers_release(&loop->timers);
	const int fds[] = {loop->epoll, loop->wake, loop->signals};
	for (size_t i = 0; i < BX_COUNT(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	pthread_mutex_destroy(&loop->lock);
	free(loop->watches);
	free(loop);
}

static void dispatch(struct bx_loop *loop, const struct epoll_event *event)
{
	size_t fd = (uint32_t)event->data.u64;
	struct watch watch = loop->watches[fd];
	if (watch.fn && watch.generation == event->data.u64 >> 32)
		watch.fn(watch.arg, (int)fd, event->events);
}

int64_t bx_loop_ms(const struct bx_loop *loop)
{
	return loop->ms;
}

void bx_loop_stop(struct bx_loop *loop)
{
	loop->stop = true;
}

bool bx_loop_run(struct bx_loop *loop, struct bx_err *err)
{
	struct epoll_event events[BATCH];
	while (!loop->stop) {
		int wait = bx_timers_wait(&loop->timers, bx_mono_ms());
		int count = epoll_wait(loop->epoll, events, BATCH, wait);
		if (count < 0 && errno != EINTR)
			return bx_fail_errno(err, "event loop");
		loop->ms = bx_mono_ms();
		for (int i = 0; i < count; i++)
			dispatch(loop, &events[i]);
		loop->ms = bx_mono_ms();
		bx_timers_expire(&loop->timers, loop->ms, &loop->stop);
	}
	loop->stop = false;
	return true;
}
