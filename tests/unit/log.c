/* Log lines: one each, escaped, whole, without secrets. */
#include "capture.h"
#include "log.h"
#include "secret.h"
#include "check.h"

static void escapes(const char *text, const char *want, const char *what)
{
	auto_str struct bx_str out = BX_STR_INIT(1000);
	bx_escape(&out, text);
	CHECK_STR(out.buf, want, what);
}

static void check_escape(void)
{
	escapes("plain text, \"quoted\" \\ back", "plain text, \"quoted\" \\ back", "plain text stays");
	escapes("a\nb\tc\x7f\x1b[31m", "a\\x0ab\\x09c\\x7f\\x1b[31m", "control characters do not");
	escapes("\u00e9\u20ac\U0001F600", "\u00e9\u20ac\U0001F600", "UTF-8 stays");
	escapes("\xc2\x9b\x31m", "\\xc2\\x9b1m", "C1 is control as well");
	escapes("\xc3", "\\xc3", "a sequence that ends early");
	escapes("\xe2\x82", "\\xe2\\x82", "and a longer one");
	escapes("\xc0\xaf\xe0\x80\xaf", "\\xc0\\xaf\\xe0\\x80\\xaf", "overlong forms");
	escapes("\xed\xa0\x80", "\\xed\\xa0\\x80", "surrogates");
	escapes("\xf4\x90\x80\x80\xff", "\\xf4\\x90\\x80\\x80\\xff", "what lies beyond Unicode");
	escapes("\x80\xbfx", "\\x80\\xbfx", "strays");
}

static char *logged(enum bx_log_level level, const char *text)
{
	struct capture capture = capture_start();
	bx_log(level, "%s", text);
	return capture_end(capture);
}

static void check_lines(void)
{
	bx_log_setup("bx-test", BX_LOG_INFO);
	auto_free char *line = logged(BX_LOG_INFO, "a\nforged: line");
	CHECK_STR(line, "bx-test: a\\x0aforged: line\n", "a line cannot be broken in two");
	auto_free char *trace = logged(BX_LOG_TRACE, "much");
	CHECK_STR(trace, "", "what is above the level is dropped");
	CHECK(bx_log_wants(BX_LOG_WARN) && !bx_log_wants(BX_LOG_TRACE), "and can be asked before");
	bx_log_setup("bx-test", BX_LOG_ERROR);
	auto_free char *warn = logged(BX_LOG_WARN, "less");
	CHECK_STR(warn, "", "the level can be lower");
	bx_log_setup("bx-test", BX_LOG_TRACE);
	auto_free char *more = logged(BX_LOG_TRACE, "much");
	CHECK_STR(more, "bx-test: much\n", "or higher");
}

static void check_long(void)
{
	auto_free char *text = bx_xcalloc(1, 100001);
	memset(text, '\n', 100000);
	memcpy(text, "begin", 5);
	auto_free char *line = logged(BX_LOG_INFO, text);
	size_t len = strlen(line);
	CHECK(bx_starts(line, "bx-test: begin\\x0a"), "a long line is cut, not lost");
	CHECK(len > 1000 && line[len - 1] == '\n' && !memchr(line, '\n', len - 1), "and is one line");
}

static void check_secret(void)
{
	bx_secret_remember("s3cr3t/token+value");
	auto_free char *line = logged(BX_LOG_INFO, "auth=s3cr3t/token+value&x=1");
	CHECK(!strstr(line, "s3cr3t/token"), "a secret is not logged");
	CHECK(strstr(line, "&x=1"), "what stands around it is");
	auto_free char *form = logged(BX_LOG_INFO, "auth=s3cr3t%2ftoken%2bvalue&x=1");
	CHECK(!strstr(form, "token"), "in no form");
}

int main(void)
{
	check_escape();
	check_lines();
	check_long();
	check_secret();
	return check_end();
}
