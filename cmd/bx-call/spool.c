/* --spool: a request is on disk before it is tried, so that no hook waits for a portal, and none
 * that is killed loses or doubles a call. */
#include "deliver.h"

#include <sys/stat.h>
#include "clock.h"
#include "banned.h"

#define SPOOL_MS       5000
#define PRUNE_EVERY    256 /* items */
#define LINE_MAX_BYTES (1024 * 1024)

const struct bx_opt call_spool_opts[] = {CALL_OPT_SPOOL, {0}};

bool call_spooling(const struct bx_cli *cli)
{
	const char *env = getenv("BX_SPOOL");
	return !bx_cli_dry(cli) && bx_opt_on(cli, "spool", env && !strcmp(env, "1"));
}

/* The first line on standard input that names a call, be it one that is only queued. */
static char *name_from_stdin(struct bx_err *err)
{
	BX_CLEANUP(bx_lines_release) struct bx_lines in;
	bx_lines_init(&in, STDIN_FILENO, LINE_MAX_BYTES);
	char *line;
	int got;
	while ((got = bx_lines_text(&in, &line, err)) == 1) {
		auto_json cJSON *item = bx_json_parse(line, strlen(line), NULL);
		const char *call_id = bx_json_str(item, "CALL_ID"), *id = bx_json_str(item, "EXTERNAL_CALL_ID");
		if (call_id && *call_id)
			return bx_xstrdup(call_id);
		if (id && *id && bx_json_bool(item, "queued", false))
			return bx_xprintf("ext:%s", id);
	}
	if (!got)
		bx_fail(err, BX_ABSENT, "", "no line with a CALL_ID on standard input");
	return NULL;
}

/* What the queued register says, until the portal has named the call. */
static void describe(struct bx_known_call *known, const struct bx_outbox_item *item)
{
	auto_json cJSON *params = bx_json_parse(item->params, strlen(item->params), NULL);
	auto_free char *ext = bx_json_as_text(bx_json_get(params, "USER_PHONE_INNER"));
	bx_json_int(params, "USER_ID", &known->user);
	bx_set_str(&known->ext, ext ? ext : "");
	bx_set_str(&known->external_id, item->external_id);
}

static bool open_chain(struct bx_cli *cli, struct bx_portal *portal, struct bx_store *store,
	int64_t id, const char *named, struct bx_err *err)
{
	auto_outbox_chain struct bx_outbox_chain chain = {0};
	if (!bx_outbox_chain_load(store, id, &chain, err))
		return false;
	if (!chain.count)
		return bx_fail(err, BX_ABSENT, "", "call %s is not known here", named);
	const struct bx_outbox_item *first = &chain.items[0];
	if (!bx_portal_open_call(cli, portal, first->call_id, first->portal, err))
		return false;
	if (*first->call_id)
		return true;
	describe(&portal->ref.known, first);
	bx_set_str(&portal->ref.call_id, named);
	return true;
}

bool call_open(struct bx_cli *cli, struct bx_portal *portal, struct bx_err *err)
{
	const char *given = bx_opt(cli, "call");
	bool piped = bx_streq(given, "-");
	if (!call_spooling(cli) || !given || (!piped && !bx_starts(given, "ext:")))
		return bx_portal_open(cli, portal, true, err);
	auto_free char *named = piped ? name_from_stdin(err) : bx_xstrdup(given);
	if (!named)
		return false;
	if (!bx_starts(named, "ext:"))
		return bx_portal_open_call(cli, portal, named, NULL, err);
	auto_store struct bx_store *store = bx_portals_open(err);
	auto_known_call struct bx_known_call call;
	bx_known_call_init(&call);
	if (!store)
		return false;
	int64_t chain = bx_outbox_find(store, bx_portal_asked(cli), "", named + 4, true, err);
	if (chain)
		return open_chain(cli, portal, store, chain, named, err);
	return bx_known_call_by_external(store, bx_portal_asked(cli), named + 4, &call, err) &&
		bx_portal_open_call(cli, portal, call.call_id, call.portal, err);
}

static bool put_path(struct bx_outbox_item *item, const char *path, struct bx_err *err)
{
	struct stat st;
	auto_free char *full = realpath(path, NULL);
	if (!full || stat(full, &st))
		return bx_fail_errno(err, "%s", path);
	bx_set_str(&item->path, full);
	item->size = st.st_size;
	item->mtime_ms = st.st_mtim.tv_sec * 1000LL + st.st_mtim.tv_nsec / 1000000;
	return true;
}

