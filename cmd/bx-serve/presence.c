#include "presence.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include "auto.h"
#include "clock.h"
#include "token.h"
#include "banned.h"

struct open_page {
	char frame[FRAME_ID_SIZE], portal[TOKEN_PART_MAX + 1];
	int64_t user, since, heard;
	TAILQ_ENTRY(open_page) link;
};

struct presence {
	void *tree; /* of struct open_page, by frame */
	TAILQ_HEAD(open_pages, open_page) pages; /* the one heard last is last */
	unsigned count;
};

static int by_frame(const void *a, const void *b)
{
	return strcmp(((const struct open_page *)a)->frame, ((const struct open_page *)b)->frame);
}

static void forget(struct presence *presence, struct open_page *page)
{
	tdelete(page, &presence->tree, by_frame);
	TAILQ_REMOVE(&presence->pages, page, link);
	presence->count--;
	free(page);
}

static void forget_old(struct presence *presence, int64_t now)
{
	struct open_page *page;
	while ((page = TAILQ_FIRST(&presence->pages)) && now - page->heard > PRESENCE_LIFE_MS)
		forget(presence, page);
}

static struct open_page *find(struct presence *presence, const char *frame)
{
	struct open_page key = {0};
	snprintf(key.frame, sizeof key.frame, "%s", frame);
	struct open_page **found = tfind(&key, &presence->tree, by_frame);
	return found ? *found : NULL;
}

static struct open_page *add(struct presence *presence, const char *frame, int64_t now)
{
	struct open_page *page = bx_xcalloc(1, sizeof *page);
	snprintf(page->frame, sizeof page->frame, "%s", frame);
	page->since = now;
	if (!tsearch(page, &presence->tree, by_frame))
		abort();
	TAILQ_INSERT_TAIL(&presence->pages, page, link);
	presence->count++;
	return page;
}

void presence_here(struct presence *presence, const char *frame, const char *portal, int64_t user,
	int64_t now)
{
	forget_old(presence, now);
	struct open_page *page = find(presence, frame);
	if (!page && presence->count >= PRESENCE_MAX)
		return;
	if (!page)
		page = add(presence, frame, now);
	snprintf(page->portal, sizeof page->portal, "%s", portal);
	page->user = user;
	page->heard = now;
	TAILQ_REMOVE(&presence->pages, page, link);
	TAILQ_INSERT_TAIL(&presence->pages, page, link);
}

void presence_left(struct presence *presence, const char *frame)
{
	struct open_page *page = find(presence, frame);
	if (page)
		forget(presence, page);
}

unsigned presence_pages(struct presence *presence, int64_t now)
{
	forget_old(presence, now);
	return presence->count;
}

static int by_user(const void *a, const void *b)
{
	const struct open_page *x = *(const struct open_page *const *)a;
	const struct open_page *y = *(const struct open_page *const *)b;
	int portal = strcmp(x->portal, y->portal);
	return portal ? portal : (x->user > y->user) - (x->user < y->user);
}

/* The pages of one employee, from the first of them. */
static cJSON *view(struct open_page *const *pages, size_t len, int64_t past_ms)
{
	int64_t since = pages[0]->since, heard = pages[0]->heard;
	for (size_t i = 1; i < len; i++) {
		since = pages[i]->since < since ? pages[i]->since : since;
		heard = pages[i]->heard > heard ? pages[i]->heard : heard;
	}
	cJSON *out = cJSON_CreateObject();
	char iso[BX_ISO_SIZE];
	bx_json_set_str(out, "portal", pages[0]->portal);
	bx_json_set_int(out, "user", pages[0]->user);
	bx_json_set_int(out, "pages", (int64_t)len);
	bx_time_iso_local(iso, past_ms + since);
	bx_json_set_str(out, "since", iso);
	bx_time_iso_local(iso, past_ms + heard);
	bx_json_set_str(out, "heard", iso);
	return out;
}

cJSON *presence_list(struct presence *presence, const char *portal, int64_t user, int64_t now,
	int64_t wall_ms)
{
	forget_old(presence, now);
	auto_free struct open_page **pages = bx_xcalloc(presence->count, sizeof(struct open_page *));
	size_t len = 0;
	struct open_page *page;
	TAILQ_FOREACH(page, &presence->pages, link)
		if ((!portal || !strcmp(page->portal, portal)) && (!user || page->user == user))
			pages[len++] = page;
	qsort(pages, len, sizeof(struct open_page *), by_user);
	cJSON *out = cJSON_CreateArray();
	for (size_t i = 0, next; i < len; i = next) {
		for (next = i + 1; next < len && !by_user(&pages[i], &pages[next]); next++)
			;
		cJSON_AddItemToArray(out, view(pages + i, next - i, wall_ms - now));
	}
	return out;
}

struct presence *presence_new(void)
{
	struct presence *presence = bx_xcalloc(1, sizeof *presence);
	TAILQ_INIT(&presence->pages);
	return presence;
}

void presence_free(struct presence *presence)
{
	struct open_page *page;
	while (presence && (page = TAILQ_FIRST(&presence->pages)))
		forget(presence, page);
	free(presence);
}
