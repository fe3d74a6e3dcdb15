/* Very many open lines.
 *   lines parts ADDRESS PID N PUSHES   lines of the parts, pushes to lines drawn by lot, the end
 *   lines serve ADDRESS PID N REQUEST PORTAL [CALL]
 *           lines of bx-serve's frames, each with a card of one call, which a second run names anew;
 *           REQUEST is a file: the raw request for the handler page
 * Prints KEY VALUE lines. */
#include "control.h"
#include "peer.h"
#include "store.h"

#define COMMANDS   1000
#define BROADCASTS 5

static struct inbox *inboxes;
static const char *call = "bench.lines";
static long count, heard;
static double cost, used; /* used: by the server while the lines were given a command */

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

static int64_t *given; /* of each line, the number of its last title */

static void reply(long at, int64_t number)
{
	auto_free char *text = bx_xprintf("{\"g\":%lld,\"m\":[],\"r\":[[%lld,[]]]}", (long long)number,
		(long long)number);
	put_text(inboxes[at].fd, text, strlen(text));
}

/* Titles are replied to when all have theirs; the daemon's questions whether the card is still
 * there at once. */
static void on_command(void *arg, const char *text, size_t len)
{
	int64_t *mine = arg, number;
	auto_json cJSON *told = bx_json_parse(text, len, NULL);
	const cJSON *command;
	cJSON_ArrayForEach(command, bx_json_get(told, "c")) {
		if (!bx_json_int(command, "i", &number))
			continue;
		if (bx_streq(bx_json_str(command, "o"), "title")) {
			*mine = number;
			heard++;
		} else {
			reply(mine - given, number);
		}
	}
}

static void hear_commands(int epoll, long all)
{
	struct epoll_event events[256];
	for (heard = 0; heard < all;) {
		int ready = epoll_wait(epoll, events, 256, -1);
		for (int i = 0; i < ready; i++) {
			size_t at = (size_t)events[i].data.u64;
			if (!inbox_read(&inboxes[at], on_command, &given[at]))
				die("a line ended");
		}
	}
}

/* A title for the card of that line's user, or of all (-1): milliseconds until the lines had it. */
static float command(struct bx_client *client, int epoll, const char *portal, long pid, long at)
{
	struct bx_err err = {0};
	cJSON *fields = cJSON_CreateObject(), *params = cJSON_CreateObject(), *users = cJSON_CreateArray();
	cJSON *answer = NULL;
	bx_json_set_str(fields, "portal", portal);
	bx_json_set_str(fields, "call", call);
	bx_json_set_str(fields, "verb", "title");
	bx_json_set_str(params, "title", "a title of the usual size");
	bx_json_set(fields, "params", params);
	bx_json_set_int(fields, "timeout", 60000);
	if (at >= 0)
		cJSON_AddItemToArray(users, cJSON_CreateNumber((double)at + 1));
	bx_json_set(fields, "users", users);
	double start = seconds(), before = process_time(pid);
	int64_t id = bx_client_send(client, "card", fields, &err);
	hear_commands(epoll, at < 0 ? count : 1);
	double took = seconds() - start;
	used += process_time(pid) - before;
	for (long i = at < 0 ? 0 : at; i < (at < 0 ? count : at + 1); i++)
		reply(i, given[i]);
	if (bx_client_next(client, id, 120000, &answer, &err) < 0) {
		fprintf(stderr, "bench: %s\n", err.text);
		exit(1);
	}
	cJSON_Delete(answer);
	return (float)(took * 1000);
}

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return x < y ? -1 : x > y;
}

static void commands(struct bx_client *client, const char *portal, long pid)
{
	static float ones[COMMANDS], alls[BROADCASTS];
	given = bx_xcalloc((size_t)count, sizeof *given);
	int epoll = epoll_create1(0);
	unsigned lot = 1;
	for (long i = 0; i < count; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)i};
		epoll_ctl(epoll, EPOLL_CTL_ADD, inboxes[i].fd, &event);
	}
	for (int i = 0; i < COMMANDS; i++) {
		lot = lot * 1103515245u + 12345u;
		ones[i] = command(client, epoll, portal, pid, (long)((lot >> 8) % (unsigned)count));
	}
	used = 0;
	for (int i = 0; i < BROADCASTS; i++)
		alls[i] = command(client, epoll, portal, pid, -1);
	qsort(ones, COMMANDS, sizeof *ones, by_size);
	qsort(alls, BROADCASTS, sizeof *alls, by_size);
	printf("one_ms_half %.2f\none_ms_99 %.2f\nall_ms_half %.1f\nall_ms_server %.1f\n", ones[COMMANDS / 2],
		ones[COMMANDS * 99 / 100], alls[BROADCASTS / 2], used * 1000 / BROADCASTS);
	close(epoll);
	free(given);
}

/* As bx-call register tells the daemon: nothing has to be settled afterwards. */
static struct bx_client *own_call(const char *portal)
{
	auto_str struct bx_str dir = BX_STR_INIT(4096);
	struct bx_err err = {0};
	cJSON *fields = cJSON_CreateObject();
	bx_json_set_str(fields, "portal", portal);
	bx_json_set_str(fields, "CALL_ID", call);
	bx_json_set_int(fields, "user", 1);
	struct bx_client *client = bx_store_dir(&dir, &err) ? bx_client_connect(dir.buf, &err) : NULL;
	if (!client)
		die("control");
	cJSON_Delete(bx_client_call(client, "own", fields, 20000, &err));
	return client;
}

static void lines_of_serve(const char *address, long pid, const char *request_file, const char *portal)
{
	struct bx_client *client = own_call(portal);
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
			"{\"t\":\"%s\",\"u\":\"%ld\",\"k\":null,\"g\":0,\"m\":[{\"n\":1,\"e\":\"initialized\","
			"\"d\":{\"CALL_ID\":\"%s\"}}],\"r\":[]}", tokens[i], i + 1, call);
		put_text(inboxes[i].fd, hello, strlen(hello));
		free(tokens[i]);
	}
	printf("open_per_s %.0f\n", (double)count / (seconds() - start));
	free(page_token(page, request));
	report_memory(pid, before);
	commands(client, portal, pid);
	hang_up();
	bx_client_free(client);
	close(page);
	free(tokens);
}

int main(int argc, char **argv)
{
	if (argc < 6)
		return 2;
	many_files();
	long pid = strtol(argv[3], NULL, 10);
	count = strtol(argv[4], NULL, 10);
	inboxes = bx_xcalloc((size_t)count, sizeof *inboxes);
	if (!strcmp(argv[1], "parts"))
		lines_of_parts(argv[2], pid, strtol(argv[5], NULL, 10));
	if (argc == 8)
		call = argv[7];
	if (!strcmp(argv[1], "serve") && argc >= 7)
		lines_of_serve(argv[2], pid, argv[5], argv[6]);
	free(inboxes);
	return 0;
}
