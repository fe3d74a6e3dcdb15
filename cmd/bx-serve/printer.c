#include "printer.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "log.h"
#include "store_journal.h"
#include "banned.h"

#define SLICE	   500
#define LINES_MAX  (64 * 1024 * 1024)
#define STOP_SECONDS 1

struct printer {
	int fd;
	pthread_t thread;
	pthread_mutex_t mutex; /* guards reached and stop */
	pthread_cond_t wake;
	int64_t reached;
	bool stop;
	int64_t printed;
	struct bx_journal *journal;
	struct bx_str lines;
};

static bool collect(void *arg, struct bx_event *event)
{
	struct printer *printer = arg;
	printer->printed = event->seq;
	return bx_event_line(&printer->lines, event);
}

static bool write_all(int fd, const char *text, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t put = write(fd, text + done, len - done);
		if (put < 0 && errno != EINTR)
			return false;
		done += put > 0 ? (size_t)put : 0;
	}
	return true;
}

/* Records up to reached; false when nobody reads any more. */
static bool print_to(struct printer *printer, int64_t reached)
{
	while (printer->printed < reached) {
		struct bx_err err = {0};
		int64_t before = printer->printed;
		bx_str_reset(&printer->lines);
		if (!bx_journal_each(printer->journal, before, NULL, SLICE, collect, printer, &err)) {
			bx_log(BX_LOG_ERROR, "journal: cannot read back: %s", err.text);
			sleep(1);
			return true;
		}
		if (printer->printed == before)
			printer->printed = reached; /* pruned meanwhile */
		if (!write_all(printer->fd, printer->lines.buf, printer->lines.len)) {
			bx_log(BX_LOG_WARN, "standard output is closed; records go to the journal alone");
			return false;
		}
	}
	return true;
}

static void *printer_thread(void *arg)
{
	struct printer *printer = arg;
	bool open = true, stop = false;
	while (open && !stop) {
		pthread_mutex_lock(&printer->mutex);
		while (printer->reached <= printer->printed && !printer->stop)
			pthread_cond_wait(&printer->wake, &printer->mutex);
		int64_t reached = printer->reached;
		stop = printer->stop;
		pthread_mutex_unlock(&printer->mutex);
		open = print_to(printer, reached);
	}
	return NULL;
}

struct printer *printer_start(int fd, int64_t after)
{
	struct bx_err err = {0};
	struct bx_journal *journal = bx_journal_open(&err);
	if (!journal) {
		bx_log(BX_LOG_ERROR, "standard output: %s", err.text);
		return NULL;
	}
	struct printer *printer = bx_xcalloc(1, sizeof *printer);
	*printer = (struct printer){.fd = fd, .journal = journal, .reached = after, .printed = after};
	bx_str_init(&printer->lines, LINES_MAX);
	pthread_mutex_init(&printer->mutex, NULL);
	pthread_cond_init(&printer->wake, NULL);
	if (pthread_create(&printer->thread, NULL, printer_thread, printer))
		abort();
	return printer;
}

void printer_reach(struct printer *printer, int64_t seq)
{
	if (!printer)
		return;
	pthread_mutex_lock(&printer->mutex);
	printer->reached = seq;
	pthread_cond_signal(&printer->wake);
	pthread_mutex_unlock(&printer->mutex);
}

void printer_stop(struct printer *printer)
{
	if (!printer)
		return;
	pthread_mutex_lock(&printer->mutex);
	printer->stop = true;
	pthread_cond_signal(&printer->wake);
	pthread_mutex_unlock(&printer->mutex);
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += STOP_SECONDS;
	if (pthread_timedjoin_np(printer->thread, NULL, &until))
		return; /* it is stuck in a write; the end of the process ends it */
	bx_journal_close(printer->journal);
	bx_str_release(&printer->lines);
	pthread_mutex_destroy(&printer->mutex);
	pthread_cond_destroy(&printer->wake);
	free(printer);
}
