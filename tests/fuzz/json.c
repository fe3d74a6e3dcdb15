/* JSON Lines, and what the getters make of any value. */
#include <sys/mman.h>
#include <unistd.h>
#include "fuzz.h"
#include "form.h"
#include "json_flat.h"

static void look(const cJSON *item)
{
	int64_t number;
	auto_free char *text = bx_json_as_text(item);
	must(!cJSON_IsString(item) || bx_streq(text, item->valuestring), "a string is its own text");
	bx_json_truthy(item);
	if (bx_json_as_int(item, &number)) {
		auto_json cJSON *same = bx_json_int_item(number);
		int64_t back = 0;
		must(bx_json_as_int(same, &back) && back == number, "a whole number is kept exactly");
	}
	for (const cJSON *e = item->child; e; e = e->next) {
		if (e->string)
			bx_json_get(item, e->string);
		look(e);
	}
}

static void take(const cJSON *item)
{
	look(item);
	must_print(item);
	auto_free char *pretty = bx_json_pretty(item), *plain = bx_json_print(item);
	auto_json cJSON *again = bx_json_parse(pretty, strlen(pretty), NULL);
	auto_free char *same = again ? bx_json_print(again) : NULL;
	must(bx_streq(same, plain), "pretty is the same");
}

static void compare_form(const char *line, const cJSON *item)
{
	auto_str struct bx_str out = BX_STR_INIT(1 << 20), same = BX_STR_INIT(1 << 20);
	auto_str struct bx_str name = BX_STR_INIT(BX_FORM_NAME_MAX);
	const char *p = line + strspn(line, " \t\r\n");
	if (!bx_form_pass(&out, &name, &p) || p[strspn(p, " \t\r\n")])
		return;
	must(item && bx_form_encode(&same, item), "what is encoded is JSON");
	must(bx_streq(out.buf, same.buf), "it is encoded as its tree");
}

/* What goes without a tree comes out as if it had been one. */
static void compare(char *line)
{
	auto_str struct bx_str out = BX_STR_INIT(65536);
	auto_json cJSON *item = bx_json_parse(line, strlen(line), NULL);
	auto_free char *printed = item ? bx_json_print(item) : NULL;
	const char *p = line + strspn(line, " \t\r\n");
	bool passed = bx_json_pass(&out, &p) && !p[strspn(p, " \t\r\n")];
	must(!passed || bx_streq(out.buf, printed), "what is passed on is printed as its tree");
	compare_form(line, item);
	for (int depth = 1; depth < 4; depth++) {
		auto_json cJSON *part = bx_json_parse_flat(line, strlen(line), depth);
		auto_free char *same = part ? bx_json_print(part) : NULL;
		must(bx_streq(same, printed), "so is what is taken apart in part");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_fd int fd = memfd_create("lines", MFD_CLOEXEC);
	must(fd >= 0 && write(fd, data, size) == (ssize_t)size && !lseek(fd, 0, SEEK_SET), "memory is a file");
	struct bx_lines in;
	struct bx_err err = {0};
	cJSON *item;
	int got;
	bx_lines_init(&in, fd, 8192);
	auto_free char *text = bx_xstrndup((const char *)data, size);
	for (char *rest = text, *line; (line = next_line(&rest));)
		compare(line);
	while ((got = bx_lines_next(&in, &item, &err)) > 0) {
		take(item);
		cJSON_Delete(item);
	}
	must(!got || (err.text[0] && err.exit), "a refusal says why");
	bx_lines_release(&in);
	return 0;
}
