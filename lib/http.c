#include "http_impl.h"

#include <strings.h>
#include "cancel.h"
#include "clock.h"
#include "log.h"
#include "banned.h"

#define CONNECT_MS  15000
#define HEAD_MAX    (300 * 1024)
#define BUFFER_SIZE 32768L /* many answers are longer than what libcurl reads at once by itself */

struct bx_http {
	CURL *curl;
	char *url; /* of the request before, and whether it was to go past any proxy: mostly the next one's too */
	bool direct;
};

/* One request under way. */
struct transfer {
	const struct bx_http_request *request;
	struct bx_http_reply *reply;
	int starts; /* connections it was begun on */
	bool repeated, too_large;
};

struct bx_http *bx_http_new(void)
{
	struct bx_http *http = bx_xcalloc(1, sizeof *http);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	http->curl = curl_easy_init();
	if (!http->curl)
		bx_xrealloc(NULL, SIZE_MAX / 2); /* it fails for lack of memory only */
	return http;
}

void bx_http_free(struct bx_http *http)
{
	if (!http)
		return;
	curl_easy_cleanup(http->curl);
	free(http->url);
	free(http);
}

void bx_http_reply_init(struct bx_http_reply *reply)
{
	*reply = (struct bx_http_reply){.body = BX_STR_INIT(0), .head = BX_STR_INIT(0)};
}

void bx_http_reply_release(struct bx_http_reply *reply)
{
	bx_str_release(&reply->body);
	bx_str_release(&reply->head);
	free(reply->location);
	free(reply->type);
	bx_http_reply_init(reply);
}

char *bx_http_header(const struct bx_http_reply *reply, const char *name)
{
	struct bx_str all = BX_STR_INIT(HEAD_MAX);
	size_t len = strlen(name);
	for (const char *p = reply->head.buf; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		if (strncasecmp(p, name, len) != 0 || p[len] != ':')
			continue;
		const char *value = p + len + 1 + strspn(p + len + 1, " \t");
		bx_str_printf(&all, "%s%.*s", all.len ? "," : "", (int)strcspn(value, "\r\n"), value);
	}
	char *text = all.len ? bx_str_take(&all) : NULL;
	bx_str_release(&all);
	return text;
}

static size_t on_body(char *data, size_t one, size_t len, void *arg)
{
	struct transfer *t = arg;
	(void)one;
	if (bx_str_add(&t->reply->body, data, len))
		return len;
	t->too_large = true;
	return 0;
}

/* Called on each connection just before the request goes out. A kept connection that died is
 * replaced by libcurl without a word, and the request sent again: not a second time what must not
 * arrive twice. */
static size_t on_head(char *data, size_t one, size_t len, void *arg)
{
	struct transfer *t = arg;
	(void)one;
	/* Of an answer before the last one (100 Continue) nothing is kept. */
	if (len > 5 && !strncmp(data, "HTTP/", 5))
		bx_str_reset(&t->reply->head);
	bx_str_add(&t->reply->head, data, len);
	return len;
}

static int on_start(void *arg, char *remote, char *local, int remote_port, int local_port)
{
	struct transfer *t = arg;
	(void)remote, (void)local, (void)remote_port, (void)local_port;
	t->repeated = t->starts++ > 0 && t->request->once;
	return t->repeated ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static int on_progress(void *arg, curl_off_t all_in, curl_off_t in, curl_off_t all_out, curl_off_t out)
{
	struct transfer *t = arg;
	(void)all_in, (void)in, (void)all_out, (void)out;
	return bx_cancelled() && !t->request->steady;
}

/* What goes to this machine without TLS must not go to a proxy: that would be another one. */
static void set_proxy(struct bx_http *http, const char *address)
{
	if (!bx_streq(http->url, address)) {
		auto_url struct bx_url url;
		http->direct = bx_url_parse(address, &url, NULL) && !url.https && bx_url_private(&url, false);
		bx_set_str(&http->url, address);
	}
	if (http->direct)
		curl_easy_setopt(http->curl, CURLOPT_PROXY, "");
}

static void set_time(CURL *curl, int64_t ms)
{
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)ms);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, ms < CONNECT_MS ? (long)ms : CONNECT_MS);
}

static void set_options(struct bx_http *http, struct transfer *t)
{
	CURL *curl = http->curl;
	curl_easy_reset(curl); /* connections stay */
	curl_easy_setopt(curl, CURLOPT_URL, t->request->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
	set_time(curl, t->request->timeout_ms);
	curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, BUFFER_SIZE);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "bx/" BX_VERSION);
	curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
	if (t->request->head) {
		curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_head);
		curl_easy_setopt(curl, CURLOPT_HEADERDATA, t);
	}
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, on_start);
	curl_easy_setopt(curl, CURLOPT_PREREQDATA, t);
	/* One connection for all where the server speaks HTTP/2, which TLS tells at its start. */
	curl_easy_setopt(curl, CURLOPT_PIPEWAIT, (long)bx_starts(t->request->url, "https:"));
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, t);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	set_proxy(http, t->request->url);
	if (bx_log_wants(BX_LOG_TRACE)) {
		curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
		curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, http_debug);
	}
}

