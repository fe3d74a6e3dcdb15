#include "take.h"

#include <string.h>
#include <unistd.h>
#include "bind.h"
#include "kinds.h"
#include "lock.h"
#include "log.h"
#include "banned.h"

#define NO_PACKAGES "WRONG_LICENSE"
#define ID_MAX	    64

void package_release(struct package *p)
{
	cJSON_Delete(p->events);
	free(p->id);
	if (p->lock >= 0)
		close(p->lock);
	*p = (struct package){.lock = -1};
}

/* The number of a package as a file's name; one that is none is not locked. */
static char *lock_path(const struct take *t, const char *id)
{
	auto_str struct bx_str path = BX_STR_INIT(BX_PATH_MAX);
	auto_free char *name = bx_xprintf("pull-%s-%s.lock", t->rest->profile.name, id);
	size_t len = strspn(id, "0123456789abcdefABCDEF");
	if (!len || id[len] || len > ID_MAX || !bx_store_path(&path, name, NULL))
		return NULL;
	return bx_str_take(&path);
}

static char *note_key(const struct take *t)
{
	return bx_xprintf(BX_VALUE_PULL "%s", t->rest->profile.name);
}

/* The packages under way, {number: connector}. */
static cJSON *load_notes(const struct take *t)
{
	auto_free char *key = note_key(t), *text = bx_value_get(t->rest->store, key, NULL);
	cJSON *notes = text ? bx_json_parse(text, strlen(text), NULL) : NULL;
	return notes ? notes : cJSON_CreateObject();
}

/* Several pullers write the same note. */
static bool note(const struct take *t, const char *id, bool under_way, struct bx_err *err)
{
	if (!bx_store_begin(t->rest->store, err))
		return false;
	auto_json cJSON *notes = load_notes(t);
	auto_free char *key = note_key(t);
	bx_json_set(notes, id, under_way ? cJSON_CreateString(t->connector ? t->connector : "") : NULL);
	auto_free char *text = bx_json_print(notes);
	if (bx_value_set(t->rest->store, key, notes->child ? text : NULL, err))
		return bx_store_commit(t->rest->store, err);
	bx_store_undo(t->rest->store);
	return false;
}

static bool ask(struct take *t, const char *id, struct package *p, struct bx_err *err)
{
	auto_json cJSON *params = cJSON_CreateObject();
	bx_json_set_int(params, "clear", t->plain);
	bx_json_set_int(params, "limit", t->plain ? 1 : t->limit);
	if (id)
		bx_json_set_str(params, "process_id", id);
	if (t->connector)
		bx_json_set_str(params, "auth_connector", t->connector);
	if (t->failed && !id)
		bx_json_set_int(params, "error", 1);
	auto_json cJSON *answer = bx_rest_op(t->rest, bind_op("queue take"), params, err);
	if (!answer)
		return false;
	cJSON *events = cJSON_DetachItemFromObjectCaseSensitive(answer, "events");
	p->events = cJSON_IsArray(events) ? events : cJSON_CreateArray();
	bx_set_str(&p->id, bx_json_str(answer, "process_id"));
	return true;
}

/* From here on a cut leaves a note behind. */
static bool guard(struct take *t, struct package *p, struct bx_err *err)
{
	auto_free char *path = p->id && p->events->child ? lock_path(t, p->id) : NULL;
	if (!path)
		return true;
	p->lock = bx_lock(path, 0, err);
	return p->lock >= 0 && note(t, p->id, true, err);
}

bool take_next(struct take *t, struct package *p, struct bx_err *err)
{
	*p = (struct package){.lock = -1};
	if (ask(t, NULL, p, err))
		return guard(t, p, err);
	if (t->plain || strcmp(err->code, NO_PACKAGES) != 0)
		return false;
	bx_log(BX_LOG_WARN, "%s: the portal's plan has no packages for offline events: each event is gone there as"
		" soon as it is taken, so one is taken at a time, and one that fails is lost", t->rest->profile.name);
	t->plain = true;
	*err = (struct bx_err){0};
	return ask(t, NULL, p, err);
}

bool take_left(struct take *t, struct package *p, struct bx_err *err)
{
	auto_json cJSON *notes = load_notes(t);
	*p = (struct package){.lock = -1, .events = cJSON_CreateArray()};
	for (const cJSON *e = notes->child; e; e = e->next) {
		auto_free char *path = lock_path(t, e->string);
		if (!path || !bx_streq(e->valuestring, t->connector ? t->connector : ""))
			continue;
		int lock = bx_lock(path, 0, NULL);
		if (lock < 0)
			continue; /* somebody is at it */
		package_release(p);
		p->lock = lock;
		if (!ask(t, e->string, p, err))
			return false;
		bx_set_str(&p->id, e->string);
		if (p->events->child)
			return true;
		if (!take_end(t, p, NULL, NULL, err))
			return false;
		p->events = cJSON_CreateArray();
	}
	return true;
}

static bool tell(struct take *t, const char *verb, const char *id, const cJSON *messages, struct bx_err *err)
{
	if (!messages || !messages->child)
		return true;
	auto_json cJSON *params = cJSON_CreateObject();
	bx_json_set_str(params, "process_id", id);
	bx_json_set(params, "message_id", cJSON_Duplicate(messages, true));
	if (t->connector)
		bx_json_set_str(params, "auth_connector", t->connector);
	auto_json cJSON *result = bx_rest_op(t->rest, bind_op(verb), params, err);
	return result != NULL;
}

bool take_end(struct take *t, struct package *p, const cJSON *done, const cJSON *failed, struct bx_err *err)
{
	if (!p->id)
		return true;
	if (!tell(t, "queue clear", p->id, done, err) || !tell(t, "queue fail", p->id, failed, err) ||
		(p->lock >= 0 && !note(t, p->id, false, err)))
		return false;
	auto_free char *path = lock_path(t, p->id);
	if (path)
		unlink(path);
	package_release(p);
	return true;
}
