/* WebVTT and SubRip captions with speakers, as the messages of a transcript (portal.md 11.5). */
#ifndef BX_CALL_CAPTIONS_H
#define BX_CALL_CAPTIONS_H

#include "json.h"

/* Says who NAME ("" when a caption names none and none spoke before) is: the wire word, or NULL. */
typedef const char *captions_side_fn(void *arg, const char *name);

/* The list of messages; the caller deletes. NULL: BX_USAGE with the line. text is changed. A
 * caption without a speaker continues the one before. Times are whole seconds: the beginning
 * rounded down, the end up. */
cJSON *captions_parse(char *text, captions_side_fn *side, void *arg, struct bx_err *err);

#endif
