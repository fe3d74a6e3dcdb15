/* A PBX gone wild: runs the hooks of many calls from many processes at once, kills some of them,
 * cuts the portal off and restores it, fills the disk, starts again what was killed or ended with
 * status 9, and goes on until the outbox is empty. When a thing happens is drawn by lot and counted
 * in hooks that have ended, never in time. Writes what must have arrived to standard output:
 * id, start, duration and size of the record (0: none), a call a line.
 *
 * soak SEED CALLS PROCESSES KILLS CUTS FULLS STATE RECORDS
 *   STATE    the state directory; FULLS fill its file system, or, with SOAK_FSIZE set, let no
 *            file of a hook grow
 *   RECORDS  a folder of files named SIZE.wav */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "json.h"
#include "str.h"
#include "banned.h"

#define BEGIN	   1785744000 /* of the first call */
#define RECORDS	   64
#define WINDOW	   40 /* hooks that end while the portal is away, at most */
#define FULL_NINES 30 /* hooks that end with status 9 before the disk has room again */
#define LINE_BYTES (1024 * 1024)

enum step { REGISTER, SHOW, FINISH, RECORD, OVER };

struct call {
	int number, duration;
	bool shown, recorded;
	enum step step;
};

struct slot {
	pid_t pid; /* 0: nothing runs */
	struct call *call;
};

struct soak {
	uint64_t random;
	int calls, processes, kills, cuts, fulls;
	const char *state, *records;
	struct call *all;
	struct call **waiting; /* their hooks, to be started: a ring as long as all */
	size_t first, waiting_count;
	struct slot *slots;
	int ended, over, steps; /* hooks that ended; calls that are over; steps there will be at least */
	int *cut_at, cut_next, restore_at; /* restore_at 0: the portal is there */
	int *full_at, full_next, full_since, nines; /* full_since 0: there is room */
	int killed, restarted, queued, cut_done, full_done;
	pid_t service;
	struct bx_lines lines; /* what the service delivers */
	int lines_fd;
};

static uint64_t draw(struct soak *s)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return s->random;
}

static int below(struct soak *s, int limit)
{
	return (int)(draw(s) % (uint64_t)limit);
}

static void give_up(const char *why, const char *what)
{
	fprintf(stderr, "soak: %s%s%s\n", why, *what ? ": " : "", what);
	exit(1);
}

static int record_size(const struct call *call)
{
	return call->recorded ? 100 + call->number % RECORDS : 0;
}

/* Starts a program; fd, when not negative, is its standard output. */
static pid_t spawn(char *const *argv, int fd, bool limited)
{
	pid_t pid = fork();
	if (pid < 0)
		give_up("fork", strerror(errno));
	if (pid)
		return pid;
	int null = open("/dev/null", O_RDWR);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	struct rlimit none = {0, 0};
	dup2(null, STDIN_FILENO);
	dup2(fd < 0 ? null : fd, STDOUT_FILENO);
	if (limited) {
		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &none);
	}
	execvp(argv[0], argv);
	_exit(127);
}

