/* An event handed to a command. */
#ifndef BX_BIND_HAND_H
#define BX_BIND_HAND_H

#include "json.h"

/* Runs the command (argv ends with NULL) with the event as one JSON line on its standard input,
 * BX_PORTAL and BX_EVENT beside our environment, and waits. True: it ended with 0; false: err says
 * how it ended. */
bool hand_to(char *const *argv, const char *portal, const cJSON *event, struct bx_err *err);

#endif
