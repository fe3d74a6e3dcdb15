/* Requests of the control socket. */
#ifndef BX_SERVE_COMMANDS_H
#define BX_SERVE_COMMANDS_H

#include "serve.h"

/* For bx_control_serve; arg is the struct serve. */
extern const struct bx_control_ops commands_ops;

/* The addresses of one profile: {"worker","install","event","oauth","error_handler"}. */
cJSON *commands_urls(const struct serve *serve, const struct bx_profile *profile);
cJSON *commands_status(struct serve *serve);
/* The employees with a page open, as bx-card ls --online prints them; only with --presence.
 * portal NULL, user 0: of all. */
cJSON *commands_online(struct serve *serve, const char *portal, int64_t user);

#endif
