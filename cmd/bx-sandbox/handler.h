/* Addresses of handlers (portal.md 9.2, 10.1). */
#ifndef BX_SANDBOX_HANDLER_H
#define BX_SANDBOX_HANDLER_H

#include "call.h"

/* A host with a dot that is not its first character, then http or https. */
bool sb_check_handler(struct sb_call *call, const char *url);
/* The host of an address with its port, "" when it has none; the caller frees. */
char *sb_url_host(const char *url);

#endif
