/* JSON that is passed on without a tree: the same text as by way of one, and the same verdict. */
#include "check.h"
#include "form.h"
#include "json_flat.h"

/* What one way makes of a text, and the other; the flat one may leave any text to the tree. */
static bool passes(const char *text, const char *what)
{
	auto_str struct bx_str out = BX_STR_INIT(1 << 20);
	auto_json cJSON *item = bx_json_parse(text, strlen(text), NULL);
	auto_free char *printed = item ? bx_json_print(item) : NULL;
	const char *p = text + strspn(text, " \t\r\n"), *skipped = p;
	bool passed = bx_json_pass(&out, &p) && !p[strspn(p, " \t\r\n")];
	CHECK(bx_json_pass(NULL, &skipped) || !passed, "what is printed can be passed over");
	CHECK(!passed || skipped == p, "to the same place");
	if (passed)
		CHECK_STR(out.buf, printed, what);
	return passed;
}

static void flat(const char *text, const char *what)
{
	CHECK(passes(text, what), what);
}

static void left(const char *text, const char *what)
{
	CHECK(!passes(text, what), what);
}

static void check_passed(void)
{
	flat("{\"a\":[1,-2,{\"b\":null}],\"c\":true,\"d\":false,\"e\":\"\"}", "a compact text");
	flat(" { \"a\" :\t[ 1 ,\r\n{ } , [ ] ] } ", "white space goes");
	flat("\"\\u0416\\u00e9\\ud83d\\ude00\\/ \\\" \\\\ \\b\\f\\n\\r\\t\"", "escapes that need none become UTF-8");
	flat("\"\xd0\x96 \x7f \xff\"", "bytes above are kept");
	flat("[0,-0,7,999999999999999,-999999999999999]", "whole numbers");
	flat("[1e999,-2E400,0.5e309,1e-999]", "numbers beyond a double");
	flat("[1.0,1e3,-0.5,1.50,1E-7,123456.789,2e300,1e999,-0.0]", "fractions as cJSON prints them");
	flat("[9007199254740993,0.1234567890123456789,12345678901234567e2]", "long numbers as they came");
	flat("{\"a\":1,\"a\":2}", "a key twice");
}

static void check_left(void)
{
	static const char *const wrong[] = {"", "x", "-", "01", "-01", "1.", ".5", "1e", "1e+", "+1", "1-2", "tru", "nul",
		"[1,]", "[,1]", "[1 2]", "[1", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:1}", "{\"a\" 1}", "\"a",
		"\"\\x\"", "\"\\ud83d\"", "\"\\ude00\"", "\"\\ud83d\\u0041\"", "1 2", "[1]]", "]", "}"};
	for (size_t i = 0; i < BX_COUNT(wrong); i++) {
		auto_json cJSON *item = bx_json_parse(wrong[i], strlen(wrong[i]), NULL);
		CHECK(!item, wrong[i]);
		left(wrong[i], wrong[i]);
	}
	left("1234567890123456789012345678901234567890123456789012345678901234", "a number longer than any");
	left("\"a\\u0000b\"", "a NUL is left to cJSON");
	left("\"\\uzzzz\"", "so is what is no hex");
	left("\"a\tb\"", "and a bare control character");
	char deep[201] = {0};
	memset(deep, '[', 100);
	memset(deep + 100, ']', 100);
	left(deep, "and great depth");
}

static void taken(const char *text, int depth, const char *want, const char *what)
{
	auto_json cJSON *item = bx_json_parse_flat(text, strlen(text), depth);
	auto_free char *printed = item ? bx_json_print(item) : NULL;
	CHECK_STR(printed, want, what);
}

static void check_taken(void)
{
	static const char text[] = " {\"r\":{\"a\":[1, 2],\"b\":\"\\u00e9\"},\"n\":12345678901234567} ";
	static const char want[] = "{\"r\":{\"a\":[1,2],\"b\":\"\u00e9\"},\"n\":12345678901234567}";
	for (int depth = 1; depth < 5; depth++)
		taken(text, depth, want, "the same at any depth");
	taken("{\"\\u0061\":1}", 1, "{\"a\":1}", "a tree where a key has escapes");
	taken("[1,{\"a\":2}] x", 1, NULL, "what is not JSON is refused");
	auto_json cJSON *item = bx_json_parse_flat(text, strlen(text), 2), *tree = NULL;
	const cJSON *a = bx_json_get(bx_json_get(item, "r"), "a"), *n = bx_json_get(item, "n");
	int64_t value = 0;
	CHECK(cJSON_IsRaw(a), "what is deep is text");
	CHECK_STR(a->valuestring, "[1,2]", "as it is printed");
	CHECK(cJSON_GetArraySize(bx_json_whole(a, &tree)) == 2 && tree, "a tree can be had of it");
	CHECK(bx_json_as_int(n, &value) && value == 12345678901234567, "what is not is as ever");
}

/* plain: no tree is needed for it. */
static void encodes(const char *text, bool plain, const char *what)
{
	auto_str struct bx_str out = BX_STR_INIT(1 << 20), want = BX_STR_INIT(1 << 20), name = BX_STR_INIT(BX_FORM_NAME_MAX);
	auto_json cJSON *item = bx_json_parse(text, strlen(text), NULL);
	const char *p = text;
	bool passed = bx_form_pass(&out, &name, &p);
	CHECK(passed == plain && (!passed || !*p), what);
	if (passed && item && bx_form_encode(&want, item))
		CHECK_STR(out.buf, want.buf, what);
}

static void check_encoded(void)
{
	encodes("{}", true, "no fields");
	encodes("{\"a\":\"x y\",\"b\":7,\"c\":true,\"d\":false,\"e\":null,\"f\":-12}", true, "values of each kind");
	encodes("{ \"a\" : { \"b\" : [ 1 , null , { \"c[]\" : \"Ð&=\" } ] } , \"n\":[],\"m\":{}}", true, "levels");
	encodes("{\"a\":1,\"a\":2,\"\":{\"\":3}}", true, "keys twice, and empty ones");
	encodes("{\"id\":9007199254740993}", true, "a long number as it came");
	encodes("{\"a\":1.0}", false, "a fraction needs a tree");
	encodes("{\"a\":-0}", false, "so does the other zero");
	encodes("{\"a\":\"\\n\"}", false, "so do escapes");
	encodes("{\"\\u0061\":1}", false, "in keys too");
	encodes("[1]", false, "a list is no form");
	static const char *const wrong[] = {"", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "{\"a\":[1}}", "{a:1}"};
	for (size_t i = 0; i < BX_COUNT(wrong); i++)
		encodes(wrong[i], false, wrong[i]);
}

/* What reads on after a refusal finds the end of the text where it is. */
static void check_end_of_text(void)
{
	static const char *const cut[] = {"", " "};
	for (size_t i = 0; i < BX_COUNT(cut); i++) {
		const char *p = cut[i];
		CHECK(bx_json_next(&p, ']', false) < 0 && p == cut[i] + strlen(cut[i]), "the end is not passed");
	}
}

int main(void)
{
	check_end_of_text();
	check_encoded();
	check_passed();
	check_left();
	check_taken();
	return check_end();
}
