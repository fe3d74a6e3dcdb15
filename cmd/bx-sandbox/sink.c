/* Addresses of the sandbox that keep what was posted to them, for tests without a server. */
#include <string.h>
#include "base64.h"
#include "ctl.h"
#include "httpd.h"
#include "input.h"
#include "banned.h"

#define POSTS_KEPT 1000

static void put_header(void *arg, const char *name, const char *value)
{
	bx_json_set_str(arg, name, value);
}

/* What was set for the name, else an empty success. */
static void answer(struct sandbox *sb, struct bx_request *req, const char *name)
{
	const cJSON *row = sb_find(&sb->tables[SB_SERVED], name);
	const char *data = bx_json_str(row, "base64"), *type = bx_json_str(row, "type");
	int64_t status = 200;
	size_t len = 0;
	auto_free char *body = data ? sb_base64_decode(data, &len) : NULL;
	bx_json_int(row, "status", &status);
	bx_reply(req, (int)status, type ? type : "text/plain", body ? body : "", len);
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
	answer(sb, req, name);
}

cJSON *sb_ctl_serve(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	size_t len;
	const char *data = bx_json_str(params, "base64");
	auto_free char *plain = data ? sb_base64_decode(data, &len) : NULL;
	if (data && !plain) {
		bx_fail(err, BX_USAGE, "", "the content is not base64");
		return NULL;
	}
	sb_add(&sb->tables[SB_SERVED], cJSON_Duplicate(params, true));
	return cJSON_CreateObject();
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
