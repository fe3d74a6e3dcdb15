/* The requests of the employees' pages: documents and assets. */
#include "embed.h"
#include "form.h"
#include "pages_impl.h"
#include "sandbox.h"
#include "spec.h"
#include "banned.h"

#define DOCUMENT_MAX (4 * 1024 * 1024)
#define JS           "text/javascript; charset=utf-8"
#define HTML         "text/html; charset=utf-8"
#define CSS          "text/css; charset=utf-8"

/* file name, symbol, type */
#define ASSETS(X)                                                                                  \
	X("base.css", base_css, CSS)                                                               \
	X("page.css", page_css, CSS)                                                               \
	X("card.css", card_css, CSS)                                                               \
	X("panels.css", panels_css, CSS)                                                           \
	X("boot.js", boot_js, JS)                                                                  \
	X("buttons.js", buttons_js, JS)                                                            \
	X("card.js", card_js, JS)                                                                  \
	X("clock.js", clock_js, JS)                                                                \
	X("commands.js", commands_js, JS)                                                          \
	X("desk.js", desk_js, JS)                                                                  \
	X("faces.js", faces_js, JS)                                                                \
	X("flag.js", flag_js, JS)                                                                  \
	X("icons.js", icons_js, JS)                                                                \
	X("interface.js", interface_js, JS)                                                        \
	X("line.js", line_js, JS)                                                                  \
	X("notice.js", notice_js, JS)                                                              \
	X("page.js", page_js, JS)                                                                  \
	X("panels.js", panels_js, JS)                                                              \
	X("shell.js", shell_js, JS)                                                                \
	X("slider.js", slider_js, JS)                                                              \
	X("timer.js", timer_js, JS)                                                                \
	X("view.js", view_js, JS)                                                                  \
	X("vocab.js", vocab_js, JS)                                                                \
	X("who.js", who_js, JS)                                                                    \
	X("wire.js", wire_js, JS)                                                                  \
	X("workers.js", workers_js, JS)

#define DECLARE(name, symbol, type) BX_EMBED(symbol);
ASSETS(DECLARE)
BX_EMBED(page_html);
BX_EMBED(practice_html);
BX_EMBED(who_html);

struct asset {
	const char *name, *type, *start, *end;
};

#define ROW(name, symbol, type) {name, type, _binary_##symbol##_start, _binary_##symbol##_end},
static const struct asset assets[] = {ASSETS(ROW)};

/* The assets' address holds a mark of their contents, so that browsers keep them for ever and
 * never keep an old one. */
static uint64_t assets_mark(void)
{
	static uint64_t mark;
	if (mark)
		return mark;
	mark = 14695981039346656037u;
	for (size_t i = 0; i < BX_COUNT(assets); i++)
		for (const char *c = assets[i].start; c < assets[i].end; c++)
			mark = (mark ^ (unsigned char)*c) * 1099511628211u;
	return mark;
}

static void reply_text(struct bx_request *req, int status, const char *text)
{
	bx_reply(req, status, "text/plain; charset=utf-8", text, strlen(text));
}

static void reply_asset(struct bx_request *req, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	for (size_t i = 0; i < BX_COUNT(assets); i++) {
		const struct asset *a = &assets[i];
		if (strcmp(a->name, name))
			continue;
		bx_reply_header(req, "Cache-Control", "public, max-age=31536000, immutable");
		bx_reply_static(req, 200, a->type, a->start, (size_t)(a->end - a->start));
		return;
	}
	reply_text(req, 404, "There is no such file.\n");
}

/* ---- Documents ---- */

/* Adds the template with @ASSETS@ and @BOOT@ filled in. */
static void fill(struct bx_str *out, const char *html, size_t len, const char *boot)
{
	const char *end = html + len;
	for (const char *c = html; c < end; c++) {
		if (*c != '@') {
			bx_str_putc(out, *c);
		} else if (bx_starts(c, "@ASSETS@")) {
			bx_str_printf(out, "/page/a/%016llx", (unsigned long long)assets_mark());
			c += strlen("@ASSETS@") - 1;
		} else if (bx_starts(c, "@BOOT@")) {
			bx_str_puts(out, boot);
			c += strlen("@BOOT@") - 1;
		}
	}
}

/* JSON inside a script element: nothing in it may end the element. */
static char *print_inline(const cJSON *boot)
{
	auto_free char *text = bx_json_print(boot);
	struct bx_str out;
	bx_str_init(&out, DOCUMENT_MAX);
	for (const char *c = text; *c; c++) {
		if (*c == '<')
			bx_str_puts(&out, "\\u003c");
		else
			bx_str_putc(&out, *c);
	}
	return bx_str_take(&out);
}

static void reply_document(struct bx_request *req, const char *html, size_t len, const cJSON *boot)
{
	auto_free char *text = print_inline(boot);
	auto_str struct bx_str out = BX_STR_INIT(DOCUMENT_MAX);
	fill(&out, html, len, text);
	bx_reply_header(req, "Cache-Control", "no-store");
	bx_reply(req, 200, HTML, out.buf, out.len);
}

