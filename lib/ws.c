#include "ws.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <sodium.h>
#include <string.h>
#include <sys/socket.h>
#include <wslay/wslay.h>
#include "clock.h"
#include "log.h"
#include "str.h"
#include "banned.h"

#define READ_SLICE  (64 * 1024) /* of one line before the others have their turn */
#define PARTING_MS  1000	/* for the other side's half of an ending */
#define FRAME_BYTES 14
#define MESSAGE_MAX (64 * 1024)
#define QUEUE_MAX   (256 * 1024)
#define PING_MS	    30000
#define NO_STATUS   1005
#define LOST	    1006
#define TOO_SLOW    1008

/* A line is OPEN, then CLOSING from our close frame to the other side's, then PARTING: close has
 * been called and only the rest of the other side's bytes is awaited, so that ours arrive. */
enum stage { OPEN, CLOSING, PARTING };

struct bx_line {
	struct bx_loop *loop;
	int fd;
	enum stage stage;
	int why;
	bool doomed;  /* ends in this batch with why */
	bool busy;    /* in a callback of the framing library or of the owner */
	bool waiting; /* for room to write */
	bool pinged;
	const struct bx_line_ops *ops;
	void *arg;
	bx_loop_fn *gone;
	void *gone_arg;
	wslay_event_context_ptr ws;
	struct bx_str *early; /* what came behind the handshake and is not read yet; or NULL */
	struct bx_str out;
	size_t sent; /* of out */
	size_t slice;
	int64_t heard_ms;
	struct bx_timer *timer, *soon;
};

static size_t queue_max(const struct bx_line *line)
{
	return line->ops->queue_max ? line->ops->queue_max : QUEUE_MAX;
}

static int ping_ms(const struct bx_line *line)
{
	return line->ops->ping_ms ? line->ops->ping_ms : PING_MS;
}

static void drop_early(struct bx_line *line)
{
	if (line->early)
		bx_str_release(line->early);
	free(line->early);
	line->early = NULL;
}

static void line_free(struct bx_line *line)
{
	bx_loop_drop(line->loop, line->fd);
	bx_loop_cancel(line->loop, line->timer);
	bx_loop_cancel(line->loop, line->soon);
	wslay_event_context_free(line->ws);
	drop_early(line);
	bx_str_release(&line->out);
	line->gone(line->gone_arg);
	free(line);
}

static void line_soon(void *arg);
static void line_timer(void *arg);

static void line_later(struct bx_line *line)
{
	if (!line->soon)
		line->soon = bx_loop_timer(line->loop, 0, line_soon, line);
}

/* The owner or the framing library may be using the line, so it ends when they are done. */
static void line_doom(struct bx_line *line, int why)
{
	if (line->doomed || line->stage == PARTING)
		return;
	line->doomed = true;
	line->why = why;
	line_later(line);
}

static void line_timer_set(struct bx_line *line, int64_t delay_ms)
{
	bx_loop_cancel(line->loop, line->timer);
	line->timer = bx_loop_timer(line->loop, delay_ms, line_timer, line);
}

static void line_ready(void *arg, int fd, uint32_t events);

static void line_watch(struct bx_line *line)
{
	struct bx_err err = {0};
	bool reads = line->stage == PARTING || wslay_event_want_read(line->ws);
	uint32_t events = (reads ? EPOLLIN : 0) | (line->waiting ? EPOLLOUT : 0);
	if (!bx_loop_fd(line->loop, line->fd, events, line_ready, line, &err)) {
		bx_log(BX_LOG_ERROR, "line: %s", err.text);
		line_doom(line, LOST);
	}
}

static void line_write(struct bx_line *line)
{
	while (line->sent < line->out.len) {
		ssize_t put = send(line->fd, line->out.buf + line->sent,
			line->out.len - line->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno != EAGAIN)
			line_doom(line, LOST);
		if (put < 0)
			break;
		line->sent += (size_t)put;
	}
	bool waiting = line->sent < line->out.len;
	if (!waiting) {
		bx_str_release(&line->out);
		line->sent = 0;
	}
	if (waiting == line->waiting || line->doomed)
		return;
	line->waiting = waiting;
	line_watch(line);
}

static void line_tell(struct bx_line *line)
{
	line->stage = PARTING;
	line->ops->close(line->arg, line, line->why);
}

/* Tells the owner, and lets the other side read what is under way before the socket closes. */
static void line_part(struct bx_line *line)
{
	line_tell(line);
	if (line->why == LOST || line->why == TOO_SLOW || shutdown(line->fd, SHUT_WR) < 0) {
		line_free(line);
		return;
	}
	line->waiting = false;
	line_watch(line);
	line_timer_set(line, PARTING_MS);
}

