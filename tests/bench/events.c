/* Events of many frames, timed from their sending to the word that they are on disk.
 *   events ADDRESS PID FRAMES RATE SECONDS REQUEST PORTAL
 * RATE 0: as many as are acknowledged, DEPTH of each frame under way. REQUEST is a file: the raw
 * request for the handler page. Prints KEY VALUE lines. */
#include "control.h"
#include "peer.h"
#include "store.h"

#define DEPTH 32

struct frame {
	struct inbox inbox;
	long sent, acked;
	double *when; /* of each message, by its number */
	long room;
};

static struct frame *frames;
static long count, sent_all, acked_all;
static float *delays; /* ms */
static long delays_room;

static void on_text(void *arg, const char *text, size_t len)
{
	struct frame *frame = arg;
	(void)len;
	const char *mark = strstr(text, "\"a\":");
	long upto = mark && mark < text + len ? strtol(mark + 4, NULL, 10) : 0;
	double now = seconds();
	for (; frame->acked < upto; acked_all++) {
		if (acked_all == delays_room)
			delays = bx_xrealloc(delays, (size_t)(delays_room = delays_room * 2 + 4096) * sizeof *delays);
		delays[acked_all] = (float)((now - frame->when[++frame->acked]) * 1000);
	}
}

static void call_of(char out[64], const struct frame *frame)
{
	snprintf(out, 64, "externalCall.bench.%d.%ld", (int)getpid(), (long)(frame - frames));
}

/* As bx-call register tells the daemon: nothing has to be settled afterwards. */
static void own_calls(const char *portal)
{
	auto_str struct bx_str dir = BX_STR_INIT(4096);
	struct bx_err err = {0};
	struct bx_client *client = bx_store_dir(&dir, &err) ? bx_client_connect(dir.buf, &err) : NULL;
	for (long i = 0; client && i < count; i++) {
		char call[64];
		call_of(call, &frames[i]);
		cJSON *fields = cJSON_CreateObject();
		bx_json_set_str(fields, "portal", portal);
		bx_json_set_str(fields, "CALL_ID", call);
		bx_json_set_int(fields, "user", 1);
		cJSON_Delete(bx_client_call(client, "own", fields, 20000, &err));
	}
	bx_client_free(client);
	if (err.exit) {
		fprintf(stderr, "bench: %s\n", err.text);
		exit(1);
	}
}

static void say(struct frame *frame, const char *start)
{
	char text[1024], call[64];
	call_of(call, frame);
	if (++frame->sent >= frame->room) {
		frame->room = frame->room * 2 + 64;
		frame->when = bx_xrealloc(frame->when, (size_t)frame->room * sizeof *frame->when);
	}
	frame->when[frame->sent] = seconds();
	sent_all++;
	const char *event = start ? "initialized" : "muteButtonClick";
	int len = start ? snprintf(text, sizeof text,
				  "{\"t\":\"%s\",\"u\":\"1\",\"k\":null,\"g\":0,\"m\":[{\"n\":%ld,\"e\":\"%s\","
				  "\"d\":{\"CALL_ID\":\"%s\"}}],\"r\":[]}",
				  start, frame->sent, event, call)
			: snprintf(text, sizeof text, "{\"m\":[{\"n\":%ld,\"e\":\"%s\",\"d\":%s}],\"r\":[]}",
				  frame->sent, event, frame->sent % 2 ? "true" : "false");
	put_text(frame->inbox.fd, text, (size_t)len);
}

static void hear(int epoll, int wait_ms)
{
	struct epoll_event events[256];
	int ready = epoll_wait(epoll, events, 256, wait_ms);
	for (int i = 0; i < ready; i++)
		if (!inbox_read(&((struct frame *)events[i].data.ptr)->inbox, on_text, events[i].data.ptr))
			die("a line ended");
}

static int open_frames(const char *address, const char *request_file)
{
	auto_free char *request = file_text(request_file);
	auto_free char *origin = bx_xprintf("Origin: http://%s\r\n", address);
	int page = dial(address), epoll = epoll_create1(0);
	for (long i = 0; i < count; i++) {
		auto_free char *token = page_token(page, request);
		frames[i].inbox = (struct inbox){dial_line(address, "/frame", origin), BX_STR_INIT(1 << 20)};
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = &frames[i]};
		epoll_ctl(epoll, EPOLL_CTL_ADD, frames[i].inbox.fd, &event);
		say(&frames[i], token);
	}
	while (acked_all < sent_all)
		hear(epoll, -1);
	close(page);
	return epoll;
}

static void at_rate(int epoll, double rate, double duration)
{
	double start = seconds(), now;
	long said = 0;
	while ((now = seconds()) < start + duration) {
		for (long due = (long)((now - start) * rate); said < due; said++)
			say(&frames[said % count], NULL);
		hear(epoll, 1);
	}
}

static void flat_out(int epoll, double duration)
{
	double end = seconds() + duration;
	while (seconds() < end) {
		for (long i = 0; i < count; i++)
			while (frames[i].sent - frames[i].acked < DEPTH)
				say(&frames[i], NULL);
		hear(epoll, 1);
	}
}

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	if (argc != 8)
		return 2;
	many_files();
	long pid = strtol(argv[2], NULL, 10);
	count = strtol(argv[3], NULL, 10);
	double rate = strtod(argv[4], NULL), duration = strtod(argv[5], NULL);
	frames = bx_xcalloc((size_t)count, sizeof *frames);
	own_calls(argv[7]);
	int epoll = open_frames(argv[1], argv[6]);
	long first = acked_all;
	double start = seconds(), used = process_time(pid);
	if (rate > 0)
		at_rate(epoll, rate, duration);
	else
		flat_out(epoll, duration);
	while (acked_all < sent_all)
		hear(epoll, -1);
	double took = seconds() - start;
	long all = acked_all - first;
	qsort(delays + first, (size_t)all, sizeof *delays, by_size);
	printf("events %ld\nevents_per_s %.0f\nserver_cpu %.0f%%\nserver_us_per_event %.1f\n", all,
		(double)all / took, (process_time(pid) - used) / took * 100,
		(process_time(pid) - used) * 1e6 / (double)all);
	printf("ack_ms_half %.2f\nack_ms_99 %.2f\nack_ms_worst %.2f\n", delays[first + all / 2],
		delays[first + all * 99 / 100], delays[first + all - 1]);
	return 0;
}
