/* Raw requests to the sandbox: every path it knows, REST and OAuth and pages and /sandbox/. */
#include "bx-sandbox/routes.h"
#include "httpd.h"
#include "peer.h"
#include "portal.h"

static struct sandbox sb;
static char *dir, *path;

/* Those of tests/wire/http. */
static const struct {
	enum sb_table_id table;
	const char *row;
} known[] = {
	{SB_WEBHOOKS, "{\"code\":\"k3y0\",\"user\":1,\"scope\":[\"telephony\",\"user\"]}"},
	{SB_TOKENS, "{\"token\":\"a1f3c0de0001\",\"kind\":\"access\",\"app\":3,\"user\":1,\"expires_ms\":32503680000000}"},
	{SB_TOKENS, "{\"token\":\"b2e4d1ef0001\",\"kind\":\"refresh\",\"app\":3,\"user\":1,\"expires_ms\":32503680000000}"},
};

static void leave(void)
{
	unlink(path);
	rmdir(dir);
}

static void begin(void)
{
	dir = fuzz_folder();
	path = bx_xprintf("%s/http", dir);
	sb.loop = bx_loop_new(NULL);
	atexit(leave);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bx_httpd_opts opts = {.listen_fd = -1, .body_max = 1024 * 1024, .deadline_ms = 60000};
	struct bx_err err = {0};
	if (!sb.loop)
		begin();
	portal_fill(&sb);
	for (size_t i = 0; i < BX_COUNT(known); i++)
		sb_add(&sb.tables[known[i].table], bx_json_parse(known[i].row, strlen(known[i].row), NULL));
	opts.listen = path;
	sb.httpd = bx_httpd_new(sb.loop, &opts, sb_route, &sb, &err);
	must(sb.httpd, "a server can be had");
	speak(sb.loop, path, data, size);
	bx_httpd_free(sb.httpd);
	portal_empty(&sb);
	return 0;
}
