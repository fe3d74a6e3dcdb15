/* Writes profiles into the store of BX_STATE, one for each line that "bx-sandbox ctl portals
 * --install" prints, named p1 and so on: as many as there are, in one go. */
#include <unistd.h>
#include "clock.h"
#include "store_portal.h"
#include "json.h"

#define LINE_MAX_BYTES (1024 * 1024)

static const char *text(const cJSON *o, const char *key)
{
	const char *value = bx_json_str(o, key);
	return value ? value : "";
}

static bool add(struct bx_store *store, const cJSON *line, unsigned long number, struct bx_err *err)
{
	auto_profile struct bx_profile p;
	const cJSON *app = bx_json_get(line, "app");
	auto_free char *name = bx_xprintf("p%lu", number);
	auto_free char *endpoint = bx_xprintf("%s/rest/", text(line, "portal"));
	bx_profile_init(&p);
	bx_set_str(&p.name, name);
	bx_set_str(&p.domain, text(line, "domain"));
	bx_set_str(&p.client_endpoint, endpoint);
	bx_set_str(&p.auth_server, text(line, "auth_server"));
	bx_set_str(&p.client_id, text(app, "client_id"));
	bx_set_str(&p.client_secret, text(app, "client_secret"));
	bx_set_str(&p.member_id, text(line, "member_id"));
	bx_set_str(&p.access_token, text(line, "access_token"));
	bx_set_str(&p.refresh_token, text(line, "refresh_token"));
	bx_json_int(line, "expires", &p.expires_ms);
	p.expires_ms *= 1000;
	bool ok = bx_profile_add(store, &p, err);
	bx_profile_forget(&p);
	return ok;
}

int main(void)
{
	struct bx_err err = {0};
	auto_store struct bx_store *store = bx_portals_open(&err);
	struct bx_lines in;
	cJSON *line = NULL;
	int got = -1;
	bx_lines_init(&in, STDIN_FILENO, LINE_MAX_BYTES);
	bool ok = store && bx_store_begin(store, &err);
	while (ok && (got = bx_lines_next(&in, &line, &err)) == 1) {
		ok = add(store, line, in.number, &err);
		cJSON_Delete(line);
	}
	bx_lines_release(&in);
	if (ok && !got && bx_store_commit(store, &err))
		return 0;
	fprintf(stderr, "portals: %s\n", err.text);
	return 1;
}
