/* A look into the outbox, and a hand in it. */
#include "call.h"

#include "clock.h"
#include "outbox.h"
#include "banned.h"

#define LOCK_MS 1000

const struct bx_opt call_outbox_ls_opts[] = {
	{"all", 'a', NULL, 0, NULL, "also what was delivered or dropped lately"},
	{0},
};

static const char *text_or_null(const char *text)
{
	return *text ? text : NULL;
}

cJSON *call_outbox_line(const struct bx_outbox_item *item)
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

struct listing {
	struct bx_cli *cli;
	struct bx_err *err;
	bool ok;
};

static bool print_item(void *arg, const struct bx_outbox_item *item)
{
	struct listing *l = arg;
	auto_json cJSON *line = call_outbox_line(item);
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

static void put_file(cJSON *line, const struct bx_outbox_item *item)
{
	char iso[BX_ISO_SIZE];
	bx_time_iso_local(iso, item->mtime_ms);
	bx_json_set_str(line, "file", item->path);
	bx_json_set_int(line, "size", item->size);
	bx_json_set_str(line, "modified", iso);
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
	auto_json cJSON *line = call_outbox_line(&item);
	bx_json_set(line, "params", bx_json_parse(item.params, strlen(item.params), NULL));
	if (*item.path)
		put_file(line, &item);
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
	auto_fd int lock = bx_outbox_lock(chain_id, LOCK_MS, err);
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
		auto_json cJSON *line = call_outbox_line(item);
		if (!bx_cli_out(cli, line, err))
			return false;
		all |= !strcmp(item->verb, "register") && !strcmp(state, BX_OUTBOX_DROPPED);
	}
	return true;
}

static bool change_one(struct bx_cli *cli, struct bx_store *store, const char *text,
	const char *state, struct bx_err *err)
{
	auto_outbox_item struct bx_outbox_item item;
	int64_t id;
	bx_outbox_item_init(&item);
	return id_of(text, &id, err) && bx_outbox_load(store, id, &item, err) &&
		change_chain(cli, store, id, item.chain, state, err);
}

/* One that was delivered in the meantime is told, and keeps nobody from the others. */
static bool change_all(struct bx_cli *cli, const char *state, struct bx_err *err)
{
	auto_store struct bx_store *store = bx_portals_open(err);
	struct bx_err absent = {0};
	if (!store || !bx_cli_want_args(cli, 1, SIZE_MAX, err))
		return false;
	for (size_t i = 0; i < bx_cli_argc(cli); i++) {
		if (change_one(cli, store, bx_cli_arg(cli, i), state, err))
			continue;
		if (err->exit != BX_ABSENT)
			return false;
		absent = *err;
		*err = (struct bx_err){0};
	}
	*err = absent;
	return !absent.exit;
}

bool call_outbox_retry(struct bx_cli *cli, struct bx_err *err)
{
	return change_all(cli, BX_OUTBOX_QUEUED, err);
}

bool call_outbox_drop(struct bx_cli *cli, struct bx_err *err)
{
	return change_all(cli, BX_OUTBOX_DROPPED, err);
}
