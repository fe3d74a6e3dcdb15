/* HTTP requests, one at a time, with connections kept. libcurl stays behind this file. Layer 3.
 *
 * Redirects are never followed here. TLS is always verified. Proxies and certificate authorities
 * come from curl's usual variables. Traces (-v) are redacted. */
#ifndef BX_HTTP_H
#define BX_HTTP_H

#include <stdbool.h>
#include <stdint.h>
#include "err.h"
#include "str.h"

struct bx_http;
struct bx_http *bx_http_new(void);
void bx_http_free(struct bx_http *http); /* NULL allowed */

struct bx_http_request {
	const char *url;
	const char *body; /* POST; NULL: GET, or POST of a file */
	size_t body_len;
	const char *type; /* Content-Type of body; "" sends none */
	const char *file; /* path: POST as multipart/form-data, streamed */
	const char *file_field, *file_name, *file_type;
	int64_t timeout_ms; /* the whole exchange; more than 0 */
	size_t reply_max;   /* bytes of the answer's body; more is an error */
	bool private; /* the answer brings secrets: it is not traced */
	bool steady; /* Ctrl-C (cancel.h) does not cut it short: what comes back must not be lost */
	bool head; /* the answer's headers are wanted */
	bool once; /* must not arrive twice: nothing below repeats it on another connection */
};

enum bx_http_sent {
	BX_SENT_NOTHING,  /* the server cannot have seen the request */
	BX_SENT_MAYBE,	  /* it may have been executed */
	BX_SENT_ANSWERED, /* a whole answer came */
};

struct bx_http_reply {
	enum bx_http_sent sent;
	bool untrusted; /* nothing was sent, since its certificate is of no authority known here */
	int status; /* 0 without an answer */
	struct bx_str body;
	char *location; /* of a redirect, absolute; or NULL */
	char *type;	/* Content-Type or NULL */
	struct bx_str head; /* lines as they came, when asked for */
};
void bx_http_reply_init(struct bx_http_reply *reply);
void bx_http_reply_release(struct bx_http_reply *reply);
#define auto_reply BX_CLEANUP(bx_http_reply_release)

/* The values of that header, joined by commas; NULL: there is none. The caller frees. */
char *bx_http_header(const struct bx_http_reply *reply, const char *name);

/* True: reply has a status, whatever it is. False: BX_AGAIN (nothing sent), BX_UNKNOWN (maybe) or
 * BX_USAGE (the URL). reply->sent tells in each case. What reply had before is forgotten; the memory of its
 * body is used again. */
bool bx_http_do(struct bx_http *http, const struct bx_http_request *request,
	struct bx_http_reply *reply, struct bx_err *err);

struct bx_url {
	bool https;
	char *host; /* lower case, without brackets */
	int port;
	char *domain; /* host, with :port where it is not the scheme's own */
	char *path;   /* with the leading slash */
};
void bx_url_release(struct bx_url *url);
#define auto_url BX_CLEANUP(bx_url_release)
/* Takes http and https only, without user and password. BX_USAGE; url is released then. */
bool bx_url_parse(const char *text, struct bx_url *url, struct bx_err *err);
/* Credentials may go there: https, this machine's own loopback, or as allowed. */
bool bx_url_private(const struct bx_url *url, bool insecure_http);

#endif
