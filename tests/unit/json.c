/* JSON: numbers that stay exact, getters that do not guess, lines that are whole. */
#include <fcntl.h>
#include <signal.h>
#include "json.h"
#include "check.h"

static void same(const char *text, const char *want, const char *what)
{
	struct bx_err err = {0};
	auto_json cJSON *item = bx_json_parse(text, strlen(text), &err);
	auto_free char *got = item ? bx_json_print(item) : NULL;
	CHECK_STR(got, want, what);
}

static void refused(const char *text, const char *what)
{
	struct bx_err err = {0};
	auto_json cJSON *item = bx_json_parse(text, strlen(text), &err);
	CHECK(!item && err.exit == BX_USAGE && *err.text, what);
}

static void check_long_numbers(void)
{
	same("[9007199254740993,-9223372036854775808]", "[9007199254740993,-9223372036854775808]",
		"64-bit ids are printed as they came");
	same("{\"a\":123456789012345678901234567890}", "{\"a\":123456789012345678901234567890}",
		"longer ones too");
	same("[0.1234567890123456789,1.5]", "[0.1234567890123456789,1.5]", "long fractions too");
	same("[[{\"x\":[1,12345678901234567,2]}],12345678901234568]",
		"[[{\"x\":[1,12345678901234567,2]}],12345678901234568]", "each in its place");
	same("[\"12345678901234567890\",12345678901234567890]",
		"[\"12345678901234567890\",12345678901234567890]", "digits in a string stay a string");
	same("[\"\\u0001bx#5\",12345678901234567]", "[\"\\u0001bx#5\",12345678901234567]",
		"no string can pass for a number");
	same("[\"\\u0001bx#\\\"\\\\\",12345678901234567]", "[\"\\u0001bx#\\\"\\\\\",12345678901234567]",
		"nor make a good text a bad one");
	same("{\"12345678901234567890\":\"\\\\\",\"b\":12345678901234567}",
		"{\"12345678901234567890\":\"\\\\\",\"b\":12345678901234567}", "digits in keys are keys");
	refused("[12345678901234567.]", "a long number must be a number");
	refused("[0012345678901234567]", "without leading zeros");
	refused("[1234567890123456-7]", "without a sign within");
	refused("[12345678901234567e]", "with a whole exponent");
	int64_t value = 0;
	auto_json cJSON *o = bx_json_parse("{\"id\":9223372036854775807}", 26, NULL);
	CHECK(bx_json_int(o, "id", &value) && value == INT64_MAX, "and are read exactly");
	auto_json cJSON *over = bx_json_parse("{\"id\":9223372036854775808}", 26, NULL);
	CHECK(!bx_json_int(over, "id", &value), "one too large is no 64-bit number");
	auto_json cJSON *set = cJSON_CreateObject();
	bx_json_set_int(set, "a", INT64_MIN);
	bx_json_set_int(set, "b", 42);
	auto_free char *text = bx_json_print(set);
	CHECK_STR(text, "{\"a\":-9223372036854775808,\"b\":42}", "and are written exactly");
}

static void check_parse(void)
{
	same(" {\"a\" : [ ] }\r\n", "{\"a\":[]}", "white space around is allowed");
	same("\"\\u00e9\\ud83d\\ude00\\/\"", "\"\u00e9\U0001F600/\"", "escapes become UTF-8");
	same("[1.0,1e3,-0.5,0]", "[1,1000,-0.5,0]", "short numbers");
	same("[1e999,-2E400,1e308]", "[1e999,-2E400,1e+308]", "numbers beyond a double stay as they came");
	refused("", "nothing is not JSON");
	refused("{\"a\":1} x", "nor is text behind it");
	refused("{\"a\":1}{}", "nor a second value");
	refused("{\"a\":}", "nor a hole");
	refused("{'a':1}", "nor single quotes");
	refused("[01]", "nor a leading zero");
	refused("[1.]", "nor half a fraction");
	refused("[+1]", "nor a plus sign");
	refused("[\"\\ud800\"]", "nor half a surrogate pair");
	struct bx_err err = {0};
	CHECK(!bx_json_parse("{\"a\":1]", 7, &err) && strstr(err.text, "byte 7"), "the place is told");
	CHECK(!bx_json_parse("[1]\0[2]", 7, NULL), "a NUL does not end a text early");
	auto_free char *deep = bx_xcalloc(1, 200001);
	memset(deep, '[', 100000);
	memset(deep + 100000, ']', 100000);
	refused(deep, "nesting has a ceiling");
}

