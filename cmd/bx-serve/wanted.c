#include "wanted.h"

#include "banned.h"

#define EVENTS_MAX 100

static bool copy_text(const cJSON *request, const char *key, char **out, struct bx_err *err)
{
	const cJSON *item = bx_json_get(request, key);
	if (item && !cJSON_IsString(item) && !cJSON_IsNull(item))
		return bx_fail(err, BX_USAGE, "", "\"%s\" is a text", key);
	*out = bx_xstrdup(cJSON_GetStringValue(item));
	return true;
}

static bool copy_events(struct wanted *wanted, const cJSON *list, struct bx_err *err)
{
	int count = cJSON_GetArraySize(list);
	if (!list || cJSON_IsNull(list))
		return true;
	if (!cJSON_IsArray(list) || count > EVENTS_MAX)
		return bx_fail(err, BX_USAGE, "", "\"events\" is a list of at most %d names", EVENTS_MAX);
	wanted->events = bx_xcalloc((size_t)count + 1, sizeof *wanted->events);
	const cJSON *item;
	cJSON_ArrayForEach(item, list) {
		if (!cJSON_IsString(item))
			return bx_fail(err, BX_USAGE, "", "\"events\" is a list of names");
		wanted->events[wanted->filter.events_len++] = bx_xstrdup(item->valuestring);
	}
	return true;
}

bool wanted_init(struct wanted *wanted, const cJSON *request, struct bx_err *err)
{
	*wanted = (struct wanted){0};
	bool ok = copy_text(request, "portal", &wanted->portal, err) &&
		  copy_text(request, "call", &wanted->call, err) &&
		  copy_events(wanted, bx_json_get(request, "events"), err);
	const cJSON *user = bx_json_get(request, "user");
	if (ok && user && !cJSON_IsNull(user) && !bx_json_as_int(user, &wanted->filter.user))
		ok = bx_fail(err, BX_USAGE, "", "\"user\" is a number");
	wanted->filter.portal = wanted->portal;
	wanted->filter.call = wanted->call;
	wanted->filter.events = (const char *const *)wanted->events;
	if (!ok)
		wanted_release(wanted);
	return ok;
}

void wanted_release(struct wanted *wanted)
{
	for (size_t i = 0; i < wanted->filter.events_len; i++)
		free(wanted->events[i]);
	free(wanted->events);
	free(wanted->portal);
	free(wanted->call);
	*wanted = (struct wanted){0};
}
