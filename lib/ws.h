/* An upgraded line: WebSocket text messages both ways over one socket in the loop. Layer 3. */
#ifndef BX_WS_H
#define BX_WS_H

#include <stdbool.h>
#include <stddef.h>
#include "httpd.h"

/* It lives as long as a line that has it. */
struct bx_line_ops {
	/* The line is open; what it returns is passed to the other two as arg of the line. */
	void *(*open)(void *arg, struct bx_line *line);
	/* One whole text message; text ends with a NUL. */
	void (*text)(void *line_arg, struct bx_line *line, const char *text, size_t len);
	/* Called once, however it ended; the line is gone when it returns. why is a WebSocket
	 * status, 1006 for a lost connection. */
	void (*close)(void *line_arg, struct bx_line *line, int why);
	size_t message_max;    /* bytes; a longer one closes with 1009; 0: 64 KiB */
	size_t queue_max;      /* unsent bytes after which a slow reader is cut; 0: 256 KiB */
	int ping_ms;	       /* a ping after that much silence, cut after twice; 0: 30000 */
};

/* Queues one text message; false when the line was cut for slowness (close has been called or
 * will be in this batch). Binary messages from the other side close with 1003. */
bool bx_line_send(struct bx_line *line, const char *text, size_t len);
void bx_line_close(struct bx_line *line, int why, const char *reason);

/* For tests and tools: nothing of it does I/O. False when key is not 16 bytes in base64. */
bool bx_ws_accept_key(char out[29], const char *key);

/* For httpd.c alone. fd is upgraded, non-blocking and stays the caller's; early is what came
 * behind the handshake, and is copied. ops->open is called at once, everything else from the loop.
 * gone is called last, when fd is not used any more. NULL: out of memory, nothing was called. */
struct bx_line *bx_line_new(struct bx_loop *loop, int fd, const void *early, size_t early_len,
	const struct bx_line_ops *ops, void *arg, bx_loop_fn *gone, void *gone_arg);
/* Ends the line now: a close frame if there is room for it, then close and gone are called. Not
 * from a callback of that line. */
void bx_line_end(struct bx_line *line, int why);

#endif
