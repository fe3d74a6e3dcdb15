/* Addresses of the sandbox that keep what was posted to them, for tests without a server. */
#include <string.h>
#include "ctl.h"
#include "httpd.h"
#include "input.h"
#include "banned.h"

#define POSTS_KEPT 1000

static void put_header(void *arg, const char *name, const char *value)
{
	bx_json_set_str(arg, name, value);
}

void sb_sink_request(struct sandbox *sb, struct bx_request *req, const char *name)
{
	size_t len;
	const char *body = bx_request_body(req, &len);
	cJSON *row = cJSON_CreateObject(), *headers = cJSON_CreateObject();
	bx_json_set_str(row, "name", name);
	bx_json_set_str(row, "method", bx_request_method(req));
	bx_json_set_str(row, "query", bx_request_query(req));
	bx_request_headers(req, put_header, headers);
	bx_json_set(row, "headers", headers);
	bx_json_set_str(row, "body", body ? body : "");
	bx_json_set(row, "fields", sb_input_read(req, NULL));
	sb_trim(&sb->tables[SB_SINKS], POSTS_KEPT);
	sb_add(&sb->tables[SB_SINKS], row);
	bx_reply(req, 200, "text/plain", "", 0);
}

cJSON *sb_ctl_sink(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	struct sb_table *t = &sb->tables[SB_SINKS];
	const char *name = bx_json_str(params, "name");
	bool take = bx_json_bool(params, "take", false);
	cJSON *list = cJSON_CreateArray();
	(void)err;
	for (struct sb_row *r = t->first, *next; r; r = next) {
		next = r->next;
		if (!bx_streq(bx_json_str(r->data, "name"), name))
			continue;
		cJSON_AddItemToArray(list, cJSON_Duplicate(r->data, true));
		if (take)
			sb_remove(t, r->data);
	}
	return list;
}
