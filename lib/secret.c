#include "secret.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <termios.h>
#include "banned.h"

#define LINE_MAX_BYTES 4096
#define REMEMBERED_MAX 64
#define SHORTEST 6

static char *remembered[REMEMBERED_MAX];
static size_t remembered_count;

static void ready(void)
{
	if (sodium_init() < 0)
		abort();
}

void bx_random(void *buf, size_t len)
{
	ready();
	randombytes_buf(buf, len);
}

void bx_hex(char *out, const void *data, size_t len)
{
	sodium_bin2hex(out, len * 2 + 1, data, len);
}

void bx_random_hex(char *out, size_t len)
{
	for (; len; len--, out += 2) {
		uint8_t byte;
		bx_random(&byte, 1);
		bx_hex(out, &byte, 1);
	}
}

bool bx_secret_equal(const char *expected, const char *given)
{
	if (!expected || !given || !*expected)
		return false;
	uint8_t key[crypto_generichash_KEYBYTES], a[32], b[32];
	bx_random(key, sizeof key);
	crypto_generichash(a, sizeof a, (const uint8_t *)expected, strlen(expected), key, sizeof key);
	crypto_generichash(b, sizeof b, (const uint8_t *)given, strlen(given), key, sizeof key);
	return !sodium_memcmp(a, b, sizeof a);
}

void bx_mac(uint8_t mac[BX_MAC_SIZE], const uint8_t key[BX_KEY_SIZE], const void *data, size_t len)
{
	_Static_assert(crypto_auth_hmacsha256_BYTES == BX_MAC_SIZE, "size of the MAC");
	_Static_assert(crypto_auth_hmacsha256_KEYBYTES == BX_KEY_SIZE, "size of the key");
	crypto_auth_hmacsha256(mac, data, len, key);
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
	if (!secret || strlen(secret) < SHORTEST || remembered_count == REMEMBERED_MAX)
		return;
	for (size_t i = 0; i < remembered_count; i++) {
		if (!strcmp(remembered[i], secret))
			return;
	}
	remembered[remembered_count++] = bx_xstrdup(secret);
}

static void replace_all(struct bx_str *text, const char *what, const char *by)
{
	size_t len = strlen(what);
	if (len < SHORTEST)
		return;
	struct bx_str out = BX_STR_INIT(text->max);
	const char *p = text->buf, *hit;
	if (!strstr(p, what))
		return;
	for (; (hit = strstr(p, what)); p = hit + len) {
		bx_str_add(&out, p, (size_t)(hit - p));
		bx_str_puts(&out, by);
	}
	bx_str_puts(&out, p);
	bx_str_release(text);
	*text = out;
}

static void percent(struct bx_str *out, const char *secret)
{
	for (const unsigned char *p = (const unsigned char *)secret; *p; p++) {
		if (strchr("-_.~", *p) || (*p >= '0' && *p <= '9') || ((*p | 32) >= 'a' && (*p | 32) <= 'z'))
			bx_str_putc(out, (char)*p);
		else
			bx_str_printf(out, "%%%02X", *p);
	}
}

static void json_escaped(struct bx_str *out, const char *secret, bool slashes)
{
	for (const char *p = secret; *p; p++) {
		if (*p == '"' || *p == '\\' || (slashes && *p == '/'))
			bx_str_putc(out, '\\');
		bx_str_putc(out, *p);
	}
}

static void redact_one(struct bx_str *text, const char *secret)
{
	auto_str struct bx_str mask = BX_STR_INIT(64), form = BX_STR_INIT(65536);
	bx_mask(&mask, secret);
	replace_all(text, secret, mask.buf);
	percent(&form, secret);
	replace_all(text, form.buf, mask.buf);
	for (int slashes = 0; slashes < 2; slashes++) {
		bx_str_reset(&form);
		json_escaped(&form, secret, slashes);
		replace_all(text, form.buf, mask.buf);
	}
	auto_free char *b64 = bx_xcalloc(1, sodium_base64_ENCODED_LEN(strlen(secret), sodium_base64_VARIANT_ORIGINAL));
	sodium_bin2base64(b64, sodium_base64_ENCODED_LEN(strlen(secret), sodium_base64_VARIANT_ORIGINAL),
		(const uint8_t *)secret, strlen(secret), sodium_base64_VARIANT_ORIGINAL);
	replace_all(text, b64, mask.buf);
}

void bx_redact(struct bx_str *text)
{
	for (size_t i = 0; i < remembered_count; i++)
		redact_one(text, remembered[i]);
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
