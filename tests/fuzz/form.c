/* Forms from outside: urlencoded ones, names with brackets, multipart bodies. */
#include "bx-sandbox/input.h"
#include "form.h"
#include "fuzz.h"

#define TYPE "multipart/form-data; boundary=b"

/* A tree that came from a form goes back into one, which is read as the same tree. */
static void urlencoded(const char *text, size_t len)
{
	auto_json cJSON *tree = bx_form_decode(text, len, NULL);
	if (!tree)
		return;
	auto_str struct bx_str once = BX_STR_INIT(64 * 1024 * 1024), twice = BX_STR_INIT(64 * 1024 * 1024);
	must(bx_form_encode(&once, tree), "a form of a form is no longer than the ceiling");
	auto_json cJSON *again = bx_form_decode(once.buf, once.len, NULL);
	must(again && bx_form_encode(&twice, again), "a form of ours can be read");
	must(!strcmp(once.buf, twice.buf), "a form of ours is read as it was meant");
}

static void fields(const char *text, size_t len)
{
	struct bx_pick picks[] = {BX_PICK("AUTH_ID"), BX_PICK("a"), {0}};
	auto_free char *whole = bx_xmemdup(text, len), *room = bx_xmemdup(text, len);
	bx_form_pick(picks, room, whole, len, NULL);
}

static void escaped(const char *text, size_t len)
{
	auto_str struct bx_str out = BX_STR_INIT(64 * 1024 * 1024);
	bx_form_escape(&out, text, len);
	size_t back = bx_form_unescape(out.buf, out.len);
	must(back == len && !memcmp(out.buf, text, len), "escaping is undone by unescaping");
}

static void multipart(const char *text, size_t len)
{
	auto_json cJSON *root = cJSON_CreateObject();
	struct sb_file file = {0};
	sb_multipart_read(TYPE, text, len, root, &file);
	must(!file.field || (file.data >= text && file.data + file.len <= text + len), "a file lies in its body");
	free(file.field);
	free(file.name);
	must_print(root);
	auto_free char *type = bx_xstrndup(text, len);
	free(sb_header_param(type, "boundary"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Bodies have a NUL behind them. */
	auto_free char *text = bx_xmemdup(data, size);
	if (size > 2 && !memcmp(text, "--", 2)) {
		multipart(text, size);
		return 0;
	}
	urlencoded(text, size);
	fields(text, size);
	escaped(text, size);
	return 0;
}
