/* A file of registrations, or the worker alone, in one portal or in all of them. */
#include "bind.h"

#include <sys/resource.h>
#include <unistd.h>
#include "clock.h"
#include "crew.h"
#include "log.h"
#include "secret.h"
#include "settle.h"
#include "wanted.h"
#include "banned.h"

#define JOBS	    32
#define JOBS_MAX    1000
#define FILES_A_JOB 4
#define PROGRESS_MS 100

/* A portal that is under way. */
struct running {
	struct running *next;
	const struct bx_profile *profile;
};

struct apply {
	struct bx_cli *cli;
	struct bx_store *store;
	struct wanted wanted;
	struct urls_source source;
	char **names;
	size_t count, done, failed, changed;
	int64_t timeout_ms, shown_ms;
	bool dry, all, progress;
	struct running *running;
	struct bx_err first; /* failure; its exit becomes BX_REFUSED once another one differs */
	bool stop;	     /* nobody reads our output any more */
};

/* In all portals that can have registrations now: an app without tokens gets them by an installation. */
static bool load(struct apply *a, const char *name, struct bx_profile *profile, bool *skip, struct bx_err *err)
{
	if (!bx_profile_load(a->store, name, profile, err))
		return false;
	*skip = a->all && (profile->webhook || profile->waiting || profile->removed_ms);
	return *skip || bind_is_app(profile, err);
}

static bool settle_portal(struct apply *a, const struct bx_profile *profile, struct bx_err *err)
{
	auto_rest struct bx_rest rest;
	BX_CLEANUP(urls_release) struct urls urls = {0};
	bx_rest_init(&rest, a->store, profile);
	rest.timeout_ms = a->timeout_ms;
	rest.bulk = a->all;
	struct settle s = {.cli = a->cli, .rest = &rest, .dry = a->dry, .quiet = bx_cli_quiet(a->cli),
		.prune = bx_opt_on(a->cli, "prune", false)};
	if (a->wanted.words && !urls_of(&a->source, profile, &urls, err))
		return false;
	auto_json cJSON *places = wanted_of(&bind_places, a->wanted.places, &urls);
	auto_json cJSON *handlers = wanted_of(&bind_handlers, a->wanted.handlers, &urls);
	bool ok = (!places || settle_kind(&s, &bind_places, places, err)) &&
		(!handlers || settle_kind(&s, &bind_handlers, handlers, err)) && settle_end(&s, err);
	a->changed += (size_t)s.changed;
	bx_profile_forget(&rest.profile);
	return ok;
}

static void note_failure(struct apply *a, const char *name, const struct bx_err *err)
{
	struct bx_err why = {0};
	a->failed++;
	if (!a->first.exit)
		a->first = *err;
	else if (a->first.exit != err->exit)
		a->first.exit = BX_REFUSED;
	if (!a->all || !err->text[0])
		return;
	bx_fail(&why, err->exit, err->code, "%s: %.900s", name, err->text);
	why.http = err->http;
	bx_cli_failed(a->cli, &why);
}

/* One line that rewrites itself, while the results go elsewhere. */
static void show_progress(struct apply *a)
{
	int64_t now = bx_mono_ms();
	if (!a->progress || (a->done < a->count && now - a->shown_ms < PROGRESS_MS))
		return;
	a->shown_ms = now;
	fprintf(stderr, "\r%zu of %zu portals, %zu failed\033[K%s", a->done, a->count, a->failed,
		a->done == a->count ? "\n" : "");
}

/* Only the secrets of the portals under way are kept for masking; portals of one app share its own. */
static void forget(struct apply *a, const struct running *one)
{
	struct running **at = &a->running;
	while (*at != one)
		at = &(*at)->next;
	*at = one->next;
	bx_profile_forget(one->profile);
	for (const struct running *r = a->running; r; r = r->next)
		bx_secret_remember(r->profile->client_secret);
}

