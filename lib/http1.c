#include "http1.h"

#include <string.h>
#include <strings.h>
#include "str.h"
#include "eight.h"
#include "banned.h"

#define LINE_MAX_BYTES	  1024 /* of a chunk's size with its extensions */
#define TRAILER_MAX_BYTES 8192
#define LENGTH_DIGITS	  18
#define CHUNK_DIGITS	  15

enum bx_http1 bx_head_end(const char *data, size_t len, size_t *line, size_t *size)
{
	const char *feed;
	while ((feed = memchr(data + *line, '\n', len - *line))) {
		size_t at = (size_t)(feed - data);
		if (at == *line || feed[-1] != '\r')
			return BX_HTTP1_BAD;
		*size = at + 1;
		if (at == *line + 1)
			return BX_HTTP1_DONE;
		*line = at + 1;
	}
	return BX_HTTP1_MORE;
}

/* A character of a name (RFC 9110, 5.6.2). */
static bool token_char(unsigned char c)
{
	static const uint32_t set[8] = {0x00000000, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff};
	return set[c >> 5] >> (c & 31) & 1;
}

/* Behind the name that text begins with; something ends it that is no part of one. */
static char *token_end(char *text)
{
	while (token_char((unsigned char)*text))
		text++;
	return text;
}

/* Of eight bytes at once, that none is below least or a rubout; false may be wrong. */
static bool plain_eight(const char *text, unsigned char least)
{
	uint64_t eight;
	memcpy(&eight, text, sizeof eight);
	return !(bx_eight_below(eight, least) | bx_eight_below(eight ^ BX_EIGHT_TIMES(0x7f), 1));
}

static bool is_text(const char *from, const char *to)
{
	bool good = true;
	while (to - from >= 8 && plain_eight(from, ' '))
		from += 8;
	for (; from < to; from++)
		good &= ((unsigned char)*from >= ' ' || *from == '\t') && *from != 0x7f;
	return good;
}

/* The same without white space. */
static bool is_target(const char *from, const char *to)
{
	bool good = true;
	while (to - from >= 8 && plain_eight(from, '!'))
		from += 8;
	for (; from < to; from++)
		good &= (unsigned char)*from > ' ' && *from != 0x7f;
	return good;
}

/* METHOD SP TARGET SP HTTP/1.x */
static bool read_line(struct bx_head *head, char *text, char *end)
{
	char *space = token_end(text), *target = space + 1;
	if (space == text || *space != ' ' || end - target < 10)
		return false;
	char *last = end - 9;
	if (!is_target(target, last) || memcmp(last, " HTTP/1.", 8) != 0 || (end[-1] != '0' && end[-1] != '1'))
		return false;
	*space = *last = 0;
	head->method = text;
	head->target = target;
	head->http11 = head->keep = end[-1] == '1';
	return true;
}

static bool read_length(struct bx_head *head, const char *text)
{
	size_t digits = strspn(text, "0123456789");
	if (!digits || digits > LENGTH_DIGITS || text[digits])
		return false;
	head->length = 0;
	for (; *text; text++)
		head->length = head->length * 10 + (uint64_t)(*text - '0');
	return true;
}

/* An element of a comma-separated list, in any case. */
static bool listed(const char *list, const char *word)
{
	size_t len = strlen(word);
	while (*list) {
		list += strspn(list, " \t,");
		size_t element = strcspn(list, " \t,");
		if (element == len && !strncasecmp(list, word, len))
			return true;
		list += element;
	}
	return false;
}

struct counts {
	int hosts, lengths, encodings, closes;
};

/* What a header says about the message itself. False: nobody can tell where the message ends. */
static bool heed(struct bx_head *head, struct counts *counts, const char *name, size_t len, const char *value)
{
	switch (len) {
	case sizeof "Host" - 1:
		if (strcasecmp(name, "Host") != 0)
			break;
		counts->hosts++;
		return !value[strcspn(value, " \t,/?#@\\")];
	case sizeof "Transfer-Encoding" - 1:
		if (strcasecmp(name, "Transfer-Encoding") != 0)
			break;
		head->chunked = true;
		return ++counts->encodings == 1 && head->http11 && !strcasecmp(value, "chunked");
	case sizeof "Expect" - 1:
		if (!strcasecmp(name, "Expect"))
			head->go_on = head->http11 && !strcasecmp(value, "100-continue");
		break;
	case sizeof "Content-Length" - 1:
		return strcasecmp(name, "Content-Length") != 0 ||
		       (++counts->lengths == 1 && read_length(head, value));
	case sizeof "Connection" - 1:
		if (strcasecmp(name, "Connection") != 0)
			break;
		counts->closes += listed(value, "close");
		head->keep = !counts->closes && (head->keep || listed(value, "keep-alive"));
		break;
	}
	return true;
}

/* Takes the line apart to out, which lies before it or where it begins; the end of what was
 * written, or NULL. */
