#include "recent.h"

#include <string.h>
#include "auto.h"
#include "banned.h"

#define DATA_MAX 200 /* bytes */

struct recent {
	cJSON *events[RECENT_MAX]; /* a ring */
	size_t next;
};

/* At most so many bytes, and no broken character. */
static char *shortened(const char *text)
{
	size_t len = strlen(text);
	if (len <= DATA_MAX)
		return bx_xstrdup(text);
	for (len = DATA_MAX; len && ((unsigned char)text[len] & 0xc0) == 0x80;)
		len--;
	auto_free char *cut = bx_xstrndup(text, len);
	return bx_xprintf("%s...", cut);
}

void recent_note(struct recent *recent, const struct bx_event *event)
{
	struct bx_event bare = *event;
	bare.data = NULL;
	cJSON *item = bx_event_json(&bare);
	auto_free char *data = event->data ? shortened(event->data) : NULL;
	bx_json_set_str(item, "data", data);
	cJSON_Delete(recent->events[recent->next]);
	recent->events[recent->next] = item;
	recent->next = (recent->next + 1) % RECENT_MAX;
}

cJSON *recent_list(const struct recent *recent)
{
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 1; i <= RECENT_MAX; i++) {
		const cJSON *item = recent->events[(recent->next + RECENT_MAX - i) % RECENT_MAX];
		if (item)
			cJSON_AddItemToArray(list, cJSON_Duplicate(item, true));
	}
	return list;
}

struct recent *recent_new(void)
{
	return bx_xcalloc(1, sizeof(struct recent));
}

void recent_free(struct recent *recent)
{
	for (size_t i = 0; recent && i < RECENT_MAX; i++)
		cJSON_Delete(recent->events[i]);
	free(recent);
}
