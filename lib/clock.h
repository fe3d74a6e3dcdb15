/* Time in milliseconds. Layer 0. */
#ifndef BX_CLOCK_H
#define BX_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include "err.h"

int64_t bx_now_ms(void);  /* Unix time; jumps when the clock is set */
int64_t bx_now_about_ms(void); /* the same, some milliseconds old, for a quarter of the time */
int64_t bx_mono_ms(void); /* for intervals; never jumps */

#define BX_ISO_SIZE 32
/* ISO 8601 with seconds and zone, e.g. 2026-08-03T11:01:00+03:00; "Z" is written +00:00. */
void bx_time_iso(char out[BX_ISO_SIZE], int64_t unix_ms, int offset_minutes);
void bx_time_iso_local(char out[BX_ISO_SIZE], int64_t unix_ms);

/* Takes ISO 8601 (date, date and time, with or without a zone; without one: local time), @UNIX
 * seconds, or "now". Error: BX_USAGE, naming the text. */
bool bx_time_parse(const char *text, int64_t *unix_ms, struct bx_err *err);

#endif