static void set_body(CURL *curl, const struct bx_http_request *request, struct curl_slist **headers,
	curl_mime **mime)
{
	*headers = curl_slist_append(*headers, "Accept: application/json");
	*headers = curl_slist_append(*headers, "Expect:");
	if (request->file) {
		*mime = curl_mime_init(curl);
		curl_mimepart *part = curl_mime_addpart(*mime);
		curl_mime_name(part, request->file_field);
		curl_mime_filedata(part, request->file);
		curl_mime_filename(part, request->file_name);
		curl_mime_type(part, request->file_type);
		curl_easy_setopt(curl, CURLOPT_MIMEPOST, *mime);
	} else if (request->body) {
		auto_free char *type = bx_xprintf("Content-Type: %s", request->type);
		*headers = curl_slist_append(*headers, *request->type ? type : "Content-Type:");
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
	}
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, *headers);
}

/* A second time where the server was not trusted with the first authorities: it was told nothing. What ends
 * that before it got further does not take the place of the reason. */
static CURLcode perform(CURL *curl, const struct transfer *t)
{
	int64_t end = bx_mono_ms() + t->request->timeout_ms;
	bool more = http_trust(curl);
	CURLcode code = http_perform(curl);
	int64_t left = end - bx_mono_ms();
	if (!more || left <= 0 || !http_untrusted(code))
		return code;
	http_trust_all();
	set_time(curl, left);
	http_trust(curl);
	CURLcode again = http_perform(curl);
	return again == CURLE_OK || again == CURLE_ABORTED_BY_CALLBACK || t->starts ? again : code;
}

static bool failed(CURL *curl, const struct transfer *t, CURLcode code, struct bx_err *err)
{
	struct bx_url url = {0};
	bx_url_parse(t->request->url, &url, NULL);
	auto_free char *domain = bx_xstrdup(url.domain ? url.domain : "the server");
	bx_url_release(&url);
	const char *why = t->too_large ? "the answer is larger than allowed"
		: t->repeated	       ? "the connection was lost"
		: code == CURLE_ABORTED_BY_CALLBACK ? "interrupted"
				       : curl_easy_strerror(code);
	long number = 0;
	curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &number);
	if (code == CURLE_COULDNT_CONNECT && number)
		why = strerror((int)number);
	if (t->starts && code == CURLE_UNSUPPORTED_PROTOCOL)
		why = "it is not HTTP";
	if (!t->starts && (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL))
		return bx_fail(err, BX_USAGE, "", "the URL is malformed");
	if (code == CURLE_READ_ERROR)
		return bx_fail(err, BX_LOCAL, "", "reading %s failed", t->request->file);
	if (!t->starts)
		return bx_fail(err, BX_AGAIN, "", "%s cannot be reached: %s", domain, why);
	return bx_fail(err, BX_UNKNOWN, "", "no whole answer from %s: %s", domain, why);
}

static void take_answer(CURL *curl, const struct bx_http_request *request, struct bx_http_reply *reply)
{
	long status = 0;
	const char *location = NULL, *type = NULL;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &location);
	curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
	reply->sent = BX_SENT_ANSWERED;
	reply->status = (int)status;
	bx_set_str(&reply->location, location);
	bx_set_str(&reply->type, type);
	if (request->private)
		http_trace("<", "(not shown)", 11);
	else
		http_trace("<", reply->body.buf, reply->body.len);
}

static void reset_reply(struct bx_http_reply *reply, size_t max)
{
	struct bx_str body = reply->body; /* its memory may be the caller's from before */
	reply->body = (struct bx_str)BX_STR_INIT(0);
	bx_http_reply_release(reply);
	bx_str_reset(&body);
	body.max = max;
	reply->body = body;
	bx_str_init(&reply->head, HEAD_MAX);
}

bool bx_http_do(struct bx_http *http, const struct bx_http_request *request,
	struct bx_http_reply *reply, struct bx_err *err)
{
	struct transfer t = {.request = request, .reply = reply};
	struct curl_slist *headers = NULL;
	curl_mime *mime = NULL;
	reset_reply(reply, request->reply_max);
	if (request->timeout_ms <= 0)
		return bx_fail(err, BX_AGAIN, "", "no time is left to ask");
	set_options(http, &t);
	set_body(http->curl, request, &headers, &mime);
	if (request->body)
		http_trace(">", request->body, request->body_len);
	CURLcode code = perform(http->curl, &t);
	if (code == CURLE_OK)
		take_answer(http->curl, request, reply);
	else
		reply->sent = t.starts ? BX_SENT_MAYBE : BX_SENT_NOTHING;
	reply->untrusted = http_untrusted(code);
	curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(http->curl, CURLOPT_MIMEPOST, NULL);
	curl_slist_free_all(headers);
	curl_mime_free(mime);
	return code == CURLE_OK || failed(http->curl, &t, code, err);
}
