/* How often something that strangers can cause may be done: at once, then at most once a minute,
 * and ever more seldom while it turns out to be for nothing. Times are monotonic milliseconds. */
#ifndef BX_SERVE_PACE_H
#define BX_SERVE_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_LEAST_MS (60 * 1000LL)
#define PACE_MOST_MS  (3600 * 1000LL)

/* All zero at first. */
struct pace {
	int64_t begun_ms, gap_ms; /* gap 0: nothing has been done yet, or long ago */
};
int64_t pace_wait(const struct pace *pace, int64_t now_ms); /* 0: it may be done now */
void pace_begin(struct pace *pace, int64_t now_ms);	    /* it is done */
/* What came of it: the next one may follow after the least gap, or, when it was for nothing, after
 * twice the one before. */
void pace_end(struct pace *pace, bool useful);

#endif
