/* Whose pages are open: goodbyes, ageing, the ceiling. */
#include "check.h"
#include <string.h>
#include "bx-serve/presence.c"

#define MINUTE (60 * 1000LL)

/* "user*pages ..." of the list. */
static const char *listed(struct presence *presence, const char *portal, int64_t user, int64_t now)
{
	static char text[256];
	auto_json cJSON *list = presence_list(presence, portal, user, now, 1700000000000);
	const cJSON *item;
	text[0] = 0;
	cJSON_ArrayForEach(item, list) {
		int64_t id = 0, pages = 0;
		bx_json_int(item, "user", &id);
		bx_json_int(item, "pages", &pages);
		snprintf(text + strlen(text), sizeof text - strlen(text), "%lld*%lld ", (long long)id, (long long)pages);
	}
	return text;
}

static void goodbyes(void)
{
	struct presence *presence = presence_new();
	presence_here(presence, "b", "demo", 7, 0);
	presence_here(presence, "a", "demo", 5, 1);
	presence_here(presence, "c", "demo", 7, 2);
	presence_here(presence, "d", "other", 7, 3);
	presence_here(presence, "c", "demo", 7, 4);
	CHECK(!strcmp(listed(presence, NULL, 0, 5), "5*1 7*2 7*1 "), "a page counts once, by portal and user");
	CHECK(!strcmp(listed(presence, "demo", 7, 5), "7*2 "), "the list is narrowed");
	presence_left(presence, "c");
	presence_left(presence, "c");
	presence_left(presence, "unknown");
	CHECK(!strcmp(listed(presence, "demo", 0, 5), "5*1 7*1 "), "a goodbye counts, once");
	presence_here(presence, "b", "demo", 9, 6);
	CHECK(!strcmp(listed(presence, "demo", 0, 6), "5*1 9*1 "), "a page that has another user has only that one");
	presence_free(presence);
}

static void ages(void)
{
	struct presence *presence = presence_new();
	presence_here(presence, "a", "demo", 1, 0);
	presence_here(presence, "b", "demo", 2, 0);
	presence_here(presence, "a", "demo", 1, 5 * MINUTE);
	CHECK(!strcmp(listed(presence, NULL, 0, 11 * MINUTE), "1*1 2*1 "), "eleven minutes of silence are borne");
	CHECK(!strcmp(listed(presence, NULL, 0, 11 * MINUTE + 1), "1*1 "), "then the page is taken for gone");
	CHECK(presence_pages(presence, 16 * MINUTE) == 1, "the other was heard later");
	CHECK(presence_pages(presence, 16 * MINUTE + 1) == 0, "and goes later");
	presence_here(presence, "b", "demo", 2, 60 * MINUTE);
	CHECK(!strcmp(listed(presence, NULL, 0, 60 * MINUTE), "2*1 "), "one that wakes up is there again");
	presence_free(presence);
}

static void ceiling(void)
{
	struct presence *presence = presence_new();
	char frame[FRAME_ID_SIZE];
	for (int i = 0; i <= PRESENCE_MAX; i++) {
		snprintf(frame, sizeof frame, "%x", i);
		presence_here(presence, frame, "demo", 1 + i, i < 2 ? 0 : MINUTE);
	}
	CHECK(presence_pages(presence, MINUTE) == PRESENCE_MAX, "more pages than the ceiling are not noted");
	presence_here(presence, "late", "demo", 1, 11 * MINUTE + 1);
	CHECK(presence_pages(presence, 11 * MINUTE + 1) == PRESENCE_MAX - 1, "old ones make room");
	presence_free(presence);
}

int main(void)
{
	goodbyes();
	ages();
	ceiling();
	return check_end();
}
