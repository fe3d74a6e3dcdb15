/* flush, and a look into the outbox. */
#include "deliver.h"

#include <unistd.h>
#include "clock.h"
#include "limit.h"
#include "lock.h"
#include "banned.h"

#define LOOK_EVERY_MS 1000

const struct bx_opt call_flush_opts[] = {
	{"follow", 'f', NULL, 0, NULL, "stay, and deliver what comes"},
	{0},
};

const struct bx_opt call_outbox_ls_opts[] = {
	{"all", 'a', NULL, 0, NULL, "also what was delivered or dropped lately"},
	{0},
};

struct flush {
	struct bx_cli *cli;
	struct bx_store *store;
	const char *only;  /* the portal of -p, or NULL */
	struct bx_portal portal; /* the one at hand; store NULL: none */
	char *no_way;	   /* a portal that cannot be reached in this pass */
	int64_t delivered, left, parked;
	bool stopped; /* output or store failed */
};

static const char *text_or_null(const char *text)
{
	return *text ? text : NULL;
}

static cJSON *line_of(const struct bx_outbox_item *item)
{
	cJSON *line = cJSON_CreateObject();
	char iso[BX_ISO_SIZE];
	bx_json_set_int(line, "id", item->id);
	bx_json_set_str(line, "verb", item->verb);
	bx_json_set_str(line, "portal", item->portal);
	bx_json_set_str(line, "CALL_ID", text_or_null(item->call_id));
	bx_json_set_str(line, "EXTERNAL_CALL_ID", text_or_null(item->external_id));
	bx_json_set_str(line, "state", item->state);
	bx_time_iso_local(iso, item->queued_ms);
	bx_json_set_str(line, "queued", iso);
	bx_json_set_int(line, "tries", item->tries);
	if (*item->error)
		bx_json_set_str(line, "error", item->error);
	return line;
}

static bool portal_of(struct flush *f, const char *name, struct bx_err *err)
{
	if (f->portal.store && !strcmp(f->portal.rest.profile.name, name))
		return true;
	if (f->portal.store)
		bx_portal_close(&f->portal);
	if (!bx_portal_open_call(f->cli, &f->portal, "", name, err))
		return false;
	f->portal.rest.bulk = true;
	return true;
}

/* Prints what changed from queued to anything else. */
static void tell(struct flush *f, const struct bx_outbox_chain *chain, const bool *queued,
	struct bx_err *err)
{
	for (size_t i = 0; i < chain->count; i++) {
		const struct bx_outbox_item *item = &chain->items[i];
		if (!queued[i])
			continue;
		if (!strcmp(item->state, BX_OUTBOX_QUEUED)) {
			f->left++;
			continue;
		}
		bool parked = !strcmp(item->state, BX_OUTBOX_PARKED);
		f->parked += parked;
		f->delivered += !parked;
		auto_json cJSON *line = line_of(item);
		f->stopped |= !bx_cli_out(f->cli, line, err);
	}
}

static bool unreachable(const struct flush *f, const char *portal)
{
	return f->no_way && !strcmp(f->no_way, portal);
}

static void flush_locked(struct flush *f, int64_t id, struct bx_err *err)
{
	auto_outbox_chain struct bx_outbox_chain chain = {0};
	if (!bx_outbox_chain_load(f->store, id, &chain, err)) {
		f->stopped = true;
		return;
	}
	auto_free bool *queued = bx_xcalloc(chain.count + 1, sizeof *queued);
	for (size_t i = 0; i < chain.count; i++)
		queued[i] = !strcmp(chain.items[i].state, BX_OUTBOX_QUEUED);
	const char *name = chain.count ? chain.items[0].portal : "";
	struct bx_err why = {0};
	struct deliverer d = {.cli = f->cli, .portal = &f->portal};
	if (!unreachable(f, name)) {
		enum bx_outbox_end end = portal_of(f, name, &why)
			? bx_outbox_deliver(&chain, 0, &deliver_ops, &d, &why) : BX_OUTBOX_NO_WAY;
		if (end == BX_OUTBOX_NO_WAY) {
			bx_cli_note(f->cli, "flush: %s: %s", name, why.text);
			bx_set_str(&f->no_way, name);
		}
		if (end == BX_OUTBOX_BROKEN) {
			f->stopped = true;
			*err = why;
		}
	}
	tell(f, &chain, queued, err);
}

