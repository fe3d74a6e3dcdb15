#include "portals.h"

#include <string.h>
#include "clock.h"
#include "log.h"
#include "secret.h"
#include "banned.h"

#define LOOK_MS 2000

/* The reader's thread fills loaded and version while a look is under way; the loop takes them. */
struct portals {
	struct bx_loop *loop;
	struct reader *reader;
	struct bx_timer *timer;
	struct bx_profile *list, *loaded;
	size_t count, loaded_count;
	const struct bx_profile **by_member; /* those of apps, in that order */
	size_t members;
	int64_t version;
	bool looking, changed;
	struct waiter {
		struct waiter *next;
		bx_loop_fn *fn;
		void *arg;
	} *waiters, *under_way;
};

static void load(struct portals *portals, struct bx_store *store)
{
	struct bx_err err = {0};
	portals->changed = bx_profiles_load(store, &portals->loaded, &portals->loaded_count, &err);
	if (!portals->changed)
		bx_log(BX_LOG_ERROR, "profiles: %s", err.text);
}

static void look_on_thread(void *arg, const struct reader_files *files)
{
	struct portals *portals = arg;
	int64_t version = bx_store_data_version(files->portals);
	if (version != portals->version || portals->under_way)
		load(portals, files->portals);
	portals->version = version;
}

static int compare_members(const void *a, const void *b)
{
	const struct bx_profile *one = *(const struct bx_profile *const *)a,
				*two = *(const struct bx_profile *const *)b;
	int order = strcmp(one->member_id, two->member_id);
	return order ? order : (one > two) - (one < two);
}

/* A page asks for its portal, and there may be thousands. */
static void sort_members(struct portals *portals)
{
	portals->members = 0;
	portals->by_member = bx_xrealloc(portals->by_member, portals->count * sizeof *portals->by_member);
	for (size_t i = 0; i < portals->count; i++)
		if (!portals->list[i].webhook && portals->list[i].member_id)
			portals->by_member[portals->members++] = &portals->list[i];
	if (portals->members)
		qsort(portals->by_member, portals->members, sizeof *portals->by_member, compare_members);
}

static void take_loaded(struct portals *portals)
{
	if (!portals->changed)
		return;
	bx_profiles_free(portals->list, portals->count);
	portals->list = portals->loaded;
	portals->count = portals->loaded_count;
	portals->loaded = NULL;
	portals->changed = false;
	sort_members(portals);
}

static void look(void *arg);

static void look_done(void *arg)
{
	struct portals *portals = arg;
	take_loaded(portals);
	struct waiter *waiters = portals->under_way;
	portals->under_way = NULL;
	for (struct waiter *w = waiters, *next; w; w = next) {
		next = w->next;
		if (w->fn)
			w->fn(w->arg);
		free(w);
	}
	/* Only now: whoever was waiting may have asked for another look. */
	portals->looking = false;
	if (portals->waiters)
		look(portals);
	else
		portals->timer = bx_loop_timer(portals->loop, LOOK_MS, look, portals);
}

static void look(void *arg)
{
	struct portals *portals = arg;
	portals->timer = NULL;
	portals->looking = true;
	portals->under_way = portals->waiters;
	portals->waiters = NULL;
	reader_do(portals->reader, look_on_thread, look_done, portals);
}

void portals_reload(struct portals *portals, bx_loop_fn *fn, void *arg)
{
	struct waiter *waiter = bx_xcalloc(1, sizeof *waiter);
	*waiter = (struct waiter){.next = portals->waiters, .fn = fn, .arg = arg};
	portals->waiters = waiter;
	if (portals->looking)
		return;
	bx_loop_cancel(portals->loop, portals->timer);
	look(portals);
}

struct portals *portals_new(struct bx_loop *loop, struct reader *reader, struct bx_err *err)
{
	auto_store struct bx_store *store = bx_portals_open(err);
	if (!store)
		return NULL;
	struct portals *portals = bx_xcalloc(1, sizeof *portals);
	*portals = (struct portals){.loop = loop, .reader = reader};
	load(portals, store);
	take_loaded(portals);
	portals->version = -1; /* the reader's own connection counts on its own */
	portals->timer = bx_loop_timer(loop, LOOK_MS, look, portals);
	return portals;
}

void portals_free(struct portals *portals)
{
	if (!portals)
		return;
	bx_loop_cancel(portals->loop, portals->timer);
	if (portals->changed)
		bx_profiles_free(portals->loaded, portals->loaded_count);
	bx_profiles_free(portals->list, portals->count);
	free(portals->by_member);
	for (int i = 0; i < 2; i++) {
		struct waiter *list = i ? portals->waiters : portals->under_way;
		for (struct waiter *w = list, *next; w; w = next) {
			next = w->next;
			free(w);
		}
	}
	free(portals);
}

const struct bx_profile *portals_all(const struct portals *portals, size_t *count)
{
	*count = portals->count;
	return portals->list;
}

const struct bx_profile *portals_by_name(const struct portals *portals, const char *name)
{
	for (size_t i = 0; name && i < portals->count; i++)
		if (bx_streq(portals->list[i].name, name))
			return &portals->list[i];
	return NULL;
}

/* Now or in the hour after a change; in constant time. */
static bool token_ok(const struct bx_profile *profile, const char *application_token)
{
	return bx_secret_equal(profile->application_token, application_token) ||
	       (profile->old_until_ms && bx_now_ms() < profile->old_until_ms &&
		       bx_secret_equal(profile->old_application_token, application_token));
}

/* The first place in by_member that is not before the portal's. */
static size_t first_of(const struct portals *portals, const char *member_id)
{
	size_t low = 0, high = portals->members;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(portals->by_member[middle]->member_id, member_id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct bx_profile *portals_by_member(const struct portals *portals, const char *member_id,
	const char *application_token, bool *proved)
{
	const struct bx_profile *first = NULL;
	size_t at = member_id && *member_id ? first_of(portals, member_id) : portals->members;
	for (; at < portals->members; at++) {
		const struct bx_profile *profile = portals->by_member[at];
		if (strcmp(profile->member_id, member_id) != 0)
			break;
		if (token_ok(profile, application_token)) {
			if (proved)
				*proved = true;
			return profile;
		}
		first = first ? first : profile;
	}
	return first;
}

const struct bx_profile *portals_for_code(const struct portals *portals, const char *member_id,
	const char *domain, size_t nth)
{
	for (size_t i = 0; i < portals->count; i++) {
		const struct bx_profile *p = &portals->list[i];
		bool known = !p->webhook && member_id && *member_id && bx_streq(p->member_id, member_id);
		bool waits = !p->webhook && p->waiting && domain && bx_streq(p->domain, domain);
		if ((known || waits) && !nth--)
			return p;
	}
	return NULL;
}

const struct bx_profile *portals_by_error(const struct portals *portals, const char *secret)
{
	for (size_t i = 0; i < portals->count; i++)
		if (bx_secret_equal(portals->list[i].error_secret, secret))
			return &portals->list[i];
	return NULL;
}

bool portals_any_waiting(const struct portals *portals)
{
	for (size_t i = 0; i < portals->count; i++)
		if (!portals->list[i].webhook && portals->list[i].waiting)
			return true;
	return false;
}
