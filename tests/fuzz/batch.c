/* Batches of the sandbox with their references. The first byte says list or map and whether to
 * halt; each line after it is one item, KEY and a tab before it in a map. */
#include "portal.h"

static cJSON *read_items(char *text, bool list)
{
	cJSON *cmd = list ? cJSON_CreateArray() : cJSON_CreateObject();
	char *line;
	while ((line = next_line(&text))) {
		char *item = list ? line : strchr(line, '\t');
		if (list) {
			cJSON_AddItemToArray(cmd, cJSON_CreateString(item));
		} else if (item) {
			*item++ = 0;
			bx_json_set(cmd, line, cJSON_CreateString(item));
		}
	}
	return cmd;
}

static void run(struct sandbox *sb, cJSON *cmd, bool halt)
{
	BX_CLEANUP(sb_call_release) struct sb_call call = {.sb = sb, .status = 200, .total = -1, .next = -1};
	call.begun_us = sb_mono_us();
	call.token = bx_xstrdup(sb_issue(sb, sb->tables[SB_APPS].first->data, 1, false, 0).access);
	call.params = cJSON_CreateObject();
	bx_json_set(call.params, "cmd", cmd);
	bx_json_set_bool(call.params, "halt", halt);
	call.name = bx_xstrdup("batch");
	call.method = sb_method_by_wire(call.name, &call.op);
	sb_call_fold(&call);
	must(sb_call_authorize(&call) && sb_call_run(&call) && call.result, "a batch is answered as a whole");
	size_t len = 0;
	auto_free char *text = sb_print(call.result, &len);
	auto_json cJSON *again = text ? bx_json_parse(text, len, NULL) : NULL;
	must(!text || cJSON_GetArraySize(again) == 5, "there are the five results");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sandbox sb;
	if (!size || (!sb.loop && !(sb.loop = bx_loop_new(NULL))))
		return 0;
	auto_free char *text = bx_xstrndup((const char *)data + 1, size - 1);
	portal_fill(&sb);
	run(&sb, read_items(text, data[0] & 1), data[0] & 2);
	portal_empty(&sb);
	return 0;
}
