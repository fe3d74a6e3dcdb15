#include "worker.h"

#include <string.h>
#include "clock.h"
#include "form.h"
#include "health.h"
#include "outbox.h"
#include "page.h"
#include "spec.h"
#include "banned.h"

enum { APP_SID, DOMAIN, PROTOCOL, QUERY_FIELDS };
enum { MEMBER_ID, APPLICATION_TOKEN, ACCESS_TOKEN, PLACEMENT, BODY_FIELDS };

/* A request while somebody finds out whose it is. */
struct visit {
	struct serve *serve;
	struct bx_request *req;
	struct bx_pick query[QUERY_FIELDS + 1], body[BODY_FIELDS + 1];
	struct bx_str origin; /* behind what was picked */
	int64_t began_ms; /* of the loop */
	bool mic;	  /* the page for the microphone is asked for */
	char room[];	  /* for what was picked */
};

static void set_part(char out[TOKEN_PART_MAX + 1], const char *text)
{
	memcpy(out, text, strnlen(text, TOKEN_PART_MAX));
}

static struct token token_for(const struct visit *visit, const struct bx_profile *profile)
{
	struct token token = {.expires_ms = bx_now_about_ms() + TOKEN_LIFE_MS};
	set_part(token.member_id, profile->member_id);
	set_part(token.portal, profile->name);
	set_part(token.sid, visit->query[APP_SID].value);
	bx_random_hex(token.frame, sizeof token.frame / 2);
	return token;
}

/* A name for the browser to keep its user under: another user has another access token. */
static void session_name(const struct serve *serve, const char *access_token, char out[2 * BX_NAME_SIZE + 1])
{
	uint8_t name[BX_NAME_SIZE];
	out[0] = 0;
	if (!access_token)
		return;
	bx_name(name, serve->session_key, access_token, strlen(access_token));
	bx_hex(out, name, sizeof name);
}

static void show(struct visit *visit, const struct bx_profile *profile)
{
	struct serve *serve = visit->serve;
	struct token token = token_for(visit, profile);
	char room[TOKEN_SIZE];
	struct bx_str text = BX_STR_IN(room, sizeof room);
	token_write(&text, serve->frame_key, &token);
	char session[2 * BX_NAME_SIZE + 1];
	session_name(serve, visit->body[ACCESS_TOKEN].value, session);
	struct page page = {.origin = visit->origin.buf, .token = text.buf, .sid = token.sid,
		.group = profile->name, .session = session,
		.ms = bx_loop_ms(serve->loop) - visit->began_ms};
	const char *placement = visit->body[PLACEMENT].value;
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
	free(visit);
}

static bool read_visit(struct visit *visit, const char *query, size_t query_len, const char *body, size_t body_len)
{
	return bx_form_pick(visit->query, visit->room, query, query_len, NULL) &&
	       bx_form_pick(visit->body, visit->room + query_len + 1, body, body_len, NULL) &&
	       token_part_ok(visit->query[APP_SID].value) &&
	       origin_of_portal(&visit->origin, visit->query[DOMAIN].value, visit->query[PROTOCOL].value);
}

static void ask(struct visit *visit)
{
	const struct bx_pick *body = visit->body;
	struct proof_claim claim = {.member_id = body[MEMBER_ID].value,
		.application_token = body[APPLICATION_TOKEN].value,
		.access_token = body[ACCESS_TOKEN].value,
		.domain = visit->query[DOMAIN].value};
	proof_ask(visit->serve->proof, &claim, proved, visit);
}

static void take_visit(struct serve *serve, struct bx_request *req, bool mic)
{
	size_t body_len = 0, query_len = strlen(bx_request_query(req));
	const char *body = bx_request_body(req, &body_len);
	size_t picked = query_len + body_len + 2;
	struct visit *visit = bx_xrealloc(NULL, sizeof *visit + picked + ORIGIN_SIZE);
	*visit = (struct visit){.serve = serve, .req = req, .mic = mic,
		.origin = BX_STR_IN(visit->room + picked, ORIGIN_SIZE),
		.began_ms = bx_loop_ms(serve->loop),
		.query = {[APP_SID] = BX_PICK("APP_SID"), [DOMAIN] = BX_PICK("DOMAIN"),
			[PROTOCOL] = BX_PICK("PROTOCOL")},
		.body = {[MEMBER_ID] = BX_PICK("member_id"), [APPLICATION_TOKEN] = BX_PICK("APPLICATION_TOKEN"),
			[ACCESS_TOKEN] = BX_PICK("AUTH_ID"), [PLACEMENT] = BX_PICK("PLACEMENT")}};
	if (read_visit(visit, bx_request_query(req), query_len, body, body_len)) {
		ask(visit);
		return;
	}
	serve->figures.refused_request++;
	page_plain(req, 400, "This is not the request of a portal's page.");
	free(visit);
}

void worker_request(struct serve *serve, struct bx_request *req)
{
	take_visit(serve, req, false);
}

void worker_mic(struct serve *serve, struct bx_request *req)
{
	take_visit(serve, req, true);
}
