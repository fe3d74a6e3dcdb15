/* The browser side of the sandbox: the employees' portal pages, their assets and the line each
 * open page holds. What crosses that line is the sandbox's own business, not the portal's
 * protocol (portal.md 13.1); the page itself speaks the protocol to the frames. */
#ifndef BX_SANDBOX_PAGES_H
#define BX_SANDBOX_PAGES_H

#include <stdbool.h>
#include <stdint.h>
#include "err.h"
#include "json.h"

struct sandbox;
struct pages;
struct bx_request;

/* The sandbox owns one of these and hands it out by sandbox_pages(). Free it after the server,
 * whose lines end in it. */
struct pages *pages_new(void);
void pages_free(struct pages *pages); /* NULL allowed */

/* Answers the request and returns true when it is one of ours: /, /page/USER, the assets under
 * /page/a/, the line /sandbox/page, POST /sandbox/page/VERB, and /page/practice, a bare worker
 * that says what it is told: a handler for trying the pages without an app. */
bool pages_request(struct sandbox *sb, struct bx_request *req);

/* The private pushes to the open pages of one employee. A page still applies the conditions of
 * 13.1, so that a card may not appear. call as in the sandbox's call table: CALL_ID,
 * PHONE_NUMBER, LINE_NUMBER, LINE_NAME, CRM_ENTITY_TYPE, CRM_ENTITY_ID, CRM_BINDINGS,
 * CALL_DIRECTION, CALL_LIST_MODE, client:{name,company}. */
void pages_show(struct sandbox *sb, int64_t user, const cJSON *call);
/* Automatic close of that call's card; NULL call_id: of any card. */
void pages_hide(struct sandbox *sb, int64_t user, const char *call_id);
/* The CRM object of an open card was bound or changed: what to replace in its call. */
void pages_entity(struct sandbox *sb, int64_t user, const char *call_id, const cJSON *entity);

/* Which pages are told to show a card: the oldest one, all of them at once (each raises its own
 * card, 13.1), or all of them with the 100 ms left to the race. */
enum pages_tabs { PAGES_FIRST, PAGES_ALL, PAGES_RACE };
void pages_tabs(struct sandbox *sb, enum pages_tabs tabs);
/* Tells the pages that stayed without the card of this call to join; how many were told. */
int pages_join(struct sandbox *sb, int64_t user, const cJSON *call);

/* Presses the element with that id ("btn-answer", "key-5") or its short name ("answer") in every
 * page of the employee that shows a card. BX_ABSENT: no such page. */
bool pages_click(struct sandbox *sb, int64_t user, const char *button, struct bx_err *err);
/* Loads the employee's pages again; user 0: everybody's. */
void pages_reload(struct sandbox *sb, int64_t user);
/* The sandbox's clock moved: timers, flags and deadlines of the pages follow. */
void pages_clock(struct sandbox *sb, int64_t offset_ms);

/* [{"page","user","uri","slider","card":{…}|null,"frames":[…]}…], oldest first. Caller deletes. */
cJSON *pages_dump(struct sandbox *sb);

#endif
