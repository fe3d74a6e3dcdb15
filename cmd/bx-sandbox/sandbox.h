/* The sandbox: one portal in memory, with its authorization server and its people. What it does
 * and answers is written from portal.md, never from our client. */
#ifndef BX_SANDBOX_H
#define BX_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>
#include "err.h"
#include "json.h"
#include "loop.h"
#include "table.h"

struct bx_httpd;
struct pages;
struct sb_sender;
struct sb_limits;
struct sb_call;

/* Where portal.md has two readings, the newer one is the default and a variant selects the other. */
enum sb_variant {
	SB_EMPTY_CORE = 1 << 0,	   /* ERROR_CORE goes out as an empty code (2.5) */
	SB_OLD_STATUS = 1 << 1,	   /* HTTP statuses of older portals (2.5) */
	SB_OLD_TEXTS = 1 << 2,	   /* error texts of older portals (9.2, 11.3, 11.4) */
	SB_OLD_COUNT = 1 << 3,	   /* a personal worker counts the general one too (9.2) */
	SB_HIDDEN_STATES = 1 << 4, /* the three unlisted states are accepted (13.6) */
	SB_WEBHOOK_CALLS = 1 << 5, /* register, finish and lines take webhooks (11) */
	SB_OLD_HANDLER = 1 << 6,   /* handler requests without the three newer fields (8.1) */
	SB_PLACE_IDS = 1 << 7,	   /* placement.get tells ids (9.4) */
	SB_NO_CRM = 1 << 9,	   /* the CRM is not installed (11.6) */
	SB_PLAIN_QUEUE = 1 << 8,   /* no extended offline queue, no sources of its own (10.6) */
	SB_OLD_TIME = 1 << 10,	   /* fractions in time (2.4) */
	SB_NO_TOTAL = 1 << 11,	   /* lists that are not counted have no total (5) */
	SB_WIDE_UNBIND = 1 << 12,  /* event.unbind without event or handler means all (10.2) */
	SB_OWN_EVENTS = 1 << 13,   /* a frame hears of its own app's calls alone (13.2) */
};

struct sb_opts {
	const char *domain;	  /* as clients see it, https:// in front if so; NULL: the listening address */
	const char *auth_server;  /* its address, without a slash at the end; NULL: the portal's own */
	unsigned variants;	  /* enum sb_variant */
	bool https, require_https;
	int64_t bucket_max, bucket_leak; /* --limit X:Y; 0: off */
	int64_t operating_ms;	  /* operation time allowed in ten minutes; 0: off */
	int64_t duration_ms;	  /* how long one call may take (3.3) */
	int64_t slow_limit, slow_ms; /* 8.4 */
	int64_t event_delay_ms;	  /* how late the queue service delivers (10.5) */
	int64_t event_slow_ms;	  /* an answer that takes this long is slow */
	int zone_minutes;	  /* the portal's time zone */
	int64_t keep;		  /* finished calls it remembers */
	int64_t portals;	  /* in this process; 1 or more */
	int64_t latency_ms;	  /* how much later every REST answer comes */
};

struct sandbox {
	struct bx_loop *loop;
	struct bx_httpd *httpd;
	struct pages *pages;
	struct sb_sender *sender;
	struct sb_limits *limits;
	struct sb_opts opts;
	char *address;	  /* "127.0.0.1:8080" really bound */
	char *domain;	  /* the portal's address as clients see it */
	char *old_domain; /* answers 302 after a move; or NULL */
	char member_id[33];
	uint8_t key[32]; /* signs what only the sandbox itself reads */
	int64_t clock_offset_ms;
	int64_t frozen_ms; /* the clock stands still at this time; 0: it runs */
	int64_t slow_reset_ms; /* the portal-wide reset time of 8.4 */
	struct sb_table tables[SB_TABLES];
	struct sb_call *calls; /* under way */
	struct sandbox *first; /* of a further portal: whose loop, server and options it has; else NULL */
	struct sandbox **more; /* of the first one: those founded so far, by number - 1; or NULL */
	bool stopping;
};

/* Unix time as the portal sees it. */
int64_t sandbox_now_ms(const struct sandbox *sb);
struct pages *sandbox_pages(struct sandbox *sb);
/* "http://" or "https://" and the domain, without a slash at the end. The caller frees. */
char *sandbox_origin(const struct sandbox *sb);
char *sandbox_auth_origin(const struct sandbox *sb); /* the same of the authorization server */

/* ---- For the employees' pages (pages.h) ---- */

/* Everything one rendering of the employee's page needs; each worker frame in it gets a new
 * APP_SID and tokens. uri: path and query of the page, NULL when unknown. NULL: BX_ABSENT, no
 * such employee. The caller deletes.
 *
 * {"user":{ID,NAME,inner,admin}, "employees":[{ID,NAME,inner,phones:[{kind,number}],department}],
 *  "departments":[{ID,NAME}], "portal":{domain,protocol,lang,origin},
 *  "frames":[{"registration","app":{id,name},"handler","sid","origin","query":{…},"fields":{…},
 *             "init":{…}}],
 *  "options":{slow_ms,hidden_states,zone}} */
cJSON *sandbox_page_data(struct sandbox *sb, int64_t user, const char *uri, struct bx_err *err);

/* The load event of that registration's frame came ms after the frame was inserted (8.4). Every
 * load may be told, quick ones too. */
void sandbox_slow_load(struct sandbox *sb, int64_t registration, int64_t ms);

/* {"AUTH_ID","AUTH_EXPIRES","REFRESH_ID"} for the frame with that APP_SID, or NULL when the frame
 * is unknown or its app has gone. The caller deletes. */
cJSON *sandbox_refresh_auth(struct sandbox *sb, const char *sid);

/* setUserOption, setAppOption and setInstallFinish of the frame with that APP_SID (12.4); false:
 * no reply is due. */
bool sandbox_set_option(struct sandbox *sb, const char *sid, bool app_wide, const char *name,
	const cJSON *value);
bool sandbox_install_finish(struct sandbox *sb, const char *sid, bool finished);

/* A comment saved in the card of a call. */
void sandbox_comment(struct sandbox *sb, const char *call_id, const char *text);

/* The employee clicked a number (11.10): registers the call on the line of an app that asked for
 * it, raises the card, tells the app. {"CALL_ID",…} or NULL with BX_ABSENT when no app can be
 * the line. The caller deletes. */
struct sb_dial {
	int64_t user;
	const char *number, *line; /* line NULL: none in particular */
	bool lead;		   /* an unknown number becomes one */
};
cJSON *sandbox_dial(struct sandbox *sb, const struct sb_dial *how, struct bx_err *err);

#endif
