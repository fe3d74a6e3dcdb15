#include "portals.h"

#include <string.h>
#include "access.h"
#include "apps.h"
#include "ctl.h"
#include "demo.h"
#include "entrance.h"
#include "limits.h"
#include "pages.h"
#include "sender.h"
#include "state.h"
#include "banned.h"

#define SUFFIX ".localhost"

void sb_portal_open(struct sandbox *sb)
{
	sb->pages = pages_new();
	sb->sender = sb_sender_new(sb);
	sb->limits = sb_limits_new();
}

void sb_portal_close(struct sandbox *sb)
{
	pages_free(sb->pages);
	sb_sender_free(sb->sender);
	sb_rest_abandon(sb);
	sb_limits_free(sb->limits);
}

static struct sandbox *found(struct sandbox *first, int64_t number)
{
	struct sandbox *sb = bx_xcalloc(1, sizeof *sb);
	sb->first = first;
	sb->loop = first->loop;
	sb->httpd = first->httpd;
	sb->opts = first->opts;
	sb->address = bx_xstrdup(first->address);
	sb->domain = bx_xprintf("p%lld" SUFFIX "%s", (long long)number, strrchr(first->address, ':'));
	sb_state_init(sb);
	sb_demo(sb);
	sb_portal_open(sb);
	return sb;
}

struct sandbox *sb_portal(struct sandbox *first, int64_t number)
{
	if (number < 1 || number > first->opts.portals)
		return NULL;
	if (number == 1)
		return first;
	if (!first->more)
		first->more = bx_xcalloc((size_t)first->opts.portals, sizeof(struct sandbox *));
	struct sandbox **slot = &first->more[number - 1];
	if (!*slot)
		*slot = found(first, number);
	return *slot;
}

struct sandbox *sb_portal_of(struct sandbox *first, const char *host)
{
	long long number;
	int used = 0;
	bool further = host && sscanf(host, "p%lld" SUFFIX "%n", &number, &used) == 1 && used &&
		(!host[used] || host[used] == ':');
	struct sandbox *sb = further ? sb_portal(first, number) : NULL;
	return sb ? sb : first;
}

void sb_portals_close(struct sandbox *first)
{
	for (int64_t i = 0; first->more && i < first->opts.portals; i++) {
		if (!first->more[i])
			continue;
		sb_portal_close(first->more[i]);
		sb_state_release(first->more[i]);
		free(first->more[i]);
	}
	free(first->more);
	first->more = NULL;
}

/* How often each method was asked for, of the requests the log remembers. */
static cJSON *requests(const struct sandbox *sb)
{
	cJSON *counts = cJSON_CreateObject();
	for (const struct sb_row *r = sb->tables[SB_LOG].first; r; r = r->next) {
		const char *path = bx_json_str(r->data, "path"), *slash = path ? strrchr(path, '/') : NULL;
		int64_t count = 0;
		if (!slash || !bx_streq(bx_json_str(r->data, "kind"), "rest"))
			continue;
		bx_json_int(counts, slash + 1, &count);
		bx_json_set_int(counts, slash + 1, count + 1);
	}
	return counts;
}

static bool install(struct sandbox *sb, cJSON *line, struct bx_err *err)
{
	cJSON *app = sb_app_named(sb, NULL);
	struct sb_install how = {.user = sb_first_admin(sb)};
	if (!app)
		return bx_fail(err, BX_ABSENT, "", "%s has no app", sb->domain);
	if (!bx_json_bool(app, "ADDED", false) && !sb_install(sb, app, &how, err))
		return false;
	struct sb_pair pair = sb_issue(sb, app, how.user, true, 0);
	bx_json_set_str(line, "access_token", pair.access);
	bx_json_set_str(line, "refresh_token", pair.refresh);
	bx_json_set_int(line, "expires", pair.expires);
	bx_json_set_int(line, "user_id", how.user);
	return true;
}

cJSON *sb_ctl_portals(struct sandbox *sb, const cJSON *params, struct bx_err *err)
{
	struct sandbox *first = sb->first ? sb->first : sb;
	cJSON *list = cJSON_CreateArray();
	for (int64_t i = 1; i <= first->opts.portals; i++) {
		struct sandbox *one = sb_portal(first, i);
		cJSON *line = sb_state_line(one);
		bx_json_set(line, "users", NULL);
		bx_json_set(line, "requests", requests(one));
		cJSON_AddItemToArray(list, line);
		if (bx_json_bool(params, "install", false) && !install(one, line, err)) {
			cJSON_Delete(list);
			return NULL;
		}
		if (bx_json_bool(params, "forget", false))
			sb_clear(&one->tables[SB_LOG]);
	}
	return list;
}