static void check_getters(void)
{
	const char *text = "{\"s\":\"x\",\"n\":7,\"d\":\"12\",\"f\":1.5,\"t\":true,\"z\":null,\"l\":[1],"
			   "\"e\":[],\"q\":\"0\",\"w\":\"\",\"S\":\"big\",\"p\":\" 3\",\"h\":\"3x\"}";
	auto_json cJSON *o = bx_json_parse(text, strlen(text), NULL);
	int64_t n = 0;
	CHECK_STR(bx_json_str(o, "s"), "x", "a string");
	CHECK_STR(bx_json_str(o, "S"), "big", "keys are compared exactly");
	CHECK(!bx_json_str(o, "n") && !bx_json_str(o, "none") && !bx_json_str(NULL, "s"),
		"what is no string, missing, or of no map is NULL");
	CHECK(bx_json_int(o, "n", &n) && n == 7 && bx_json_int(o, "d", &n) && n == 12,
		"ids come as numbers and as strings");
	CHECK(!bx_json_int(o, "f", &n) && !bx_json_int(o, "t", &n) && !bx_json_int(o, "p", &n) &&
		      !bx_json_int(o, "h", &n) && !bx_json_int(o, "w", &n) && n == 12,
		"a fraction, a boolean, blanks and rests are no number");
	CHECK(bx_json_bool(o, "t", false) && bx_json_bool(o, "n", true) && !bx_json_bool(o, "n", false),
		"only a boolean is one");
	CHECK(!bx_json_truthy(NULL) && !bx_json_truthy(bx_json_get(o, "z")) &&
		      !bx_json_truthy(bx_json_get(o, "q")) && !bx_json_truthy(bx_json_get(o, "w")) &&
		      !bx_json_truthy(bx_json_get(o, "e")),
		"null, \"0\", \"\" and [] are false to PHP");
	CHECK(bx_json_truthy(bx_json_get(o, "s")) && bx_json_truthy(bx_json_get(o, "l")) &&
		      bx_json_truthy(bx_json_get(o, "f")) && bx_json_truthy(bx_json_get(o, "t")),
		"what is something is true");
	auto_free char *number = bx_json_as_text(bx_json_get(o, "f"));
	auto_free char *nothing = bx_json_as_text(bx_json_get(o, "z"));
	auto_free char *yes = bx_json_as_text(bx_json_get(o, "t"));
	CHECK_STR(number, "1.5", "a number as text");
	CHECK_STR(nothing, "", "null as text");
	CHECK_STR(yes, "true", "a boolean as text");
	CHECK(!bx_json_as_text(bx_json_get(o, "l")) && !bx_json_as_text(NULL), "a list is no text");
}

static void check_set(void)
{
	auto_json cJSON *o = cJSON_CreateObject();
	bx_json_set_str(o, "a", "1");
	bx_json_set_str(o, "b", NULL);
	bx_json_set_bool(o, "c", true);
	bx_json_set_str(o, "a", "2");
	auto_free char *text = bx_json_print(o);
	CHECK_STR(text, "{\"a\":\"2\",\"b\":null,\"c\":true}", "an old value is replaced in its place");
	bx_json_set(o, "a", NULL);
	bx_json_set(o, "none", NULL);
	auto_free char *less = bx_json_print(o);
	CHECK_STR(less, "{\"b\":null,\"c\":true}", "NULL removes a key");
	CHECK(!bx_json_get(o, "B"), "keys differ by case");
}

