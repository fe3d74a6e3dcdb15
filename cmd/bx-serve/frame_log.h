/* What a hidden frame has to say to a developer: its errors and its console, which nobody can open,
 * as frame.log records. Bounded, since whoever has a page of the portal can write them. */
#ifndef BX_SERVE_FRAME_LOG_H
#define BX_SERVE_FRAME_LOG_H

#include "serve.h"
#include "token.h"

struct frame_logs;
struct frame_logs *frame_logs_new(struct serve *serve);
void frame_logs_free(struct frame_logs *logs); /* NULL allowed */
/* line is [level, text]; false: it is not. now: monotonic, in milliseconds. */
bool frame_logs_take(struct frame_logs *logs, const struct token *token, const cJSON *line, int64_t now);

#endif
