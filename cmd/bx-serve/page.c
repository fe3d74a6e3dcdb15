#include "page.h"

#include <ctype.h>
#include <string.h>
#include "client.h"
#include "embed.h"
#include "spec.h"
#include "banned.h"

BX_EMBED(worker_js);
BX_EMBED(client_js);
BX_EMBED(install_js);
BX_EMBED(mic_js);
BX_EMBED(presence_js);

#define PAGE_MAX  (64 * 1024)
#define HTML	  "text/html; charset=utf-8"
#define TELL_PART 0.375 /* of a slow load: from there on frames tell, below it a sample of them does */

struct pages {
	char *install, *mic; /* scripts, small */
	/* Of the worker's page, without and with the user's client in the frame, what follows this
	 * document's own part: the vocabulary and the script. */
	struct bx_tail *worker[2];
	char *finish;		/* the words of the installer */
	struct bx_str document; /* the last one; its memory serves the next */
};

static bool word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$';
}

/* What stands between two characters of a script: nothing where the language allows it. A line's
 * end that may end a statement stays. */
static char gap(char before, char after, bool line)
{
	if (!before || !after || strchr("{;,(", before) || after == '}')
		return 0;
	if (line)
		return '\n';
	bool needed = (word_char(before) && word_char(after)) || (before == after && strchr("+-", before));
	return needed ? ' ' : 0;
}

static const char *skip_blank(const char *p, const char *end, bool *line)
{
	for (*line = false; p < end; p++) {
		*line = *line || *p == '\n';
		if (p + 1 < end && p[0] == '/' && p[1] == '/')
			p = memchr(p, '\n', (size_t)(end - p)), *line = true;
		else if (!isspace((unsigned char)*p))
			break;
	}
	return p;
}

static const char *copy_quoted(struct bx_str *out, const char *p, const char *end)
{
	const char *start = p;
	for (char quote = *p++; p < end && *p != quote; p++)
		p += *p == '\\';
	bx_str_add(out, start, (size_t)(p + 1 - start));
	return p + 1;
}

static void put_code(struct bx_str *out, char c)
{
	if (c == '}' && out->len && out->buf[out->len - 1] == ';')
		out->buf[--out->len] = 0; /* the block ends the statement as well */
	bx_str_putc(out, c);
}

/* The script without comments and needless space. It knows no empty statement at a
 * block's end, and no regular expressions with quotes. */
static char *small_script(const char *text, size_t len)
{
	struct bx_str out = BX_STR_INIT(PAGE_MAX);
	const char *p = text, *end = text + len;
	while (p < end) {
		bool line;
		const char *next = skip_blank(p, end, &line);
		if (next > p) {
			char c = gap(out.len ? out.buf[out.len - 1] : 0, next < end ? *next : 0, line);
			if (c)
				bx_str_putc(&out, c);
			p = next;
		} else if (*p == '\'' || *p == '"' || *p == '`') {
			p = copy_quoted(&out, p, end);
		} else {
			put_code(&out, *p++);
		}
	}
	return bx_str_take(&out);
}

static void add_script(struct bx_str *out, const char *text, size_t len)
{
	auto_free char *small = small_script(text, len);
	bx_str_puts(out, small);
}

/* JSON inside a script element: what could end the element is spelled otherwise. */
static void add_json(struct bx_str *out, const cJSON *item)
{
	auto_free char *text = bx_json_print(item);
	for (const char *p = text; *p; p++) {
		if (*p == '<')
			bx_str_puts(out, "\\u003c");
		else
			bx_str_putc(out, *p);
	}
}

/* The frame puts parameters together for nobody but the user's client, so without one the wire
 * names of its commands are enough. */
static cJSON *slim_words(bool client)
{
	cJSON *words = bx_spec_json_frame(), *commands = bx_json_get(words, "commands"), *command, *next;
	cJSON *keys = client ? cJSON_AddObjectToObject(words, "keys") : NULL;
	for (command = commands->child; command; command = next) {
		next = command->next;
		cJSON *name = cJSON_DetachItemFromArray(command, 0);
		if (keys)
			bx_json_set(keys, command->string, cJSON_Duplicate(command, true));
		bx_json_set(commands, command->string, name);
	}
	cJSON *calls = bx_json_get(words, "calls");
	bx_json_set(calls, "getInterface", NULL);
	bx_json_set(calls, "setInstallFinish", NULL);
	return words;
}

