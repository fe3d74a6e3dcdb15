#include "deliver.h"

#include <errno.h>
#include <sys/stat.h>
#include "clock.h"
#include "banned.h"

static int64_t now(void *arg)
{
	(void)arg;
	return bx_now_ms();
}

static bool save(void *arg, const struct bx_outbox_item *item, struct bx_err *err)
{
	const struct deliverer *d = arg;
	if (!bx_outbox_save(d->portal->store, item, err))
		return false;
	if (d->changed && strcmp(item->state, BX_OUTBOX_QUEUED) != 0)
		cJSON_AddItemToArray(d->changed, call_outbox_line(item));
	return true;
}

/* The call of the item becomes the portal's ref. */
static void refer(struct bx_portal *portal, const char *call_id)
{
	if (!strcmp(portal->ref.call_id, call_id))
		return;
	bx_call_ref_release(&portal->ref);
	bx_call_ref_init(&portal->ref);
	bx_set_str(&portal->ref.call_id, call_id);
	bx_known_call_load(portal->store, portal->rest.profile.name, call_id, &portal->ref.known, NULL);
}

static cJSON *send_register(struct deliverer *d, const cJSON *params, struct bx_err *err)
{
	auto_known_call struct bx_known_call call;
	bx_known_call_init(&call);
	auto_json cJSON *result = bx_rest_op(&d->portal->rest, call_op("register"), params, err);
	return result ? call_registered(d->cli, d->portal, params, result, &call, err) : NULL;
}

static cJSON *send_card(struct deliverer *d, const char *verb, const cJSON *params, struct bx_err *err)
{
	struct bx_known_call *known = &d->portal->ref.known;
	const cJSON *users = bx_json_get(params, "USER_ID");
	bx_set_str(&known->call_id, d->portal->ref.call_id);
	if (!call_card(d->cli, d->portal, verb, known, users, err))
		return err->exit == BX_ABSENT ? cJSON_CreateFalse() : NULL;
	cJSON *line = cJSON_CreateObject();
	bx_json_set_str(line, "CALL_ID", known->call_id);
	bx_json_set_bool(line, "result", true);
	if (users)
		bx_json_set(line, "user", cJSON_Duplicate(users, true));
	return line;
}

static cJSON *send_finish(struct deliverer *d, const cJSON *params, struct bx_err *err)
{
	call_hide_others(d->cli, d->portal, params);
	cJSON *result = bx_rest_op(&d->portal->rest, call_op("finish"), params, err);
	if (result)
		call_mark(d->cli, d->portal, CALL_FINISHED);
	return result;
}

static bool same_file(const struct bx_outbox_item *item, struct bx_err *err)
{
	struct stat st;
	if (stat(item->path, &st))
		return bx_fail(err, BX_ABSENT, "", "%s: %s", item->path, strerror(errno));
	int64_t mtime_ms = st.st_mtim.tv_sec * 1000LL + st.st_mtim.tv_nsec / 1000000;
	return (st.st_size == item->size && mtime_ms == item->mtime_ms) ||
		bx_fail(err, BX_ABSENT, "", "%s was changed after it was queued", item->path);
}

static cJSON *send_attachment(struct deliverer *d, const struct bx_outbox_item *item,
	const cJSON *params, struct bx_err *err)
{
	if (*item->path && !same_file(item, err))
		return NULL;
	auto_json cJSON *result = *item->path
		? bx_rest_upload_once(&d->portal->rest, call_op(item->verb)->wire, params, item->path, err)
		: bx_rest_op(&d->portal->rest, call_op(item->verb), params, err);
	return result ? call_attached(params, result) : NULL;
}

static cJSON *send_any(struct deliverer *d, const struct bx_outbox_item *item, const cJSON *params,
	struct bx_err *err)
{
	if (!strcmp(item->verb, "register"))
		return send_register(d, params, err);
	refer(d->portal, bx_json_str(params, "CALL_ID"));
	if (!strcmp(item->verb, "finish"))
		return send_finish(d, params, err);
	if (!strcmp(item->verb, "show") || !strcmp(item->verb, "hide"))
		return send_card(d, item->verb, params, err);
	return send_attachment(d, item, params, err);
}

static bool has_time(struct deliverer *d, struct bx_err *err)
{
	if (!d->deadline)
		return true;
	d->portal->rest.until = d->deadline;
	return bx_mono_ms() < d->deadline || bx_fail(err, BX_AGAIN, "", "no time is left to ask");
}

static cJSON *send_item(void *arg, const struct bx_outbox_item *item, const cJSON *params,
	struct bx_err *err)
{
	struct deliverer *d = arg;
	cJSON *result = has_time(d, err) ? send_any(d, item, params, err) : NULL;
	if (!result)
		d->last = *err;
	return result;
}

/* A row there means that the call is over. */
static cJSON *statistics(void *arg, const char *call_id, struct bx_err *err)
{
	struct deliverer *d = arg;
	if (!has_time(d, err))
		return NULL;
	refer(d->portal, call_id);
	cJSON *row = call_statistics(d->portal, err);
	if (row)
		call_mark(d->cli, d->portal, CALL_FINISHED);
	return row;
}

const struct bx_outbox_ops deliver_ops = {now, save, send_item, statistics};
