#include "admin.h"

#include <string.h>
#include "bridge.h"
#include "clock.h"
#include "frames.h"
#include "hooks.h"
#include "loads.h"
#include "page.h"
#include "presence.h"
#include "status.h"
#include "waits.h"
#include "banned.h"

#define METRICS_MAX (256 * 1024)

static void metric(struct bx_str *out, const char *name, const char *type, const char *help,
	uint64_t value)
{
	bx_str_printf(out, "# HELP bx_serve_%s %s\n# TYPE bx_serve_%s %s\nbx_serve_%s %llu\n", name, help,
		name, type, name, (unsigned long long)value);
}

static void refused(struct bx_str *out, const char *why, uint64_t value)
{
	bx_str_printf(out, "bx_serve_refused_total{why=\"%s\"} %llu\n", why, (unsigned long long)value);
}

static void refusals(struct bx_str *out, struct serve *serve)
{
	const struct figures *f = &serve->figures;
	struct bx_httpd_figures http;
	bx_httpd_figures(serve->public, &http);
	bx_str_puts(out, "# HELP bx_serve_refused_total requests refused\n"
			 "# TYPE bx_serve_refused_total counter\n");
	refused(out, "unknown_member_id", f->refused_member);
	refused(out, "token", f->refused_token);
	refused(out, "frame_token", f->refused_frame);
	refused(out, "frame_token_expired", f->refused_expired);
	refused(out, "origin", f->refused_origin);
	refused(out, "not_understood", f->refused_request);
	refused(out, "busy", f->busy);
	refused(out, "malformed", http.refused_malformed);
	refused(out, "body", http.refused_body);
	refused(out, "headers", http.refused_headers);
	refused(out, "deadline", http.cut_deadline);
	refused(out, "slow_reader", http.cut_slow);
	refused(out, "connections", http.refused_connections);
}

static void traffic(struct bx_str *out, struct serve *serve)
{
	const struct figures *f = &serve->figures;
	struct bx_httpd_figures http;
	bx_httpd_figures(serve->public, &http);
	metric(out, "requests_total", "counter", "requests on the public address", http.requests);
	metric(out, "connections", "gauge", "open connections", http.connections_open);
	metric(out, "pages_total", "counter", "handler pages given", f->pages);
	metric(out, "portal_events_total", "counter", "events taken from portals", f->events);
	metric(out, "installs_total", "counter", "installations taken", f->installs);
	metric(out, "frame_posts_total", "counter", "posts of frames", f->beacons);
	metric(out, "frame_lines_total", "counter", "lines opened by frames", f->lines);
	metric(out, "frame_logs_total", "counter", "messages of the frames' consoles", f->frame_logs);
	metric(out, "signals_total", "counter", "notices that a registration was removed", f->signals);
	metric(out, "checks_total", "counter", "registrations looked after", f->checks);
	metric(out, "restored_total", "counter", "registrations put back", f->restored);
	metric(out, "lost_total", "counter", "registrations that could not be put back", f->lost);
	metric(out, "hooks_total", "counter", "hooks started", f->hooks_run);
	metric(out, "hooks_failed_total", "counter", "hooks that failed", f->hooks_failed);
}

static void inside(struct bx_str *out, struct serve *serve)
{
	struct journal_figures journal;
	struct cards_figures cards;
	journal_figures(serve->journal, &journal);
	bridge_figures(serve->bridge, &cards);
	metric(out, "frame_lines", "gauge", "open lines", frames_lines(serve->frames));
	metric(out, "cards", "gauge", "open cards", cards.cards_open);
	if (serve->presence)
		metric(out, "pages_open", "gauge", "pages that told they are open",
			presence_pages(serve->presence, bx_mono_ms()));
	metric(out, "commands_total", "counter", "commands sent to frames", cards.sent);
	metric(out, "foreign_total", "counter", "records of other apps' calls", cards.foreign);
	metric(out, "waits", "gauge", "clients that wait", waits_count(serve->waits));
	metric(out, "hooks", "gauge", "hooks running and waiting", hooks_running(serve->hooks));
	metric(out, "journal_records_total", "counter", "records written", journal.records);
	metric(out, "journal_commits_total", "counter", "commits", journal.commits);
	metric(out, "journal_waiting", "gauge", "records not yet on disk", journal.waiting);
	metric(out, "journal_failing", "gauge", "1 while it cannot be written", journal.failing);
}

static void metrics(struct serve *serve, struct bx_request *req)
{
	auto_str struct bx_str out = BX_STR_INIT(METRICS_MAX);
	traffic(&out, serve);
	inside(&out, serve);
	refusals(&out, serve);
	loads_metrics(serve->loads, &out);
	bx_reply(req, 200, "text/plain; version=0.0.4", out.buf, out.len);
}

void admin_request(void *arg, struct bx_request *req)
{
	const char *path = bx_request_path(req);
	if (!strcmp(path, "/metrics"))
		metrics(arg, req);
	else if (!strcmp(path, "/status") || !strcmp(path, "/"))
		status_request(arg, req);
	else
		page_plain(req, 404, "/metrics and /status are here.");
}