static void one_portal(void *arg, size_t i)
{
	struct apply *a = arg;
	struct bx_err err = {0};
	auto_profile struct bx_profile profile;
	struct running one = {a->running, &profile};
	bool skip = false;
	bx_profile_init(&profile);
	if (a->stop)
		return;
	a->running = &one;
	if (!load(a, a->names[i], &profile, &skip, &err) || (!skip && !settle_portal(a, &profile, &err))) {
		note_failure(a, a->names[i], &err);
		a->stop = err.exit == BX_LOCAL && !err.text[0];
	}
	forget(a, &one);
	a->done++;
	show_progress(a);
}

/* Each portal has a connection, and a lock while it renews its tokens. */
static void allow_files(unsigned jobs)
{
	struct rlimit limit;
	rlim_t wanted = 256 + (rlim_t)jobs * FILES_A_JOB;
	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static bool read_names(struct apply *a, struct bx_err *err)
{
	if (a->all)
		return bx_profile_names(a->store, &a->names, &a->count, err);
	a->names = bx_xcalloc(1, sizeof *a->names);
	a->names[0] = bx_portal_name(a->cli, a->store, NULL, err);
	a->count = 1;
	return a->names[0];
}

static bool from_file(const struct bx_cli *cli, struct wanted *w, struct bx_err *err)
{
	return bx_cli_want_args(cli, 1, 1, err) && wanted_read(bx_cli_arg(cli, 0), w, err);
}

static bool prepare(struct apply *a, int64_t *jobs, struct bx_err *err)
{
	a->all = bx_opt_on(a->cli, "all", false);
	a->timeout_ms = 65000;
	*jobs = JOBS;
	if (!bx_opt_int(a->cli, "jobs", 1, JOBS_MAX, jobs, err) || !bx_opt_timeout(a->cli, &a->timeout_ms, err))
		return false;
	if (a->all && bx_opt(a->cli, "portal"))
		return bx_fail(err, BX_USAGE, "", "--all and --portal exclude each other");
	a->store = bx_portals_open(err);
	a->progress = a->all && !bx_cli_quiet(a->cli) && isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);
	return a->store && read_names(a, err) &&
		(!a->wanted.words || urls_open(&a->source, bx_opt(a->cli, "public-url"), err));
}

static bool report(const struct apply *a, bool diff, struct bx_err *err)
{
	if (a->failed) {
		*err = a->first;
		if (a->all && !a->stop)
			bx_fail(err, a->first.exit, "", "%zu of %zu portals failed", a->failed, a->count);
		return false;
	}
	return !diff || !a->changed ||
		bx_fail(err, BX_DRIFT, "", "%zu registrations differ", a->changed);
}

static void apply_release(struct apply *a)
{
	for (size_t i = 0; i < a->count; i++)
		free(a->names[i]);
	free(a->names);
	wanted_release(&a->wanted);
	urls_close(&a->source);
	bx_store_close(a->store);
}

/* Makes what is wanted, or tells what that would be. */
static bool run(struct bx_cli *cli, bool diff, bool (*wanted)(const struct bx_cli *, struct wanted *, struct bx_err *),
	struct bx_err *err)
{
	BX_CLEANUP(apply_release) struct apply a = {.cli = cli, .dry = diff || bx_cli_dry(cli)};
	int64_t jobs;
	if (!wanted(cli, &a.wanted, err) || !prepare(&a, &jobs, err))
		return false;
	allow_files((unsigned)jobs);
	bx_crew_run(a.count, (unsigned)jobs, one_portal, &a);
	return report(&a, diff, err);
}

bool bind_worker(struct bx_cli *cli, struct bx_err *err)
{
	return run(cli, false, wanted_worker, err);
}

bool bind_apply(struct bx_cli *cli, struct bx_err *err)
{
	return run(cli, false, from_file, err);
}

bool bind_diff(struct bx_cli *cli, struct bx_err *err)
{
	return run(cli, true, from_file, err);
}
