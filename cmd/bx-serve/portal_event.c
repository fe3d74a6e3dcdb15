#include "portal_event.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "bridge.h"
#include "calls.h"
#include "clock.h"
#include "heal.h"
#include "install.h"
#include "log.h"
#include "outbox.h"
#include "page.h"
#include "spec.h"
#include "store_click.h"
#include "banned.h"

#define EVENT_NAME_MAX 80

struct delivery {
	struct serve *serve;
	struct bx_request *req; /* NULL: nobody waits for the answer */
	cJSON *body;
	char event[EVENT_NAME_MAX + 1];
	char *portal, *call;
	bool known;
};

static void delivery_free(struct delivery *delivery)
{
	cJSON_Delete(delivery->body);
	free(delivery->portal);
	free(delivery->call);
	free(delivery);
}

/* Upper case, as the portal writes it; false: no name. */
static bool event_name(const char *text, char out[EVENT_NAME_MAX + 1])
{
	size_t len = text ? strlen(text) : 0;
	if (!len || len > EVENT_NAME_MAX)
		return false;
	for (size_t i = 0; i <= len; i++) {
		if (text[i] && !isalnum((unsigned char)text[i]) && !strchr("_.:", text[i]))
			return false;
		out[i] = (char)toupper((unsigned char)text[i]);
	}
	return true;
}

static bool is_event(const char *name, const char *verb)
{
	const struct bx_op *op = bx_op_by_verb(BX_PORTAL_EVENT, verb);
	return op && !strcasecmp(op->wire, name);
}

/* Event data may carry a token of its own (portal.md 11.9). */
static void drop_tokens(cJSON *item)
{
	static const char *const secret[] = {"TOKEN", "AUTH", "AUTH_ID", "REFRESH_ID", "ACCESS_TOKEN",
		"REFRESH_TOKEN", "APPLICATION_TOKEN"};
	for (cJSON *child = item ? item->child : NULL, *next; child; child = next) {
		next = child->next;
		bool drop = false;
		for (size_t i = 0; child->string && i < BX_COUNT(secret); i++)
			drop = drop || !strcasecmp(child->string, secret[i]);
		if (drop)
			cJSON_Delete(cJSON_DetachItemViaPointer(item, child));
		else
			drop_tokens(child);
	}
}

static void answered(void *arg)
{
	struct delivery *delivery = arg;
	if (delivery->req)
		bx_reply(delivery->req, 200, "text/plain", "ok\n", 3);
	delivery_free(delivery);
}

/* Whose call: ours when the event goes to the app concerned alone, or when it is known here. */
static int own_of(const struct delivery *delivery)
{
	if (!delivery->call || delivery->known || is_event(delivery->event, "ONEXTERNALCALLSTART"))
		return BX_OWN_OURS;
	return BX_OWN_UNSETTLED;
}

static int64_t user_of(const cJSON *data)
{
	int64_t user = 0;
	if (!bx_json_int(data, "USER_ID", &user))
		bx_json_int(data, "PORTAL_USER_ID", &user);
	return user;
}

static void journal_it(struct delivery *delivery)
{
	struct serve *serve = delivery->serve;
	cJSON *data = bx_json_get(delivery->body, "data");
	drop_tokens(data);
	int64_t user = user_of(data);
	int own = own_of(delivery);
	struct bx_event event = {.ms = bx_now_ms(), .portal = bx_xstrdup(delivery->portal),
		.source = bx_xstrdup("portal"), .event = bx_xstrdup(delivery->event),
		.call = bx_xstrdup(delivery->call), .user = user, .own = own,
		.data = data ? bx_json_print(data) : NULL};
	serve->figures.events++;
	journal_write(serve->journal, &event, NULL, 0);
	journal_after(serve->journal, answered, delivery);
	if (own == BX_OWN_UNSETTLED)
		calls_unsettled(serve->calls, delivery->portal, delivery->call);
	else if (is_event(delivery->event, "ONEXTERNALCALLSTART") && delivery->call)
		calls_own(serve->calls, delivery->portal, delivery->call, user);
	else if (is_event(delivery->event, "ONVOXIMPLANTCALLEND") && delivery->call)
		bridge_finished(serve->bridge, delivery->portal, delivery->call);
	else if (is_event(delivery->event, "ONAPPUNINSTALL"))
		heal_uninstalled(serve->heal, delivery->portal);
}

