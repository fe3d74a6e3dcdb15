/* Requests at a steady pace over kept connections: paced ADDRESS RATE SECONDS REQUEST sends the raw
 * request of that file RATE times a second and prints, in milliseconds, how long after its time the
 * first byte of each answer was there. A request that finds no free connection waits for one, and
 * its waiting counts. */
#include "peer.h"

#define CONNECTIONS 64

struct conn {
	int fd;
	double due; /* of the request under way */
	struct bx_str got;
};

static struct conn conns[CONNECTIONS], *idle[CONNECTIONS];
static size_t idle_count;
static float *delays; /* ms */
static long heard;

static bool whole(const struct bx_str *got)
{
	const char *end = strstr(got->buf, "\r\n\r\n"), *length = strcasestr(got->buf, "\r\nContent-Length: ");
	return end && got->len >= (size_t)(end + 4 - got->buf) + (length ? strtoul(length + 18, NULL, 10) : 0);
}

static void hear(struct conn *conn)
{
	char bytes[16384];
	ssize_t got = recv(conn->fd, bytes, sizeof bytes, 0);
	if (got <= 0)
		die("answer");
	if (!conn->got.len)
		delays[heard++] = (float)((seconds() - conn->due) * 1000);
	bx_str_add(&conn->got, bytes, (size_t)got);
	if (!whole(&conn->got))
		return;
	if (strncmp(conn->got.buf, "HTTP/1.1 200 ", 13) != 0)
		die("not 200");
	bx_str_reset(&conn->got);
	idle[idle_count++] = conn;
}

static void hear_until(int epoll, double time)
{
	struct epoll_event events[CONNECTIONS];
	double left = time - seconds();
	struct timespec wait = {.tv_nsec = left > 0 ? (long)(left * 1e9) : 0};
	int ready = epoll_pwait2(epoll, events, CONNECTIONS, &wait, NULL);
	for (int i = 0; i < ready; i++)
		hear(events[i].data.ptr);
}

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	if (argc != 5)
		return 2;
	auto_free char *request = file_text(argv[4]);
	size_t len = strlen(request);
	double rate = strtod(argv[2], NULL);
	long all = (long)(rate * strtod(argv[3], NULL)), said = 0;
	int epoll = epoll_create1(0);
	delays = bx_xcalloc((size_t)all, sizeof *delays);
	for (size_t i = 0; i < CONNECTIONS; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = &conns[i]};
		conns[i] = (struct conn){.fd = dial(argv[1]), .got = BX_STR_INIT(1 << 20)};
		epoll_ctl(epoll, EPOLL_CTL_ADD, conns[i].fd, &event);
		idle[idle_count++] = &conns[i];
	}
	double start = seconds();
	while (heard < all) {
		double due = start + (double)said / rate;
		for (; said < all && idle_count && due <= seconds(); due = start + (double)++said / rate) {
			struct conn *conn = idle[--idle_count];
			conn->due = due;
			put(conn->fd, request, len);
		}
		hear_until(epoll, said < all && idle_count ? due : seconds() + 0.1);
	}
	qsort(delays, (size_t)all, sizeof *delays, by_size);
	printf("a_second %.0f\n", (double)all / (seconds() - start));
	printf("first_ms_half %.3f\nfirst_ms_99 %.3f\nfirst_ms_worst %.3f\n", delays[all / 2],
		delays[all * 99 / 100], delays[all - 1]);
	for (size_t i = 0; i < CONNECTIONS; i++)
		bx_str_release(&conns[i].got);
	free(delays);
	return 0;
}
