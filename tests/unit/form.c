/* Forms with PHP's brackets, both ways. The expectations are those of PHP's parse_str and
 * http_build_query. */
#include "form.h"
#include "check.h"

static void decodes(const char *text, const char *want, const char *what)
{
	auto_json cJSON *tree = bx_form_decode(text, strlen(text), NULL);
	auto_free char *got = tree ? bx_json_print(tree) : NULL;
	CHECK_STR(got, want, what);
}

static void encodes(const char *json, const char *want, const char *what)
{
	auto_json cJSON *tree = bx_json_parse(json, strlen(json), NULL);
	auto_str struct bx_str out = BX_STR_INIT(100000);
	CHECK(bx_form_encode(&out, tree), what);
	CHECK_STR(out.buf, want, what);
}

static void check_decode(void)
{
	decodes("", "{}", "nothing");
	decodes("a=1&b=two", "{\"a\":\"1\",\"b\":\"two\"}", "every value is a string");
	decodes("a=1&a=2", "{\"a\":\"2\"}", "the last of a name counts");
	decodes("a&b=&=x&&c=d=e", "{\"a\":\"\",\"b\":\"\",\"c\":\"d=e\"}", "holes");
	decodes("a=%2B1+2%20&%61b=%C3%A9", "{\"a\":\"+1 2 \",\"ab\":\"\u00e9\"}", "escapes");
	decodes("a=%zz%4&b=100%", "{\"a\":\"%zz%4\",\"b\":\"100%\"}", "what is no escape stays");
	decodes("auth[member_id]=m&auth[domain]=d", "{\"auth\":{\"member_id\":\"m\",\"domain\":\"d\"}}",
		"a map");
	decodes("a[]=x&a[]=y", "{\"a\":[\"x\",\"y\"]}", "a list");
	decodes("a[0]=x&a[1]=y", "{\"a\":[\"x\",\"y\"]}", "a list by numbers");
	decodes("a[1]=x&a[0]=y", "{\"a\":{\"1\":\"x\",\"0\":\"y\"}}", "numbers out of order are a map");
	decodes("a[1]=x&a[2]=y", "{\"a\":{\"1\":\"x\",\"2\":\"y\"}}", "nor do they begin elsewhere");
	decodes("a[5]=x&a[]=y", "{\"a\":{\"5\":\"x\",\"6\":\"y\"}}", "[] goes on after the highest");
	decodes("a[k]=x&a[]=y", "{\"a\":{\"k\":\"x\",\"0\":\"y\"}}", "words do not count");
	decodes("a[05]=x&a[%2B7]=y&a[]=z", "{\"a\":{\"05\":\"x\",\"+7\":\"y\",\"0\":\"z\"}}",
		"nor what only looks like a number");
	decodes("a[][x]=1&a[][x]=2", "{\"a\":[{\"x\":\"1\"},{\"x\":\"2\"}]}", "rows");
	decodes("a[b][c][d]=1&a[b][e]=2", "{\"a\":{\"b\":{\"c\":{\"d\":\"1\"},\"e\":\"2\"}}}", "deep");
	decodes("a=1&a[b]=2", "{\"a\":{\"b\":\"2\"}}", "a value gives way to a map");
	decodes("a[b]=1&a=2", "{\"a\":\"2\"}", "and a map to a value");
	decodes("0=x&1=y", "{\"0\":\"x\",\"1\":\"y\"}", "the whole is always a map");
	decodes("a%5Bb%5D=1", "{\"a\":{\"b\":\"1\"}}", "brackets may be escaped");
	decodes("a[b=1", "{\"a_b\":\"1\"}", "a bracket that is not closed is none");
	decodes("a[b]c=1&a[d]]=2", "{\"a\":{\"b\":\"1\",\"d\":\"2\"}}", "what follows is ignored");
	decodes("a.b=1&c d=2&e[f.g]=3", "{\"a_b\":\"1\",\"c_d\":\"2\",\"e\":{\"f.g\":\"3\"}}",
		"dots and blanks in names");
	decodes("%20%20a=1&+=2&[b]=3", "{\"a\":\"1\"}", "leading blanks go, names without a name too");
	decodes("a[%20]=1&a[]=2", "{\"a\":[\"1\",\"2\"]}", "a blank in brackets is as none");
	decodes("a[-0]=1&a[01]=2&a[+3]=3&a[4x]=4&a[9223372036854775808]=5&a[-7]=6&a[]=7&a[]=8",
		"{\"a\":{\"-0\":\"1\",\"01\":\"2\",\" 3\":\"3\",\"4x\":\"4\",\"9223372036854775808\":\"5\",\"-7\":\"6\","
		"\"0\":\"7\",\"1\":\"8\"}}",
		"what only looks like a whole number counts for nothing");
	decodes("a[9223372036854775807]=1&a[]=2", "{\"a\":{\"9223372036854775807\":\"1\"}}",
		"there is no number after the last");
	decodes("a=x%00y&b=z", "{\"a\":\"x\",\"b\":\"z\"}", "texts end at a NUL");
}

