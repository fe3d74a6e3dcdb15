/* The envelope, its time and its headers (portal.md 2.4). */
#include <string.h>
#include "clock.h"
#include "entrance.h"
#include "faults.h"
#include "httpd.h"
#include "limits.h"
#include "secret.h"
#include "trace.h"
#include "banned.h"

#define ANSWER_MAX (64 * 1024 * 1024)
#define JSON_TYPE  "application/json; charset=utf-8"
#define XML_TYPE   "text/xml; charset=utf-8"

static size_t utf8_len(const unsigned char *p)
{
	size_t more = *p < 0x80 ? 0 : *p < 0xc2 ? 9 : *p < 0xe0 ? 1 : *p < 0xf0 ? 2 : *p < 0xf5 ? 3 : 9;
	unsigned char low = *p == 0xe0 ? 0xa0 : *p == 0xf0 ? 0x90 : 0x80;
	unsigned char high = *p == 0xed ? 0x9f : *p == 0xf4 ? 0x8f : 0xbf;
	if (more == 9 || (more && (p[1] < low || p[1] > high)))
		return 0;
	for (size_t i = 2; i <= more; i++) {
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	}
	return more + 1;
}

char *sb_print(const cJSON *tree, size_t *len)
{
	auto_free char *text = bx_json_print(tree);
	struct bx_str out = BX_STR_INIT(ANSWER_MAX);
	for (const char *p = text; *p;) {
		size_t run = strcspn(p, "/"), good;
		for (const char *q = p; q < p + run; q += good) {
			good = utf8_len((const unsigned char *)q);
			if (!good) {
				bx_str_release(&out);
				return NULL;
			}
		}
		bx_str_add(&out, p, run);
		p += run;
		if (*p)
			bx_str_puts(&out, "\\/");
		p += *p != 0;
	}
	*len = out.len;
	return bx_str_take(&out);
}

static void common_headers(struct bx_request *req)
{
	bx_reply_header(req, "Access-Control-Allow-Origin", "*");
	bx_reply_header(req, "Access-Control-Allow-Headers", "origin, content-type, accept");
	bx_reply_header(req, "X-Content-Type-Options", "nosniff");
}

void sb_reply_json(struct bx_request *req, int status, const cJSON *tree)
{
	size_t len;
	auto_free char *text = sb_print(tree, &len);
	static const char broken[] =
		"{\"error\":\"WRONG_ENCODING\",\"error_description\":\"Wrong request encoding\"}";
	common_headers(req);
	if (text)
		bx_reply(req, status, JSON_TYPE, text, len);
	else
		bx_reply(req, 200, JSON_TYPE, broken, sizeof broken - 1);
}

cJSON *sb_php_array(cJSON *item)
{
	long at = 0;
	for (const cJSON *e = item->child; e; e = e->next, at++) {
		auto_free char *expected = bx_xprintf("%ld", at);
		if (!bx_streq(e->string, expected))
			return item;
	}
	if (cJSON_IsObject(item))
		item->type = (item->type & ~0xff) | cJSON_Array;
	for (cJSON *e = item->child; e; e = e->next) {
		cJSON_free(e->string);
		e->string = NULL;
	}
	return item;
}

void sb_book_time(const struct sb_call *call)
{
	if (call->op && call->access && strcmp(call->op->verb, "batch") != 0)
		sb_operating(call->sb, sb_account(call), call->op->wire, sb_call_us(call) / 1000);
}

const char *sb_account(const struct sb_call *call)
{
	const char *client = bx_json_str(call->app, "CODE");
	return client ? client : call->webhook_code ? call->webhook_code : "";
}

static cJSON *micros(int64_t us)
{
	auto_free char *text = bx_xprintf("%lld.%06lld", (long long)(us / 1000000),
		(long long)(us % 1000000));
	return cJSON_CreateRaw(text);
}

cJSON *sb_time(const struct sb_call *call)
{
	struct sandbox *sb = call->sb;
	int64_t duration = sb_call_us(call);
	bool old = sb->opts.variants & SB_OLD_TIME;
	int64_t now = sandbox_now_ms(sb), start = (old ? now : now / 1000 * 1000) * 1000;
	int64_t finish = start + duration;
	struct sb_operating used = sb_operating(sb, sb_account(call), call->op->wire, 0);
	char text[BX_ISO_SIZE];
	cJSON *time = cJSON_CreateObject();
	bx_json_set(time, "start", old ? micros(start) : bx_json_int_item(start / 1000000));
	bx_json_set(time, "finish", micros(finish));
	bx_json_set(time, "duration", micros(duration));
	bx_json_set(time, "processing", old ? micros(duration) : bx_json_int_item(duration / 1000000));
	bx_time_iso(text, start / 1000, sb->opts.zone_minutes);
	bx_json_set_str(time, "date_start", text);
	bx_time_iso(text, finish / 1000, sb->opts.zone_minutes);
	bx_json_set_str(time, "date_finish", text);
	bx_json_set_int(time, "operating_reset_at", used.reset_at);
	bx_json_set(time, "operating", cJSON_CreateNumber((double)used.ms / 1000));
	return time;
}

/* The methods that answer a state of the caller's with a signature. */
static void sign_state(const struct sb_call *call, cJSON *envelope)
{
	const char *verb = call->op->verb, *secret = bx_json_str(call->app, "client_secret");
	if (!call->state || !secret || (!bx_streq(verb, "app.info") && !bx_streq(verb, "profile")))
		return;
	uint8_t key[BX_KEY_SIZE] = {0}, mac[BX_MAC_SIZE];
	char text[2 * BX_MAC_SIZE + 1];
	memcpy(key, secret, strnlen(secret, sizeof key));
	bx_mac(mac, key, call->state, strlen(call->state));
	bx_hex(text, mac, sizeof mac);
	bx_json_set_str(envelope, "signature", text);
}

static cJSON *envelope_of(struct sb_call *call)
{
	cJSON *envelope = cJSON_CreateObject();
	bx_json_set(envelope, "result", call->result);
	call->result = NULL;
	if (call->total >= 0)
		bx_json_set_int(envelope, "total", call->total);
	if (call->next >= 0)
		bx_json_set_int(envelope, "next", call->next);
	sign_state(call, envelope);
	if (!call->raw_answer)
		bx_json_set(envelope, "time", sb_time(call));
	return envelope;
}

static void cloud_headers(const struct sb_call *call)
{
	const char *client = bx_json_str(call->app, "CODE");
	auto_free char *seconds = bx_xprintf("%.10f", (double)sb_call_us(call) / 1e6);
	if (client)
		bx_reply_header(call->req, "X-Bitrix-Rest-Application", client);
	bx_reply_header(call->req, "X-Bitrix-Rest-Time", seconds);
}

static void reply_xml(struct bx_request *req, int status, const cJSON *tree)
{
	auto_str struct bx_str out = BX_STR_INIT(ANSWER_MAX);
	sb_xml(&out, tree);
	common_headers(req);
	bx_reply(req, status, XML_TYPE, out.buf, out.len);
}

void sb_answer(struct sb_call *call)
{
	auto_json cJSON *tree = call->error;
	if (call->error)
		call->error = NULL;
	else
		tree = envelope_of(call);
	sb_trace_answer(call->sb, call->trace, call->status, tree);
	if (sb_fault_breaks(call, tree))
		return;
	cloud_headers(call);
	if (call->xml)
		reply_xml(call->req, call->status, tree);
	else
		sb_reply_json(call->req, call->status, tree);
}