static int wait_for(pid_t pid)
{
	int status = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void control(const char *verb, const char *arg)
{
	char *argv[] = {(char *)"bx-sandbox", (char *)"ctl", (char *)verb, (char *)arg, NULL};
	if (wait_for(spawn(argv, -1, false)))
		give_up("bx-sandbox ctl", verb);
}

/* --- the portal, cut off and restored --- */

static void cut(struct soak *s)
{
	static const char *const kinds[] = {"*=cut:0", "*=cut:0", "*=drop:0", "*=half:0"};
	if (s->restore_at || s->cut_next >= s->cuts || s->ended < s->cut_at[s->cut_next])
		return;
	control("fault", kinds[below(s, (int)BX_COUNT(kinds))]);
	s->cut_next++;
	s->restore_at = s->ended + 1 + below(s, WINDOW);
}

static void restore(struct soak *s, bool at_once)
{
	if (!s->restore_at || (!at_once && s->ended < s->restore_at))
		return;
	control("clear", NULL);
	s->restore_at = 0;
	s->cut_done++;
}

/* --- the disk, full and with room again --- */

static char *ballast(const struct soak *s)
{
	return bx_xprintf("%s/ballast", s->state);
}

static void fill_disk(const struct soak *s)
{
	static const char zeros[4096];
	auto_free char *path = ballast(s);
	auto_fd int fd = open(path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		give_up(path, strerror(errno));
	ssize_t put;
	while ((put = write(fd, zeros, sizeof zeros)) > 0)
		;
	if (errno != ENOSPC)
		give_up("the disk could not be filled", strerror(errno));
}

static void full(struct soak *s)
{
	if (s->full_since || s->full_next >= s->fulls || s->ended < s->full_at[s->full_next])
		return;
	s->full_next++;
	s->full_since = s->ended + 1;
	s->nines = 0;
	if (!getenv("SOAK_FSIZE"))
		fill_disk(s);
}

static void make_room(struct soak *s, bool at_once)
{
	if (!s->full_since || (!at_once && s->nines < FULL_NINES))
		return;
	auto_free char *path = ballast(s);
	unlink(path);
	s->full_since = 0;
	if (!s->nines)
		give_up("the disk was full, and no hook noticed it", "");
	s->full_done++;
}

/* --- the service that flushes --- */

static void start_service(struct soak *s)
{
	char *argv[] = {(char *)"bx-call", (char *)"flush", (char *)"-f", (char *)"-o", (char *)"json", NULL};
	int ends[2];
	if (s->lines_fd >= 0) {
		close(s->lines_fd);
		bx_lines_release(&s->lines);
	}
	if (pipe2(ends, O_CLOEXEC))
		give_up("pipe", strerror(errno));
	s->service = spawn(argv, ends[1], false);
	close(ends[1]);
	s->lines_fd = ends[0];
	bx_lines_init(&s->lines, s->lines_fd, LINE_BYTES);
	/* Not read before the end: it holds little, and a service that cannot write waits. */
	fcntl(s->lines_fd, F_SETPIPE_SZ, LINE_BYTES);
}

static void drain_lines(struct soak *s)
{
	char chunk[65536];
	fcntl(s->lines_fd, F_SETFL, O_NONBLOCK);
	while (read(s->lines_fd, chunk, sizeof chunk) > 0)
		;
	fcntl(s->lines_fd, F_SETFL, 0);
}

/* --- the hooks --- */

static void start_hook(struct soak *s, struct slot *slot)
{
	struct call *c = s->waiting[s->first];
	s->first = (s->first + 1) % (size_t)s->calls;
	s->waiting_count--;
	auto_free char *id = bx_xprintf("soak-%d", c->number), *ext_id = bx_xprintf("ext:%s", id);
	auto_free char *start = bx_xprintf("@%d", BEGIN + c->number);
	auto_free char *phone = bx_xprintf("+1555%07d", c->number % 50);
	auto_free char *duration = bx_xprintf("%d", c->duration);
	auto_free char *file = bx_xprintf("%s/%d.wav", s->records, record_size(c));
	char *user = c->number % 2 ? (char *)"1" : (char *)"2";
	char *argvs[][16] = {
		[REGISTER] = {(char *)"bx-call", (char *)"register", (char *)"--spool", (char *)"--user", user,
			(char *)"--phone", phone, (char *)"--type", (char *)"in", (char *)"--id", id,
			(char *)"--start", start, NULL},
		[SHOW] = {(char *)"bx-call", (char *)"-c", ext_id, (char *)"show", (char *)"--spool",
			(char *)"--user", (char *)"3", NULL},
		[FINISH] = {(char *)"bx-call", (char *)"-c", ext_id, (char *)"finish", (char *)"--spool",
			(char *)"--duration", duration, NULL},
		[RECORD] = {(char *)"bx-call", (char *)"-c", ext_id, (char *)"record", (char *)"--spool", file, NULL},
	};
	slot->call = c;
	slot->pid = spawn(argvs[c->step], -1, s->full_since && getenv("SOAK_FSIZE"));
}

static void put_back(struct soak *s, struct call *c)
{
	s->waiting[(s->first + s->waiting_count++) % (size_t)s->calls] = c;
}

/* Of some calls the next hook comes at once, while others are left for later. */
static void put_first(struct soak *s, struct call *c)
{
	s->first = (s->first + (size_t)s->calls - 1) % (size_t)s->calls;
	s->waiting[s->first] = c;
	s->waiting_count++;
}

static void next_step(struct call *c)
{
	c->step++;
	if (c->step == SHOW && !c->shown)
		c->step++;
	if (c->step == RECORD && !c->recorded)
		c->step++;
}

/* What a PBX does: a hook that did not get as far as its outbox is started again, some of them from
 * the beginning of their call. */
static void hook_ended(struct soak *s, struct call *c, int status)
{
	bool again = status == 9 || status == 128 + SIGKILL;
	s->ended++;
	s->nines += status == 9;
	s->queued += status == 7;
	s->restarted += again;
	if (again && below(s, 2))
		c->step = REGISTER;
	if (again) {
		put_back(s, c);
		return;
	}
	/* A card may be of a call that has been over since an earlier start of the hook. */
	if (status != 0 && status != 7 && !(c->step == SHOW && status == 5)) {
		auto_free char *what = bx_xprintf("call %d, step %d: status %d", c->number, c->step, status);
		give_up("a hook failed", what);
	}
	next_step(c);
	if (c->step == OVER)
		s->over++;
	else if (below(s, 4))
		put_first(s, c);
	else
		put_back(s, c);
}

static void kill_some(struct soak *s)
{
	int left = s->steps - s->ended;
	if (s->killed >= s->kills || below(s, left > 1 ? left : 1) >= s->kills - s->killed)
		return;
	int chosen = below(s, s->processes + 1);
	pid_t victim = chosen == s->processes ? s->service : s->slots[chosen].pid;
	if (victim && !kill(victim, SIGKILL))
		s->killed++;
}

static void reap(struct soak *s)
{
	int status;
	pid_t pid = waitpid(-1, &status, 0);
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (pid == s->service) {
		/* A full disk ends it as well. */
		if (status != 128 + SIGKILL && status != 9)
			give_up("the service ended by itself", "");
		start_service(s);
		return;
	}
	for (int i = 0; i < s->processes; i++) {
		if (s->slots[i].pid != pid)
			continue;
		s->slots[i].pid = 0;
		hook_ended(s, s->slots[i].call, status);
		return;
	}
}

static void run_hooks(struct soak *s)
{
	while (s->over < s->calls) {
		for (int i = 0; i < s->processes && s->waiting_count; i++) {
			if (!s->slots[i].pid)
				start_hook(s, &s->slots[i]);
		}
		reap(s);
		drain_lines(s);
		restore(s, false);
		make_room(s, false);
		/* One at a time of each, or a failure could not be told from the other. */
		cut(s);
		full(s);
		kill_some(s);
	}
	restore(s, true);
	make_room(s, true);
}

/* --- the end --- */

/* How many lines the outbox lists; one that is parked ends it all. */
static int left_over(void)
{
	char *argv[] = {(char *)"bx-call", (char *)"outbox", (char *)"ls", (char *)"-o", (char *)"json", NULL};
	int ends[2], count = 0;
	if (pipe2(ends, O_CLOEXEC))
		give_up("pipe", strerror(errno));
	pid_t pid = spawn(argv, ends[1], false);
	close(ends[1]);
	auto_file FILE *in = fdopen(ends[0], "r");
	char *line = NULL;
	size_t size = 0;
	while (in && getline(&line, &size, in) > 0) {
		count++;
		if (strstr(line, "\"parked\""))
			give_up("something was parked", line);
	}
	free(line);
	if (wait_for(pid))
		give_up("bx-call outbox ls failed", "");
	return count;
}

/* Each line of the service is something delivered, and may have been the last. */
static void wait_until_empty(struct soak *s)
{
	char *line;
	while (left_over() > 0) {
		int status;
		if (bx_lines_text(&s->lines, &line, NULL) == 1)
			continue;
		if (waitpid(s->service, &status, 0) == s->service)
			start_service(s);
	}
	kill(s->service, SIGTERM);
	wait_for(s->service);
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static int *moments(struct soak *s, int count)
{
	int *at = bx_xcalloc((size_t)count + 1, sizeof *at);
	for (int i = 0; i < count; i++)
		at[i] = below(s, s->steps * 9 / 10);
	qsort(at, (size_t)count, sizeof *at, by_number);
	return at;
}

static void plan(struct soak *s)
{
	s->all = bx_xcalloc((size_t)s->calls, sizeof *s->all);
	s->waiting = bx_xcalloc((size_t)s->calls, sizeof *s->waiting);
	s->slots = bx_xcalloc((size_t)s->processes, sizeof *s->slots);
	for (int i = 0; i < s->calls; i++) {
		struct call *c = &s->all[i];
		*c = (struct call){.number = i, .duration = 1 + below(s, 3600), .shown = !below(s, 8),
			.recorded = !below(s, 2)};
		s->steps += 2 + c->shown + c->recorded;
		put_back(s, c);
	}
	s->cut_at = moments(s, s->cuts);
	s->full_at = moments(s, s->fulls);
}

static void soak_release(struct soak *s)
{
	free(s->all);
	free(s->waiting);
	free(s->slots);
	free(s->cut_at);
	free(s->full_at);
	bx_lines_release(&s->lines);
	close(s->lines_fd);
}

int main(int argc, char **argv)
{
	if (argc != 9)
		give_up("usage: soak SEED CALLS PROCESSES KILLS CUTS FULLS STATE RECORDS", "");
	struct soak s = {.random = strtoull(argv[1], NULL, 10) * 2654435761u + 88172645463325252u,
		.calls = (int)strtol(argv[2], NULL, 10), .processes = (int)strtol(argv[3], NULL, 10),
		.kills = (int)strtol(argv[4], NULL, 10), .cuts = (int)strtol(argv[5], NULL, 10),
		.fulls = (int)strtol(argv[6], NULL, 10), .state = argv[7], .records = argv[8],
		.lines_fd = -1};
	plan(&s);
	start_service(&s);
	run_hooks(&s);
	wait_until_empty(&s);
	for (int i = 0; i < s.calls; i++)
		printf("soak-%d %d %d %d\n", i, BEGIN + i, s.all[i].duration, record_size(&s.all[i]));
	fprintf(stderr, "soak: %d hooks ended, %d of them with status 7; %d processes killed, %d hooks started"
			" again; the portal was cut off %d times, the disk full %d times\n",
		s.ended, s.queued, s.killed, s.restarted, s.cut_done, s.full_done);
	bool done = s.killed == s.kills && s.cut_done == s.cuts && s.full_done == s.fulls;
	soak_release(&s);
	return done ? 0 : 1;
}
