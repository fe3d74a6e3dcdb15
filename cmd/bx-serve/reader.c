#include "reader.h"

#include <pthread.h>
#include "store_portal.h"
#include "banned.h"

struct job {
	struct job *next;
	reader_fn *work;
	bx_loop_fn *done;
	void *arg;
};

struct reader {
	struct bx_loop *loop;
	struct reader_files files;
	pthread_t thread;
	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t wake;
	struct job *head, **tail;
	bool stop;
};

static struct job *next_job(struct reader *reader)
{
	pthread_mutex_lock(&reader->mutex);
	while (!reader->head && !reader->stop)
		pthread_cond_wait(&reader->wake, &reader->mutex);
	struct job *job = reader->stop ? NULL : reader->head;
	if (job && !(reader->head = job->next))
		reader->tail = &reader->head;
	pthread_mutex_unlock(&reader->mutex);
	return job;
}

static void *reader_thread(void *arg)
{
	struct reader *reader = arg;
	struct job *job;
	while ((job = next_job(reader))) {
		job->work(job->arg, &reader->files);
		bx_loop_post(reader->loop, job->done, job->arg);
		free(job);
	}
	return NULL;
}

void reader_do(struct reader *reader, reader_fn *work, bx_loop_fn *done, void *arg)
{
	struct job *job = bx_xcalloc(1, sizeof *job);
	*job = (struct job){.work = work, .done = done, .arg = arg};
	pthread_mutex_lock(&reader->mutex);
	*reader->tail = job;
	reader->tail = &job->next;
	pthread_cond_signal(&reader->wake);
	pthread_mutex_unlock(&reader->mutex);
}

static void reader_free(struct reader *reader)
{
	bx_journal_close(reader->files.journal);
	bx_store_close(reader->files.portals);
	free(reader);
}

struct reader *reader_start(struct bx_loop *loop, struct bx_err *err)
{
	struct reader *reader = bx_xcalloc(1, sizeof *reader);
	*reader = (struct reader){.loop = loop, .tail = &reader->head};
	if (!(reader->files.portals = bx_portals_open(err)) ||
		!(reader->files.journal = bx_journal_open(err))) {
		reader_free(reader);
		return NULL;
	}
	pthread_mutex_init(&reader->mutex, NULL);
	pthread_cond_init(&reader->wake, NULL);
	if (pthread_create(&reader->thread, NULL, reader_thread, reader))
		abort();
	return reader;
}

void reader_stop(struct reader *reader)
{
	if (!reader)
		return;
	pthread_mutex_lock(&reader->mutex);
	reader->stop = true;
	pthread_cond_signal(&reader->wake);
	pthread_mutex_unlock(&reader->mutex);
	pthread_join(reader->thread, NULL);
	for (struct job *job = reader->head, *next; job; job = next) {
		next = job->next;
		free(job);
	}
	pthread_mutex_destroy(&reader->mutex);
	pthread_cond_destroy(&reader->wake);
	reader_free(reader);
}
