#include "outbox.h"

#include "clock.h"
#include "store_outbox.h"
#include "banned.h"

#define QUIET_MS 1000	     /* between two looks */
#define EVERY_MS (60 * 1000) /* without a sign of any portal */
#define TOOL_MS	 (3600 * 1000)

struct outbox {
	struct serve *serve;
	struct runner *runner;
	struct bx_timer *timer;
	int64_t due_ms; /* of the timer (monotonic) */
	int64_t looked_ms;
	int status;    /* of the last run; -1: none */
	bool busy;     /* looking, or flushing */
	bool seen;     /* meanwhile there was a sign */
	int64_t waiting;
	char *tool;
};

static void look(void *arg);

static void look_in(struct outbox *outbox, int64_t ms)
{
	int64_t due = bx_mono_ms() + ms;
	if (outbox->timer && outbox->due_ms <= due)
		return;
	bx_loop_cancel(outbox->serve->loop, outbox->timer);
	outbox->due_ms = due;
	outbox->timer = bx_loop_timer(outbox->serve->loop, ms, look, outbox);
}

static void rest(struct outbox *outbox)
{
	outbox->busy = false;
	look_in(outbox, outbox->seen ? QUIET_MS : EVERY_MS);
	outbox->seen = false;
}

/* A portal that stays away is no news each minute. */
static void flushed(void *arg, const struct run_end *end)
{
	struct outbox *outbox = arg;
	auto_json cJSON *data = cJSON_CreateObject();
	bx_json_set_int(data, "waited", outbox->waiting);
	bx_json_set_int(data, "exit", end->status);
	if (end->status != outbox->status || end->status != BX_AGAIN)
		serve_note(outbox->serve, NULL, BX_TOLD_OUTBOX_FLUSHED, data);
	outbox->status = end->status;
	rest(outbox);
}

static void count(void *arg, const struct reader_files *files)
{
	struct outbox *outbox = arg;
	outbox->waiting = bx_outbox_waiting(files->portals, NULL, NULL);
}

static void counted(void *arg)
{
	struct outbox *outbox = arg;
	const char *const argv[] = {outbox->tool, "flush", "-o", "json", NULL};
	struct run run = {.argv = argv, .timeout_ms = TOOL_MS, .collect = true};
	if (outbox->waiting > 0 && !outbox->serve->draining)
		runner_start(outbox->runner, &run, flushed, outbox);
	else
		rest(outbox);
}

static void look(void *arg)
{
	struct outbox *outbox = arg;
	outbox->timer = NULL;
	outbox->busy = true;
	outbox->looked_ms = bx_mono_ms();
	reader_do(outbox->serve->reader, count, counted, outbox);
}

void outbox_seen(struct outbox *outbox)
{
	if (!outbox)
		return;
	int64_t past = bx_loop_ms(outbox->serve->loop) - outbox->looked_ms;
	if (outbox->busy)
		outbox->seen = true;
	else
		look_in(outbox, past < QUIET_MS ? QUIET_MS - past : 0);
}

struct outbox *outbox_new(struct serve *serve)
{
	struct outbox *outbox = bx_xcalloc(1, sizeof *outbox);
	*outbox = (struct outbox){.serve = serve, .runner = runner_new(serve->loop, 1),
		.tool = run_tool("bx-call"), .status = -1};
	look_in(outbox, 0);
	return outbox;
}

void outbox_free(struct outbox *outbox)
{
	if (!outbox)
		return;
	runner_free(outbox->runner);
	bx_loop_cancel(outbox->serve->loop, outbox->timer);
	free(outbox->tool);
	free(outbox);
}
