/* What the parts of bx-serve share. */
#ifndef BX_SERVE_SERVE_H
#define BX_SERVE_SERVE_H

#include "control.h"
#include "httpd.h"
#include "journal.h"
#include "origin.h"
#include "portals.h"
#include "proof.h"
#include "reader.h"
#include "run.h"
#include "secret.h"
#include "told.h"

/* Counted since the start; shown by /metrics and status. */
struct figures {
	uint64_t pages, plain_pages, events, installs, beacons, lines;
	uint64_t refused_member, refused_token, refused_frame, refused_expired, refused_origin,
		refused_request, busy;
	uint64_t hooks_run, hooks_failed, unheld;
	uint64_t signals, checks, restored, lost, frame_logs;
};

struct serve_opts {
	const char *public_url, *listen, *admin, *hooks_dir;
	const char *const *on; /* EVENT=COMMAND */
	size_t on_len;
	const char *registrations; /* file; NULL: the worker alone */
	bool foreign, verify, flush, presence;
	int64_t hook_tries, hook_delay_ms, hook_timeout_ms;
	int64_t keep_days; /* 0: for ever */
	int64_t slow_ms;   /* a load of that long is slow */
	const char *tls_cert, *tls_key; /* files; both or none */
	const char *const *proxies;	/* whose X-Forwarded-For is believed */
	size_t proxies_len;
	const char *client_js;		/* file with the user's own client for the frame; NULL: none */
	const char *const *connect;	/* origins it may speak to */
	size_t connect_len;
	/* Of the public listener; 0 is the server's own default (httpd.h). */
	int64_t body_max, header_max, deadline_ms, idle_ms, per_address, connections;
};

struct serve {
	struct serve_opts opts;
	struct bx_loop *loop;
	struct bx_httpd *public, *admin;
	struct bx_control *control;
	struct public_url url;
	uint8_t frame_key[BX_KEY_SIZE], session_key[BX_MAC_SIZE];
	struct journal *journal;
	struct reader *reader;
	struct portals *portals;
	struct runner *tools;
	struct proof *proof;
	struct pages *pages;
	struct client *client; /* NULL without --client-js */
	struct frames *frames;
	struct bridge *bridge;
	struct calls *calls;
	struct follows *follows;
	struct waits *waits;
	struct hooks *hooks;
	struct outbox *outbox; /* NULL without --flush */
	struct heal *heal;
	struct loads *loads;
	struct health *health;
	struct recent *recent;
	struct frame_logs *frame_logs;
	struct presence *presence; /* NULL without --presence */
	struct figures figures;
	struct asked *asked; /* requests of the control socket under way (asked.c) */
	struct held *held, *held_last; /* records of calls nobody knows yet (dispatch.c) */
	size_t held_len;
	int64_t last_seq; /* of the last record dispatched */
	struct bx_timer *prune;
	int64_t started_ms, draining_ms;
	bool draining;
};

/* Everything that stands between the control socket and the listeners; loop, control and opts are
 * there. */
bool serve_open(struct serve *serve, struct bx_err *err);

/* Runs until SIGTERM or SIGINT. */
bool serve_run(const struct serve_opts *opts, struct bx_err *err);

/* Journals something of bx-serve's own. data is borrowed and may be NULL. */
void serve_note(struct serve *serve, const char *portal, enum bx_told event, const cJSON *data);

#endif
