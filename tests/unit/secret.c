/* Secrets: random, compared, masked, redacted in every form, read without a trace. */
#include <fcntl.h>
#include "secret.h"
#include "check.h"

static void redacts(const char *text, const char *secret_part, const char *what)
{
	auto_str struct bx_str out = BX_STR_INIT(65536);
	bx_str_puts(&out, text);
	bx_redact(&out);
	if (!CHECK(!strstr(out.buf, secret_part), what))
		printf("# %s\n", out.buf);
}

static void leaves(const char *text, const char *what)
{
	auto_str struct bx_str out = BX_STR_INIT(65536);
	bx_str_puts(&out, text);
	bx_redact(&out);
	CHECK_STR(out.buf, text, what);
}

static void check_forms(void)
{
	bx_secret_remember("pa\"ss/w\\rd+\n\u00e9=&");
	redacts("x pa\"ss/w\\rd+\n\u00e9=& y", "ss/w", "plain");
	redacts("pa%22ss%2Fw%5Crd%2B%0A%C3%A9%3D%26", "ss%2Fw", "percent-encoded");
	redacts("pa%22ss%2fw%5crd%2b%0a%c3%a9%3d%26", "ss%2fw", "in lower case");
	redacts("pa%22ss/w%5Crd+%0A%C3%A9=&", "ss/w", "as a browser writes it in a path");
	redacts("{\"a\":\"pa\\\"ss/w\\\\rd+\\n\u00e9=&\"}", "ss/w", "in JSON");
	redacts("{\"a\":\"pa\\\"ss\\/w\\\\rd+\\n\u00e9=&\"}", "ss\\/w", "in JSON with escaped slashes");
	redacts("{\"a\":\"pa\\\"ss\\/w\\\\rd+\\n\\u00e9=&\"}", "ss\\/w", "in JSON of ASCII alone");
	redacts("see %70a%22ss/w%5Crd+%0A%C3%A9=&", "ss/w", "percent-encoded from its first byte on");
	redacts("see \\u0070a\\\"ss/w\\\\rd+\\n\u00e9=&", "ss/w", "and so in JSON");
	bx_secret_remember("Aladdin:open sesame?>~");
	redacts("QWxhZGRpbjpvcGVuIHNlc2FtZT8+fg==", "pbjpvcGVuIHNlc2", "in base64");
	redacts("QWxhZGRpbjpvcGVuIHNlc2FtZT8-fg", "pbjpvcGVuIHNlc2", "in base64 of addresses");
	redacts("Basic dXNlcjpBbGFkZGluOm9wZW4gc2VzYW1lPz5+", "BbGFkZGluOm9wZW4gc2VzYW1lPz5",
		"behind a name");
	redacts("Basic eHVzZXI6QWxhZGRpbjpvcGVuIHNlc2FtZT8+fnp6", "QWxhZGRpbjpvcGVuIHNlc2FtZT8",
		"in the midst");
	redacts("Basic dXg6QWxhZGRpbjpvcGVuIHNlc2FtZT8+fnl5", "hZGRpbjpvcGVuIHNlc2FtZT8", "at any place");
	redacts("open+sesame: Aladdin%3Aopen+sesame%3F%3E%7E", "Aladdin%3Aopen+sesame", "blanks as plus");
}

static void check_one(void)
{
	static const char *const said[] = {"x= open me&y", "x=+open+me&y", "x=%20open%20me&y", "x=IG9wZW4gbWU=&y"};
	for (size_t i = 0; i < BX_COUNT(said); i++) {
		auto_str struct bx_str out = BX_STR_INIT(65536);
		bx_str_puts(&out, said[i]);
		bx_redact_one(&out, " open me");
		CHECK(!strstr(out.buf, "pen") && !strstr(out.buf, "9wZW4") && strstr(out.buf, "y"), said[i]);
	}
}

