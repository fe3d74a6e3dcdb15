/* A daemon that has run for long, as far as bx-call check can tell: it shows no card, and knows that
 * no page is open. It lives in BX_STATE and tells so in one line. */
#include <signal.h>
#include <stdio.h>
#include "control.h"
#include "store.h"

static void answer(void *arg, struct bx_peer *peer, int64_t id, const cJSON *request)
{
	(void)arg;
	cJSON *done = cJSON_CreateObject();
	if (bx_json_bool(request, "online", false))
		bx_json_set_bool(done, "complete", true);
	bx_peer_done(peer, id, done);
}

static void gone(void *arg, struct bx_peer *peer)
{
	(void)arg, (void)peer;
}

static void end(void *loop, int signo)
{
	(void)signo;
	bx_loop_stop(loop);
}

int main(void)
{
	static const struct bx_control_ops ops = {.request = answer, .gone = gone};
	struct bx_err err = {0};
	auto_str struct bx_str dir = BX_STR_INIT(BX_PATH_MAX);
	struct bx_loop *loop = bx_loop_new(&err);
	struct bx_control *control = loop && bx_store_dir(&dir, &err)
		? bx_control_serve(loop, dir.buf, &ops, NULL, &err)
		: NULL;
	bool ok = control && bx_loop_signal(loop, SIGTERM, end, loop, &err) && puts("{}") >= 0 && !fflush(stdout) &&
		bx_loop_run(loop, &err);
	bx_control_free(control);
	bx_loop_free(loop);
	if (!ok)
		fprintf(stderr, "oldserve: %s\n", err.text);
	return !ok;
}