/* A NUL ends a text and nothing else: what follows in the field is dropped, the rest is read. */
static void check_nul(void)
{
	static const char raw[] = "a\0b=1&c=2\0\0\0%41&d=3&e\0";
	auto_free char *body = bx_xmemdup(raw, sizeof raw - 1);
	auto_json cJSON *tree = bx_form_decode(body, sizeof raw - 1, NULL);
	CHECK_STR(bx_json_str(tree, "c"), "2", "a NUL in a value cuts it short");
	CHECK_STR(bx_json_str(tree, "d"), "3", "the next field is whole");
}

static void check_ceilings(void)
{
	auto_str struct bx_str text = BX_STR_INIT(1 << 20);
	for (int i = 0; i < BX_FORM_FIELDS_MAX; i++)
		bx_str_printf(&text, "&a[]=%d", i);
	struct bx_err err = {0};
	auto_json cJSON *most = bx_form_decode(text.buf, text.len, &err);
	CHECK(cJSON_GetArraySize(bx_json_get(most, "a")) == BX_FORM_FIELDS_MAX, "as many fields as allowed");
	bx_str_puts(&text, "&a[]=1");
	CHECK(!bx_form_decode(text.buf, text.len, &err) && err.exit == BX_USAGE, "and not one more");
	bx_str_reset(&text);
	bx_str_puts(&text, "x=1&a");
	for (int i = 0; i < BX_FORM_DEPTH_MAX; i++)
		bx_str_puts(&text, "[b]");
	auto_json cJSON *deep = bx_form_decode(text.buf, text.len, &err);
	CHECK(bx_json_get(deep, "a"), "as deep as allowed");
	bx_str_puts(&text, "[b]");
	auto_json cJSON *deeper = bx_form_decode(text.buf, text.len, &err);
	CHECK(deeper && !bx_json_get(deeper, "a") && bx_json_get(deeper, "x"), "a deeper field is dropped");
}

static void check_encode(void)
{
	encodes("{}", "", "an empty map is nothing");
	encodes("{\"a\":1,\"b\":\"x y&z\"}", "a=1&b=x%20y%26z", "values are escaped");
	encodes("{\"a\":true,\"b\":false,\"c\":null,\"d\":[],\"e\":{},\"f\":\"\"}", "a=1&b=0&f=",
		"booleans are 1 and 0; null and the empty vanish");
	encodes("{\"a\":[1,[2,3]],\"b\":{\"c\":{\"d\":\"e\"}}}",
		"a%5B0%5D=1&a%5B1%5D%5B0%5D=2&a%5B1%5D%5B1%5D=3&b%5Bc%5D%5Bd%5D=e", "levels");
	encodes("{\"a b\":{\"c&d\":1}}", "a%20b%5Bc%26d%5D=1", "keys are escaped");
	encodes("{\"id\":12345678901234567890,\"x\":1.5,\"y\":-0.25}", "id=12345678901234567890&x=1.5&y=-0.25",
		"numbers are exact");
	encodes("{\"\u00e9\":\"\u00e9\"}", "%C3%A9=%C3%A9", "UTF-8");
	auto_json cJSON *tree = bx_json_parse("{\"a\":\"12345\"}", 13, NULL);
	auto_str struct bx_str query = BX_STR_INIT(100), narrow = BX_STR_INIT(6);
	bx_str_puts(&query, "http://x/?");
	CHECK(bx_form_encode(&query, tree), "behind a question mark");
	bx_form_encode(&query, tree);
	CHECK_STR(query.buf, "http://x/?a=12345&a=12345", "no & comes first, and one between");
	CHECK(!bx_form_encode(&narrow, tree), "the ceiling is told");
	auto_free char *key = bx_xcalloc(1, 70001);
	memset(key, 'k', 70000);
	auto_json cJSON *long_key = cJSON_CreateObject();
	cJSON_AddStringToObject(long_key, key, "v");
	auto_str struct bx_str out = BX_STR_INIT(1 << 20);
	CHECK(!bx_form_encode(&out, long_key) || out.len == 70002, "a long key is whole or an error");
}