/* Both halves of the closing are done, or the library will not read on after an offence. */
static bool line_finished(const struct bx_line *line)
{
	return wslay_event_get_close_sent(line->ws) && !wslay_event_want_read(line->ws);
}

static int line_status(const struct bx_line *line)
{
	if (line->stage == CLOSING)
		return line->why;
	if (wslay_event_get_close_received(line->ws))
		return wslay_event_get_status_code_received(line->ws);
	return wslay_event_get_status_code_sent(line->ws);
}

/* The other side has ended it, or offended: bytes that nobody reads would wake the loop again and
 * again, and our part of the ending is not waited for without an end. */
static void line_closing(struct bx_line *line)
{
	if (line->stage != OPEN || wslay_event_want_read(line->ws))
		return;
	line->why = line_status(line);
	line->stage = CLOSING;
	line_timer_set(line, PARTING_MS);
	line_watch(line);
}

/* Moves what the library has queued to the socket. */
static void line_settle(struct bx_line *line)
{
	if (line->busy || line->stage == PARTING)
		return;
	line->busy = true;
	int failed = wslay_event_send(line->ws);
	line->busy = false;
	line_write(line);
	if (failed)
		line_doom(line, LOST);
	else if (line_finished(line) && !line->out.len)
		line_doom(line, line_status(line));
	else if (line->out.len - line->sent > queue_max(line))
		line_doom(line, TOO_SLOW);
	else
		line_closing(line);
}

static ssize_t on_send(wslay_event_context_ptr ws, const uint8_t *data, size_t len, int flags,
	void *arg)
{
	struct bx_line *line = arg;
	(void)ws, (void)flags;
	if (line->sent) {
		bx_str_cut(&line->out, line->sent);
		line->sent = 0;
	}
	bx_str_add(&line->out, data, len);
	return (ssize_t)len;
}

static ssize_t take_early(struct bx_line *line, uint8_t *data, size_t len)
{
	if (len > line->early->len)
		len = line->early->len;
	memcpy(data, line->early->buf, len);
	bx_str_cut(line->early, len);
	if (!line->early->len)
		drop_early(line);
	return (ssize_t)len;
}

static ssize_t on_recv(wslay_event_context_ptr ws, uint8_t *data, size_t len, int flags, void *arg)
{
	struct bx_line *line = arg;
	(void)flags;
	ssize_t got = -1;
	errno = EAGAIN;
	if (line->doomed || line->slice >= READ_SLICE)
		got = -1;
	else if (line->early)
		got = take_early(line, data, len);
	else
		got = recv(line->fd, data, len, MSG_DONTWAIT);
	if (got > 0) {
		line->slice += (size_t)got;
		return got;
	}
	bool later = got < 0 && (errno == EAGAIN || errno == EINTR);
	if (!later)
		line_doom(line, LOST);
	wslay_event_set_error(ws, later ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
	return -1;
}

static void on_message(wslay_event_context_ptr ws, const struct wslay_event_on_msg_recv_arg *msg,
	void *arg)
{
	struct bx_line *line = arg;
	(void)ws;
	if (line->stage != OPEN || line->doomed)
		return;
	if (msg->opcode == WSLAY_BINARY_FRAME)
		bx_line_close(line, WSLAY_CODE_UNSUPPORTED_DATA, "text only");
	if (msg->opcode != WSLAY_TEXT_FRAME)
		return;
	const char *bytes = msg->msg_length ? (const char *)msg->msg : "";
	auto_free char *text = bx_xmemdup(bytes, msg->msg_length);
	line->ops->text(line->arg, line, text, msg->msg_length);
}

static void line_read(struct bx_line *line)
{
	line->slice = 0;
	line->heard_ms = bx_mono_ms();
	line->pinged = false;
	line->busy = true;
	int failed = wslay_event_recv(line->ws);
	line->busy = false;
	if (failed)
		line_doom(line, LOST);
	if (!line->doomed)
		line_settle(line);
	if (line->early && wslay_event_want_read(line->ws))
		line_later(line);
}

static void line_drain(struct bx_line *line)
{
	char waste[16384];
	for (int i = 0; i < 4; i++) {
		ssize_t got = recv(line->fd, waste, sizeof waste, MSG_DONTWAIT);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got <= 0) {
			line_free(line);
			return;
		}
	}
}

static void line_ready(void *arg, int fd, uint32_t events)
{
	struct bx_line *line = arg;
	(void)fd;
	if (line->stage == PARTING) {
		line_drain(line);
		return;
	}
	if (line->doomed)
		return;
	if (events & EPOLLOUT) {
		line_write(line);
		line_settle(line);
	}
	if (!line->doomed && events & ~(uint32_t)EPOLLOUT)
		line_read(line);
}

