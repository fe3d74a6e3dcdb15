#include "health.h"

#include <string.h>
#include "clock.h"
#include "heal.h"
#include "loads.h"
#include "banned.h"

struct seen {
	struct seen *next;
	char *portal;
	int64_t page_ms; /* Unix time */
};

struct health {
	struct seen *seen; /* one for each profile whose pages come */
};

void health_page(struct health *health, const char *portal)
{
	struct seen *seen = health->seen;
	while (seen && strcmp(seen->portal, portal) != 0)
		seen = seen->next;
	if (!seen) {
		seen = bx_xcalloc(1, sizeof *seen);
		*seen = (struct seen){.next = health->seen, .portal = bx_xstrdup(portal)};
		health->seen = seen;
	}
	seen->page_ms = bx_now_about_ms();
}

static void set_time(cJSON *out, const char *key, int64_t ms)
{
	char iso[BX_ISO_SIZE];
	if (!ms)
		return;
	bx_time_iso_local(iso, ms);
	bx_json_set_str(out, key, iso);
}

/* What a list by portals says of this one; without its name. */
static void set_found(cJSON *out, const char *key, const cJSON *list, const char *portal)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, list) {
		if (!bx_streq(bx_json_str(item, "portal"), portal))
			continue;
		cJSON *found = cJSON_Duplicate(item, true);
		bx_json_set(found, "portal", NULL);
		bx_json_set(out, key, found);
	}
}

static cJSON *view(const struct health *health, const struct bx_profile *profile, const cJSON *healing,
	const cJSON *slow)
{
	cJSON *out = cJSON_CreateObject();
	bx_json_set_str(out, "portal", profile->name);
	bx_json_set_str(out, "domain", profile->domain);
	bx_json_set_bool(out, "webhook", profile->webhook);
	if (profile->webhook)
		return out;
	bx_json_set_str(out, "app", profile->removed_ms ? "removed" : profile->waiting ? "waiting" : "installed");
	set_time(out, "token_expires", profile->expires_ms);
	for (const struct seen *seen = health->seen; seen; seen = seen->next)
		if (!strcmp(seen->portal, profile->name))
			set_time(out, "page", seen->page_ms);
	set_found(out, "healing", healing, profile->name);
	set_found(out, "slow", slow, profile->name);
	return out;
}

cJSON *health_list(struct serve *serve)
{
	size_t count;
	const struct bx_profile *profiles = portals_all(serve->portals, &count);
	auto_json cJSON *healing = heal_list(serve->heal), *slow = loads_list(serve->loads);
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < count && i < HEALTH_MAX; i++)
		cJSON_AddItemToArray(list, view(serve->health, &profiles[i], healing, slow));
	return list;
}

struct health *health_new(void)
{
	return bx_xcalloc(1, sizeof(struct health));
}

void health_free(struct health *health)
{
	for (struct seen *seen = health ? health->seen : NULL, *next; seen; seen = next) {
		next = seen->next;
		free(seen->portal);
		free(seen);
	}
	free(health);
}
