#include "secret.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <termios.h>
#include "banned.h"

#define LINE_MAX_BYTES 4096
#define SHORTEST 6

static char **remembered; /* longest first, so that no part of one hides the rest of another */
static size_t remembered_count;

static void ready(void)
{
	if (sodium_init() < 0)
		abort();
}

/* A call for each few bytes would cost more than all else a page needs, so each thread draws them
 * in larger amounts. What was handed out is wiped. */
void bx_random(void *buf, size_t len)
{
	static _Thread_local uint8_t pool[512];
	static _Thread_local size_t left;
	ready();
	if (len > sizeof pool) {
		randombytes_buf(buf, len);
		return;
	}
	if (len > left) {
		randombytes_buf(pool, sizeof pool);
		left = sizeof pool;
	}
	left -= len;
	memcpy(buf, pool + left, len);
	sodium_memzero(pool + left, len);
}

void bx_hex(char *out, const void *data, size_t len)
{
	sodium_bin2hex(out, len * 2 + 1, data, len);
}

void bx_random_hex(char *out, size_t len)
{
	uint8_t bytes[32];
	while (len) {
		size_t now = len < sizeof bytes ? len : sizeof bytes;
		bx_random(bytes, now);
		bx_hex(out, bytes, now);
		out += now * 2;
		len -= now;
	}
	*out = 0;
}

bool bx_secret_equal(const char *expected, const char *given)
{
	if (!expected || !given || !*expected)
		return false;
	size_t len = strlen(given);
	bool alike = strlen(expected) == len;
	return !sodium_memcmp(alike ? expected : given, given, len) && alike;
}

void bx_mac(uint8_t mac[BX_MAC_SIZE], const uint8_t key[BX_KEY_SIZE], const void *data, size_t len)
{
	_Static_assert(crypto_generichash_BYTES == BX_MAC_SIZE, "size of the MAC");
	_Static_assert(crypto_generichash_KEYBYTES == BX_KEY_SIZE, "size of the key");
	ready();
	crypto_generichash(mac, BX_MAC_SIZE, data, len, key, BX_KEY_SIZE);
}

void bx_mask(struct bx_str *out, const char *secret)
{
	size_t shown = strlen(secret) / 4;
	bx_str_add(out, secret, shown > 4 ? 4 : shown);
	bx_str_puts(out, "\u2026");
}

void bx_secret_wipe(void *p, size_t len)
{
	sodium_memzero(p, len);
}

void bx_secret_remember(const char *secret)
{
	if (!secret || strlen(secret) < SHORTEST)
		return;
	size_t len = strlen(secret), at = 0;
	for (; at < remembered_count && strlen(remembered[at]) >= len; at++) {
		if (!strcmp(remembered[at], secret))
			return;
	}
	remembered = bx_xrealloc(remembered, (remembered_count + 1) * sizeof *remembered);
	memmove(remembered + at + 1, remembered + at, (remembered_count - at) * sizeof *remembered);
	remembered[at] = bx_xstrdup(secret);
	remembered_count++;
}

void bx_secret_forget(const char *secret)
{
	for (size_t i = 0; i < remembered_count; i++) {
		if (strcmp(remembered[i], secret) != 0)
			continue;
		bx_secret_wipe(remembered[i], strlen(remembered[i]));
		free(remembered[i]);
		memmove(remembered + i, remembered + i + 1, (--remembered_count - i) * sizeof *remembered);
		return;
	}
}

/* The length of p's beginning that says secret, however each byte of it is written; 0: it does not. */
typedef size_t match_fn(const char *p, const char *secret);

static void replace_all(struct bx_str *text, const char *secret, match_fn *match, const char *by)
{
	struct bx_str out = BX_STR_INIT(text->max);
	const char *copied = text->buf;
	for (const char *p = text->buf; *p;) {
		size_t len = match(p, secret);
		if (len) {
			bx_str_add(&out, copied, (size_t)(p - copied));
			bx_str_puts(&out, by);
			copied = p + len;
		}
		p += len ? len : 1;
	}
	if (copied == text->buf)
		return;
	bx_str_puts(&out, copied);
	bx_str_release(text);
	*text = out;
}

static size_t match_plain(const char *p, const char *secret)
{
	size_t len = strlen(secret);
	return strncmp(p, secret, len) ? 0 : len;
}

static int hex_value(const char *p, int digits)
{
	int value = 0;
	for (int i = 0; i < digits; i++) {
		const char *all = "0123456789abcdef", *at = p[i] ? strchr(all, p[i] | 32) : NULL;
		if (!at)
			return -1;
		value = value << 4 | (int)(at - all);
	}
	return value;
}

/* The code point that begins at p, and how many bytes it has; a stray byte stands for itself. */
static int code_point(const unsigned char *p, size_t *len)
{
	*len = *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : *p >= 0xc0 ? 2 : 1;
	int point = *len == 1 ? *p : *p & (0x7f >> *len);
	for (size_t i = 1; i < *len; i++) {
		if ((p[i] & 0xc0) != 0x80) {
			*len = 1;
			return *p;
		}
		point = point << 6 | (p[i] & 0x3f);
	}
	return point;
}

