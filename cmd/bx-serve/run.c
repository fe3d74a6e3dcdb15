#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include "log.h"
#include "secret.h"
#include "store.h"
#include "banned.h"

#define OUTPUT_MAX (64 * 1024)

struct child {
	struct child *next;
	struct runner *runner;
	char **argv, **env; /* env is the whole environment */
	char *input;
	size_t sent;
	struct bx_str out;
	int in_fd, out_fd, timeout_ms;
	enum { WAITING, RUNNING, OVER } state;
	pid_t pid;
	bool collect, errors, timed_out;
	struct bx_timer *timer;
	run_fn *fn;
	void *arg;
};

struct runner {
	struct bx_loop *loop;
	struct child *children; /* oldest first */
	unsigned at_once, running, count;
};

static size_t texts_len(const char *const *texts)
{
	size_t count = 0;
	while (texts && texts[count])
		count++;
	return count;
}

static char **texts_copy(const char *const *texts)
{
	size_t count = texts_len(texts);
	char **copy = bx_xcalloc(count + 1, sizeof *copy);
	for (size_t i = 0; i < count; i++)
		copy[i] = bx_xstrdup(texts[i]);
	return copy;
}

static bool env_has(char *const *env, const char *text)
{
	size_t len = strcspn(text, "=") + 1;
	for (size_t i = 0; env[i]; i++)
		if (!strncmp(env[i], text, len))
			return true;
	return false;
}

/* What is given, and what else our own environment has. */
static char **whole_env(const char *const *given)
{
	char **env = texts_copy(given);
	size_t count = texts_len(given), own = texts_len((const char *const *)environ);
	env = bx_xrealloc(env, (count + own + 1) * sizeof *env);
	for (size_t i = 0; i < own; i++) {
		if (env_has(env, environ[i]))
			continue;
		env[count++] = bx_xstrdup(environ[i]);
		env[count] = NULL;
	}
	return env;
}

static void texts_free(char **texts)
{
	for (size_t i = 0; texts[i]; i++)
		free(texts[i]);
	free(texts);
}

static void close_end(struct child *child, int *fd)
{
	if (*fd < 0)
		return;
	bx_loop_drop(child->runner->loop, *fd);
	close(*fd);
	*fd = -1;
}

static void child_free(struct child *child)
{
	struct runner *runner = child->runner;
	for (struct child **at = &runner->children; *at; at = &(*at)->next) {
		if (*at != child)
			continue;
		*at = child->next;
		break;
	}
	runner->count--;
	close_end(child, &child->in_fd);
	close_end(child, &child->out_fd);
	bx_loop_cancel(runner->loop, child->timer);
	texts_free(child->argv);
	texts_free(child->env);
	bx_secret_wipe(child->input, child->input ? strlen(child->input) : 0);
	free(child->input);
	bx_str_release(&child->out);
	free(child);
}

static void start_waiting(struct runner *runner);

static void child_end(struct child *child, int status)
{
	struct runner *runner = child->runner;
	struct run_end end = {.status = status, .timed_out = child->timed_out,
		.out = child->out.buf, .out_len = child->out.len};
	child->fn(child->arg, &end);
	child_free(child);
	start_waiting(runner);
}

static void read_output(struct child *child)
{
	char chunk[8192];
	ssize_t got = -1;
	while (child->out_fd >= 0 && (got = read(child->out_fd, chunk, sizeof chunk)) != 0) {
		if (got > 0)
			bx_str_add(&child->out, chunk, (size_t)got);
		else if (errno != EINTR)
			break;
	}
	if (child->out_fd >= 0 && got == 0)
		close_end(child, &child->out_fd);
}

static void output_ready(void *arg, int fd, uint32_t events)
{
	(void)fd, (void)events;
	read_output(arg);
}

static void input_ready(void *arg, int fd, uint32_t events)
{
	struct child *child = arg;
	size_t left = strlen(child->input + child->sent);
	ssize_t put = events & EPOLLERR ? -1 : write(fd, child->input + child->sent, left);
	if (put > 0)
		child->sent += (size_t)put;
	if (put < 0 && (errno == EAGAIN || errno == EINTR) && !(events & EPOLLERR))
		return;
	if (put < 0 || (size_t)put == left)
		close_end(child, &child->in_fd);
}