static void check_several(void)
{
	bx_secret_remember("abcdefgh");
	bx_secret_remember("abcdefghijklmnop");
	redacts("x=abcdefghijklmnop", "ijkl", "a secret that begins with another is masked whole");
	redacts("abcdefgh abcdefgh", "cdefgh", "every time it occurs");
	bx_secret_remember("short");
	leaves("a short text", "short words are not secrets");
	bx_secret_remember(NULL);
	bx_secret_remember("");
	leaves("nothing", "nor is nothing");
	char name[32];
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof name, "token-%05d-token", i);
		bx_secret_remember(name);
	}
	redacts("auth=token-00299-token", "0299", "however many there are");
	redacts("auth=token-00000-token", "0000", "and however long ago");
}

static void check_data(void)
{
	auto_free char *brief = bx_redact_data(bx_xstrdup("{\"a\":\"abcdefgh\"}"));
	CHECK_STR(brief, "{\"a\":\"abcdefgh\"}", "data is not changed for a short secret");
	auto_free char *masked = bx_redact_data(bx_xstrdup("{\"a\":\"abcdefghijklmnop\"}"));
	CHECK_STR(masked, "{\"a\":\"abcd\u2026\"}", "but for a long one");
	bx_secret_forget("abcdefghijklmnop");
	bx_secret_forget("abcdefgh");
	auto_free char *left = bx_redact_data(bx_xstrdup("{\"a\":\"abcdefghijklmnop\"}"));
	CHECK_STR(left, "{\"a\":\"abcdefghijklmnop\"}", "and not for one that was forgotten");
}

static void masks(const char *secret, const char *want)
{
	auto_str struct bx_str out = BX_STR_INIT(100);
	bx_mask(&out, secret);
	CHECK_STR(out.buf, want, "at most a quarter is shown");
}

static void check_equal(void)
{
	CHECK(bx_secret_equal("abc", "abc"), "the same");
	CHECK(!bx_secret_equal("abc", "abd") && !bx_secret_equal("abc", "ab") && !bx_secret_equal("abc", "abcd"),
		"not the same");
	char one[80], two[80];
	for (size_t len = 1; len < sizeof one; len++) {
		memset(one, 'x', len);
		one[len] = 0;
		memcpy(two, one, len + 1);
		CHECK(bx_secret_equal(one, two), "the same, however long");
		two[len - 1] = 'y';
		CHECK(!bx_secret_equal(one, two), "another in its last byte");
		memcpy(two, one, len);
		two[len / 3] = 'y';
		CHECK(!bx_secret_equal(one, two), "or before it");
	}
	CHECK(!bx_secret_equal("", "") && !bx_secret_equal(NULL, NULL) && !bx_secret_equal("a", NULL) &&
		      !bx_secret_equal(NULL, "a"),
		"nothing equals nothing");
}

/* However many bytes, at whatever place of four. */
static void check_hex(void)
{
	uint8_t bytes[256];
	char got[2 * sizeof bytes + 1], want[2 * sizeof bytes + 1];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)i;
	for (size_t from = 0; from < 8; from++) {
		for (size_t i = from; i < sizeof bytes; i++)
			snprintf(want + 2 * (i - from), 3, "%02x", bytes[i]);
		bx_hex(got, bytes + from, sizeof bytes - from);
		CHECK_STR(got, want, "all bytes in hex");
	}
	bx_hex(got, bytes, 0);
	CHECK_STR(got, "", "no bytes in hex");
}

static void check_name(const uint8_t *key)
{
	uint8_t one[BX_NAME_SIZE], two[BX_NAME_SIZE];
	bx_name(one, key, "x", 1);
	bx_name(two, key, "x", 1);
	CHECK(!memcmp(one, two, sizeof one), "a name is the same for the same");
	bx_name(two, key, "y", 1);
	CHECK(memcmp(one, two, sizeof one) != 0, "and another for another");
}

