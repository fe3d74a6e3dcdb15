#include "trace.h"

#include <string.h>
#include "clock.h"
#include "entrance.h"
#include "httpd.h"
#include "banned.h"

#define ENTRIES_KEPT 1000
#define BODY_KEPT    8192

static void stamp(struct sandbox *sb, cJSON *entry)
{
	char text[BX_ISO_SIZE];
	bx_time_iso(text, sandbox_now_ms(sb), sb->opts.zone_minutes);
	bx_json_set_str(entry, "time", text);
}

static int64_t add(struct sandbox *sb, cJSON *entry)
{
	struct sb_table *t = &sb->tables[SB_LOG];
	sb_trim(t, ENTRIES_KEPT - 1);
	sb_add(t, entry);
	return t->next_id - 1;
}

static void put_header(void *arg, const char *name, const char *value)
{
	bx_json_set_str(arg, name, value);
}

int64_t sb_trace_request(struct sandbox *sb, const struct bx_request *req, const char *kind)
{
	size_t len;
	const char *body = bx_request_body(req, &len);
	auto_free char *kept = bx_xstrndup(body ? body : "", len < BODY_KEPT ? len : BODY_KEPT);
	cJSON *entry = cJSON_CreateObject(), *headers = cJSON_CreateObject();
	stamp(sb, entry);
	bx_json_set_str(entry, "kind", kind);
	bx_json_set_str(entry, "peer", bx_request_peer(req));
	bx_json_set_str(entry, "method", bx_request_method(req));
	bx_json_set_str(entry, "path", bx_request_path(req));
	bx_json_set_str(entry, "query", bx_request_query(req));
	bx_request_headers(req, put_header, headers);
	bx_json_set(entry, "headers", headers);
	bx_json_set_str(entry, "body", kept);
	bx_json_set_int(entry, "body_length", (int64_t)len);
	return add(sb, entry);
}

void sb_trace_answer(struct sandbox *sb, int64_t seq, int status, const cJSON *answer)
{
	cJSON *entry = sb_find_id(&sb->tables[SB_LOG], seq);
	if (!entry)
		return;
	bx_json_set_int(entry, "status", status);
	const char *error = bx_json_str(answer, "error");
	if (error)
		bx_json_set_str(entry, "error", error);
}

int64_t sb_trace_sent(struct sandbox *sb, const char *url, const char *body)
{
	auto_free char *kept = bx_xstrndup(body, strnlen(body, BODY_KEPT));
	cJSON *entry = cJSON_CreateObject();
	stamp(sb, entry);
	bx_json_set_str(entry, "kind", "sent");
	bx_json_set_str(entry, "url", url);
	bx_json_set_str(entry, "body", kept);
	return add(sb, entry);
}

static void hide(struct bx_str *text, const char *secret)
{
	size_t len = secret ? strlen(secret) : 0;
	if (len < 6)
		return;
	for (char *p = text->buf; (p = strstr(p, secret));)
		memset(p, '*', len);
}

static void hide_all(const struct sandbox *sb, struct bx_str *text)
{
	static const struct {
		enum sb_table_id table;
		const char *key;
	} secrets[] = {{SB_TOKENS, "token"}, {SB_WEBHOOKS, "code"}, {SB_APPS, "client_secret"},
		{SB_APPS, "application_token"}, {SB_CODES, "code"}};
	for (size_t i = 0; i < BX_COUNT(secrets); i++) {
		const struct sb_table *t = &sb->tables[secrets[i].table];
		for (struct sb_row *r = t->first; r; r = r->next)
			hide(text, bx_json_str(r->data, secrets[i].key));
	}
}

cJSON *sb_trace_list(const struct sandbox *sb, int64_t after, bool mask)
{
	cJSON *list = cJSON_CreateArray();
	for (struct sb_row *r = sb->tables[SB_LOG].first; r; r = r->next) {
		int64_t seq = 0;
		bx_json_int(r->data, "seq", &seq);
		if (seq > after)
			cJSON_AddItemToArray(list, cJSON_Duplicate(r->data, true));
	}
	if (!mask)
		return list;
	auto_free char *plain = bx_json_print(list);
	auto_str struct bx_str text = BX_STR_INIT(256 * 1024 * 1024);
	bx_str_puts(&text, plain);
	hide_all(sb, &text);
	cJSON_Delete(list);
	return bx_json_parse(text.buf, text.len, NULL);
}
