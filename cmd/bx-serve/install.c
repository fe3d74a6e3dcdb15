#include "install.h"

#include <string.h>
#include "dispatch.h"
#include "heal.h"
#include "page.h"
#include "portal_event.h"
#include "banned.h"

#define WAITING_MAX 20
#define INSTALL_MS  30000

struct install {
	struct serve *serve;
	struct bx_request *req;
	struct post post;
	struct bx_str origin; /* of the page around an installer's frame */
	bool frame;
	bool again; /* the app was installed here before */
	char *portal;
};

static void install_free(struct install *install)
{
	post_release(&install->post);
	bx_str_release(&install->origin);
	free(install->portal);
	free(install);
}

static void answer(struct install *install, int status, const char *text)
{
	struct page page = {.origin = install->origin.buf,
		.sid = text_of(install->post.query, "APP_SID")};
	if (install->frame)
		page_install(install->serve, install->req, &page, text, status == 200);
	else
		page_plain(install->req, status, text);
	install_free(install);
}

static void noted(void *arg)
{
	answer(arg, 200, "bx is installed in this portal.");
}

static void known_now(void *arg)
{
	struct install *install = arg;
	const cJSON *body = install->post.body;
	install->serve->figures.installs++;
	if (text_of(body, "event"))
		portal_event_note(install->serve, install->portal, body);
	else
		serve_note(install->serve, install->portal, BX_TOLD_APP_INSTALLED, NULL);
	if (install->again)
		heal_installed(install->serve->heal, install->portal);
	journal_after(install->serve->journal, noted, install);
}

static void ended(void *arg, const struct run_end *end)
{
	struct install *install = arg;
	auto_json cJSON *told = bx_json_parse(end->out, end->out_len, NULL);
	install->portal = bx_xstrdup(bx_json_str(told, "portal"));
	install->again = bx_json_bool(told, "again", false);
	if (end->status == BX_OK && install->portal) {
		portals_reload(install->serve->portals, known_now, install);
		return;
	}
	bool later = end->status == BX_AGAIN || end->timed_out;
	*(later ? &install->serve->figures.busy : &install->serve->figures.refused_token) += 1;
	answer(install, later ? 503 : 403,
		later ? "The portal cannot be asked at the moment; install again later."
		      : "This installation could not be proved. Does a profile wait for it (bx-auth add)?");
}

/* The domain stands in the address of an installer's page. */
static void add_domain(struct post *post)
{
	const cJSON *domain = bx_json_get(post->query, "DOMAIN");
	if (domain && !bx_json_get(post->body, "DOMAIN"))
		bx_json_set(post->body, "DOMAIN", cJSON_Duplicate(domain, true));
}

static void run_auth(struct serve *serve, const char *const *argv, const cJSON *input, run_fn *fn,
	void *arg)
{
	auto_free char *text = bx_json_print(input);
	struct run run = {.argv = argv, .input = text, .timeout_ms = INSTALL_MS, .collect = true};
	runner_start(serve->tools, &run, fn, arg);
	bx_secret_wipe(text, strlen(text));
}

/* Without a profile of this portal or one that waits there is nobody to prove it for. */
static bool expected(struct install *install)
{
	const cJSON *body = install->post.body, *auth = bx_json_get(body, "auth");
	const struct portals *portals = install->serve->portals;
	const char *member = text_of(auth ? auth : body, "member_id");
	return member && (portals_by_member(portals, member, NULL, NULL) || portals_any_waiting(portals));
}

void install_post(struct serve *serve, struct bx_request *req, struct post *post)
{
	struct install *install = bx_xcalloc(1, sizeof *install);
	*install = (struct install){.serve = serve, .req = req, .post = *post, .origin = BX_STR_INIT(512)};
	*post = (struct post){0};
	const cJSON *query = install->post.query, *body = install->post.body;
	install->frame = text_of(body, "AUTH_ID") && token_part_ok(text_of(query, "APP_SID")) &&
			 origin_of_portal(&install->origin, text_of(query, "DOMAIN"),
				 text_of(query, "PROTOCOL"));
	if (!install->frame && !text_of(body, "event")) {
		serve->figures.refused_request++;
		answer(install, 400, "This is not an installation.");
	} else if (!expected(install)) {
		serve->figures.refused_member++;
		answer(install, 403, "No profile waits for this portal (bx-auth add).");
	} else if (runner_count(serve->tools) >= WAITING_MAX) {
		serve->figures.busy++;
		answer(install, 503, "Too many installations at once.");
	} else {
		auto_free char *tool = run_tool("bx-auth");
		add_domain(&install->post);
		run_auth(serve, (const char *const[]){tool, "install", "-", NULL}, body, ended, install);
	}
}

void install_request(struct serve *serve, struct bx_request *req)
{
	auto_post struct post post = {0};
	if (post_read(req, &post, NULL)) {
		install_post(serve, req, &post);
		return;
	}
	serve->figures.refused_request++;
	page_plain(req, 400, "This is not an installation.");
}

/* Several apps may serve one portal, and only bx-auth knows whose login was begun: each is asked. */
struct oauth {
	struct serve *serve;
	struct bx_request *req;
	struct post post;
	size_t asked;
};

static void oauth_end(struct oauth *oauth, int status, const char *text)
{
	page_plain(oauth->req, status, text);
	post_release(&oauth->post);
	free(oauth);
}

static void code_ended(void *arg, const struct run_end *end);

static bool ask_next(struct oauth *oauth)
{
	const cJSON *query = oauth->post.query;
	const struct bx_profile *profile = portals_for_code(oauth->serve->portals, text_of(query, "member_id"),
		text_of(query, "domain"), oauth->asked++);
	if (!profile)
		return false;
	auto_free char *tool = run_tool("bx-auth");
	run_auth(oauth->serve, (const char *const[]){tool, "code", profile->name, "-", NULL}, query,
		code_ended, oauth);
	return true;
}

static void code_ended(void *arg, const struct run_end *end)
{
	struct oauth *oauth = arg;
	if (end->status == BX_OK) {
		portals_reload(oauth->serve->portals, NULL, NULL);
		oauth_end(oauth, 200, "Authorised. You may close this page.");
	} else if (end->status != BX_NOAUTH || !ask_next(oauth)) {
		oauth->serve->figures.refused_token++;
		oauth_end(oauth, 403, "The portal did not accept this code.");
	}
}

void oauth_request(struct serve *serve, struct bx_request *req)
{
	struct oauth *oauth = bx_xcalloc(1, sizeof *oauth);
	*oauth = (struct oauth){.serve = serve, .req = req};
	bool read = post_read(req, &oauth->post, NULL);
	if (!read || !text_of(oauth->post.query, "code") || runner_count(serve->tools) >= WAITING_MAX ||
		!ask_next(oauth)) {
		serve->figures.refused_request++;
		oauth_end(oauth, 400, "This is not the answer to an authorisation asked for here.");
	}
}
