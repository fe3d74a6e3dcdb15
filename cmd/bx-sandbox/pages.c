/* The open pages and what is pushed to them. */
#include "pages_impl.h"
#include "sandbox.h"
#include "str.h"
#include "ws.h"
#include "banned.h"

struct page {
	struct page *next;
	struct sandbox *sb;
	struct bx_line *line;
	int64_t number, user;
	char *name, *uri;
	bool slider, telephony, joins, desktop;
	cJSON *card, *frames; /* as the page last told them; NULL: none */
};

struct pages {
	struct page *first;
	enum pages_tabs tabs;
	int64_t last_number;
};

struct pages *pages_new(void)
{
	return bx_xcalloc(1, sizeof(struct pages));
}

static void page_free(struct page *page)
{
	cJSON_Delete(page->card);
	cJSON_Delete(page->frames);
	free(page->name);
	free(page->uri);
	free(page);
}

void pages_free(struct pages *pages)
{
	if (!pages)
		return;
	while (pages->first) {
		struct page *page = pages->first;
		pages->first = page->next;
		page_free(page);
	}
	free(pages);
}

static cJSON *push_new(const char *what)
{
	cJSON *push = cJSON_CreateObject();
	bx_json_set_str(push, "push", what);
	return push;
}

static void push_to(struct page *page, const cJSON *push)
{
	auto_free char *text = bx_json_print(push);
	bx_line_send(page->line, text, strlen(text));
}

/* Oldest first, as a new page is put at the end. */
static struct page *page_next(struct page *page, int64_t user)
{
	while (page && user && page->user != user)
		page = page->next;
	return page;
}

