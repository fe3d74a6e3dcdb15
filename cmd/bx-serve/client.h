/* The user's own client in the frame: a file of JavaScript, and whom it may speak to. All functions
 * but client_open take NULL: there is none. */
#ifndef BX_SERVE_CLIENT_H
#define BX_SERVE_CLIENT_H

#include "serve.h"

#define CLIENT_POLICY_MAX 16384

/* Reads it, when there is one, into serve->client. BX_USAGE: it cannot be used. */
bool client_open(struct serve *serve, struct bx_err *err);
void client_renew(struct client *client); /* reads it again; what cannot be used is not taken */
void client_free(struct client *client);

/* Where a frame gets it: a relative address that changes with the file. */
const char *client_address(const struct client *client);
/* What it adds to connect-src, and behind it; "" for none. */
const char *client_policy(const struct client *client);

void client_request(struct serve *serve, struct bx_request *req); /* GET /client.js */

#endif
