#include "input.h"

#include <string.h>
#include <strings.h>
#include "form.h"
#include "httpd.h"
#include "banned.h"

bool sb_is_type(const char *header, const char *type)
{
	size_t len = strlen(type);
	return header && !strncasecmp(header, type, len) && strchr("; \t", header[len]);
}

/* Maps only, of a bearable number of keys; a later equal key replaces an earlier one. */
static cJSON *json_fields(const char *body, size_t len)
{
	auto_json cJSON *given = bx_json_parse(body, len, NULL);
	if (!cJSON_IsObject(given) || cJSON_GetArraySize(given) > SB_FIELDS_MAX)
		return cJSON_CreateObject();
	cJSON *fields = cJSON_CreateObject();
	while (given->child) {
		cJSON *e = cJSON_DetachItemViaPointer(given, given->child);
		auto_free char *key = bx_xstrdup(e->string);
		bx_json_set(fields, key, e);
	}
	return fields;
}

static cJSON *form_fields(const char *text, size_t len)
{
	cJSON *fields = bx_form_decode(text, len, NULL);
	return fields ? fields : cJSON_CreateObject();
}

static cJSON *body_fields(const struct bx_request *req, struct sb_file *file)
{
	size_t len;
	const char *body = bx_request_body(req, &len);
	const char *type = bx_request_header(req, "Content-Type");
	if (!len)
		return cJSON_CreateObject();
	if (sb_is_type(type, "application/json"))
		return json_fields(body, len);
	if (!sb_is_type(type, "multipart/form-data"))
		return form_fields(body, len);
	cJSON *fields = cJSON_CreateObject();
	sb_multipart_read(type, body, len, fields, file);
	for (cJSON *e = fields->child; e; e = e->next) {
		if (cJSON_IsObject(e))
			bx_form_lists(e);
	}
	return fields;
}

cJSON *sb_input_read(const struct bx_request *req, struct sb_file *file)
{
	const char *query = bx_request_query(req);
	cJSON *params = form_fields(query, strlen(query));
	auto_json cJSON *body = body_fields(req, file);
	while (body->child) {
		cJSON *e = cJSON_DetachItemViaPointer(body, body->child);
		auto_free char *key = bx_xstrdup(e->string);
		bx_json_set(params, key, e);
	}
	return params;
}