/* Behind what is this document's own. */
static void add_words(struct bx_str *out, int64_t slow_ms, bool client)
{
	auto_json cJSON *words = slim_words(client);
	bx_str_puts(out, ",\"v\":");
	add_json(out, words);
	bx_str_printf(out, ",\"m\":\"%s\",\"w\":%d", bx_op_by_verb(BX_METHOD, "profile")->wire,
		(int)(slow_ms * TELL_PART));
}

static void add_scripts(struct bx_str *out, bool presence, bool client)
{
	bx_str_puts(out, "};\n");
	add_script(out, BX_EMBED_TEXT(worker_js), BX_EMBED_LEN(worker_js));
	if (presence)
		add_script(out, BX_EMBED_TEXT(presence_js), BX_EMBED_LEN(presence_js));
	if (client) {
		bx_str_puts(out, "\n{");
		add_script(out, BX_EMBED_TEXT(client_js), BX_EMBED_LEN(client_js));
		bx_str_puts(out, "}}");
	}
	bx_str_puts(out, "</script>\n");
}

static struct bx_tail *worker_tail(int64_t slow_ms, bool presence, bool client)
{
	auto_str struct bx_str text = BX_STR_INIT(PAGE_MAX);
	add_words(&text, slow_ms, client);
	add_scripts(&text, presence, client);
	return bx_tail_new(text.buf, text.len);
}

struct pages *pages_new(int64_t slow_ms, bool presence)
{
	struct pages *pages = bx_xcalloc(1, sizeof *pages);
	*pages = (struct pages){
		.mic = small_script(BX_EMBED_TEXT(mic_js), BX_EMBED_LEN(mic_js)),
		.install = small_script(BX_EMBED_TEXT(install_js), BX_EMBED_LEN(install_js)),
		.finish = bx_xprintf("const C={\"f\":\"%s\"",
			bx_op_by_verb(BX_FRAME_CALL, "setInstallFinish")->wire),
		.document = BX_STR_INIT(PAGE_MAX),
	};
	for (int client = 0; client < 2; client++)
		pages->worker[client] = worker_tail(slow_ms, presence, client);
	return pages;
}

void pages_free(struct pages *pages)
{
	if (!pages)
		return;
	free(pages->install);
	free(pages->mic);
	for (int client = 0; client < 2; client++)
		bx_tail_free(pages->worker[client]);
	free(pages->finish);
	bx_str_release(&pages->document);
	free(pages);
}

static bool plain_char(unsigned char c)
{
	static const uint32_t odd[8] = {0xffffffff, 1u << ('"' & 31) | 1u << ('<' & 31), 1u << ('\\' & 31)};
	return !(odd[c >> 5] >> (c & 31) & 1);
}

/* A string of the script; what could end it, or the element, is spelled otherwise. */
static void add_field(struct bx_str *out, const char *key, const char *text)
{
	bx_str_puts(out, key);
	for (const char *p = text ? text : "", *plain = p;; plain = ++p) {
		while (plain_char((unsigned char)*p))
			p++;
		bx_str_add(out, plain, (size_t)(p - plain));
		if (!*p)
			break;
		bx_str_printf(out, "\\u%04x", (unsigned char)*p);
	}
	bx_str_putc(out, '"');
}

#define COMMON_HEADERS                                                                  \
	"Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n" \
	"Referrer-Policy: no-referrer\r\n"

static void common_headers(struct bx_request *req)
{
	bx_reply_lines(req, COMMON_HEADERS);
}

static struct bx_piece piece(const char *text)
{
	return (struct bx_piece){text, strlen(text)};
}

/* Only this script runs, and only this portal may frame it. There is no X-Frame-Options: it knows
 * no second origin. */
static void frame_headers(struct serve *serve, struct bx_request *req, struct bx_piece origin, struct bx_piece nonce)
{
	const struct bx_piece pieces[] = {
		BX_PIECE("Content-Security-Policy: default-src 'none'; script-src 'nonce-"), nonce,
		BX_PIECE("'; connect-src 'self' "), piece(serve->url.socket), BX_PIECE(" "), origin,
		piece(client_policy(serve->client)), BX_PIECE("; frame-ancestors "), origin,
		BX_PIECE("; base-uri 'none'; form-action 'none'\r\n" COMMON_HEADERS)};
	bx_reply_pieces(req, pieces, BX_COUNT(pieces));
}

static void reply_html(struct bx_request *req, int status, const struct bx_str *body)
{
	bx_reply(req, status, HTML, body->buf, body->len);
}

