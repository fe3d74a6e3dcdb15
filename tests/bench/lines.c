/* Very many open lines.
 *   lines parts ADDRESS PID N PUSHES   lines of the parts, pushes to lines drawn by lot, the end
 *   lines serve ADDRESS PID N REQUEST  lines of bx-serve's frames; REQUEST is a file: the raw
 *                                      request for the handler page
 * Prints KEY VALUE lines. */
#include "peer.h"

static struct inbox *inboxes;
static long count, heard;
static double cost;

static void on_text(void *arg, const char *text, size_t len)
{
	(void)arg;
	heard++;
	if (len > 5 && !memcmp(text, "done ", 5))
		cost = strtod(text + 5, NULL);
}

static void settle(const char *address, const char *path, long want)
{
	auto_str struct bx_str answer = BX_STR_INIT(65536);
	auto_free char *request = bx_xprintf("GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
	int fd = dial(address);
	do {
		put(fd, request, strlen(request));
		get_answer(fd, &answer);
	} while (strtol(strstr(answer.buf, "\r\n\r\n") + 4, NULL, 10) != want);
	close(fd);
}

static void report_memory(long pid, long before)
{
	printf("memory_per_line %.1f\n", (double)(process_memory(pid) - before) / (double)count);
}

static void push_all(long pushes)
{
	struct epoll_event events[256];
	int epoll = epoll_create1(0);
	for (long i = 0; i < count; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)i};
		epoll_ctl(epoll, EPOLL_CTL_ADD, inboxes[i].fd, &event);
	}
	auto_free char *order = bx_xprintf("push %ld {\"command\":\"of\",\"usual\":\"size\"}", pushes);
	double start = seconds();
	put_text(inboxes[0].fd, order, strlen(order));
	while (heard < pushes + 1) {
		int ready = epoll_wait(epoll, events, 256, -1);
		for (int i = 0; i < ready; i++)
			if (!inbox_read(&inboxes[events[i].data.u64], on_text, NULL))
				die("a line ended");
	}
	printf("push_us %.2f\npushes_per_s %.0f\n", cost, (double)pushes / (seconds() - start));
	close(epoll);
}

static void hang_up(void)
{
	for (long i = 0; i < count; i++)
		close(inboxes[i].fd);
}

static void lines_of_parts(const char *address, long pid, long pushes)
{
	long before = process_memory(pid);
	double start = seconds();
	for (long i = 0; i < count; i++)
		inboxes[i] = (struct inbox){dial_line(address, "/line", ""), BX_STR_INIT(1024 * 1024)};
	settle(address, "/count", count);
	printf("open_per_s %.0f\n", (double)count / (seconds() - start));
	report_memory(pid, before);
	push_all(pushes);
	hang_up();
	start = seconds();
	settle(address, "/count", 0);
	printf("closing_noticed_ms %.1f\n", (seconds() - start) * 1000);
}

static void lines_of_serve(const char *address, long pid, const char *request_file)
{
	auto_free char *request = file_text(request_file);
	auto_free char *origin = bx_xprintf("Origin: http://%s\r\n", address);
	char **tokens = bx_xcalloc((size_t)count, sizeof *tokens);
	int page = dial(address);
	for (long i = 0; i < count; i++)
		tokens[i] = page_token(page, request);
	long before = process_memory(pid);
	double start = seconds();
	for (long i = 0; i < count; i++) {
		inboxes[i] = (struct inbox){dial_line(address, "/frame", origin), BX_STR_INIT(65536)};
		auto_free char *hello = bx_xprintf(
			"{\"t\":\"%s\",\"u\":\"1\",\"k\":null,\"g\":0,\"m\":[],\"r\":[]}", tokens[i]);
		put_text(inboxes[i].fd, hello, strlen(hello));
		free(tokens[i]);
	}
	printf("open_per_s %.0f\n", (double)count / (seconds() - start));
	auto_free char *again = page_token(page, request);
	report_memory(pid, before);
	hang_up();
	close(page);
	free(tokens);
}

int main(int argc, char **argv)
{
	if (argc != 6)
		return 2;
	many_files();
	long pid = strtol(argv[3], NULL, 10);
	count = strtol(argv[4], NULL, 10);
	inboxes = bx_xcalloc((size_t)count, sizeof *inboxes);
	if (!strcmp(argv[1], "parts"))
		lines_of_parts(argv[2], pid, strtol(argv[5], NULL, 10));
	else
		lines_of_serve(argv[2], pid, argv[5]);
	free(inboxes);
	return 0;
}