#define EACH_PAGE(page, sb, who)                                                                   \
	struct page *page = page_next(sandbox_pages(sb)->first, who), *page##_after = NULL;        \
	page && (page##_after = page_next(page->next, who), true);                                 \
	page = page##_after

static void push_all(struct sandbox *sb, int64_t user, const cJSON *push)
{
	for (EACH_PAGE(page, sb, user))
		push_to(page, push);
}

/* ---- Lines ---- */

static void push_clock(struct page *page, const char *what)
{
	auto_json cJSON *push = push_new(what);
	bx_json_set_int(push, "clock", page->sb->clock_offset_ms);
	push_to(page, push);
}

static void *line_open(void *arg, struct bx_line *line)
{
	struct page *page = arg;
	struct pages *pages = sandbox_pages(page->sb);
	struct page **end = &pages->first;
	while (*end)
		end = &(*end)->next;
	*end = page;
	page->line = line;
	page->number = ++pages->last_number;
	push_clock(page, "hello");
	return page;
}

static void take(cJSON **slot, cJSON *told, const char *what)
{
	cJSON *item = cJSON_DetachItemFromObjectCaseSensitive(told, what);
	if (!item)
		return;
	cJSON_Delete(*slot);
	*slot = item;
}

static void line_text(void *arg, struct bx_line *line, const char *text, size_t len)
{
	(void)line;
	struct page *page = arg;
	auto_json cJSON *told = bx_json_parse(text, len, NULL);
	take(&page->card, told, "card");
	take(&page->frames, told, "frames");
}

static void line_close(void *arg, struct bx_line *line, int why)
{
	(void)line, (void)why;
	struct page *page = arg;
	struct page **slot = &sandbox_pages(page->sb)->first;
	while (*slot != page)
		slot = &(*slot)->next;
	*slot = page->next;
	page_free(page);
}

static bool is_set(const cJSON *query, const char *key)
{
	return bx_json_truthy(bx_json_get(query, key));
}

void pages_line(struct sandbox *sb, struct bx_request *req, const cJSON *query)
{
	static const struct bx_line_ops ops = {
		.open = line_open, .text = line_text, .close = line_close};
	struct page *page = bx_xcalloc(1, sizeof *page);
	page->sb = sb;
	page->name = bx_xstrdup(bx_json_str(query, "page"));
	page->uri = bx_xstrdup(bx_json_str(query, "uri"));
	page->slider = is_set(query, "slider");
	page->telephony = is_set(query, "telephony");
	page->joins = is_set(query, "joins");
	page->desktop = is_set(query, "desktop");
	if (bx_json_int(query, "user", &page->user) && bx_reply_upgrade(req, &ops, page))
		return;
	static const char text[] = "A page's WebSocket, with ?user=ID\n";
	bx_reply_static(req, 400, "text/plain", text, sizeof text - 1);
	page_free(page);
}

/* ---- Pushes ---- */

static bool shows(const struct page *page, const char *call_id)
{
	return page->card && !cJSON_IsNull(page->card) &&
	       (!call_id || bx_streq(bx_json_str(page->card, "CALL_ID"), call_id));
}

static void push_show(struct page *page, const cJSON *call, bool join)
{
	auto_json cJSON *push = push_new("show");
	bx_json_set(push, "call", cJSON_Duplicate(call, true));
	bx_json_set_bool(push, "join", join);
	push_to(page, push);
}

/* While the desktop application runs, it alone shows cards (13.1). */
static bool has_desktop(struct sandbox *sb, int64_t user)
{
	for (EACH_PAGE(page, sb, user)) {
		if (page->desktop && page->telephony)
			return true;
	}
	return false;
}

void pages_show(struct sandbox *sb, int64_t user, const cJSON *call)
{
	enum pages_tabs tabs = sandbox_pages(sb)->tabs;
	bool first = true, desktop = has_desktop(sb, user);
	for (EACH_PAGE(page, sb, user)) {
		if (!page->telephony || page->desktop != desktop)
			continue;
		if (first || tabs != PAGES_FIRST || page->joins)
			push_show(page, call, tabs == PAGES_ALL || page->joins);
		first = false;
	}
}

int pages_join(struct sandbox *sb, int64_t user, const cJSON *call)
{
	int told = 0;
	for (EACH_PAGE(page, sb, user)) {
		if (!page->telephony || shows(page, bx_json_str(call, "CALL_ID")))
			continue;
		push_show(page, call, true);
		told++;
	}
	return told;
}

void pages_hide(struct sandbox *sb, int64_t user, const char *call_id)
{
	auto_json cJSON *push = push_new("hide");
	bx_json_set_str(push, "call_id", call_id);
	push_all(sb, user, push);
}

void pages_entity(struct sandbox *sb, int64_t user, const char *call_id, const cJSON *entity)
{
	auto_json cJSON *push = push_new("entity");
	bx_json_set_str(push, "call_id", call_id);
	bx_json_set(push, "entity", cJSON_Duplicate(entity, true));
	push_all(sb, user, push);
}

bool pages_click(struct sandbox *sb, int64_t user, const char *button, struct bx_err *err)
{
	auto_json cJSON *push = push_new("click");
	bx_json_set_str(push, "button", button);
	bool clicked = false;
	for (EACH_PAGE(page, sb, user)) {
		if (!shows(page, NULL))
			continue;
		push_to(page, push);
		clicked = true;
	}
	return clicked || bx_fail(err, BX_ABSENT, "", "no page of that employee shows a card");
}

void pages_reload(struct sandbox *sb, int64_t user)
{
	auto_json cJSON *push = push_new("reload");
	push_all(sb, user, push);
}

void pages_clock(struct sandbox *sb, int64_t offset_ms)
{
	auto_json cJSON *push = push_new("clock");
	bx_json_set_int(push, "clock", offset_ms);
	push_all(sb, 0, push);
}

void pages_tabs(struct sandbox *sb, enum pages_tabs tabs)
{
	sandbox_pages(sb)->tabs = tabs;
}

static cJSON *copy(const cJSON *item)
{
	return item ? cJSON_Duplicate(item, true) : cJSON_CreateNull();
}

cJSON *pages_dump(struct sandbox *sb)
{
	cJSON *list = cJSON_CreateArray();
	for (EACH_PAGE(page, sb, 0)) {
		cJSON *row = cJSON_CreateObject();
		bx_json_set_int(row, "page", page->number);
		bx_json_set_int(row, "user", page->user);
		bx_json_set_str(row, "name", page->name);
		bx_json_set_str(row, "uri", page->uri);
		bx_json_set_bool(row, "slider", page->slider);
		bx_json_set_bool(row, "telephony", page->telephony);
		bx_json_set(row, "card", copy(page->card));
		bx_json_set(row, "frames", copy(page->frames));
		cJSON_AddItemToArray(list, row);
	}
	return list;
}
