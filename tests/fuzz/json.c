/* JSON Lines, and what the getters make of any value. */
#include <sys/mman.h>
#include <unistd.h>
#include "fuzz.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_fd int fd = memfd_create("lines", MFD_CLOEXEC);
	must(fd >= 0 && write(fd, data, size) == (ssize_t)size && !lseek(fd, 0, SEEK_SET), "memory is a file");
	struct bx_lines in;
	struct bx_err err = {0};
	cJSON *item;
	int got;
	bx_lines_init(&in, fd, 8192);
	while ((got = bx_lines_next(&in, &item, &err)) > 0) {
		take(item);
		cJSON_Delete(item);
	}
	must(!got || (err.text[0] && err.exit), "a refusal says why");
	bx_lines_release(&in);
	return 0;
}