/* The document's own part. Token, session, APP_SID and origin hold nothing a script would have spelled
 * otherwise. Braces, since the names of one script are those of the next, and the client has its own. */
static void add_own(struct bx_str *body, const struct serve *serve, const struct page *page,
	struct bx_piece origin, struct bx_piece nonce)
{
	const struct bx_piece pieces[] = {
		BX_PIECE("<!DOCTYPE html><meta charset=utf-8><title>bx</title><script nonce="), nonce,
		piece(serve->client ? ">{const C={\"t\":\"" : ">const C={\"t\":\""), piece(page->token),
		BX_PIECE("\",\"k\":\""), piece(page->session), BX_PIECE("\",\"s\":\""), piece(page->sid),
		BX_PIECE("\",\"o\":\""), origin, BX_PIECE("\"")};
	bx_str_pieces(body, pieces, BX_COUNT(pieces));
	add_field(body, ",\"i\":\"", page->group);
	if (serve->client)
		add_field(body, ",\"j\":\"", client_address(serve->client));
	bx_str_puts(body, ",\"d\":");
	bx_str_number(body, page->ms);
}

void page_worker(struct serve *serve, struct bx_request *req, const struct page *page)
{
	struct bx_str *body = &serve->pages->document;
	struct bx_piece origin = piece(page->origin);
	char hex[25];
	bx_random_hex(hex, 12);
	struct bx_piece nonce = {hex, sizeof hex - 1};
	bx_str_reset(body);
	add_own(body, serve, page, origin, nonce);
	frame_headers(serve, req, origin, nonce);
	bx_reply_tail(req, 200, HTML, body->buf, body->len, serve->pages->worker[serve->client != NULL]);
}

void page_install(struct serve *serve, struct bx_request *req, const struct page *page, const char *text,
	bool finish)
{
	auto_str struct bx_str body = BX_STR_INIT(PAGE_MAX);
	char nonce[25];
	bx_random_hex(nonce, 12);
	bx_str_printf(&body, "<!DOCTYPE html><meta charset=utf-8><title>bx</title><p>%s", text);
	if (finish) {
		bx_str_printf(&body, "<script nonce=%s>%s", nonce, serve->pages->finish);
		add_field(&body, ",\"s\":\"", page->sid);
		add_field(&body, ",\"o\":\"", page->origin);
		bx_str_printf(&body, "};\n%s</script>\n", serve->pages->install);
	}
	frame_headers(serve, req, piece(page->origin), piece(nonce));
	reply_html(req, 200, &body);
}

void page_mic(struct serve *serve, struct bx_request *req, const char *origin)
{
	auto_str struct bx_str body = BX_STR_INIT(PAGE_MAX), policy = BX_STR_INIT(1024);
	char nonce[25];
	bx_random_hex(nonce, 12);
	bx_str_printf(&body,
		"<!DOCTYPE html><html lang=en><meta charset=utf-8><title>The microphone</title>"
		"<meta name=viewport content=\"width=device-width\"><style nonce=%s>"
		":root{color-scheme:light dark;font:1rem/1.5 sans-serif}body{margin:2rem auto;max-width:32rem;"
		"padding:0 1rem}meter{display:block;width:100%%;height:2rem}button{font:inherit;padding:.4em 1em}"
		"</style><h1>The microphone</h1><p role=status>%s</p>"
		"<meter max=.5 aria-label=Level></meter><button>Try the microphone</button><script nonce=%s>\n",
		nonce,
		origin ? "Your browser asks once whether the portal may use it."
		       : "This tries the device. Open it within the portal to grant it to the portal's pages.",
		nonce);
	bx_str_puts(&body, serve->pages->mic);
	bx_str_puts(&body, "</script></html>\n");
	bx_str_printf(&policy,
		"default-src 'none'; script-src 'nonce-%s'; style-src 'nonce-%s'; frame-ancestors %s;"
		" base-uri 'none'; form-action 'none'",
		nonce, nonce, origin ? origin : "'none'");
	bx_reply_header(req, "Content-Security-Policy", policy.buf);
	common_headers(req);
	reply_html(req, 200, &body);
}

void page_plain(struct bx_request *req, int status, const char *text)
{
	auto_str struct bx_str body = BX_STR_INIT(PAGE_MAX);
	bx_str_printf(&body, "<!DOCTYPE html><meta charset=utf-8><title>bx-serve</title><p>%s\n", text);
	bx_reply_header(req, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
	common_headers(req);
	reply_html(req, status, &body);
}