/* Whatever a form can say survives the way there and back. */
static void check_both_ways(void)
{
	static const char *const trees[] = {
		"{\"a\":\"1\"}",
		"{\"a\":{\"b\":[\"x\",\"y\",{\"c\":\"d\"}]},\"e\":\"f g+h%\"}",
		"{\"fields\":{\"NAME\":\"Ann & Bob\",\"PHONE\":[{\"VALUE\":\"+1 (555)\",\"TYPE\":\"WORK\"}]}}",
		"{\"OPTIONS\":{\"errorHandlerUrl\":\"https://x.example/e?a=1&b[]=2#c\"}}",
		"{\"m\":{\"5\":\"x\",\"k\":{\"0\":\"a\",\"2\":\"b\"}}}",
	};
	for (size_t i = 0; i < BX_COUNT(trees); i++) {
		auto_json cJSON *tree = bx_json_parse(trees[i], strlen(trees[i]), NULL);
		auto_str struct bx_str form = BX_STR_INIT(10000);
		bx_form_encode(&form, tree);
		decodes(form.buf, trees[i], "there and back");
	}
}

static void check_put(void)
{
	auto_json cJSON *root = cJSON_CreateObject();
	CHECK(bx_form_put(root, "a[]", cJSON_CreateNumber(1)) &&
		      bx_form_put(root, "a[]", cJSON_CreateTrue()) &&
		      bx_form_put(root, "b[c]", cJSON_CreateArray()),
		"typed values");
	bx_form_lists(root);
	auto_free char *text = bx_json_print(root);
	CHECK_STR(text, "{\"a\":[1,true],\"b\":{\"c\":[]}}", "keep their types");
	auto_json cJSON *list = bx_json_parse("{\"0\":{\"0\":\"x\"},\"1\":{}}", 22, NULL);
	bx_form_lists(list);
	auto_free char *lists = bx_json_print(list);
	CHECK_STR(lists, "[[\"x\"],[]]", "lists at every level");
}

static void field_is(const char *text, const char *name, const char *want, const char *what)
{
	struct bx_pick picks[] = {BX_PICK("other"), {.name = name, .len = strlen(name)}, {0}};
	auto_free char *whole = bx_xstrdup(text), *room = bx_xmemdup(text, strlen(text));
	CHECK(bx_form_pick(picks, room, whole, strlen(text), NULL), what);
	CHECK_STR(picks[1].value, want, what);
}

static void check_fields(void)
{
	field_is("", "a", NULL, "an empty form has no field");
	field_is("a=1&b=two%20+%26", "b", "two  &", "a value is decoded");
	field_is("%61b=1", "ab", "1", "a name too");
	field_is("a=1&a=2", "a", "2", "the last of a name counts");
	field_is("a=1&a=", "a", NULL, "also when it is empty");
	field_is("&&a&b&=x&c=d=e", "c", "d=e", "holes");
	field_is("x&y&z", "z", NULL, "names without values");
	field_is("a[b]=1&b=2", "b", "2", "brackets are part of a name");
	field_is("a=x%00b%3D&b=2", "b", "2", "a NUL ends its value alone");
	field_is("a=x%00b=1", "a", "x", "which keeps what is before it");
	field_is("a=1&%6=2&%61=3&+a=4", "a", "3", "names with escapes, whole and broken");
	field_is("a%00b=1&ab=2", "a", "1", "a name ends at its first NUL");
	field_is("a%3Db=1", "a=b", "1", "an escaped sign is part of a name");
	field_is("a=0123456789abcdef%410123456789%42", "a", "0123456789abcdefA0123456789B", "escapes far in");
	field_is("a=0123456%41&b=1", "a", "0123456A", "an escape over eight bytes");
	field_is("a=%2", "a", "%2", "an escape cut short");
	field_is("a=1&other=2&a=3&other=4&a=5", "a", "5", "of several names");
	auto_str struct bx_str many = BX_STR_INIT(100000);
	for (int i = 0; i <= BX_FORM_FIELDS_MAX; i++)
		bx_str_puts(&many, "a&");
	auto_free char *room = bx_xmemdup(many.buf, many.len);
	struct bx_pick picks[] = {BX_PICK("a"), {0}};
	struct bx_err err = {0};
	CHECK(!bx_form_pick(picks, room, many.buf, many.len, &err) && err.exit == BX_USAGE,
		"too many fields are refused");
	bx_str_end_at(&many, many.len - 2);
	CHECK(bx_form_pick(picks, room, many.buf, many.len, &err), "as many as are allowed are not");
}

int main(void)
{
	check_fields();
	check_decode();
	check_nul();
	check_ceilings();
	check_encode();
	check_both_ways();
	check_put();
	return check_end();
}
