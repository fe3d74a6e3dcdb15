#include "store_outbox.h"

#include "clock.h"
#include "banned.h"

#define KEEP_MS	 (7LL * 24 * 3600 * 1000)
#define AHEAD_MS 120000 /* what is due later than that was put off by a clock that was wrong */

#define TEXTS	9
#define NUMBERS 8
#define COLUMNS                                                                                    \
	"portal, verb, external_id, call_id, params, path, state, error, result,"                  \
	" id, chain, size, mtime_ms, queued_ms, sent_ms, due_ms, tries"

static void texts_of(struct bx_outbox_item *i, char **texts[TEXTS])
{
	char **all[TEXTS] = {&i->portal, &i->verb, &i->external_id, &i->call_id, &i->params, &i->path,
		&i->state, &i->error, &i->result};
	memcpy(texts, all, sizeof all);
}

void bx_outbox_item_init(struct bx_outbox_item *item)
{
	char **texts[TEXTS];
	*item = (struct bx_outbox_item){0};
	texts_of(item, texts);
	for (size_t i = 0; i < BX_COUNT(texts); i++)
		*texts[i] = bx_xstrdup("");
}

void bx_outbox_item_release(struct bx_outbox_item *item)
{
	char **texts[TEXTS];
	texts_of(item, texts);
	for (size_t i = 0; i < BX_COUNT(texts); i++)
		free(*texts[i]);
	*item = (struct bx_outbox_item){0};
}

void bx_outbox_chain_release(struct bx_outbox_chain *chain)
{
	for (size_t i = 0; i < chain->count; i++)
		bx_outbox_item_release(&chain->items[i]);
	free(chain->items);
	*chain = (struct bx_outbox_chain){0};
}

static void read_row(struct bx_stmt *st, struct bx_outbox_item *item)
{
	char **texts[TEXTS];
	int64_t *numbers[NUMBERS] = {&item->id, &item->chain, &item->size, &item->mtime_ms,
		&item->queued_ms, &item->sent_ms, &item->due_ms, &item->tries};
	texts_of(item, texts);
	for (int i = 0; i < TEXTS; i++)
		bx_set_str(texts[i], bx_stmt_text(st, i));
	for (int i = 0; i < NUMBERS; i++)
		*numbers[i] = bx_stmt_int(st, TEXTS + i);
}

bool bx_outbox_add(struct bx_store *store, struct bx_outbox_item *i, struct bx_err *err)
{
	i->queued_ms = bx_now_ms();
	if (!bx_store_run(store, err,
		    "INSERT INTO outbox(portal, verb, external_id, call_id, params, path, state, error,"
		    " result, chain, size, mtime_ms, queued_ms, sent_ms, due_ms, tries)"
		    " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
		    "sssssssssiiiiiii", i->portal, i->verb, i->external_id, i->call_id, i->params, i->path,
		    i->state, i->error, i->result, i->chain, i->size, i->mtime_ms, i->queued_ms, i->sent_ms,
		    i->due_ms, i->tries))
		return false;
	i->id = bx_store_last_id(store);
	if (i->chain)
		return true;
	i->chain = i->id;
	return bx_store_run(store, err, "UPDATE outbox SET chain=id WHERE id=?", "i", i->id);
}

bool bx_outbox_save(struct bx_store *store, const struct bx_outbox_item *i, struct bx_err *err)
{
	return bx_store_run(store, err,
		"UPDATE outbox SET call_id=?, state=?, error=?, result=?, sent_ms=?, due_ms=?, tries=?"
		" WHERE id=?", "ssssiiii", i->call_id, i->state, i->error, i->result, i->sent_ms, i->due_ms,
		i->tries, i->id);
}

bool bx_outbox_load(struct bx_store *store, int64_t id, struct bx_outbox_item *item,
	struct bx_err *err)
{
	auto_stmt struct bx_stmt *st = bx_store_query(store, err,
		"SELECT " COLUMNS " FROM outbox WHERE id=?", "i", id);
	int got = st ? bx_stmt_step(st, err) : -1;
	if (!got)
		return bx_fail(err, BX_ABSENT, "", "the outbox has no item %lld", (long long)id);
	if (got == 1)
		read_row(st, item);
	return got == 1;
}

