#include "status.h"

#include <string.h>
#include "bridge.h"
#include "clock.h"
#include "commands.h"
#include "embed.h"
#include "health.h"
#include "loads.h"
#include "presence.h"
#include "recent.h"
#include "banned.h"

BX_EMBED(status_html);
BX_EMBED(status_css);
BX_EMBED(status_parts_css);
BX_EMBED(status_js);

#define PAGE_MAX   (256 * 1024)
#define NONCE_SIZE 25

static void reply_json(struct serve *serve, struct bx_request *req)
{
	auto_json cJSON *o = commands_status(serve);
	char iso[BX_ISO_SIZE];
	bx_time_iso_local(iso, bx_now_ms());
	bx_json_set_str(o, "time", iso);
	bx_json_set_bool(o, "draining", serve->draining);
	bx_json_set(o, "open_cards", bridge_list(serve->bridge));
	if (serve->presence)
		bx_json_set(o, "online", commands_online(serve, NULL, 0));
	bx_json_set(o, "health", health_list(serve));
	bx_json_set(o, "loads", loads_json(serve->loads));
	bx_json_set(o, "events", recent_list(serve->recent));
	auto_free char *text = bx_json_pretty(o);
	bx_reply_header(req, "Cache-Control", "no-store");
	bx_reply(req, 200, "application/json", text, strlen(text));
}

/* The page, in which @NONCE@, @STYLE@, @PARTS@ and @SCRIPT@ stand for what they name. */
static void compose(struct bx_str *out, const char *nonce)
{
	const struct {
		const char *mark, *text;
		size_t len;
	} parts[] = {
		{"@NONCE@", nonce, strlen(nonce)},
		{"@STYLE@", BX_EMBED_TEXT(status_css), BX_EMBED_LEN(status_css)},
		{"@PARTS@", BX_EMBED_TEXT(status_parts_css), BX_EMBED_LEN(status_parts_css)},
		{"@SCRIPT@", BX_EMBED_TEXT(status_js), BX_EMBED_LEN(status_js)},
	};
	const char *at = BX_EMBED_TEXT(status_html), *end = at + BX_EMBED_LEN(status_html);
	while (at < end) {
		size_t i = 0, len = 1;
		while (i < BX_COUNT(parts) && ((size_t)(end - at) < strlen(parts[i].mark) ||
						      strncmp(at, parts[i].mark, strlen(parts[i].mark)) != 0))
			i++;
		if (i < BX_COUNT(parts)) {
			bx_str_add(out, parts[i].text, parts[i].len);
			len = strlen(parts[i].mark);
		} else {
			bx_str_putc(out, *at);
		}
		at += len;
	}
}

static void reply_page(struct bx_request *req)
{
	auto_str struct bx_str body = BX_STR_INIT(PAGE_MAX), policy = BX_STR_INIT(512);
	char nonce[NONCE_SIZE];
	bx_random_hex(nonce, NONCE_SIZE / 2);
	compose(&body, nonce);
	bx_str_printf(&policy, "default-src 'none'; script-src 'nonce-%s'; style-src 'nonce-%s'; connect-src 'self'; "
			       "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		nonce, nonce);
	bx_reply_header(req, "Content-Security-Policy", policy.buf);
	bx_reply_header(req, "Cache-Control", "no-store");
	bx_reply_header(req, "X-Content-Type-Options", "nosniff");
	bx_reply_header(req, "Referrer-Policy", "no-referrer");
	bx_reply(req, 200, "text/html; charset=utf-8", body.buf, body.len);
}

void status_request(struct serve *serve, struct bx_request *req)
{
	const char *accept = bx_request_header(req, "Accept");
	bx_reply_header(req, "Vary", "Accept");
	if (accept && strstr(accept, "text/html"))
		reply_page(req);
	else
		reply_json(serve, req);
}