static int file_with(const char *text, size_t len)
{
	char path[] = "/tmp/bx-json-XXXXXX";
	int fd = mkstemp(path);
	unlink(path);
	if (write(fd, text, len) != (ssize_t)len)
		perror("write");
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void check_lines(void)
{
	static const char text[] = "{\"a\":1}\n\n  \t\r\n[2]\r\n\"last\"";
	auto_fd int fd = file_with(text, sizeof text - 1);
	struct bx_lines in;
	bx_lines_init(&in, fd, 100);
	struct bx_err err = {0};
	int got = 0;
	unsigned long numbers[3] = {0};
	cJSON *item;
	while (got < 3 && bx_lines_next(&in, &item, &err) == 1) {
		numbers[got++] = in.number;
		cJSON_Delete(item);
	}
	CHECK(got == 3 && numbers[0] == 1 && numbers[1] == 4 && numbers[2] == 5,
		"empty lines are skipped but counted, the last needs no end");
	CHECK(bx_lines_next(&in, &item, &err) == 0 && bx_lines_next(&in, &item, &err) == 0,
		"the end stays the end");
	bx_lines_release(&in);
}

static void check_bad_lines(void)
{
	auto_fd int fd = file_with("{}\nnonsense\n{}\n", 15);
	struct bx_lines in;
	struct bx_err err = {0};
	cJSON *item;
	bx_lines_init(&in, fd, 100);
	CHECK(bx_lines_next(&in, &item, &err) == 1, "a good line before a bad one");
	cJSON_Delete(item);
	CHECK(bx_lines_next(&in, &item, &err) == -1 && strstr(err.text, "line 2"), "a bad line is named");
	CHECK(bx_lines_next(&in, &item, &err) == 1, "and the next can be read");
	cJSON_Delete(item);
	bx_lines_release(&in);
	auto_fd int hidden = file_with("{\"a\":1}\0{}\n", 11);
	bx_lines_init(&in, hidden, 100);
	CHECK(bx_lines_next(&in, &item, &err) == -1, "a NUL hides nothing");
	bx_lines_release(&in);
}

static void check_line_ceiling(void)
{
	char *line;
	struct bx_err err = {0};
	struct bx_lines in;
	auto_fd int fits = file_with("12345678\n12345678", 17);
	bx_lines_init(&in, fits, 8);
	CHECK(bx_lines_text(&in, &line, &err) == 1 && strlen(line) == 8, "a line of the ceiling fits");
	CHECK(bx_lines_text(&in, &line, &err) == 1 && strlen(line) == 8, "also as the last");
	bx_lines_release(&in);
	auto_fd int longer = file_with("123456789\n", 10);
	bx_lines_init(&in, longer, 8);
	CHECK(bx_lines_text(&in, &line, &err) == -1 && err.exit == BX_USAGE && strstr(err.text, "line 1"),
		"a longer one is an error");
	bx_lines_release(&in);
}

static void check_emit(void)
{
	int ends[2];
	if (pipe(ends))
		return;
	auto_json cJSON *o = cJSON_CreateObject();
	bx_json_set_str(o, "text", "two\nlines\t\x01");
	struct bx_err err = {0};
	CHECK(bx_json_emit(ends[1], o, &err), "a line is written");
	char got[100] = {0};
	CHECK(read(ends[0], got, sizeof got - 1) > 0, "and read");
	CHECK_STR(got, "{\"text\":\"two\\nlines\\t\\u0001\"}\n", "it is one line");
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	CHECK(!bx_json_emit(ends[1], o, &err) && err.exit == BX_LOCAL, "a closed pipe is an error");
	close(ends[1]);
}

int main(void)
{
	check_long_numbers();
	check_parse();
	check_getters();
	check_set();
	check_lines();
	check_bad_lines();
	check_line_ceiling();
	check_emit();
	return check_end();
}
