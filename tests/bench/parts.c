/* The parts alone: the loop, the HTTP server and its lines, without what bx-serve does with them.
 *   parts FILE     serves FILE at /page, lines at /line; prints its address and its process
 * A line that says "push N TEXT" has TEXT sent N times, each time to a line drawn by lot, then
 * hears "done MICROSECONDS": the processor time of one. */
#include <signal.h>
#include "httpd.h"
#include "loop.h"
#include "peer.h"
#include "ws.h"

#define LINES_MAX 65536
#define SLICE	  256

struct owner {
	struct bx_line *line;
	int at; /* in lines */
};

static struct bx_loop *loop;
static struct owner *lines[LINES_MAX];
static int count;
static char *page;

static struct {
	struct bx_line *asker;
	long left, all;
	double started;
	char text[1024];
	unsigned random;
} job;

static double cpu(void)
{
	struct timespec used;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

/* A slice at a time, as a broadcast has to be. */
static void push(void *arg)
{
	size_t len = strlen(job.text);
	for (int i = 0; i < SLICE && job.left; i++, job.left--) {
		job.random = job.random * 1103515245u + 12345u;
		bx_line_send(lines[(job.random >> 8) % (unsigned)count]->line, job.text, len);
	}
	if (job.left) {
		bx_loop_timer(loop, 0, push, arg);
		return;
	}
	auto_free char *done = bx_xprintf("done %.3f", (cpu() - job.started) * 1e6 / (double)job.all);
	bx_line_send(job.asker, done, strlen(done));
}

static void *on_open(void *arg, struct bx_line *line)
{
	(void)arg;
	struct owner *owner = bx_xcalloc(1, sizeof *owner);
	*owner = (struct owner){.line = line, .at = count};
	if (count == LINES_MAX)
		abort();
	return lines[count++] = owner;
}

static void on_close(void *line_arg, struct bx_line *line, int why)
{
	struct owner *owner = line_arg;
	(void)line, (void)why;
	lines[owner->at] = lines[--count];
	lines[owner->at]->at = owner->at;
	free(owner);
}

static void on_text(void *line_arg, struct bx_line *line, const char *text, size_t len)
{
	(void)line_arg;
	if (sscanf(text, "push %ld %1023s", &job.all, job.text) != 2) {
		bx_line_send(line, text, len);
		return;
	}
	job.asker = line;
	job.left = job.all;
	job.started = cpu();
	push(NULL);
}

static void on_request(void *arg, struct bx_request *req)
{
	static const struct bx_line_ops ops = {.open = on_open, .text = on_text, .close = on_close,
		.ping_ms = 600000, .queue_max = 4 * 1024 * 1024};
	const char *path = bx_request_path(req);
	(void)arg;
	if (!strcmp(path, "/page")) {
		bx_reply_static(req, 200, "text/html; charset=utf-8", page, strlen(page));
	} else if (!strcmp(path, "/count")) {
		auto_free char *text = bx_xprintf("%d", count);
		bx_reply(req, 200, "text/plain", text, strlen(text));
	} else if (!bx_reply_upgrade(req, &ops, NULL)) {
		bx_reply(req, 404, NULL, NULL, 0);
	}
}

static void on_signal(void *arg, int signo)
{
	(void)arg, (void)signo;
	bx_loop_stop(loop);
}

int main(int argc, char **argv)
{
	struct bx_err err = {0};
	if (argc != 2)
		return 2;
	page = file_text(argv[1]);
	loop = bx_loop_new(&err);
	struct bx_httpd_opts opts = {.listen = "127.0.0.1:0", .listen_fd = -1};
	struct bx_httpd *httpd = bx_httpd_new(loop, &opts, on_request, NULL, &err);
	if (!httpd || !bx_loop_signal(loop, SIGTERM, on_signal, NULL, &err))
		die(err.text);
	printf("%s %ld\n", bx_httpd_address(httpd), (long)getpid());
	fflush(stdout);
	bx_loop_run(loop, NULL);
	bx_httpd_free(httpd);
	bx_loop_free(loop);
	free(page);
	return 0;
}
