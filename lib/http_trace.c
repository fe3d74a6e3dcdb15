/* What -v shows of requests and answers. */
#include "http_impl.h"

#include <strings.h>
#include "log.h"
#include "secret.h"
#include "banned.h"

#define TRACE_MAX 4000

void http_trace(const char *mark, const char *text, size_t len)
{
	if (!bx_log_wants(BX_LOG_TRACE) || !len)
		return;
	/* Masked before it is cut, so that no part of a secret is left over. */
	auto_str struct bx_str line = BX_STR_INIT(SIZE_MAX / 4);
	bx_str_add(&line, text, len);
	bx_redact(&line);
	bool cut = line.len > TRACE_MAX;
	bx_log(BX_LOG_TRACE, "%s %.*s%s", mark, cut ? TRACE_MAX : (int)line.len, line.buf,
		cut ? "..." : "");
}

/* Some headers hold what is secret of others, as a proxy's password. */
static void trace_header(const char *mark, const char *line, size_t len)
{
	static const char *const hidden[] = {"Authorization:", "Proxy-Authorization:", "Cookie:", "Set-Cookie:"};
	while (len && strchr("\r\n", line[len - 1]))
		len--;
	for (size_t i = 0; i < BX_COUNT(hidden); i++) {
		size_t name = strlen(hidden[i]);
		if (len > name && !strncasecmp(line, hidden[i], name)) {
			bx_log(BX_LOG_TRACE, "%s %s (not shown)", mark, hidden[i]);
			return;
		}
	}
	http_trace(mark, line, len);
}

int http_debug(CURL *curl, curl_infotype type, char *data, size_t len, void *arg)
{
	(void)curl, (void)arg;
	if (type == CURLINFO_HEADER_IN)
		trace_header("<", data, len);
	for (char *line = data, *end; type == CURLINFO_HEADER_OUT && line < data + len; line = end) {
		end = memchr(line, '\n', (size_t)(data + len - line));
		end = end ? end + 1 : data + len;
		trace_header(">", line, (size_t)(end - line));
	}
	return 0;
}
