#include "secret.h"

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <termios.h>
#include "auto.h"
#include "banned.h"

#define LINE_MAX_BYTES 4096
#define ASK_MS	       300

/* The library takes a lock to find out that it is ready. */
static void ready(void)
{
	static _Thread_local bool is;
	if (!is && sodium_init() < 0)
		abort();
	is = true;
}

/* The system's randomness is slow by the byte, so each thread stretches a seed of it (ChaCha20). The
 * seed and what was handed out are wiped. */
static void fill(uint8_t *pool, size_t size)
{
	uint8_t seed[randombytes_SEEDBYTES];
	randombytes_buf(seed, sizeof seed);
	randombytes_buf_deterministic(pool, size, seed);
	sodium_memzero(seed, sizeof seed);
}

void bx_random(void *buf, size_t len)
{
	static _Thread_local uint8_t pool[1024];
	static _Thread_local size_t left;
	ready();
	if (len > sizeof pool) {
		randombytes_buf(buf, len);
		return;
	}
	if (len > left) {
		fill(pool, sizeof pool);
		left = sizeof pool;
	}
	left -= len;
	memcpy(buf, pool + left, len);
	sodium_memzero(pool + left, len);
}

/* The digits of four bytes at once; without a branch or a look into a table, since they may be a
 * secret's. */
static uint64_t digits(const void *four)
{
	const uint64_t ones = 0x0101010101010101;
	uint32_t bytes;
	memcpy(&bytes, four, sizeof bytes);
	uint64_t n = le32toh(bytes);
	n = (n | n << 16) & 0x0000ffff0000ffff;
	n = (n | n << 8) & 0x00ff00ff00ff00ff;
	n = ((n >> 4) & 0x0f * ones) | (n & 0x0f * ones) << 8;
	return htole64(n + '0' * ones + ((n + 6 * ones) >> 4 & ones) * ('a' - '0' - 10));
}

void bx_hex(char *out, const void *data, size_t len)
{
	const uint8_t *bytes = data;
	uint8_t last[4] = {0};
	uint64_t eight;
	for (; len >= sizeof last; bytes += 4, out += 8, len -= 4) {
		eight = digits(bytes);
		memcpy(out, &eight, sizeof eight);
	}
	out[2 * len] = 0;
	if (!len)
		return;
	memcpy(last, bytes, len);
	eight = digits(last);
	memcpy(out, &eight, 2 * len);
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

/* Most secrets are 32 bytes long, for which there is a faster way than byte by byte. */
static bool same(const uint8_t *a, const uint8_t *b, size_t len)
{
	int unlike = 0;
	for (; len >= crypto_verify_32_BYTES; a += crypto_verify_32_BYTES, b += crypto_verify_32_BYTES) {
		unlike |= crypto_verify_32(a, b);
		len -= crypto_verify_32_BYTES;
	}
	return !(unlike | sodium_memcmp(a, b, len));
}

bool bx_secret_equal(const char *expected, const char *given)
{
	if (!expected || !given || !*expected)
		return false;
	size_t len = strlen(given);
	bool alike = strlen(expected) == len;
	return same((const uint8_t *)(alike ? expected : given), (const uint8_t *)given, len) && alike;
}

void bx_mac(uint8_t mac[BX_MAC_SIZE], const uint8_t key[BX_KEY_SIZE], const void *data, size_t len)
{
	_Static_assert(crypto_generichash_BYTES == BX_MAC_SIZE, "size of the MAC");
	_Static_assert(crypto_generichash_KEYBYTES == BX_KEY_SIZE, "size of the key");
	ready();
	crypto_generichash(mac, BX_MAC_SIZE, data, len, key, BX_KEY_SIZE);
}

void bx_hash(uint8_t hash[BX_MAC_SIZE], const void *data, size_t len)
{
	ready();
	crypto_generichash(hash, BX_MAC_SIZE, data, len, NULL, 0);
}

void bx_name(uint8_t name[BX_NAME_SIZE], const uint8_t key[BX_NAME_KEY_SIZE], const void *data, size_t len)
{
	_Static_assert(crypto_shorthash_BYTES == BX_NAME_SIZE, "size of the name");
	_Static_assert(crypto_shorthash_KEYBYTES == BX_NAME_KEY_SIZE, "size of its key");
	ready();
	crypto_shorthash(name, data, len, key);
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

/* The terminal as it was while a secret is typed, for a signal that ends us in the midst. */
static struct {
	int fd;
	struct termios was;
	struct sigaction before[3];
} quiet;

static const int ends[3] = {SIGINT, SIGTERM, SIGHUP};

static void echo_on(void)
{
	tcsetattr(quiet.fd, TCSAFLUSH, &quiet.was);
	for (size_t i = 0; i < BX_COUNT(ends); i++)
		sigaction(ends[i], quiet.before + i, NULL);
}

static void on_end(int signo)
{
	echo_on();
	raise(signo);
}

static bool echo_off(int fd)
{
	struct sigaction ending = {.sa_handler = on_end};
	if (!isatty(fd) || tcgetattr(fd, &quiet.was))
		return false;
	struct termios silent = quiet.was;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	quiet.fd = fd;
	for (size_t i = 0; i < BX_COUNT(ends); i++)
		sigaction(ends[i], &ending, quiet.before + i);
	tcsetattr(fd, TCSAFLUSH, &silent);
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

static bool wait_for(int fd, bool (*go_on)(void *arg), void *arg)
{
	struct pollfd on = {.fd = fd, .events = POLLIN};
	while (go_on && poll(&on, 1, ASK_MS) <= 0)
		if (!go_on(arg))
			return false;
	return true;
}

char *bx_secret_read_while(int fd, const char *prompt, bool (*go_on)(void *arg), void *arg, struct bx_err *err)
{
	auto_str struct bx_str line = BX_STR_INIT(LINE_MAX_BYTES);
	bool asked = echo_off(fd);
	if (asked)
		fprintf(stderr, "%s: ", prompt);
	bool ok = wait_for(fd, go_on, arg) && read_line(fd, &line, err);
	if (asked) {
		echo_on();
		fputc('\n', stderr);
	}
	return ok ? bx_str_take(&line) : NULL;
}

char *bx_secret_read(int fd, const char *prompt, struct bx_err *err)
{
	char *line = bx_secret_read_while(fd, prompt, NULL, NULL, err);
	if (!line || *line)
		return line;
	free(line);
	bx_fail(err, BX_USAGE, "", "%s: nothing was given", prompt);
	return NULL;
}
