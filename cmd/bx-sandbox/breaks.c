/* Answers that break on their way. */
#include <string.h>
#include "entrance.h"
#include "faults.h"
#include "httpd.h"
#include "banned.h"

#define PAUSE_MS 100

const char *const sb_breaks[] = {"cut", "drop", "half", "trickle", "garbage", "html", "empty", NULL};

static void raw_answer(struct bx_str *raw, int status, const cJSON *tree, size_t *body_len)
{
	auto_free char *text = sb_print(tree, body_len);
	*body_len = text ? *body_len : 0;
	bx_str_init(raw, 65536 + *body_len);
	bx_str_printf(raw, "HTTP/1.1 %d \r\nContent-Type: application/json; charset=utf-8\r\n"
			   "Connection: close\r\nContent-Length: %zu\r\n\r\n", status, *body_len);
	bx_str_add(raw, text ? text : "", *body_len);
}

static void answer_raw(struct bx_request *req, const cJSON *order, int status, const cJSON *tree)
{
	size_t body;
	auto_str struct bx_str raw = BX_STR_INIT(0);
	int64_t pause = 0;
	raw_answer(&raw, status, tree, &body);
	bx_json_int(order, "MS", &pause);
	if (!strcmp(bx_json_str(order, "CODE"), "half"))
		bx_reply_cut(req, raw.buf, raw.len - body + body / 2);
	else
		bx_reply_trickle(req, raw.buf, raw.len, pause > 0 ? (int)pause : PAUSE_MS);
}

void sb_break(struct bx_request *req, const cJSON *order, int status, const cJSON *tree)
{
	static const char page[] = "<html><body><h1>502 Bad Gateway</h1></body></html>";
	static const char garbage[] = "\x16\x03\x01 this is no HTTP\r\n\r\n";
	const char *code = bx_json_str(order, "CODE");
	int64_t given = 0;
	bx_json_int(order, "STATUS", &given);
	if (!strcmp(code, "half") || !strcmp(code, "trickle"))
		answer_raw(req, order, status, tree);
	else if (!strcmp(code, "html"))
		bx_reply(req, given ? (int)given : 502, "text/html", page, sizeof page - 1);
	else if (!strcmp(code, "empty"))
		bx_reply(req, given ? (int)given : 200, "text/html", "", 0);
	else
		bx_reply_cut(req, garbage, strcmp(code, "garbage") ? 0 : sizeof garbage - 1);
}
