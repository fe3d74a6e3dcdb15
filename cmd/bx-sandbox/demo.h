/* The company the sandbox starts with. */
#ifndef BX_SANDBOX_DEMO_H
#define BX_SANDBOX_DEMO_H

#include "sandbox.h"

void sb_demo(struct sandbox *sb);
/* A webhook of that employee; returns its code. */
const char *sb_webhook_new(struct sandbox *sb, int64_t user, const char *const *scopes);
/* A new active employee; empty texts for what he has not. */
cJSON *sb_user_new(struct sandbox *sb, const char *name, const char *last_name, const char *inner);

#endif
