#include "portal_call.h"

#include <string.h>
#include <unistd.h>
#include "store_portal.h"
#include "banned.h"

#define LINE_MAX_BYTES (1024 * 1024)
#define CALL_ID_MAX    256

const char *bx_portal_asked(const struct bx_cli *cli)
{
	const char *given = bx_opt(cli, "portal"), *env = getenv("BX_PORTAL");
	return given ? given : env && *env ? env : NULL;
}

static bool usable(const char *call_id)
{
	return call_id && *call_id && strlen(call_id) <= CALL_ID_MAX;
}

/* Lines that are not JSON are passed over: a program may say more than its results. */
static char *from_stdin(struct bx_err *err)
{
	BX_CLEANUP(bx_lines_release) struct bx_lines in;
	bx_lines_init(&in, STDIN_FILENO, LINE_MAX_BYTES);
	char *line;
	int got;
	while ((got = bx_lines_text(&in, &line, err)) == 1) {
		auto_json cJSON *item = bx_json_parse(line, strlen(line), NULL);
		const char *call_id = bx_json_str(item, "CALL_ID");
		if (usable(call_id))
			return bx_xstrdup(call_id);
	}
	if (!got)
		bx_fail(err, BX_ABSENT, "", "no line with a CALL_ID on standard input");
	return NULL;
}

static char *from_external(const char *portal, const char *id, struct bx_err *err)
{
	auto_store struct bx_store *store = bx_portals_open(err);
	if (!store)
		return NULL;
	auto_known_call struct bx_known_call call;
	bx_known_call_init(&call);
	return bx_known_call_by_external(store, portal, id, &call, err) ? bx_xstrdup(call.call_id) : NULL;
}

char *bx_call_option(const struct bx_cli *cli, struct bx_err *err)
{
	const char *given = bx_opt(cli, "call");
	if (!given) {
		bx_fail(err, BX_USAGE, "", "which call? use -c CALL_ID, -c ext:ID or -c -");
		return NULL;
	}
	return bx_call_named(cli, given, err);
}

char *bx_call_named(const struct bx_cli *cli, const char *given, struct bx_err *err)
{
	if (!strcmp(given, "-"))
		return from_stdin(err);
	if (bx_starts(given, "ext:"))
		return from_external(bx_portal_asked(cli), given + 4, err);
	if (usable(given))
		return bx_xstrdup(given);
	bx_fail(err, BX_USAGE, "", "--call '%s' is not a CALL_ID", given);
	return NULL;
}
