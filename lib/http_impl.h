/* What the http*.c files share. Layer 3, private to them. */
#ifndef BX_HTTP_IMPL_H
#define BX_HTTP_IMPL_H

#include <curl/curl.h>
#include "http.h"

/* One line of the trace, masked and cut. */
void http_trace(const char *mark, const char *text, size_t len);
/* libcurl's debug function: headers, both ways. */
int http_debug(CURL *curl, curl_infotype type, char *data, size_t len, void *arg);

/* curl_easy_perform; within a crew (crew.h) other jobs go on meanwhile. */
CURLcode http_perform(CURL *curl);

/* Sets the authorities of the next attempt. True: not all of them. */
bool http_trust(CURL *curl);
/* From now on it sets all. */
void http_trust_all(void);
/* Whether an attempt ended so for want of an authority that the server's certificate is of. */
bool http_untrusted(CURLcode code);

#endif
