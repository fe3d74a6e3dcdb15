#include "worker.h"

#include <string.h>
#include "clock.h"
#include "form.h"
#include "health.h"
#include "outbox.h"
#include "page.h"
#include "spec.h"
#include "banned.h"

/* A request while somebody finds out whose it is. */
struct visit {
	struct serve *serve;
	struct bx_request *req;
	struct bx_fields query, body;
	struct bx_str origin;
	int64_t began_ms; /* monotonic */
	bool mic;	  /* the page for the microphone is asked for */
};

static void visit_free(struct visit *visit)
{
	bx_fields_release(&visit->query);
	bx_fields_release(&visit->body);
	bx_str_release(&visit->origin);
	free(visit);
}

static void set_part(char out[TOKEN_PART_MAX + 1], const char *text)
{
	memcpy(out, text, strnlen(text, TOKEN_PART_MAX));
}

static struct token token_for(const struct visit *visit, const struct bx_profile *profile)
{
	struct token token = {.expires_ms = bx_now_ms() + TOKEN_LIFE_MS};
	set_part(token.member_id, profile->member_id);
	set_part(token.portal, profile->name);
	set_part(token.sid, bx_fields_get(&visit->query, "APP_SID"));
	bx_random_hex(token.frame, sizeof token.frame / 2);
	return token;
}

/* A name for the browser to keep its user under: another user has another access token. */
static void session_name(const struct serve *serve, const char *access_token, char out[17])
{
	uint8_t mac[BX_MAC_SIZE];
	out[0] = 0;
	if (!access_token)
		return;
	bx_mac(mac, serve->frame_key, access_token, strlen(access_token));
	bx_hex(out, mac, 8);
}

static void show(struct visit *visit, const struct bx_profile *profile)
{
	struct serve *serve = visit->serve;
	struct token token = token_for(visit, profile);
	auto_str struct bx_str text = BX_STR_INIT(512);
	bx_str_room(&text, 256);
	token_write(&text, serve->frame_key, &token);
	char session[17];
	session_name(serve, bx_fields_get(&visit->body, "AUTH_ID"), session);
	struct page page = {.origin = visit->origin.buf, .token = text.buf, .sid = token.sid,
		.group = profile->name, .session = session, .ms = bx_mono_ms() - visit->began_ms};
	const char *placement = bx_fields_get(&visit->body, "PLACEMENT");
	serve->figures.pages++;
	health_page(serve->health, profile->name);
	outbox_seen(serve->outbox);
	if (placement && strcmp(placement, bx_placements[0].wire) != 0)
		page_install(serve, visit->req, &page, "This app works in the background.", false);
	else
		page_worker(serve, visit->req, &page);
}

static void proved(void *arg, enum proof_answer answer, const struct bx_profile *profile)
{
	struct visit *visit = arg;
	struct figures *figures = &visit->serve->figures;
	if (answer == PROOF_GOOD && visit->mic) {
		page_mic(visit->serve, visit->req, visit->origin.buf);
	} else if (answer == PROOF_GOOD && token_part_ok(profile->member_id)) {
		show(visit, profile);
	} else if (answer == PROOF_BUSY) {
		figures->busy++;
		page_plain(visit->req, 503, "The portal cannot be asked at the moment.");
	} else {
		*(answer == PROOF_STRANGER ? &figures->refused_member : &figures->refused_token) += 1;
		page_plain(visit->req, 403, "This portal is not known here.");
	}
	visit_free(visit);
}

static bool read_visit(struct visit *visit)
{
	size_t len = 0;
	const char *query = bx_request_query(visit->req), *body = bx_request_body(visit->req, &len);
	return bx_fields_read(&visit->query, query, strlen(query), NULL) &&
	       bx_fields_read(&visit->body, body, len, NULL) &&
	       token_part_ok(bx_fields_get(&visit->query, "APP_SID")) &&
	       origin_of_portal(&visit->origin, bx_fields_get(&visit->query, "DOMAIN"),
		       bx_fields_get(&visit->query, "PROTOCOL"));
}

static void take_visit(struct serve *serve, struct bx_request *req, bool mic)
{
	struct visit *visit = bx_xcalloc(1, sizeof *visit);
	*visit = (struct visit){.serve = serve, .req = req, .origin = BX_STR_INIT(512),
		.began_ms = bx_mono_ms(), .mic = mic};
	if (!read_visit(visit)) {
		serve->figures.refused_request++;
		page_plain(req, 400, "This is not the request of a portal's page.");
		visit_free(visit);
		return;
	}
	const struct bx_fields *body = &visit->body;
	struct proof_claim claim = {.member_id = bx_fields_get(body, "member_id"),
		.application_token = bx_fields_get(body, "APPLICATION_TOKEN"),
		.access_token = bx_fields_get(body, "AUTH_ID"),
		.domain = bx_fields_get(&visit->query, "DOMAIN")};
	proof_ask(serve->proof, &claim, proved, visit);
}

void worker_request(struct serve *serve, struct bx_request *req)
{
	take_visit(serve, req, false);
}

void worker_mic(struct serve *serve, struct bx_request *req)
{
	take_visit(serve, req, true);
}
