#include "crew.h"

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>
#include "cancel.h"
#include "clock.h"
#include "str.h"
#ifdef BX_SAN
#include <sanitizer/common_interface_defs.h>
#endif
#include "banned.h"

/* Memory is taken by what a job really uses of it; a page that may not be touched lies below. */
#define STACK_BYTES (1024 * 1024)
#define GUARD_BYTES 65536
#define IDLE_MS	    60000

struct bx_crew_job {
	struct bx_crew_job *next; /* of those that may run */
	ucontext_t context;
	char *stack;
	void *fake; /* what the address sanitizer keeps of the stack while another runs */
	size_t number;
	int64_t wake_ms; /* 0: no pause under way */
	bool over;
};

static struct crew {
	ucontext_t context; /* whoever lets the jobs go on */
	struct bx_crew_job *self;
	struct bx_crew_job *first, *last; /* may run, in order */
	struct bx_crew_job *jobs, **idle; /* idle: those that have no job now */
	unsigned count, free; /* of jobs, of idle */
	bx_crew_fn *fn;
	void *arg, *fake;
	const void *bottom;
	size_t size;
} crew;
static void (*idle_fn)(int64_t ms, int fd);

/* The address sanitizer has to be told on which stack we are. */
static void leave(void **fake, const void *bottom, size_t size)
{
#ifdef BX_SAN
	__sanitizer_start_switch_fiber(fake, bottom, size);
#else
	(void)fake, (void)bottom, (void)size;
#endif
}

static void arrive(void *fake, bool from_caller)
{
#ifdef BX_SAN
	__sanitizer_finish_switch_fiber(fake, from_caller ? &crew.bottom : NULL,
		from_caller ? &crew.size : NULL);
#else
	(void)fake, (void)from_caller;
#endif
}

static void give_way(void)
{
	struct bx_crew_job *self = crew.self;
	leave(self->over ? NULL : &self->fake, crew.bottom, crew.size);
	swapcontext(&self->context, &crew.context);
	arrive(self->fake, true);
}

static void begin(void)
{
	arrive(NULL, true);
	crew.fn(crew.arg, crew.self->number);
	crew.self->over = true;
	give_way();
}

static void go_on(struct bx_crew_job *job)
{
	crew.self = job;
	leave(&crew.fake, job->stack + GUARD_BYTES, STACK_BYTES);
	swapcontext(&crew.context, &job->context);
	arrive(crew.fake, false);
	crew.self = NULL;
}

static void start(struct bx_crew_job *job, size_t number)
{
	if (!job->stack) {
		job->stack = mmap(NULL, GUARD_BYTES + STACK_BYTES, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
		if (job->stack == MAP_FAILED || mprotect(job->stack, GUARD_BYTES, PROT_NONE))
			bx_xrealloc(NULL, SIZE_MAX / 2); /* ends the process as any lack of memory does */
	}
	job->number = number;
	job->over = false;
	getcontext(&job->context);
	job->context.uc_stack.ss_sp = job->stack + GUARD_BYTES;
	job->context.uc_stack.ss_size = STACK_BYTES;
	job->context.uc_link = NULL;
	makecontext(&job->context, begin, 0);
	bx_crew_wake(job);
}

void bx_crew_wake(struct bx_crew_job *job)
{
	job->next = NULL;
	job->wake_ms = 0;
	*(crew.first ? &crew.last->next : &crew.first) = job;
	crew.last = job;
}

struct bx_crew_job *bx_crew_self(void)
{
	return crew.self;
}

void bx_crew_suspend(void)
{
	give_way();
}

static void sleep_ms(int64_t ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	while (ms > 0 && !bx_cancelled() && nanosleep(&t, &t) && errno == EINTR)
		;
}

void bx_crew_pause(int64_t ms)
{
	if (!crew.self) {
		sleep_ms(ms);
		return;
	}
	crew.self->wake_ms = bx_mono_ms() + (ms > 0 ? ms : 0);
	give_way();
}

void bx_crew_on_idle(void (*idle)(int64_t ms, int fd))
{
	idle_fn = idle;
}

static void nap(int64_t ms, int fd)
{
	struct pollfd on = {.fd = fd, .events = POLLIN};
	if (fd < 0)
		sleep_ms(ms);
	else
		poll(&on, 1, (int)ms);
}

static bool can_read(int fd)
{
	struct pollfd on = {.fd = fd, .events = POLLIN};
	return fd >= 0 && poll(&on, 1, 0) > 0;
}

/* Everybody waits: for the first pause that ends, and whatever idle knows of. */
static void wait_all(int fd)
{
	int64_t now = bx_mono_ms(), first = now + IDLE_MS;
	for (unsigned i = 0; i < crew.count; i++) {
		int64_t wake = crew.jobs[i].over ? 0 : crew.jobs[i].wake_ms;
		first = wake && wake < first ? wake : first;
	}
	(idle_fn ? idle_fn : nap)(first > now ? first - now : 0, fd);
	now = bx_mono_ms();
	for (unsigned i = 0; i < crew.count; i++) {
		struct bx_crew_job *job = &crew.jobs[i];
		if (!job->over && job->wake_ms && job->wake_ms <= now)
			bx_crew_wake(job);
	}
}

bool bx_crew_turn(int fd)
{
	while (crew.free < crew.count) {
		struct bx_crew_job *next = crew.first;
		if (!next) {
			wait_all(fd);
			if (!crew.first && can_read(fd))
				return true;
			continue;
		}
		crew.first = next->next;
		go_on(next);
		if (next->over) {
			crew.idle[crew.free++] = next;
			return true;
		}
	}
	return false;
}

void bx_crew_open(unsigned most, bx_crew_fn *job, void *arg)
{
	crew = (struct crew){.fn = job, .arg = arg, .count = most, .free = most};
	crew.jobs = bx_xcalloc(most, sizeof *crew.jobs);
	crew.idle = bx_xcalloc(most, sizeof(struct bx_crew_job *));
	for (unsigned i = 0; i < most; i++) {
		crew.jobs[i].over = true;
		crew.idle[i] = crew.jobs + most - 1 - i;
	}
}

void bx_crew_add(size_t i)
{
	if (!crew.free)
		bx_crew_turn(-1);
	start(crew.idle[--crew.free], i);
}

void bx_crew_close(void)
{
	for (unsigned i = 0; i < crew.count; i++) {
		if (crew.jobs[i].stack)
			munmap(crew.jobs[i].stack, GUARD_BYTES + STACK_BYTES);
	}
	free(crew.jobs);
	free(crew.idle);
	crew = (struct crew){0};
}

void bx_crew_run(size_t count, unsigned most, bx_crew_fn *job, void *arg)
{
	/* One at a time needs no stack of its own. */
	if (count <= 1 || most <= 1) {
		for (size_t i = 0; i < count; i++)
			job(arg, i);
		return;
	}
	bx_crew_open(count < most ? (unsigned)count : most, job, arg);
	for (size_t i = 0; i < count; i++)
		bx_crew_add(i);
	while (bx_crew_turn(-1))
		;
	bx_crew_close();
}