static void child_exited(void *arg, pid_t pid, int status)
{
	struct child *child = arg;
	(void)pid;
	child->state = OVER;
	child->runner->running--;
	read_output(child);
	child_end(child, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static void child_late(void *arg)
{
	struct child *child = arg;
	child->timer = NULL;
	child->timed_out = true;
	kill(-child->pid, SIGKILL);
}

/* What a fresh program expects: no blocked signals, its own process group, our stderr. */
static int spawn(struct child *child, int in_fd, int out_fd)
{
	posix_spawnattr_t attr;
	posix_spawn_file_actions_t files;
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr,
		POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in_fd, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out_fd, STDOUT_FILENO);
	if (child->errors)
		posix_spawn_file_actions_adddup2(&files, out_fd, STDERR_FILENO);
	int failed = posix_spawnp(&child->pid, child->argv[0], &files, &attr, child->argv, child->env);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return failed;
}

static bool watch(struct child *child, struct bx_err *err)
{
	struct bx_loop *loop = child->runner->loop;
	fcntl(child->in_fd, F_SETFL, O_NONBLOCK);
	if (child->out_fd >= 0)
		fcntl(child->out_fd, F_SETFL, O_NONBLOCK);
	return bx_loop_fd(loop, child->in_fd, EPOLLOUT, input_ready, child, err) &&
	       (child->out_fd < 0 ||
		       bx_loop_fd(loop, child->out_fd, EPOLLIN, output_ready, child, err)) &&
	       bx_loop_child(loop, child->pid, child_exited, child, err);
}

static bool open_pipes(struct child *child, int *in, int *out, struct bx_err *err)
{
	int pipe_in[2], pipe_out[2] = {-1, -1};
	if (pipe2(pipe_in, O_CLOEXEC) < 0)
		return bx_fail_errno(err, "%s: pipe", child->argv[0]);
	*in = pipe_in[0];
	child->in_fd = pipe_in[1];
	if (child->collect && pipe2(pipe_out, O_CLOEXEC) < 0)
		return bx_fail_errno(err, "%s: pipe", child->argv[0]);
	*out = pipe_out[1];
	child->out_fd = pipe_out[0];
	return true;
}

static bool child_start(struct child *child, struct bx_err *err)
{
	auto_fd int in = -1, out = -1;
	if (!open_pipes(child, &in, &out, err))
		return false;
	errno = spawn(child, in, child->collect ? out : STDERR_FILENO);
	if (errno)
		return bx_fail_errno(err, "%s", child->argv[0]);
	if (!watch(child, err)) {
		kill(-child->pid, SIGKILL);
		waitpid(child->pid, NULL, 0);
		return false;
	}
	child->timer = bx_loop_timer(child->runner->loop, child->timeout_ms, child_late, child);
	return true;
}

static void child_failed(void *arg)
{
	struct child *child = arg;
	child->timer = NULL;
	child_end(child, 127);
}

static void start_waiting(struct runner *runner)
{
	struct child *child = runner->children;
	while (child && child->state != WAITING)
		child = child->next;
	if (!child || runner->running >= runner->at_once)
		return;
	struct bx_err err = {0};
	bool started = child_start(child, &err);
	child->state = started ? RUNNING : OVER;
	runner->running += started;
	if (started)
		return;
	bx_log(BX_LOG_ERROR, "cannot run %s", err.text);
	child->timer = bx_loop_timer(runner->loop, 0, child_failed, child);
}

void runner_start(struct runner *runner, const struct run *run, run_fn *fn, void *arg)
{
	struct child *child = bx_xcalloc(1, sizeof *child), **at = &runner->children;
	*child = (struct child){.runner = runner, .argv = texts_copy(run->argv),
		.env = whole_env(run->env),
		.input = bx_xstrdup(run->input ? run->input : ""), .in_fd = -1, .out_fd = -1,
		.timeout_ms = run->timeout_ms, .collect = run->collect, .errors = run->errors, .fn = fn, .arg = arg};
	bx_str_init(&child->out, OUTPUT_MAX);
	while (*at)
		at = &(*at)->next;
	*at = child;
	runner->count++;
	start_waiting(runner);
}

struct runner *runner_new(struct bx_loop *loop, unsigned at_once)
{
	struct runner *runner = bx_xcalloc(1, sizeof *runner);
	*runner = (struct runner){.loop = loop, .at_once = at_once};
	return runner;
}

void runner_free(struct runner *runner)
{
	if (!runner)
		return;
	while (runner->children) {
		if (runner->children->state == RUNNING)
			kill(-runner->children->pid, SIGTERM);
		child_free(runner->children);
	}
	free(runner);
}

unsigned runner_count(const struct runner *runner)
{
	return runner->count;
}

char *run_tool(const char *name)
{
	char path[BX_PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
	path[len > 0 ? len : 0] = 0;
	char *slash = strrchr(path, '/');
	return slash ? bx_xprintf("%.*s/%s", (int)(slash - path), path, name) : bx_xstrdup(name);
}
