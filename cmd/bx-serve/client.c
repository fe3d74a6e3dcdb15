#include "client.h"

#include <string.h>
#include "file.h"
#include "log.h"
#include "page.h"
#include "banned.h"

#define CLIENT_MAX (4 * 1024 * 1024)
#define HASH_BYTES 8
#define ADDRESS	   "client.js?"

struct client {
	const char *path;
	struct bx_str text, policy;
	char address[sizeof ADDRESS + 2 * HASH_BYTES];
};

/* How many bytes the character at p has; 0: none that a script would have. */
static size_t character(const unsigned char *p)
{
	size_t len = *p < 0x80 ? 1 : *p < 0xc2 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf5 ? 4 : 0;
	if (len == 1 && *p < ' ' && !strchr("\t\n\v\f\r", *p))
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

static bool readable(const struct bx_str *text)
{
	const unsigned char *p = (const unsigned char *)text->buf, *end = p + text->len;
	size_t len;
	while (p < end && *p && (len = character(p)))
		p += len;
	return p == end;
}

static bool read_script(struct bx_str *out, const char *path, struct bx_err *err)
{
	struct bx_err why = {0};
	if (!bx_file_read(out, path, &why))
		return bx_fail(err, BX_USAGE, "", "--client-js: %s", why.text);
	if (!out->len)
		return bx_fail(err, BX_USAGE, "", "--client-js: %s is empty", path);
	return readable(out) || bx_fail(err, BX_USAGE, "", "--client-js: %s is not text in UTF-8", path);
}

/* Of the file's bytes, so that a browser keeps what has not changed. */
static void name_script(struct client *client)
{
	static const uint8_t key[BX_KEY_SIZE];
	uint8_t mac[BX_MAC_SIZE];
	bx_mac(mac, key, client->text.buf, client->text.len);
	memcpy(client->address, ADDRESS, sizeof ADDRESS);
	bx_hex(client->address + sizeof ADDRESS - 1, mac, HASH_BYTES);
}

static bool write_policy(struct bx_str *policy, const struct serve_opts *opts, struct bx_err *err)
{
	for (size_t i = 0; i < opts->connect_len; i++) {
		if (!origin_known(opts->connect[i]))
			return bx_fail(err, BX_USAGE, "",
				"--connect-src is https, wss, http or ws://HOST[:PORT], not %s", opts->connect[i]);
		bx_str_putc(policy, ' ');
		bx_str_puts(policy, opts->connect[i]);
	}
	bx_str_puts(policy, "; media-src blob: data:");
	return !policy->over || bx_fail(err, BX_USAGE, "", "--connect-src: too many origins");
}

bool client_open(struct serve *serve, struct bx_err *err)
{
	const struct serve_opts *opts = &serve->opts;
	if (!opts->client_js)
		return !opts->connect_len ||
		       bx_fail(err, BX_USAGE, "", "--connect-src is for the client that --client-js names");
	struct client *client = serve->client = bx_xcalloc(1, sizeof *client);
	client->path = opts->client_js;
	bx_str_init(&client->text, CLIENT_MAX);
	bx_str_init(&client->policy, CLIENT_POLICY_MAX);
	if (!read_script(&client->text, client->path, err) || !write_policy(&client->policy, opts, err))
		return false;
	name_script(client);
	return true;
}

void client_renew(struct client *client)
{
	struct bx_err err = {0};
	if (!client)
		return;
	auto_str struct bx_str text = BX_STR_INIT(CLIENT_MAX);
	if (!read_script(&text, client->path, &err)) {
		bx_log(BX_LOG_ERROR, "the old client stays: %s", err.text);
		return;
	}
	struct bx_str old = client->text;
	client->text = text;
	text = old;
	name_script(client);
}

void client_free(struct client *client)
{
	if (!client)
		return;
	bx_str_release(&client->text);
	bx_str_release(&client->policy);
	free(client);
}

const char *client_address(const struct client *client)
{
	return client ? client->address : "";
}

const char *client_policy(const struct client *client)
{
	return client ? client->policy.buf : "";
}

void client_request(struct serve *serve, struct bx_request *req)
{
	const struct client *client = serve->client;
	if (!client) {
		page_plain(req, 404, "There is nothing here.");
		return;
	}
	bool named = bx_streq(bx_request_query(req), client->address + sizeof ADDRESS - 1);
	bx_reply_header(req, "Cache-Control", named ? "public, max-age=31536000, immutable" : "no-store");
	bx_reply_header(req, "X-Content-Type-Options", "nosniff");
	bx_reply(req, 200, "text/javascript; charset=utf-8", client->text.buf, client->text.len);
}
