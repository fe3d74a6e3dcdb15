#include "complete.h"

#include <string.h>
#include "clock.h"
#include "control.h"
#include "store_portal.h"
#include "banned.h"

#define ASK_MS	  25 /* a busy daemon is not waited for: the shell's user types on */
#define CALLS_MAX 100
#define HEARD_MS  (24LL * 60 * 60 * 1000)

struct words {
	bx_candidate_fn *add;
	void *arg;
	const char *partial;
	const char *portal; /* that was named, or NULL */
	cJSON *cards; /* open ones */
	cJSON *said;  /* words that were offered already */
};

static void offer(struct words *w, const char *word, const char *help)
{
	if (!word || !*word || bx_json_get(w->said, word))
		return;
	bx_json_set_bool(w->said, word, true);
	w->add(w->arg, word, help);
}

static cJSON *open_cards(void)
{
	cJSON *cards = cJSON_CreateArray(), *answer = NULL;
	auto_str struct bx_str dir = BX_STR_INIT(BX_PATH_MAX);
	struct bx_client *client = bx_store_has("", &dir) ? bx_client_connect(dir.buf, NULL) : NULL;
	int64_t id = client ? bx_client_send(client, "ls", NULL, NULL) : 0;
	while (id && bx_client_next(client, id, ASK_MS, &answer, NULL) == 1) {
		cJSON *card = cJSON_DetachItemFromObjectCaseSensitive(answer, "card");
		if (card)
			cJSON_AddItemToArray(cards, card);
		cJSON_Delete(answer);
		answer = NULL;
	}
	cJSON_Delete(answer);
	bx_client_free(client);
	return cards;
}

static const cJSON *card_of(const struct words *w, const char *call_id)
{
	const cJSON *card;
	cJSON_ArrayForEach(card, w->cards) {
		if (bx_streq(bx_json_str(card, "CALL_ID"), call_id))
			return card;
	}
	return NULL;
}

/* "+1 555 010 0199, user 12, connected"; call may be NULL. */
static char *describe(const struct bx_known_call *call, const cJSON *card)
{
	auto_str struct bx_str text = BX_STR_INIT(512);
	const char *state = bx_json_str(card, "state");
	int64_t user = call ? call->user : 0;
	if (card)
		bx_json_int(card, "user", &user);
	if (call && *call->phone)
		bx_str_printf(&text, ", %s", call->phone);
	if (user)
		bx_str_printf(&text, ", user %lld", (long long)user);
	else if (call && *call->ext)
		bx_str_printf(&text, ", extension %s", call->ext);
	if (card)
		bx_str_printf(&text, ", %s", state ? state : "card open");
	return bx_xstrdup(text.len > 2 ? text.buf + 2 : "");
}

static bool known_call(void *arg, const struct bx_known_call *call)
{
	struct words *w = arg;
	auto_free char *help = describe(call, card_of(w, call->call_id));
	auto_free char *external = bx_xprintf("ext:%s", call->external_id);
	offer(w, call->call_id, help);
	if (*call->external_id && bx_starts(w->partial, "ext:"))
		offer(w, external, help);
	return true;
}

static void calls(struct words *w, struct bx_store *store)
{
	const cJSON *card;
	bx_known_calls_open(store, CALLS_MAX, known_call, w, NULL);
	cJSON_ArrayForEach(card, w->cards) {
		auto_free char *help = describe(NULL, card);
		offer(w, bx_json_str(card, "CALL_ID"), help);
	}
	offer(w, "-", "the line on standard input");
}

static bool known_user(void *arg, const struct bx_known_call *call)
{
	struct words *w = arg;
	auto_free char *number = bx_xprintf("%lld", (long long)call->user);
	auto_free char *help = bx_xprintf("has the call of %s", call->phone);
	if (call->user)
		offer(w, number, help);
	return true;
}

static void users(struct words *w, struct bx_store *store)
{
	const cJSON *card;
	cJSON_ArrayForEach(card, w->cards) {
		auto_free char *number = bx_json_as_text(bx_json_get(card, "user"));
		offer(w, number, bx_json_str(card, "title"));
	}
	bx_known_calls_open(store, CALLS_MAX, known_user, w, NULL);
}

static void frames(struct words *w, struct bx_store *store)
{
	const cJSON *card, *frame;
	(void)store;
	cJSON_ArrayForEach(card, w->cards) {
		auto_free char *help = describe(NULL, card);
		cJSON_ArrayForEach(frame, bx_json_get(card, "frames"))
			offer(w, cJSON_GetStringValue(frame), help);
	}
}

static void portals(struct words *w, struct bx_store *store)
{
	struct bx_profile *list;
	size_t count;
	if (!bx_profiles_load(store, &list, &count, NULL))
		return;
	for (size_t i = 0; i < count; i++) {
		auto_free char *help = bx_xprintf("%s of %s%s", list[i].webhook ? "webhook" : "app", list[i].domain,
			list[i].waiting ? ", waits for its tokens" : "");
		offer(w, list[i].name, help);
	}
	bx_profiles_free(list, count);
}

char *bx_heard_key(const char *list, const char *portal)
{
	return bx_xprintf("%s %s", list, portal);
}