static bool put_item(struct bx_outbox_item *item, const struct bx_portal *portal, const char *verb,
	const cJSON *given, struct bx_err *err)
{
	auto_json cJSON *params = cJSON_Duplicate(given, true);
	bool registers = !strcmp(verb, "register");
	const char *id = registers ? bx_json_str(params, "EXTERNAL_CALL_ID") : portal->ref.known.external_id;
	const char *call_id = registers ? "" : portal->ref.call_id;
	char iso[BX_ISO_SIZE];
	bx_json_set(params, "CALL_ID", NULL);
	if (registers && !bx_json_get(params, "CALL_START_DATE")) {
		bx_time_iso_local(iso, bx_now_ms());
		bx_json_set_str(params, "CALL_START_DATE", iso);
	}
	auto_free char *text = bx_json_print(params);
	bx_set_str(&item->portal, portal->rest.profile.name);
	bx_set_str(&item->verb, verb);
	bx_set_str(&item->external_id, id ? id : "");
	bx_set_str(&item->call_id, bx_starts(call_id, "ext:") ? "" : call_id);
	bx_set_str(&item->params, text);
	bx_set_str(&item->state, BX_OUTBOX_QUEUED);
	return text || bx_fail(err, BX_LOCAL, "", "the parameters cannot be stored");
}

static bool same_key(const cJSON *a, const cJSON *b, const char *key)
{
	auto_free char *one = bx_json_as_text(bx_json_get(a, key));
	auto_free char *two = bx_json_as_text(bx_json_get(b, key));
	return bx_streq(one ? one : "", two ? two : "");
}

/* The same id for the same user, number and kind is the same call, unless it began at another
 * time: a PBX that starts a hook again says all of it again. */
static bool same_register(const struct bx_outbox_item *old, const cJSON *given)
{
	static const char *const keys[] = {"USER_ID", "USER_PHONE_INNER", "PHONE_NUMBER", "TYPE"};
	auto_json cJSON *params = bx_json_parse(old->params, strlen(old->params), NULL);
	for (size_t i = 0; i < BX_COUNT(keys); i++) {
		if (!same_key(params, given, keys[i]))
			return false;
	}
	return !bx_json_get(given, "CALL_START_DATE") || same_key(params, given, "CALL_START_DATE");
}

static bool same_item(const struct bx_outbox_item *old, const struct bx_outbox_item *item,
	const cJSON *given)
{
	if (strcmp(old->verb, item->verb) != 0 || !strcmp(old->state, BX_OUTBOX_DROPPED))
		return false;
	if (!strcmp(item->verb, "register"))
		return same_register(old, given);
	if (!strcmp(item->verb, "show") || !strcmp(item->verb, "hide"))
		return false;
	return !strcmp(item->verb, "finish") ||
		(!strcmp(old->params, item->params) && !strcmp(old->path, item->path));
}

/* Within a transaction: the item is inserted, or one that says the same is queued again. *again:
 * it has been delivered before. */
static bool add_or_find(struct bx_store *store, struct bx_outbox_item *item, const cJSON *given,
	bool *again, struct bx_err *err)
{
	auto_outbox_chain struct bx_outbox_chain chain = {0};
	bool registers = !strcmp(item->verb, "register");
	int64_t id = bx_outbox_find(store, item->portal, item->call_id, item->external_id, registers, err);
	if (id && !bx_outbox_chain_load(store, id, &chain, err))
		return false;
	for (size_t i = 0; i < chain.count; i++) {
		struct bx_outbox_item *old = &chain.items[i];
		if (!same_item(old, item, given))
			continue;
		item->id = old->id;
		item->chain = old->chain;
		*again = !strcmp(old->state, BX_OUTBOX_DONE);
		if (*again)
			return true;
		bx_set_str(&old->state, BX_OUTBOX_QUEUED);
		old->due_ms = 0;
		return bx_outbox_save(store, old, err);
	}
	item->chain = registers ? 0 : id;
	return bx_outbox_add(store, item, err);
}

static bool enqueue(struct bx_store *store, struct bx_outbox_item *item, const cJSON *given,
	bool *again, struct bx_err *err)
{
	if (!bx_store_begin(store, err) || !add_or_find(store, item, given, again, err)) {
		bx_store_undo(store);
		return false;
	}
	if (!bx_store_commit(store, err))
		return false;
	/* Where nothing is ever left to flush, somebody has to. */
	if (item->id % PRUNE_EVERY == 0)
		bx_outbox_prune(store, NULL);
	return true;
}

