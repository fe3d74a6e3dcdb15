/* The sandbox as clients and pages load it.
 *   portal rounds ADDRESS PID N TOKEN    N calls registered and finished one after the other; what
 *                                        the process grows by once it remembers all it may
 *   portal pages ADDRESS PID N TOKEN     N pages of one employee, a card raised in all of them; then
 *                                        they are held until TERM
 * Prints KEY VALUE lines. */
#include <signal.h>
#include "peer.h"

static const char *token;

/* One REST call; its answer is left in out. */
static void call(int fd, struct bx_str *out, const char *method, const char *params)
{
	auto_free char *body = bx_xprintf("{\"auth\":\"%s\",%s}", token, params);
	auto_free char *request = bx_xprintf("POST /rest/%s HTTP/1.1\r\nHost: a\r\n"
					     "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
		method, strlen(body), body);
	put(fd, request, strlen(request));
	get_answer(fd, out);
	if (strncmp(out->buf, "HTTP/1.1 200 ", 13) != 0) {
		fprintf(stderr, "bench: %s: %s\n", method, out->buf);
		exit(1);
	}
}

static char *registered(int fd, struct bx_str *answer, long number, int show)
{
	auto_free char *params = bx_xprintf("\"USER_ID\":1,\"PHONE_NUMBER\":\"+1555%07ld\",\"TYPE\":2,\"SHOW\":%d,"
					    "\"EXTERNAL_CALL_ID\":\"bench-%ld\"",
		number % 1000, show, number);
	call(fd, answer, "telephony.externalCall.register", params);
	const char *id = strstr(answer->buf, "\"CALL_ID\":\"");
	if (!id)
		die(answer->buf);
	return bx_xstrndup(id + 11, strcspn(id + 11, "\""));
}

static void round_of(int fd, struct bx_str *answer, long number)
{
	auto_free char *id = registered(fd, answer, number, 0);
	auto_free char *params = bx_xprintf("\"CALL_ID\":\"%s\",\"USER_ID\":1,\"DURATION\":95", id);
	call(fd, answer, "telephony.externalCall.finish", params);
}

/* It is full after a fifth: the sandbox remembers 10,000 finished calls. */
static void rounds(const char *address, long pid, long count)
{
	auto_str struct bx_str answer = BX_STR_INIT(1024 * 1024);
	int fd = dial(address);
	long full = 0, from = count / 5;
	double start = seconds(), used = process_time(pid);
	for (long i = 0; i < count; i++) {
		if (i == from)
			full = process_memory(pid);
		round_of(fd, &answer, i);
	}
	double took = seconds() - start;
	printf("calls_per_s %.0f\ncall_us %.1f\n", 2.0 * (double)count / took,
		(process_time(pid) - used) * 1e6 / (2.0 * (double)count));
	printf("memory_full %ld\nmemory_end %ld\n", full, process_memory(pid));
	printf("growth_per_round %.1f\n", (double)(process_memory(pid) - full) / (double)(count - from));
	close(fd);
}

static long shown;

static void on_text(void *arg, const char *text, size_t len)
{
	(void)arg;
	shown += memmem(text, len, "\"push\":\"show\"", 13) != NULL;
}

static struct inbox open_page(const char *address, int fd, struct bx_str *answer, long number)
{
	auto_free char *line = bx_xprintf("/sandbox/page?user=1&page=b%ld&telephony=1&joins=1", number);
	static const char page[] = "GET /page/1 HTTP/1.1\r\nHost: a\r\n\r\n";
	put(fd, page, strlen(page));
	get_answer(fd, answer);
	return (struct inbox){dial_line(address, line, ""), BX_STR_INIT(1024 * 1024)};
}

static void await(struct inbox *pages, long count)
{
	while (shown < count) {
		long before = shown;
		for (long i = 0; i < count; i++)
			if (!inbox_read(&pages[i], on_text, NULL))
				die("a page's line ended");
		if (shown == before)
			usleep(200);
	}
}

static void hold(void)
{
	int signo;
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fflush(stdout);
	sigwait(&set, &signo);
}

static void pages_of(const char *address, long pid, long count)
{
	auto_str struct bx_str answer = BX_STR_INIT(4 * 1024 * 1024);
	struct inbox *pages = bx_xcalloc((size_t)count, sizeof *pages);
	int fd = dial(address);
	long before = process_memory(pid);
	double start = seconds();
	for (long i = 0; i < count; i++)
		pages[i] = open_page(address, fd, &answer, i);
	double took = seconds() - start;
	long memory = process_memory(pid) - before;
	start = seconds();
	free(registered(fd, &answer, 0, 1));
	await(pages, count);
	printf("open_per_s %.0f memory_per_page %.0f shown_ms %.1f\n", (double)count / took,
		(double)memory / (double)count, (seconds() - start) * 1000);
	hold();
	free(pages);
}

int main(int argc, char **argv)
{
	if (argc != 6)
		return 2;
	many_files();
	long pid = strtol(argv[3], NULL, 10), count = strtol(argv[4], NULL, 10);
	token = argv[5];
	if (!strcmp(argv[1], "rounds"))
		rounds(argv[2], pid, count);
	else
		pages_of(argv[2], pid, count);
	return 0;
}