bool bx_outbox_chain_load(struct bx_store *store, int64_t id, struct bx_outbox_chain *chain,
	struct bx_err *err)
{
	auto_stmt struct bx_stmt *st = bx_store_query(store, err,
		"SELECT " COLUMNS " FROM outbox WHERE chain=? ORDER BY id", "i", id);
	int got = st ? 1 : -1;
	while (got == 1 && (got = bx_stmt_step(st, err)) == 1) {
		chain->items = bx_xrealloc(chain->items, (chain->count + 1) * sizeof *chain->items);
		bx_outbox_item_init(&chain->items[chain->count]);
		read_row(st, &chain->items[chain->count++]);
	}
	return !got;
}

static int64_t number_of(struct bx_stmt *st, struct bx_err *err)
{
	return st && bx_stmt_step(st, err) == 1 ? bx_stmt_int(st, 0) : 0;
}

int64_t bx_outbox_find(struct bx_store *store, const char *portal, const char *call_id,
	const char *external_id, bool registered, struct bx_err *err)
{
	auto_stmt struct bx_stmt *st = bx_store_query(store, err,
		"SELECT chain FROM outbox WHERE portal=ifnull(?1, portal) AND"
		" (call_id=?2 AND ?2<>'' OR external_id=?3 AND ?3<>'' AND (call_id='' OR ?2=''))"
		" AND (NOT ?4 OR verb='register') AND NOT (verb='register' AND state='dropped') ORDER BY id DESC LIMIT 1", "sssi", portal, call_id,
		external_id, (int64_t)registered);
	return number_of(st, err);
}

int64_t bx_outbox_next(struct bx_store *store, const char *portal, int64_t after, int64_t now_ms,
	struct bx_err *err)
{
	auto_stmt struct bx_stmt *st = bx_store_query(store, err,
		"SELECT chain FROM outbox o WHERE state='queued' AND chain>?1 AND portal=?2 AND NOT EXISTS"
		" (SELECT 1 FROM outbox b WHERE b.chain=o.chain AND (b.state='queued' AND b.due_ms>?3 AND"
		" b.due_ms<=?4 OR b.state='parked' AND b.verb IN ('register','finish')))"
		" ORDER BY chain LIMIT 1", "isii", after, portal, now_ms, now_ms + AHEAD_MS);
	return number_of(st, err);
}

char *bx_outbox_portal(struct bx_store *store, const char *after, struct bx_err *err)
{
	auto_stmt struct bx_stmt *st = bx_store_query(store, err,
		"SELECT min(portal) FROM outbox WHERE state='queued' AND portal>?", "s", after);
	return st && bx_stmt_step(st, err) == 1 ? bx_xstrdup(bx_stmt_text(st, 0)) : NULL;
}

bool bx_outbox_hurry(struct bx_store *store, const char *portal, struct bx_err *err)
{
	return bx_store_run(store, err, "UPDATE outbox SET due_ms=0 WHERE state='queued' AND portal=?"
					" AND due_ms<>0", "s", portal);
}

int64_t bx_outbox_waiting(struct bx_store *store, const char *portal, struct bx_err *err)
{
	auto_stmt struct bx_stmt *st = bx_store_query(store, err,
		"SELECT count(*) FROM outbox WHERE state='queued' AND portal=ifnull(?, portal)", "s", portal);
	return st && bx_stmt_step(st, err) == 1 ? bx_stmt_int(st, 0) : -1;
}

bool bx_outbox_each(struct bx_store *store, const char *portal, const char *state,
	bx_outbox_fn *each, void *arg, struct bx_err *err)
{
	auto_outbox_item struct bx_outbox_item item;
	bx_outbox_item_init(&item);
	auto_stmt struct bx_stmt *st = bx_store_query(store, err,
		"SELECT " COLUMNS " FROM outbox WHERE portal=ifnull(?1, portal) AND"
		" (state=?2 OR ?2 IS NULL AND state IN ('queued','parked')) ORDER BY id", "ss", portal, state);
	int got = st ? 1 : -1;
	while (got == 1 && (got = bx_stmt_step(st, err)) == 1) {
		read_row(st, &item);
		if (!each(arg, &item))
			return true;
	}
	return !got;
}

bool bx_outbox_prune(struct bx_store *store, struct bx_err *err)
{
	return bx_store_run(store, err,
		"DELETE FROM outbox WHERE chain IN (SELECT chain FROM outbox GROUP BY chain"
		" HAVING max(queued_ms)<? AND sum(state IN ('queued','parked'))=0)", "i", bx_now_ms() - KEEP_MS);
}