/* One code point as JSON escapes it: the length of the escape, or 0. */
static size_t match_json(const char *p, int point)
{
	static const char letters[] = "\"\\/\b\f\n\r\t", escapes[] = "\"\\/bfnrt";
	if (*p != '\\' || !p[1])
		return 0;
	const char *at = point < 0x80 && point ? strchr(letters, point) : NULL;
	if (at && p[1] == escapes[at - letters])
		return 2;
	int unit = p[1] == 'u' ? hex_value(p + 2, 4) : -1;
	if (unit == point)
		return 6;
	if (unit < 0xd800 || unit > 0xdbff || p[6] != '\\' || p[7] != 'u')
		return 0;
	return 0x10000 + ((unit - 0xd800) << 10) + hex_value(p + 8, 4) - 0xdc00 == point ? 12 : 0;
}

static size_t match_byte(const char *p, char byte)
{
	if (*p == '%' && hex_value(p + 1, 2) == (unsigned char)byte)
		return 3;
	return *p && (*p == byte || (*p == '+' && byte == ' '));
}

/* Percent-encoded, JSON-escaped, or a mixture of both. */
static size_t match_written(const char *p, const char *secret)
{
	const char *from = p;
	while (*secret) {
		size_t wide, len;
		int point = code_point((const unsigned char *)secret, &wide);
		if ((len = match_json(p, point))) {
			secret += wide;
			p += len;
		} else if ((len = match_byte(p, *secret))) {
			secret++;
			p += len;
		} else {
			return 0;
		}
	}
	return (size_t)(p - from);
}

/* The digits of base64 that do not depend on what stands before and behind the secret, when it
 * begins `before` bytes after a multiple of three. The caller frees. */
static char *base64_core(const char *secret, size_t before, int variant)
{
	size_t len = strlen(secret) + before, room = sodium_base64_encoded_len(len, variant);
	auto_free char *bytes = bx_xcalloc(1, len + 1);
	memcpy(bytes + before, secret, len - before);
	char *text = bx_xcalloc(1, room);
	sodium_bin2base64(text, room, (const uint8_t *)bytes, len, variant);
	size_t first = (before * 8 + 5) / 6, end = len * 8 / 6;
	memmove(text, text + first, end - first);
	text[end - first] = 0;
	return text;
}

static void redact_base64(struct bx_str *text, const char *secret, const char *mask)
{
	static const int variants[] = {sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_URLSAFE};
	for (size_t i = 0; i < BX_COUNT(variants) * 3; i++) {
		auto_free char *core = base64_core(secret, i % 3, variants[i / 3]);
		if (strlen(core) >= SHORTEST && strstr(text->buf, core))
			replace_all(text, core, match_plain, mask);
	}
}

void bx_redact_one(struct bx_str *text, const char *secret)
{
	auto_str struct bx_str mask = BX_STR_INIT(64);
	if (strlen(secret) < SHORTEST)
		return;
	bx_mask(&mask, secret);
	if (strstr(text->buf, secret))
		replace_all(text, secret, match_plain, mask.buf);
	replace_all(text, secret, match_written, mask.buf);
	redact_base64(text, secret, mask.buf);
}

void bx_redact(struct bx_str *text)
{
	for (size_t i = 0; i < remembered_count; i++)
		bx_redact_one(text, remembered[i]);
}

static bool echo_off(int fd, struct termios *was)
{
	if (!isatty(fd) || tcgetattr(fd, was))
		return false;
	struct termios quiet = *was;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(fd, TCSAFLUSH, &quiet);
	return true;
}

/* Byte by byte, so that what follows the line stays for whoever reads fd next. */
static bool read_line(int fd, struct bx_str *line, struct bx_err *err)
{
	for (;;) {
		char c;
		ssize_t got = read(fd, &c, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return bx_fail_errno(err, "reading the secret");
		if (got == 0 || c == '\n')
			return true;
		if (c != '\r' && !bx_str_putc(line, c))
			return bx_fail(err, BX_USAGE, "", "the secret is longer than %d bytes", LINE_MAX_BYTES);
	}
}

char *bx_secret_read(int fd, const char *prompt, struct bx_err *err)
{
	auto_str struct bx_str line = BX_STR_INIT(LINE_MAX_BYTES);
	struct termios was;
	bool quiet = echo_off(fd, &was);
	if (quiet)
		fprintf(stderr, "%s: ", prompt);
	bool ok = read_line(fd, &line, err);
	if (quiet) {
		tcsetattr(fd, TCSAFLUSH, &was);
		fputc('\n', stderr);
	}
	if (!ok)
		return NULL;
	if (!line.len) {
		bx_fail(err, BX_USAGE, "", "%s: nothing was given", prompt);
		return NULL;
	}
	return bx_str_take(&line);
}
