#include "log.h"

#include <stdint.h>
#include <string.h>
#include "secret.h"
#include "banned.h"

static const char *log_tag = "bx";
static enum bx_log_level log_level = BX_LOG_INFO;

void bx_log_setup(const char *tag, enum bx_log_level level)
{
	log_tag = tag;
	log_level = level;
}

bool bx_log_wants(enum bx_log_level level)
{
	return level <= log_level;
}

/* Length of the UTF-8 sequence at p, which ends in a NUL, and what it stands for; 0: it is none. */
static size_t letter(const unsigned char *p, uint32_t *stands_for)
{
	*stands_for = *p;
	if (*p < 0x80)
		return 1;
	size_t len = *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : 2;
	uint32_t point = *p & (0xffu >> (len + 1));
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	if (*p < 0xc2 || *p > 0xf4)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (p[i] & 0x3f);
	}
	*stands_for = point;
	return point >= least[len] && point <= 0x10ffff && (point & 0xfffff800u) != 0xd800 ? len : 0;
}

bool bx_is_utf8(const char *text)
{
	uint32_t point;
	size_t len = 1;
	for (const unsigned char *p = (const unsigned char *)text; *p && len; p += len)
		len = letter(p, &point);
	return len;
}

/* Length of a printable UTF-8 sequence at p, or 0 when the byte has to be escaped. */
static size_t printable(const unsigned char *p)
{
	uint32_t point;
	size_t len = letter(p, &point);
	return point >= 0x20 && point != 0x7f && (point < 0x80 || point >= 0xa0) ? len : 0;
}

void bx_escape(struct bx_str *out, const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p;) {
		size_t len = printable(p);
		if (len)
			bx_str_add(out, p, len);
		else
			bx_str_printf(out, "\\x%02x", *p);
		p += len ? len : 1;
	}
}

#define RAW_MAX	 (1024 * 1024)
#define LINE_MAX_BYTES 16384

/* Secrets go first: a cut could leave half of one that nobody recognises. */
static void log_text(struct bx_str *line, struct bx_str *raw)
{
	bx_str_printf(line, "%s: ", log_tag);
	bx_redact(raw);
	bool cut = raw->len > LINE_MAX_BYTES;
	if (cut)
		raw->buf[LINE_MAX_BYTES] = 0;
	bx_escape(line, raw->buf);
	bx_str_puts(line, cut ? "\u2026\n" : "\n");
}

void bx_log(enum bx_log_level level, const char *fmt, ...)
{
	if (!bx_log_wants(level))
		return;
	auto_str struct bx_str raw = BX_STR_INIT(RAW_MAX), line = BX_STR_INIT(5 * LINE_MAX_BYTES);
	va_list ap;
	va_start(ap, fmt);
	bx_str_vprintf(&raw, fmt, ap);
	va_end(ap);
	bool over = raw.over;
	if (over)
		bx_str_reset(&raw);
	bx_str_puts(&raw, over ? "(a line of more than 1 MiB)" : "");
	log_text(&line, &raw);
	ssize_t done = write(STDERR_FILENO, line.buf, line.len);
	(void)done;
}