static void line_soon(void *arg)
{
	struct bx_line *line = arg;
	line->soon = NULL;
	if (line->doomed)
		line_part(line);
	else if (line->early)
		line_read(line);
}

static void line_ping(struct bx_line *line)
{
	const struct wslay_event_msg ping = {.opcode = WSLAY_PING};
	line->pinged = true;
	wslay_event_queue_msg(line->ws, &ping);
	line_settle(line);
}

static void line_timer(void *arg)
{
	struct bx_line *line = arg;
	line->timer = NULL;
	if (line->stage == PARTING) {
		line_free(line);
		return;
	}
	int64_t silence = bx_mono_ms() - line->heard_ms, every = ping_ms(line);
	if (line->stage == CLOSING || silence >= 2 * every) {
		line_doom(line, line->stage == CLOSING ? line->why : LOST);
		return;
	}
	if (silence >= every && !line->pinged)
		line_ping(line);
	line_timer_set(line, (line->pinged ? 2 * every : every) - silence);
}

struct bx_line *bx_line_new(struct bx_loop *loop, int fd, const void *early, size_t early_len,
	const struct bx_line_ops *ops, void *arg, bx_loop_fn *gone, void *gone_arg)
{
	static const struct wslay_event_callbacks callbacks = {.recv_callback = on_recv,
		.send_callback = on_send, .on_msg_recv_callback = on_message};
	struct bx_line *line = bx_xcalloc(1, sizeof *line);
	*line = (struct bx_line){.loop = loop, .fd = fd, .ops = ops, .gone = gone,
		.gone_arg = gone_arg, .heard_ms = bx_mono_ms(), .out = BX_STR_INIT(SIZE_MAX / 2)};
	if (wslay_event_context_server_init(&line->ws, &callbacks, line)) {
		free(line);
		return NULL;
	}
	wslay_event_config_set_max_recv_msg_length(line->ws, ops->message_max ? ops->message_max : MESSAGE_MAX);
	line_watch(line);
	line_timer_set(line, ping_ms(line));
	if (early_len) {
		line->early = bx_xcalloc(1, sizeof *line->early);
		bx_str_init(line->early, SIZE_MAX / 2);
		bx_str_add(line->early, early, early_len);
		line_later(line);
	}
	line->busy = true;
	line->arg = ops->open(arg, line);
	line->busy = false;
	line_settle(line);
	return line;
}

void bx_line_end(struct bx_line *line, int why)
{
	bx_line_close(line, why, NULL);
	if (line->stage != PARTING)
		line_tell(line);
	line_free(line);
}

bool bx_line_send(struct bx_line *line, const char *text, size_t len)
{
	if (line->stage != OPEN || line->doomed)
		return false;
	size_t queued = line->out.len - line->sent + wslay_event_get_queued_msg_length(line->ws);
	if (queued + len + FRAME_BYTES > queue_max(line)) {
		line_doom(line, TOO_SLOW);
		return false;
	}
	const struct wslay_event_msg msg = {.opcode = WSLAY_TEXT_FRAME,
		.msg = (const uint8_t *)text, .msg_length = len};
	wslay_event_queue_msg(line->ws, &msg);
	line_settle(line);
	return true;
}

void bx_line_close(struct bx_line *line, int why, const char *reason)
{
	if (line->stage != OPEN || line->doomed)
		return;
	size_t len = reason ? strlen(reason) : 0;
	wslay_event_queue_close(line->ws, (uint16_t)why, (const uint8_t *)(reason ? reason : ""),
		len > 123 ? 123 : len);
	line->stage = CLOSING;
	line->why = why;
	line_timer_set(line, PARTING_MS);
	line_settle(line);
}

bool bx_ws_accept_key(char out[29], const char *key)
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	unsigned char nonce[17], digest[20];
	char text[24 + sizeof guid];
	size_t len;
	if (strlen(key) != 24 || sodium_base642bin(nonce, sizeof nonce, key, 24, NULL, &len, NULL,
				       sodium_base64_VARIANT_ORIGINAL) ||
		len != 16)
		return false;
	memcpy(text, key, 24);
	memcpy(text + 24, guid, sizeof guid);
	if (gnutls_hash_fast(GNUTLS_DIG_SHA1, text, 24 + sizeof guid - 1, digest) < 0)
		return false;
	sodium_bin2base64(out, 29, digest, sizeof digest, sodium_base64_VARIANT_ORIGINAL);
	return true;
}
