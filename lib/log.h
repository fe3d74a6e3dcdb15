/* Log lines on stderr: one line each, control characters escaped, never a secret. Layer 0. */
#ifndef BX_LOG_H
#define BX_LOG_H

#include "auto.h"
#include "str.h"

enum bx_log_level { BX_LOG_ERROR, BX_LOG_WARN, BX_LOG_INFO, BX_LOG_TRACE };

/* Lines above this level are dropped; the default is BX_LOG_INFO. tag is the tool's name. */
void bx_log_setup(const char *tag, enum bx_log_level level);
bool bx_log_wants(enum bx_log_level level);
void bx_log(enum bx_log_level level, const char *fmt, ...) BX_PRINTF(2, 3);

bool bx_is_utf8(const char *text);
/* Appends text with control characters (C0, DEL, C1 and broken UTF-8) written as \xHH. */
void bx_escape(struct bx_str *out, const char *text);

#endif
