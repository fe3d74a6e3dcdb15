/* Frame tokens and origins: what a request may claim. */
#include "check.h"
#include "bx-serve/origin.c"
#include "bx-serve/token.c"

static const uint8_t key[BX_KEY_SIZE] = {1, 2, 3}, other_key[BX_KEY_SIZE] = {3, 2, 1};

/* The same time in another spelling is another token. */
static void odd_times(const char *good)
{
	static const char *const times[] = {"02000", "2000.", "2000-", "-2000", "", "2000,2000", "99999999999999999999"};
	const char *time = strstr(good, ",2000,") + 1;
	struct token out;
	for (size_t i = 0; i < BX_COUNT(times); i++) {
		auto_free char *text = bx_xprintf("%.*s%s%s", (int)(time - good), good, times[i], time + 4);
		CHECK(token_read(text, key, 0, &out) == TOKEN_FORGED, times[i]);
	}
}

/* However long its parts are. */
static void long_tokens(void)
{
	struct token in = {.frame = "0123456789ab", .expires_ms = INT64_MAX}, out;
	for (size_t len = 1; len <= TOKEN_PART_MAX; len++) {
		memset(in.member_id, 'a', len);
		memset(in.sid, 'b', len);
		memset(in.portal, 'c', len);
		auto_str struct bx_str text = BX_STR_INIT(512);
		token_write(&text, key, &in);
		CHECK(text.len < TOKEN_SIZE && token_read(text.buf, key, 0, &out) == TOKEN_GOOD &&
			!strcmp(out.portal, in.portal), "a longer token");
		text.buf[len - 1] = 'x';
		CHECK(token_read(text.buf, key, 0, &out) == TOKEN_FORGED, "which nobody changes");
	}
}

static void tokens(void)
{
	struct token in = {.member_id = "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
		.sid = "c0ffee00c0ffee00c0ffee00c0ffee00", .frame = "0123456789ab", .portal = "demo",
		.expires_ms = 2000}, out;
	auto_str struct bx_str text = BX_STR_INIT(512);
	token_write(&text, key, &in);
	CHECK(token_read(text.buf, key, 1999, &out) == TOKEN_GOOD, "a token is good until it expires");
	CHECK_STR(out.sid, in.sid, "and says whose it is");
	CHECK_STR(out.portal, "demo", "and of which profile");
	CHECK(token_read(text.buf, key, 2000, &out) == TOKEN_EXPIRED, "then it is expired");
	CHECK(token_read(text.buf, other_key, 0, &out) == TOKEN_FORGED, "another key did not make it");
	bool all = true;
	for (size_t i = 0; i < text.len; i++) {
		text.buf[i] ^= 1;
		all = all && token_read(text.buf, key, 0, &out) == TOKEN_FORGED;
		text.buf[i] ^= 1;
	}
	CHECK(all, "any changed byte is noticed");
	odd_times(text.buf);
	CHECK(token_read("", key, 0, &out) == TOKEN_FORGED && token_read(NULL, key, 0, &out) == TOKEN_FORGED &&
		token_read(",,,,,", key, 0, &out) == TOKEN_FORGED, "nothing is not a token");
}

static void origins(void)
{
	static const struct {
		const char *domain, *protocol, *origin;
	} rows[] = {
		{"crm.example.com", "1", "https://crm.example.com"},
		{"CRM.Example.com:443", "1", "https://crm.example.com"},
		{"crm.example.com:80", "1", "https://crm.example.com:80"},
		{"127.0.0.1:8070", "0", "http://127.0.0.1:8070"},
		{"crm.example.com:80", "0", "http://crm.example.com"},
		{"crm.example.com", "2", NULL},
		{"crm.example.com; script-src *", "1", NULL},
		{"a b", "1", NULL},
		{"user@host", "1", NULL},
		{"host/path", "1", NULL},
		{"host:", "1", NULL},
		{"host:123456", "1", NULL},
		{"*.example.com", "1", NULL},
		{"", "1", NULL},
		{NULL, "1", NULL},
		{"host", NULL, NULL},
	};
	for (size_t i = 0; i < BX_COUNT(rows); i++) {
		auto_str struct bx_str out = BX_STR_INIT(300);
		bool ok = origin_of_portal(&out, rows[i].domain, rows[i].protocol);
		CHECK_STR(ok ? out.buf : NULL, rows[i].origin, rows[i].domain ? rows[i].domain : "no domain");
	}
}

static void public_urls(void)
{
	struct public_url url;
	struct bx_err err = {0};
	CHECK(public_url_init(&url, "https://BX.example.net/phone/", &err), "a public address with a prefix");
	CHECK_STR(url.origin, "https://bx.example.net", "its origin");
	CHECK_STR(url.socket, "wss://bx.example.net", "its socket");
	CHECK_STR(url.prefix, "/phone", "its prefix");
	public_url_release(&url);
	CHECK(public_url_init(&url, "http://127.0.0.2:8071", &err), "one without");
	CHECK_STR(url.prefix, "", "has none");
	public_url_release(&url);
	CHECK(!public_url_init(&url, "bx.example.net", &err) && err.exit == BX_USAGE, "no scheme: refused");
	CHECK(!public_url_init(&url, "https://h/x;y", &err), "nothing that breaks a header");
}

int main(void)
{
	tokens();
	long_tokens();
	origins();
	public_urls();
	return check_end();
}