bool bx_heard_old(const char *known, int64_t now_ms)
{
	int64_t age = now_ms - (known ? strtoll(known, NULL, 10) : 0);
	return age < 0 || age > HEARD_MS;
}

void bx_heard(struct bx_store *store, const char *list, const char *portal, const cJSON *names)
{
	auto_str struct bx_str text = BX_STR_INIT(BX_HEARD_MAX);
	const cJSON *name;
	bx_str_printf(&text, "%lld", (long long)bx_now_ms());
	cJSON_ArrayForEach(name, names) {
		if (cJSON_IsString(name) && !strpbrk(name->valuestring, " \n"))
			bx_str_printf(&text, " %s", name->valuestring);
	}
	auto_free char *key = bx_heard_key(list, portal);
	bx_value_set(store, key, text.buf, NULL);
}

static const char *help_of(const char *name)
{
	const struct bx_op *op = bx_op_by_wire(BX_METHOD, name);
	for (const struct bx_word *w = bx_placements; w->word; w++) {
		if (!strcmp(w->wire, name))
			return w->help;
	}
	return op ? op->help : NULL;
}

/* Each name of text, between which separators stand; what begins with a figure is none. */
static void offer_each(struct words *w, char *text, const char *separators)
{
	for (char *p = text, *end; p && *p; p = end) {
		end = p + strcspn(p, separators);
		end += *end ? (*end = 0, 1) : 0;
		const struct bx_op *op = bx_op_by_wire(BX_METHOD, p);
		if (*p < '0' || *p > '9')
			offer(w, op ? op->wire : p, help_of(p));
	}
}

static void offer_heard(struct words *w, struct bx_store *store, const char *list, const char *portal)
{
	auto_free char *key = bx_heard_key(list, portal);
	auto_free char *text = bx_value_get(store, key, NULL);
	offer_each(w, text, " ");
}

/* Those of the rows were offered before by whoever asks. */
static void skip_rows(struct words *w)
{
	for (const struct bx_op *const *table = bx_op_tables; *table; table++) {
		for (const struct bx_op *op = *table; op->wire; op++) {
			bx_json_set_bool(w->said, op->wire, true);
			if (op->scope)
				bx_json_set_bool(w->said, op->scope, true);
		}
	}
}

/* Lists of the portal that is meant, or of every one, where none is meant more than another. A
 * profile's scopes came with its tokens. */
static void heard(struct words *w, struct bx_store *store, const char *list)
{
	struct bx_profile *profiles;
	size_t count;
	const char *asked = w->portal ? w->portal : getenv("BX_PORTAL");
	auto_free char *meant = asked && *asked ? bx_xstrdup(asked) : bx_value_get(store, BX_VALUE_DEFAULT, NULL);
	skip_rows(w);
	if (!bx_profiles_load(store, &profiles, &count, NULL))
		return;
	for (size_t i = 0; i < count; i++) {
		if (meant && strcmp(meant, profiles[i].name) != 0)
			continue;
		if (list)
			offer_heard(w, store, list, profiles[i].name);
		else
			offer_each(w, profiles[i].scope, ", ");
	}
	bx_profiles_free(profiles, count);
}

static void methods(struct words *w, struct bx_store *store)
{
	heard(w, store, BX_HEARD_METHODS);
}

static void placements(struct words *w, struct bx_store *store)
{
	heard(w, store, BX_HEARD_PLACEMENTS);
}

static void events(struct words *w, struct bx_store *store)
{
	heard(w, store, BX_HEARD_EVENTS);
}

static void scopes(struct words *w, struct bx_store *store)
{
	heard(w, store, NULL);
}

void bx_methods_offer(struct bx_store *store, const char *portal, bx_candidate_fn *add, void *arg)
{
	struct words w = {.add = add, .arg = arg, .partial = "", .said = cJSON_CreateObject()};
	offer_heard(&w, store, BX_HEARD_METHODS, portal);
	for (const struct bx_op *const *table = bx_op_tables; *table; table++) {
		for (const struct bx_op *op = *table; op->wire; op++) {
			if (op->kind == BX_METHOD)
				offer(&w, op->wire, op->help);
		}
	}
	cJSON_Delete(w.said);
}

static const struct {
	const char *kind;
	void (*fn)(struct words *w, struct bx_store *store);
	bool cards;
} kinds[] = {
	{"portal", portals, false},
	{"name", portals, false},
	{"call", calls, true},
	{"user", users, true},
	{"frame", frames, true},
	{"method", methods, false},
	{"placement", placements, false},
	{"event", events, false},
	{"scope", scopes, false},
};

void bx_complete(const char *kind, const char *partial, const char *portal, bx_candidate_fn *add, void *arg)
{
	struct words w = {.add = add, .arg = arg, .partial = partial, .portal = portal};
	for (size_t i = 0; i < BX_COUNT(kinds); i++) {
		if (strcmp(kinds[i].kind, kind) != 0 || !bx_store_has("portals.db", NULL))
			continue;
		auto_store struct bx_store *store = bx_portals_open(NULL);
		if (!store)
			return;
		w.cards = kinds[i].cards ? open_cards() : cJSON_CreateArray();
		w.said = cJSON_CreateObject();
		kinds[i].fn(&w, store);
		cJSON_Delete(w.cards);
		cJSON_Delete(w.said);
	}
}