static void check_random(void)
{
	char a[33], b[33];
	bx_random_hex(a, 16);
	bx_random_hex(b, 16);
	CHECK(strlen(a) == 32 && strspn(a, "0123456789abcdef") == 32, "random bytes in hex");
	CHECK(strcmp(a, b) != 0, "differ");
	char hex[7];
	bx_hex(hex, "\x00\xab\x7f", 3);
	CHECK_STR(hex, "00ab7f", "bytes in hex");
	check_hex();
	uint8_t key[BX_KEY_SIZE] = {0}, one[BX_MAC_SIZE], two[BX_MAC_SIZE];
	bx_mac(one, key, "x", 1);
	bx_mac(two, key, "x", 1);
	CHECK(!memcmp(one, two, sizeof one), "a MAC is the same for the same");
	bx_mac(two, key, "y", 1);
	CHECK(memcmp(one, two, sizeof one) != 0, "and another for another");
	check_name(key);
	key[0] = 1;
	bx_mac(two, key, "x", 1);
	CHECK(memcmp(one, two, sizeof one) != 0, "or another key");
	char wiped[8] = "secret";
	bx_secret_wipe(wiped, sizeof wiped);
	CHECK(!memcmp(wiped, "\0\0\0\0\0\0\0\0", 8), "wiped is gone");
}

static int with(const char *text, size_t len)
{
	int ends[2];
	if (pipe(ends) || write(ends[1], text, len) != (ssize_t)len)
		perror("pipe");
	close(ends[1]);
	return ends[0];
}

static void check_read(void)
{
	struct bx_err err = {0};
	auto_fd int fd = with("first line\r\nrest", 16);
	auto_free char *secret = bx_secret_read(fd, "secret", &err);
	CHECK_STR(secret, "first line", "one line is read, without its end");
	char rest[8] = {0};
	CHECK(read(fd, rest, 7) == 4 && !strcmp(rest, "rest"), "what follows stays for others");
	auto_fd int last = with("no end", 6);
	auto_free char *unended = bx_secret_read(last, "secret", &err);
	CHECK_STR(unended, "no end", "the last line needs no end");
	auto_fd int none = with("\n", 1);
	CHECK(!bx_secret_read(none, "secret", &err) && err.exit == BX_USAGE, "nothing is no secret");
	auto_free char *text = bx_xcalloc(1, 5000);
	memset(text, 'x', 4999);
	auto_fd int big = with(text, 4999);
	CHECK(!bx_secret_read(big, "secret", &err) && err.exit == BX_USAGE, "there is a ceiling");
	CHECK(!strstr(err.text, "xxx"), "and the error does not tell");
}

/* Many come and go; what is left is masked, and nothing else. */
static void check_forgetting(void)
{
	char name[32];
	bool masked = true, plain = true;
	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof name, "secret-%d-%d", i * 7919 % 2000, i % 3);
		bx_secret_remember(name);
	}
	for (int i = 0; i < 2000; i += 2) {
		snprintf(name, sizeof name, "secret-%d-%d", i * 7919 % 2000, i % 3);
		bx_secret_forget(name);
	}
	for (int i = 0; i < 2000; i += 97) {
		auto_str struct bx_str text = BX_STR_INIT(1000);
		snprintf(name, sizeof name, "secret-%d-%d", i * 7919 % 2000, i % 3);
		bx_str_printf(&text, "<%s>", name);
		bx_redact(&text);
		bool gone = !strstr(text.buf, name);
		masked = masked && (i % 2 ? gone : true);
		plain = plain && (i % 2 ? true : !gone);
	}
	CHECK(masked, "what is remembered is masked among a thousand others");
	CHECK(plain, "what is forgotten is not");
	bx_secret_forget("never known");
}

int main(void)
{
	check_forms();
	check_one();
	check_several();
	check_data();
	masks("", "\u2026");
	masks("abcdefg", "a\u2026");
	masks("abcdefghijklmnopqrstuvwxyz", "abcd\u2026");
	check_equal();
	check_random();
	check_read();
	check_forgetting();
	return check_end();
}