static void deliver(struct deliverer *d, const struct bx_outbox_item *item)
{
	auto_outbox_chain struct bx_outbox_chain chain = {0};
	struct bx_err why = {0};
	int64_t left = d->deadline - bx_mono_ms();
	auto_fd int lock = bx_outbox_lock(item->chain, left > 0 ? (int)left : 0, &why);
	if (lock >= 0 && bx_outbox_chain_load(d->portal->store, item->chain, &chain, &why))
		bx_outbox_deliver(&chain, item->id, &deliver_ops, d, &why);
	if (why.exit)
		bx_cli_note(d->cli, "queued: %s", why.text);
}

static bool print_queued(struct bx_cli *cli, const struct bx_outbox_item *item, struct bx_err *err)
{
	auto_json cJSON *line = cJSON_CreateObject();
	bx_json_set_bool(line, "queued", true);
	bx_json_set_int(line, "id", item->id);
	if (*item->call_id)
		bx_json_set_str(line, "CALL_ID", item->call_id);
	if (*item->external_id)
		bx_json_set_str(line, "EXTERNAL_CALL_ID", item->external_id);
	if (!bx_cli_out(cli, line, err))
		return false;
	*err = (struct bx_err){.exit = BX_QUEUED};
	return false;
}

/* Of the same call something else is queued, which would wait for ever without this item. */
static bool others_wait(struct bx_store *store, const struct bx_outbox_item *item)
{
	auto_outbox_chain struct bx_outbox_chain chain = {0};
	bool wait = !bx_outbox_chain_load(store, item->chain, &chain, NULL);
	for (size_t i = 0; i < chain.count; i++)
		wait |= !strcmp(chain.items[i].state, BX_OUTBOX_QUEUED);
	return wait;
}

/* Who asked is told, so nobody else has to be. */
static bool refused(struct deliverer *d, struct bx_outbox_item *item, struct bx_err *err)
{
	bool parked = !strcmp(item->state, BX_OUTBOX_PARKED);
	if (parked && !others_wait(d->portal->store, item)) {
		bx_set_str(&item->state, BX_OUTBOX_DROPPED);
		bx_outbox_save(d->portal->store, item, NULL);
	}
	if (parked && d->last.exit) {
		*err = d->last;
		return false;
	}
	return bx_fail(err, parked ? BX_REFUSED : BX_ABSENT, "", "%s", item->error);
}

static bool report(struct deliverer *d, int64_t id, bool again, struct bx_err *err)
{
	auto_outbox_item struct bx_outbox_item item;
	bx_outbox_item_init(&item);
	if (!bx_outbox_load(d->portal->store, id, &item, err))
		return false;
	if (!strcmp(item.state, BX_OUTBOX_QUEUED))
		return print_queued(d->cli, &item, err);
	if (strcmp(item.state, BX_OUTBOX_DONE) != 0)
		return refused(d, &item, err);
	auto_json cJSON *line = bx_json_parse(item.result, strlen(item.result), err);
	if (again && !strcmp(item.verb, "register"))
		bx_json_set_bool(line, "reused", true);
	return line && bx_cli_out(d->cli, line, err);
}

bool call_spool(struct bx_cli *cli, struct bx_portal *portal, const char *verb, const cJSON *params,
	const char *path, struct bx_err *err)
{
	auto_outbox_item struct bx_outbox_item item;
	int64_t timeout_ms = SPOOL_MS;
	bx_outbox_item_init(&item);
	if (!bx_opt_timeout(cli, &timeout_ms, err) || !put_item(&item, portal, verb, params, err) ||
		(path && !put_path(&item, path, err)))
		return false;
	struct deliverer d = {.cli = cli, .portal = portal, .deadline = bx_mono_ms() + timeout_ms};
	bool again = false;
	if (!enqueue(portal->store, &item, params, &again, err))
		return false;
	if (!strcmp(verb, "register"))
		bx_set_str(&portal->ref.known.external_id, item.external_id);
	deliver(&d, &item);
	if (*portal->ref.known.call_id && !strcmp(verb, "register"))
		bx_set_str(&portal->ref.call_id, portal->ref.known.call_id);
	return report(&d, item.id, again, err);
}