static void progress(const struct flush *f, bool last)
{
	if (!isatty(STDERR_FILENO) || bx_cli_quiet(f->cli))
		return;
	fprintf(stderr, "\r%lld delivered, %lld left, %lld parked\033[K%s", (long long)f->delivered,
		(long long)f->left, (long long)f->parked, last ? "\n" : "");
}

/* A call that somebody else delivers at this moment is left to him. */
static bool flush_once(struct flush *f, struct bx_err *err)
{
	int64_t chain = 0;
	f->left = 0;
	bx_set_str(&f->no_way, NULL);
	while (!f->stopped && (chain = bx_outbox_next(f->store, f->only, chain, err))) {
		struct bx_err why = {0};
		auto_fd int lock = bx_outbox_lock(chain, 0, &why);
		if (lock >= 0)
			flush_locked(f, chain, err);
		else
			f->left++;
		progress(f, false);
	}
	return !f->stopped && !err->exit && bx_outbox_prune(f->store, err);
}

static bool follow(struct flush *f, struct bx_err *err)
{
	while (flush_once(f, err))
		bx_sleep_until(LOOK_EVERY_MS, bx_mono_ms() + 2 * LOOK_EVERY_MS);
	return false;
}

static bool flush_all(struct flush *f, struct bx_err *err)
{
	bool ok = flush_once(f, err);
	progress(f, true);
	if (ok && f->left)
		return bx_fail(err, BX_AGAIN, "", "%lld still wait in the outbox", (long long)f->left);
	return ok && (!f->parked || bx_fail(err, BX_REFUSED, "", "%lld were refused for good; see bx-call"
								 " outbox ls", (long long)f->parked));
}

static void flush_release(struct flush *f)
{
	if (f->portal.store)
		bx_portal_close(&f->portal);
	free(f->no_way);
}

bool call_flush(struct bx_cli *cli, struct bx_err *err)
{
	auto_str struct bx_str path = BX_STR_INIT(BX_PATH_MAX);
	auto_store struct bx_store *store = bx_portals_open(err);
	bx_cli_columns(cli, "id verb portal state CALL_ID EXTERNAL_CALL_ID error");
	if (!store || !bx_cli_want_args(cli, 0, 0, err) || !bx_store_path(&path, "outbox.lock", err))
		return false;
	auto_fd int lock = bx_lock(path.buf, 0, err);
	if (lock < 0)
		return err->exit == BX_AGAIN
			? bx_fail(err, BX_AGAIN, "", "another flush is at work") : false;
	BX_CLEANUP(flush_release) struct flush f = {.cli = cli, .store = store,
		.only = bx_opt(cli, "portal")};
	return bx_opt(cli, "follow") ? follow(&f, err) : flush_all(&f, err);
}

struct listing {
	struct bx_cli *cli;
	struct bx_err *err;
	bool ok;
};

static bool print_item(void *arg, const struct bx_outbox_item *item)
{
	struct listing *l = arg;
	auto_json cJSON *line = line_of(item);
	l->ok = bx_cli_out(l->cli, line, l->err);
	return l->ok;
}

bool call_outbox_ls(struct bx_cli *cli, struct bx_err *err)
{
	static const char *const every[] = {NULL, BX_OUTBOX_DONE, BX_OUTBOX_DROPPED};
	struct listing l = {cli, err, true};
	auto_store struct bx_store *store = bx_portals_open(err);
	bx_cli_columns(cli, "id verb portal state queued CALL_ID EXTERNAL_CALL_ID error");
	if (!store || !bx_cli_want_args(cli, 0, 0, err))
		return false;
	size_t count = bx_opt(cli, "all") ? BX_COUNT(every) : 1;
	for (size_t i = 0; i < count && l.ok; i++)
		l.ok = bx_outbox_each(store, bx_opt(cli, "portal"), every[i], print_item, &l, err) && l.ok;
	return l.ok;
}