static char *read_field(struct bx_head *head, struct counts *counts, char *out, char *line, char *end)
{
	char *colon = token_end(line);
	if (colon == line || *colon != ':' || !is_text(colon + 1, end))
		return NULL;
	char *value = colon + 1;
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (value < end && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	size_t name_len = (size_t)(colon - line), value_len = (size_t)(end - value);
	memmove(out, line, name_len);
	out[name_len] = 0;
	memmove(out + name_len + 1, value, value_len);
	out[name_len + 1 + value_len] = 0;
	return heed(head, counts, out, name_len, out + name_len + 1) ? out + name_len + value_len + 2 : NULL;
}

bool bx_head_read(struct bx_head *head, char *text, size_t len)
{
	struct counts counts = {0};
	char *end = text + len - 2, *line = memchr(text, '\r', len), *out = line;
	*head = (struct bx_head){.fields = out};
	if (line[1] != '\n' || !read_line(head, text, line))
		return false;
	for (line += 2; out && line < end;) {
		char *feed = memchr(line, '\n', (size_t)(end - line));
		out = read_field(head, &counts, out, line, feed - 1);
		line = feed + 1;
	}
	head->fields_end = out;
	return out && counts.hosts <= 1 && (counts.hosts || !head->http11) &&
	       counts.lengths + counts.encodings <= 1;
}

/* The value of the next header of that name from *p on, which moves behind it; NULL: none. */
static const char *next_of(const struct bx_head *head, const char *name, const char **p)
{
	while (*p < head->fields_end) {
		const char *here = *p, *value = here + strlen(here) + 1;
		*p = value + strlen(value) + 1;
		if (!strcasecmp(here, name))
			return value;
	}
	return NULL;
}

const char *bx_head_get(const struct bx_head *head, const char *name)
{
	const char *p = head->fields;
	return next_of(head, name, &p);
}

bool bx_head_lists(const struct bx_head *head, const char *name, const char *word)
{
	const char *p = head->fields, *list = NULL;
	do
		list = next_of(head, name, &p);
	while (list && !listed(list, word));
	return list != NULL;
}

/* Measures the line, with its end, that data begins with. */
static enum bx_http1 whole_line(const char *data, size_t len, size_t *size)
{
	const char *feed = memchr(data, '\n', len < LINE_MAX_BYTES ? len : LINE_MAX_BYTES);
	if (!feed)
		return len < LINE_MAX_BYTES ? BX_HTTP1_MORE : BX_HTTP1_BAD;
	*size = (size_t)(feed - data) + 1;
	return *size > 1 && feed[-1] == '\r' && is_text(data, feed - 1) ? BX_HTTP1_DONE : BX_HTTP1_BAD;
}

/* Hexadecimal digits, then perhaps extensions, which mean nothing here. */
static bool read_size(struct bx_chunks *chunks, const char *line)
{
	size_t digits = strspn(line, "0123456789abcdefABCDEF");
	const char *rest = line + digits + strspn(line + digits, " \t");
	if (!digits || digits > CHUNK_DIGITS || (*rest != ';' && *rest != '\r'))
		return false;
	chunks->left = strtoull(line, NULL, 16);
	chunks->at = chunks->left ? BX_CHUNK_DATA : BX_CHUNK_TRAILER;
	return true;
}

/* One step; *used is how far it came. MORE: nothing can be done before there is more. */
static enum bx_http1 chunk_step(struct bx_chunks *chunks, const char *data, size_t len, size_t *used,
	struct bx_str *body)
{
	size_t size = 0;
	if (chunks->at == BX_CHUNK_DATA) {
		size = chunks->left < len ? (size_t)chunks->left : len;
		*used = size;
		chunks->left -= size;
		chunks->at = chunks->left ? BX_CHUNK_DATA : BX_CHUNK_END;
		return bx_str_add(body, data, size) ? BX_HTTP1_DONE : BX_HTTP1_BAD;
	}
	enum bx_http1 line = whole_line(data, len, &size);
	if (line != BX_HTTP1_DONE)
		return line;
	*used = size;
	if (chunks->at == BX_CHUNK_SIZE)
		return read_size(chunks, data) ? BX_HTTP1_DONE : BX_HTTP1_BAD;
	if (chunks->at == BX_CHUNK_END) {
		chunks->at = BX_CHUNK_SIZE;
		return size == 2 ? BX_HTTP1_DONE : BX_HTTP1_BAD;
	}
	chunks->trailer += size;
	return chunks->trailer <= TRAILER_MAX_BYTES ? BX_HTTP1_DONE : BX_HTTP1_BAD;
}

enum bx_http1 bx_chunks_read(struct bx_chunks *chunks, const char *data, size_t len, size_t *used,
	struct bx_str *body)
{
	enum bx_http1 state = BX_HTTP1_DONE;
	for (*used = 0; state == BX_HTTP1_DONE && *used < len;) {
		bool trailer = chunks->at == BX_CHUNK_TRAILER;
		size_t step = 0;
		state = chunk_step(chunks, data + *used, len - *used, &step, body);
		*used += step;
		if (trailer && step == 2 && state == BX_HTTP1_DONE)
			return BX_HTTP1_DONE;
	}
	return state == BX_HTTP1_DONE ? BX_HTTP1_MORE : state;
}

const char *bx_http1_reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} rows[] = {
		{101, "Switching Protocols"}, {200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"},
		{301, "Moved Permanently"}, {302, "Found"}, {303, "See Other"}, {304, "Not Modified"},
		{307, "Temporary Redirect"}, {308, "Permanent Redirect"}, {400, "Bad Request"},
		{401, "Unauthorized"}, {402, "Payment Required"}, {403, "Forbidden"}, {404, "Not Found"},
		{405, "Method Not Allowed"}, {408, "Request Timeout"}, {409, "Conflict"}, {410, "Gone"},
		{413, "Content Too Large"}, {415, "Unsupported Media Type"},
		{422, "Unprocessable Content"}, {426, "Upgrade Required"}, {429, "Too Many Requests"},
		{431, "Request Header Fields Too Large"}, {500, "Internal Server Error"},
		{501, "Not Implemented"}, {502, "Bad Gateway"}, {503, "Service Unavailable"},
		{504, "Gateway Timeout"},
	};
	for (size_t i = 0; i < BX_COUNT(rows); i++)
		if (rows[i].status == status)
			return rows[i].reason;
	return status < 400 ? "Done" : "Refused";
}
