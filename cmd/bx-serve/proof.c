#include "proof.h"

#include <string.h>
#include "clock.h"
#include "json.h"
#include "secret.h"
#include "banned.h"

#define SLOTS	    4096
#define OPEN_MAX    100
#define WAITERS_MAX 1000
#define GOOD_MS	    (10 * 60 * 1000)
#define REFUSED_MS  (60 * 1000)
#define BUSY_MS	    3000
#define VERIFY_MS   15000

/* What a token turned out to be; a later one in the same slot takes its place. */
struct known {
	uint8_t digest[BX_MAC_SIZE];
	int64_t until_ms;
	enum proof_answer answer;
	char portal[65];
};

struct waiter {
	struct waiter *next;
	proof_fn *fn;
	void *arg;
};

struct question {
	struct question *next;
	struct proof *proof;
	struct known known;
	struct waiter *waiters;
	unsigned count;
};

struct proof {
	struct portals *portals;
	struct runner *runner;
	uint8_t key[BX_KEY_SIZE];
	struct question *questions;
	unsigned open;
	char *tool;
	struct known known[SLOTS];
};

static struct known *slot_of(struct proof *proof, const uint8_t digest[BX_MAC_SIZE])
{
	return &proof->known[(digest[0] | digest[1] << 8) % SLOTS];
}

static void digest_of(const struct proof *proof, const struct proof_claim *claim,
	uint8_t digest[BX_MAC_SIZE])
{
	auto_str struct bx_str text = BX_STR_INIT(65536);
	bx_str_printf(&text, "%s\n%s\n%s", claim->member_id, claim->access_token,
		claim->adopt && claim->application_token ? claim->application_token : "");
	bx_mac(digest, proof->key, text.buf, text.len);
	bx_secret_wipe(text.buf, text.len);
}

static void tell(struct proof *proof, const struct known *known, proof_fn *fn, void *arg)
{
	const struct bx_profile *profile = portals_by_name(proof->portals, known->portal);
	bool good = known->answer == PROOF_GOOD && profile;
	enum proof_answer answer = known->answer == PROOF_GOOD && !profile ? PROOF_REFUSED : known->answer;
	fn(arg, answer, good ? profile : NULL);
}

static void question_free(struct question *question)
{
	struct proof *proof = question->proof;
	for (struct question **at = &proof->questions; *at; at = &(*at)->next) {
		if (*at != question)
			continue;
		*at = question->next;
		break;
	}
	proof->open--;
	for (struct waiter *w = question->waiters, *next; w; w = next) {
		next = w->next;
		free(w);
	}
	free(question);
}

static void answered(void *arg)
{
	struct question *question = arg;
	struct proof *proof = question->proof;
	*slot_of(proof, question->known.digest) = question->known;
	struct waiter *waiters = question->waiters;
	question->waiters = NULL;
	for (struct waiter *w = waiters, *next; w; w = next) {
		next = w->next;
		tell(proof, &question->known, w->fn, w->arg);
		free(w);
	}
	question_free(question);
}

static void verified(void *arg, const struct run_end *end)
{
	struct question *question = arg;
	auto_json cJSON *answer = bx_json_parse(end->out, end->out_len, NULL);
	const char *portal = bx_json_str(answer, "portal");
	bool good = end->status == BX_OK && portal && strlen(portal) < sizeof question->known.portal;
	bool refused = end->status == BX_NOAUTH || end->status == BX_REFUSED || end->status == BX_ABSENT;
	question->known.answer = good ? PROOF_GOOD : refused ? PROOF_REFUSED : PROOF_BUSY;
	question->known.until_ms = bx_mono_ms() + (good ? GOOD_MS : refused ? REFUSED_MS : BUSY_MS);
	if (!good) {
		answered(question);
		return;
	}
	snprintf(question->known.portal, sizeof question->known.portal, "%s", portal);
	portals_reload(question->proof->portals, answered, question);
}

static void start(struct proof *proof, struct question *question, const struct proof_claim *claim)
{
	auto_json cJSON *input = cJSON_CreateObject();
	bx_json_set_str(input, "member_id", claim->member_id);
	bx_json_set_str(input, "access_token", claim->access_token);
	if (claim->domain)
		bx_json_set_str(input, "domain", claim->domain);
	if (claim->adopt && claim->application_token)
		bx_json_set_str(input, "application_token", claim->application_token);
	auto_free char *text = bx_json_print(input);
	struct run run = {.argv = (const char *const[]){proof->tool, "verify", "-", NULL},
		.input = text, .timeout_ms = VERIFY_MS, .collect = true};
	runner_start(proof->runner, &run, verified, question);
	bx_secret_wipe(text, strlen(text));
}

static struct question *question_for(struct proof *proof, const struct proof_claim *claim,
	const uint8_t digest[BX_MAC_SIZE])
{
	for (struct question *q = proof->questions; q; q = q->next)
		if (!memcmp(q->known.digest, digest, BX_MAC_SIZE))
			return q->count < WAITERS_MAX ? q : NULL;
	if (proof->open >= OPEN_MAX)
		return NULL;
	struct question *question = bx_xcalloc(1, sizeof *question);
	*question = (struct question){.proof = proof, .next = proof->questions};
	memcpy(question->known.digest, digest, BX_MAC_SIZE);
	proof->questions = question;
	proof->open++;
	start(proof, question, claim);
	return question;
}

static void ask_portal(struct proof *proof, const struct proof_claim *claim, proof_fn *fn, void *arg)
{
	uint8_t digest[BX_MAC_SIZE];
	digest_of(proof, claim, digest);
	const struct known *known = slot_of(proof, digest);
	if (known->until_ms > bx_mono_ms() && !memcmp(known->digest, digest, sizeof digest)) {
		tell(proof, known, fn, arg);
		return;
	}
	struct question *question = question_for(proof, claim, digest);
	if (!question) {
		fn(arg, PROOF_BUSY, NULL);
		return;
	}
	struct waiter *waiter = bx_xcalloc(1, sizeof *waiter);
	*waiter = (struct waiter){.next = question->waiters, .fn = fn, .arg = arg};
	question->waiters = waiter;
	question->count++;
}

void proof_ask(struct proof *proof, const struct proof_claim *claim, proof_fn *fn, void *arg)
{
	bool proved = false;
	const struct bx_profile *profile =
		portals_by_member(proof->portals, claim->member_id, claim->application_token, &proved);
	if (!profile)
		fn(arg, PROOF_STRANGER, NULL);
	else if (proved)
		fn(arg, PROOF_GOOD, profile);
	else if (!claim->access_token || !*claim->access_token)
		fn(arg, PROOF_REFUSED, NULL);
	else
		ask_portal(proof, claim, fn, arg);
}

struct proof *proof_new(struct portals *portals, struct runner *runner)
{
	struct proof *proof = bx_xcalloc(1, sizeof *proof);
	proof->portals = portals;
	proof->runner = runner;
	proof->tool = run_tool("bx-auth");
	bx_random(proof->key, sizeof proof->key);
	return proof;
}

void proof_free(struct proof *proof)
{
	if (!proof)
		return;
	while (proof->questions)
		question_free(proof->questions);
	free(proof->tool);
	free(proof);
}