static bool id_of(const char *text, int64_t *id, struct bx_err *err)
{
	cJSON probe = {.type = cJSON_String, .valuestring = (char *)text};
	return bx_json_as_int(&probe, id) || bx_fail(err, BX_USAGE, "", "'%s' is not the id of an item", text);
}

bool call_outbox_show(struct bx_cli *cli, struct bx_err *err)
{
	auto_store struct bx_store *store = bx_portals_open(err);
	auto_outbox_item struct bx_outbox_item item;
	int64_t id;
	bx_outbox_item_init(&item);
	if (!store || !bx_cli_want_args(cli, 1, 1, err) || !id_of(bx_cli_arg(cli, 0), &id, err) ||
		!bx_outbox_load(store, id, &item, err))
		return false;
	auto_json cJSON *line = line_of(&item);
	bx_json_set(line, "params", bx_json_parse(item.params, strlen(item.params), NULL));
	if (*item.path)
		bx_json_set_str(line, "file", item.path);
	if (*item.result)
		bx_json_set(line, "result", bx_json_parse(item.result, strlen(item.result), NULL));
	return bx_cli_out(cli, line, err);
}

static bool change_item(struct bx_store *store, struct bx_outbox_item *item, const char *state,
	struct bx_err *err)
{
	bool waits = !strcmp(item->state, BX_OUTBOX_QUEUED) || !strcmp(item->state, BX_OUTBOX_PARKED);
	if (!waits)
		return bx_fail(err, BX_ABSENT, "", "item %lld is %s", (long long)item->id, item->state);
	bx_set_str(&item->state, state);
	item->due_ms = 0;
	return bx_outbox_save(store, item, err);
}

/* Without its register nothing of a call can be told. */
static bool change_chain(struct bx_cli *cli, struct bx_store *store, int64_t id, int64_t chain_id,
	const char *state, struct bx_err *err)
{
	auto_outbox_chain struct bx_outbox_chain chain = {0};
	auto_fd int lock = bx_outbox_lock(chain_id, LOOK_EVERY_MS, err);
	if (lock < 0 || !bx_outbox_chain_load(store, chain_id, &chain, err))
		return false;
	bool all = false;
	for (size_t i = 0; i < chain.count; i++) {
		struct bx_outbox_item *item = &chain.items[i];
		bool waits = !strcmp(item->state, BX_OUTBOX_QUEUED) || !strcmp(item->state, BX_OUTBOX_PARKED);
		if (item->id != id && !(all && waits))
			continue;
		if (!change_item(store, item, state, err))
			return false;
		auto_json cJSON *line = line_of(item);
		if (!bx_cli_out(cli, line, err))
			return false;
		all |= !strcmp(item->verb, "register") && !strcmp(state, BX_OUTBOX_DROPPED);
	}
	return true;
}

static bool change_all(struct bx_cli *cli, const char *state, struct bx_err *err)
{
	auto_store struct bx_store *store = bx_portals_open(err);
	if (!store || !bx_cli_want_args(cli, 1, SIZE_MAX, err))
		return false;
	for (size_t i = 0; i < bx_cli_argc(cli); i++) {
		auto_outbox_item struct bx_outbox_item item;
		int64_t id;
		bx_outbox_item_init(&item);
		if (!id_of(bx_cli_arg(cli, i), &id, err) || !bx_outbox_load(store, id, &item, err) ||
			!change_chain(cli, store, id, item.chain, state, err))
			return false;
	}
	return true;
}

bool call_outbox_retry(struct bx_cli *cli, struct bx_err *err)
{
	return change_all(cli, BX_OUTBOX_QUEUED, err);
}

bool call_outbox_drop(struct bx_cli *cli, struct bx_err *err)
{
	return change_all(cli, BX_OUTBOX_DROPPED, err);
}
