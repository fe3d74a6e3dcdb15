/* A frame's bundles by WebSocket. */
#include "frames_impl.h"

#include "log.h"
#include "page.h"
#include "ws.h"
#include "banned.h"

#define PATIENCE_MS 5000 /* for the first bundle of a line */

static void line_refuse(struct link *link, int why)
{
	bx_line_close(link->line, why, "");
}

static void patience_over(void *arg)
{
	struct link *link = arg;
	link->patience = NULL;
	line_refuse(link, LINE_BAD);
}

static void *line_open(void *arg, struct bx_line *line)
{
	struct serve *serve = arg;
	struct link *link = bx_xcalloc(1, sizeof *link);
	*link = (struct link){.serve = serve, .line = line,
		.patience = bx_loop_timer(serve->loop, PATIENCE_MS, patience_over, link)};
	serve->frames->lines++;
	serve->figures.lines++;
	return link;
}

static void attach(struct link *link, const struct token *token, const cJSON *bundle)
{
	struct frames *frames = link->serve->frames;
	struct frame *frame = frames_get(frames, token);
	struct bx_err err = {0};
	if (!frame) {
		line_refuse(link, LINE_BAD);
		return;
	}
	frame_unlink(frame, LINE_REPLACED);
	frame->link = link;
	link->frame = frame;
	bx_loop_cancel(link->serve->loop, link->patience);
	link->patience = NULL;
	if (!frame_open(frames, frame, bundle, &err)) {
		bx_log(BX_LOG_WARN, "frame %s: %s", frame->id, err.text);
		frame_unlink(frame, LINE_BAD);
	}
}

static void first_bundle(struct link *link, const cJSON *bundle)
{
	struct token token;
	enum token_state state = bundle_token(link->serve, bundle, &token);
	if (state == TOKEN_GOOD) {
		attach(link, &token, bundle);
		return;
	}
	link->serve->figures.refused_expired += state == TOKEN_EXPIRED;
	line_refuse(link, state == TOKEN_EXPIRED ? LINE_EXPIRED : LINE_REFUSED);
}

static void line_text(void *line_arg, struct bx_line *line, const char *text, size_t len)
{
	struct link *link = line_arg;
	struct frames *frames = link->serve->frames;
	(void)line;
	auto_json cJSON *bundle = bx_json_parse(text, len, NULL);
	bool first = !link->frame;
	if (!cJSON_IsObject(bundle)) {
		link->serve->figures.refused_request++;
		line_refuse(link, LINE_BAD);
		return;
	}
	if (first)
		first_bundle(link, bundle);
	if (!link->frame)
		return;
	struct frame *frame = link->frame;
	bundle_take(frames, frame, bundle);
	if (first && frame->acked)
		frames_tell_acked(frame);
}

static void line_close(void *line_arg, struct bx_line *line, int why)
{
	struct link *link = line_arg;
	struct serve *serve = link->serve;
	(void)line, (void)why;
	serve->frames->lines--;
	bx_loop_cancel(serve->loop, link->patience);
	if (link->frame)
		frame_line_ended(serve->frames, link->frame);
	free(link);
}

/* A browser names the origin of the document that connects: ours alone. */
bool frame_origin_ok(struct serve *serve, struct bx_request *req, bool required)
{
	const char *origin = bx_request_header(req, "Origin");
	if (origin ? bx_streq(origin, serve->url.origin) : !required)
		return true;
	serve->figures.refused_origin++;
	return false;
}

void frames_upgrade(struct serve *serve, struct bx_request *req)
{
	static const struct bx_line_ops ops = {.open = line_open, .text = line_text, .close = line_close};
	if (!frame_origin_ok(serve, req, true))
		page_plain(req, 403, "Frames of this server alone may connect.");
	else if (!bx_reply_upgrade(req, &ops, serve))
		page_plain(req, 426, "This is the line of a hidden frame.");
}