/* The keys of what events and frame calls carry, in the order of their rows. */
static void add_keys(cJSON *map, enum bx_kind kind)
{
	for (const struct bx_op *const *table = bx_op_tables; *table; table++) {
		for (const struct bx_op *op = *table; op->wire; op++) {
			if (op->kind != kind || !op->fields->key || op->fields->flags & BX_BARE)
				continue;
			cJSON *list = cJSON_AddArrayToObject(map, op->verb);
			for (const struct bx_field *f = op->fields; f->key; f++)
				cJSON_AddItemToArray(list, cJSON_CreateString(f->key));
		}
	}
}

static void add_vocabulary(cJSON *boot)
{
	bx_json_set(boot, "vocabulary", bx_spec_json());
	cJSON *keys = cJSON_AddObjectToObject(boot, "keys");
	add_keys(keys, BX_CARD_EVENT);
	add_keys(keys, BX_FRAME_CALL);
}

static cJSON *rows(struct sandbox *sb, enum sb_table_id id)
{
	return sb_table_dump(&sb->tables[id]);
}

/* A side panel's document carries no telephony code unless told (portal.md 13.1). */
static void add_place(cJSON *boot, const cJSON *query)
{
	bool slider = bx_streq(bx_json_str(query, "IFRAME"), "Y");
	bool telephony = !slider || bx_json_truthy(bx_json_get(query, "telephony"));
	bx_json_set_bool(boot, "telephony", telephony);
	cJSON *line = cJSON_AddObjectToObject(boot, "line");
	bx_json_set_int(line, "slider", slider);
	bx_json_set_int(line, "telephony", telephony);
	bx_json_set_int(line, "desktop", bx_json_get(query, "desktop") != NULL);
	bx_json_set_int(line, "joins", bx_streq(bx_json_str(query, "tabs"), "all"));
}

static void reply_page(struct sandbox *sb, struct bx_request *req, int64_t user, const cJSON *query)
{
	const char *asked = bx_json_str(query, "uri"), *raw = bx_request_query(req);
	auto_free char *own = bx_xprintf("%s%s%s", bx_request_path(req), *raw ? "?" : "", raw);
	struct bx_err err = {0};
	const char *uri = !asked ? own : *asked ? asked : NULL;
	auto_json cJSON *boot = sandbox_page_data(sb, user, uri, &err);
	if (!boot) {
		reply_text(req, 404, "There is no such employee.\n");
		return;
	}
	add_vocabulary(boot);
	add_place(boot, query);
	bx_json_set(boot, "contacts", rows(sb, SB_CONTACTS));
	reply_document(req, BX_EMBED_TEXT(page_html), BX_EMBED_LEN(page_html), boot);
}

static void reply_who(struct sandbox *sb, struct bx_request *req)
{
	auto_json cJSON *boot = cJSON_CreateObject();
	bx_json_set_str(boot, "domain", sb->domain);
	bx_json_set(boot, "users", rows(sb, SB_USERS));
	reply_document(req, BX_EMBED_TEXT(who_html), BX_EMBED_LEN(who_html), boot);
}

static void add_header(void *arg, const char *name, const char *value)
{
	bx_json_set_str(arg, name, value);
}

static void reply_practice(struct bx_request *req)
{
	size_t len;
	auto_json cJSON *boot = cJSON_CreateObject();
	bx_json_set_str(boot, "method", bx_request_method(req));
	bx_json_set_str(boot, "query", bx_request_query(req));
	bx_json_set_str(boot, "body", bx_request_body(req, &len));
	bx_request_headers(req, add_header, cJSON_AddObjectToObject(boot, "headers"));
	reply_document(req, BX_EMBED_TEXT(practice_html), BX_EMBED_LEN(practice_html), boot);
}

/* ---- Routes ---- */

static bool page_user(const char *path, int64_t *user)
{
	static const char prefix[] = "/page/";
	if (!bx_starts(path, prefix))
		return false;
	auto_json cJSON *number = cJSON_CreateString(path + sizeof prefix - 1);
	return bx_json_as_int(number, user);
}

bool pages_request(struct sandbox *sb, struct bx_request *req)
{
	const char *path = bx_request_path(req), *query = bx_request_query(req);
	static const char ask[] = "/sandbox/page/";
	auto_json cJSON *q = bx_form_decode(query, strlen(query), NULL);
	int64_t user;
	if (!strcmp(path, "/"))
		reply_who(sb, req);
	else if (!strcmp(path, "/sandbox/page"))
		pages_line(sb, req, q);
	else if (bx_starts(path, ask))
		pages_ask(sb, req, path + sizeof ask - 1);
	else if (bx_starts(path, "/page/a/"))
		reply_asset(req, path);
	else if (!strcmp(path, "/page/practice"))
		reply_practice(req);
	else if (page_user(path, &user))
		reply_page(sb, req, user, q);
	else
		return false;
	return true;
}
