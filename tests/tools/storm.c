/* Events while the daemon is killed again and again: storm SEED KILLS ADDR:PORT COMMAND...
 * Each line of standard input is a frame token: a frame whose call is cN, N its line's number. All
 * say events as fast as they are acknowledged, numbered from 1 in client::tick; COMMAND is the
 * daemon, killed after a number of acknowledgements drawn by lot and started anew, whereupon each
 * frame says again what was not acknowledged. Ends when all is, with {"kills":N,"events":N}. */
#include <signal.h>
#include <sys/wait.h>
#include "json.h"
#include "../bench/peer.h"

#define DEPTH	    32	/* events of one frame under way */
#define KILL_WITHIN 400 /* acknowledgements of a daemon's life, at most */

struct frame {
	char *token;
	char *kept; /* what the daemon told it to keep for the next one */
	struct inbox inbox;
	int64_t said, acked; /* messages by number: the first tells the call, the next is tick 1 */
};

static struct frame *frames;
static long count;
static int64_t acked_all;
static uint64_t lot;

static long draw(long below)
{
	lot = lot * 6364136223846793005u + 1442695040888963407u;
	return (long)((lot >> 33) % (uint64_t)below);
}

static void on_text(void *arg, const char *text, size_t len)
{
	struct frame *frame = arg;
	auto_json cJSON *told = bx_json_parse(text, len, NULL);
	const cJSON *kept = bx_json_get(told, "k");
	int64_t upto = 0;
	if (bx_json_int(told, "a", &upto) && upto > frame->acked) {
		acked_all += upto - frame->acked;
		frame->acked = upto;
	}
	if (kept) {
		free(frame->kept);
		frame->kept = bx_json_print(kept);
	}
}

static void add_message(struct bx_str *out, const struct frame *frame, int64_t number)
{
	if (number == 1)
		bx_str_printf(out, "{\"n\":1,\"e\":\"initialized\",\"d\":{\"CALL_ID\":\"c%d\"}}",
			(int)(frame - frames) + 1);
	else
		bx_str_printf(out, "{\"n\":%lld,\"e\":\"client::tick\",\"d\":{\"tick\":%lld}}",
			(long long)number, (long long)number - 1);
}

/* All from that number on, the token before them on a new line. */
static void say(struct frame *frame, const char *token, int64_t from)
{
	auto_str struct bx_str text = BX_STR_INIT(65536);
	bx_str_putc(&text, '{');
	if (token)
		bx_str_printf(&text, "\"t\":\"%s\",\"u\":\"1\",\"k\":%s,\"g\":0,", token,
			frame->kept ? frame->kept : "null");
	bx_str_puts(&text, "\"m\":[");
	for (int64_t n = from; n <= frame->said; n++) {
		bx_str_puts(&text, n > from ? "," : "");
		add_message(&text, frame, n);
	}
	bx_str_puts(&text, "],\"r\":[]}");
	put_text(frame->inbox.fd, text.buf, text.len);
}

static void say_more(bool next)
{
	for (struct frame *f = frames; f < frames + count; f++) {
		int64_t from = f->said + 1;
		if (!next || f->said - f->acked > DEPTH / 2)
			continue;
		f->said = f->acked + DEPTH;
		say(f, NULL, from);
	}
}

/* The daemon says one line when it is there; what else it prints goes nowhere. */
static pid_t start(char **argv, int *out)
{
	int ends[2];
	char byte = 0;
	if (pipe(ends) < 0)
		die("pipe");
	pid_t pid = fork();
	if (!pid) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]), close(ends[1]);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(ends[1]);
	while (byte != '\n')
		if (read(ends[0], &byte, 1) != 1)
			die(argv[0]);
	*out = ends[0];
	return pid;
}

static void dial_all(const char *address, int epoll)
{
	auto_free char *origin = bx_xprintf("Origin: http://%s\r\n", address);
	for (struct frame *f = frames; f < frames + count; f++) {
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = f};
		f->inbox = (struct inbox){dial_line(address, "/frame", origin), BX_STR_INIT(1 << 20)};
		epoll_ctl(epoll, EPOLL_CTL_ADD, f->inbox.fd, &event);
		f->said = f->said ? f->said : 1;
		say(f, f->token, f->acked + 1);
	}
}

static void hang_up(void)
{
	for (struct frame *f = frames; f < frames + count; f++) {
		close(f->inbox.fd);
		bx_str_release(&f->inbox.bytes);
	}
}

static bool all_acked(void)
{
	for (struct frame *f = frames; f < frames + count; f++)
		if (f->acked < f->said)
			return false;
	return true;
}

static void hear(int epoll)
{
	struct epoll_event events[64];
	int ready = epoll_wait(epoll, events, 64, -1);
	for (int i = 0; i < ready; i++) {
		struct frame *frame = events[i].data.ptr;
		if (!inbox_read(&frame->inbox, on_text, frame))
			die("a line ended");
	}
}

/* One life of the daemon: until that many more are acknowledged, or, with 0, all that was said. */
static void live(const char *address, char **argv, long acks)
{
	int out, status = 0, epoll = epoll_create1(EPOLL_CLOEXEC);
	pid_t pid = start(argv, &out);
	int64_t until = acked_all + acks;
	dial_all(address, epoll);
	while (acks ? acked_all < until : !all_acked()) {
		say_more(acks > 0);
		hear(epoll);
	}
	kill(pid, acks ? SIGKILL : SIGTERM);
	waitpid(pid, &status, 0);
	if (!acks && status)
		die("the daemon did not end in peace");
	hang_up();
	close(epoll);
	close(out);
}

int main(int argc, char **argv)
{
	if (argc < 5)
		return 2;
	char line[1024];
	lot = strtoull(argv[1], NULL, 10);
	long kills = strtol(argv[2], NULL, 10);
	while (fgets(line, sizeof line, stdin)) {
		frames = bx_xrealloc(frames, (size_t)(count + 1) * sizeof *frames);
		frames[count++] = (struct frame){.token = bx_xstrndup(line, strcspn(line, "\n"))};
	}
	for (long i = 0; i < kills; i++)
		live(argv[3], argv + 4, 1 + draw(KILL_WITHIN));
	live(argv[3], argv + 4, 0);
	printf("{\"kills\":%ld,\"events\":%lld}\n", kills, (long long)acked_all - count);
	for (long i = 0; i < count; i++)
		free(frames[i].token), free(frames[i].kept);
	free(frames);
	return 0;
}