/* Before any hook runs: the register of one that handles the click finds the portal's own call. */
static void note_click(const struct delivery *delivery, struct bx_store *store)
{
	struct bx_err err = {0};
	if (!bx_click_note(store, delivery->portal, bx_json_get(delivery->body, "data"), &err))
		bx_log(BX_LOG_ERROR, "the click of call %s is not known to bx-call: %s", delivery->call, err.text);
}

static void look_up(void *arg, const struct reader_files *files)
{
	struct delivery *delivery = arg;
	auto_known_call struct bx_known_call known;
	bx_known_call_init(&known);
	if (is_event(delivery->event, "ONEXTERNALCALLSTART"))
		note_click(delivery, files->portals);
	delivery->known =
		bx_known_call_load(files->portals, delivery->portal, delivery->call, &known, NULL);
}

static void looked_up(void *arg)
{
	journal_it(arg);
}

static void settle_call(struct delivery *delivery)
{
	delivery->call = bx_xstrdup(text_of(bx_json_get(delivery->body, "data"), "CALL_ID"));
	if (delivery->call)
		reader_do(delivery->serve->reader, look_up, looked_up, delivery);
	else
		journal_it(delivery);
}

static void refuse(struct delivery *delivery, int status, uint64_t *counter)
{
	++*counter;
	page_plain(delivery->req, status, "This event was not believed.");
	delivery_free(delivery);
}

static void proved(void *arg, enum proof_answer answer, const struct bx_profile *profile)
{
	struct delivery *delivery = arg;
	struct figures *figures = &delivery->serve->figures;
	if (answer == PROOF_GOOD) {
		outbox_seen(delivery->serve->outbox);
		delivery->portal = bx_xstrdup(profile->name);
		settle_call(delivery);
	} else if (answer == PROOF_BUSY) {
		refuse(delivery, 503, &figures->busy);
	} else {
		bool stranger = answer == PROOF_STRANGER;
		refuse(delivery, 403, stranger ? &figures->refused_member : &figures->refused_token);
	}
}

static struct delivery *delivery_new(struct serve *serve, const cJSON *body)
{
	struct delivery *delivery = bx_xcalloc(1, sizeof *delivery);
	*delivery = (struct delivery){.serve = serve, .body = cJSON_Duplicate(body, true)};
	return delivery;
}

void portal_event_note(struct serve *serve, const char *portal, const cJSON *body)
{
	struct delivery *delivery = delivery_new(serve, body);
	delivery->portal = bx_xstrdup(portal);
	if (event_name(text_of(body, "event"), delivery->event))
		settle_call(delivery);
	else
		delivery_free(delivery);
}

static void ask_proof(struct serve *serve, struct bx_request *req, const struct post *post,
	const char *name)
{
	const cJSON *auth = bx_json_get(post->body, "auth");
	struct delivery *delivery = delivery_new(serve, post->body);
	delivery->req = req;
	snprintf(delivery->event, sizeof delivery->event, "%s", name);
	struct proof_claim claim = {.member_id = text_of(auth, "member_id"),
		.application_token = text_of(auth, "application_token"),
		.access_token = text_of(auth, "access_token"), .domain = text_of(auth, "domain")};
	proof_ask(serve->proof, &claim, proved, delivery);
}

void portal_event_request(struct serve *serve, struct bx_request *req)
{
	auto_post struct post post = {0};
	char name[EVENT_NAME_MAX + 1];
	if (!post_read(req, &post, NULL) || !event_name(text_of(post.body, "event"), name)) {
		serve->figures.refused_request++;
		page_plain(req, 400, "This is not an event of a portal.");
	} else if (is_event(name, "ONAPPINSTALL") || is_event(name, "ONAPPUPDATE")) {
		install_post(serve, req, &post);
	} else {
		ask_proof(serve, req, &post, name);
	}
}
