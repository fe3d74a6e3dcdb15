#include "heal.h"

#include <string.h>
#include "clock.h"
#include "heal_answer.h"
#include "loads.h"
#include "log.h"
#include "pace.h"
#include "banned.h"

#define AT_ONCE	   2
#define TOOL_TEXT  "60" /* seconds for all its requests */
#define TOOL_MS	   90000
#define AGAIN_MOST 2 /* an app said to be removed may be removed a little later */

enum task { WORKER = 1, ALIVE = 2 };

/* A portal that had something to heal. */
struct patient {
	struct patient *next;
	struct heal *heal;
	char *name;
	struct pace pace;
	struct bx_timer *timer;
	unsigned want; /* tasks */
	enum task doing; /* 0: none */
	unsigned signals, denials;
	int64_t signal_ms; /* when the first of them came (monotonic) */
	enum bx_told state; /* the last record */
	char *reason;
	int64_t since_ms; /* Unix time of that record */
};

struct heal {
	struct serve *serve;
	struct runner *runner;
	char *bind, *auth;
	struct patient *patients;
};

static struct patient *patient_of(struct heal *heal, const char *portal)
{
	for (struct patient *p = heal->patients; p; p = p->next)
		if (!strcmp(p->name, portal))
			return p;
	struct patient *p = bx_xcalloc(1, sizeof *p);
	*p = (struct patient){.next = heal->patients, .heal = heal, .name = bx_xstrdup(portal), .state = BX_TOLD_NONE};
	heal->patients = p;
	return p;
}

static bool is_settling(enum bx_told event)
{
	return event == BX_TOLD_WORKER_DISABLED || event == BX_TOLD_WORKER_RESTORED || event == BX_TOLD_WORKER_KEPT ||
		event == BX_TOLD_WORKER_WAITING || event == BX_TOLD_WORKER_LOST || event == BX_TOLD_APP_REMOVED ||
		event == BX_TOLD_APP_PRESENT;
}

static void settle(struct patient *p, enum bx_told event, const char *reason, int64_t ms)
{
	if (is_settling(event))
		p->state = event;
	bx_set_str(&p->reason, reason);
	p->since_ms = ms;
}

static void note(struct patient *p, enum bx_told event, const struct heal_answer *answer)
{
	auto_json cJSON *data = cJSON_CreateObject();
	if (answer->action)
		bx_json_set_str(data, "action", answer->action);
	if (answer->reason)
		bx_json_set_str(data, "reason", answer->reason);
	if (answer->status)
		bx_json_set_int(data, "exit", answer->status);
	if (p->signals) {
		bx_json_set_int(data, "signals", p->signals);
		bx_json_set_int(data, "ms", bx_mono_ms() - p->signal_ms);
	}
	serve_note(p->heal->serve, p->name, event, data);
	settle(p, event, answer->reason, bx_now_ms());
}

static void schedule(struct patient *p);

static void worker_ended(struct patient *p, const struct heal_answer *answer)
{
	struct figures *figures = &p->heal->serve->figures;
	bool changed = !answer->status && !bx_streq(answer->action, "kept");
	bool later = heal_answer_later(answer);
	enum bx_told event = changed ? BX_TOLD_WORKER_RESTORED : !answer->status ? BX_TOLD_WORKER_KEPT
		: later ? BX_TOLD_WORKER_WAITING : BX_TOLD_WORKER_LOST;
	pace_end(&p->pace, changed);
	figures->restored += changed;
	figures->lost += answer->status && !later;
	note(p, event, answer);
	if (changed)
		loads_forget(p->heal->serve->loads, p->name, bx_now_ms());
	if (answer->status)
		bx_log(BX_LOG_ERROR, "%s: the worker's registration %s: %s", p->name,
			later ? "could not be checked" : "is lost", answer->reason ? answer->reason : "");
	if (later)
		p->want |= WORKER;
	else
		p->signals = 0;
}

static void alive_ended(struct patient *p, const struct heal_answer *answer)
{
	pace_end(&p->pace, false);
	if (answer->status == BX_ABSENT) {
		p->want = 0;
		note(p, BX_TOLD_APP_REMOVED, answer);
		portals_reload(p->heal->serve->portals, NULL, NULL);
	} else if (answer->status) {
		p->want |= ALIVE;
	} else {
		note(p, BX_TOLD_APP_PRESENT, answer);
		p->want |= ++p->denials < AGAIN_MOST ? ALIVE : 0;
	}
}

static void ended(void *arg, const struct run_end *end)
{
	struct patient *p = arg;
	struct heal_answer answer;
	enum task was = p->doing;
	p->doing = 0;
	heal_answer_read(&answer, end);
	if (was == ALIVE)
		alive_ended(p, &answer);
	else
		worker_ended(p, &answer);
	heal_answer_release(&answer);
	if (p->want)
		schedule(p);
}

static void start(struct patient *p, enum task task)
{
	struct heal *heal = p->heal;
	const char *file = heal->serve->opts.registrations;
	const char *const worker[] = {heal->bind, "-p", p->name, "-o", "json", "-t", TOOL_TEXT,
		file ? "apply" : "worker", file, NULL};
	const char *const alive[] = {heal->auth, "-o", "json", "-t", TOOL_TEXT, "alive", p->name, NULL};
	struct run run = {.argv = task == ALIVE ? alive : worker,
		.env = (const char *const[]){"BX_ERRORS=json", NULL}, .timeout_ms = TOOL_MS, .collect = true,
		.errors = true};
	p->doing = task;
	p->want &= ~(unsigned)task;
	heal->serve->figures.checks++;
	pace_begin(&p->pace, bx_mono_ms());
	runner_start(heal->runner, &run, ended, p);
}

/* Without a profile, or with one whose app is gone, there is nothing to ask for. */
static void due(void *arg)
{
	struct patient *p = arg;
	const struct bx_profile *profile = portals_by_name(p->heal->serve->portals, p->name);
	p->timer = NULL;
	if (!profile || profile->removed_ms)
		p->want = 0;
	if (p->want)
		start(p, p->want & ALIVE ? ALIVE : WORKER);
}

static void schedule(struct patient *p)
{
	if (p->timer || p->doing)
		return;
	p->timer = bx_loop_timer(p->heal->serve->loop, pace_wait(&p->pace, bx_mono_ms()), due, p);
}

static void want(struct patient *p, enum task task)
{
	p->want |= task;
	schedule(p);
}

bool heal_signal(struct heal *heal, const char *portal)
{
	struct patient *p = patient_of(heal, portal);
	bool fresh = !(p->want & WORKER);
	heal->serve->figures.signals++;
	if (!p->signals++)
		p->signal_ms = bx_mono_ms();
	if (fresh)
		settle(p, BX_TOLD_WORKER_DISABLED, NULL, bx_now_ms());
	want(p, WORKER);
	return fresh;
}

void heal_installed(struct heal *heal, const char *portal)
{
	struct patient *p = patient_of(heal, portal);
	p->pace = (struct pace){0};
	p->denials = 0;
	p->want &= ~(unsigned)ALIVE;
	bx_loop_cancel(heal->serve->loop, p->timer);
	p->timer = NULL;
	want(p, WORKER);
}

static bool open_case(const struct patient *p)
{
	return p->state == BX_TOLD_WORKER_DISABLED || p->state == BX_TOLD_WORKER_WAITING ||
		p->state == BX_TOLD_WORKER_LOST;
}

/* Not while the tool runs, which says it of itself. */
void heal_seen(struct heal *heal, const char *portal)
{
	for (struct patient *p = heal->patients; p; p = p->next) {
		if (strcmp(p->name, portal) != 0 || p->doing || !open_case(p))
			continue;
		char kept[] = "kept";
		p->want &= ~(unsigned)WORKER;
		note(p, BX_TOLD_WORKER_KEPT, &(struct heal_answer){.action = kept});
		p->signals = 0;
	}
}

void heal_uninstalled(struct heal *heal, const char *portal)
{
	struct patient *p = patient_of(heal, portal);
	p->denials = 0;
	want(p, ALIVE);
}

void heal_replay(struct heal *heal, const struct bx_event *event)
{
	enum bx_told told = bx_told_by_name(event->event);
	if (!event->portal || (!is_settling(told) && told != BX_TOLD_APP_INSTALLED))
		return;
	auto_json cJSON *data = bx_json_parse(event->data ? event->data : "", event->data ? strlen(event->data) : 0, NULL);
	settle(patient_of(heal, event->portal), told, bx_json_str(data, "reason"), event->ms);
}

void heal_resume(struct heal *heal)
{
	for (struct patient *p = heal->patients; p; p = p->next)
		if (p->state == BX_TOLD_WORKER_DISABLED || p->state == BX_TOLD_WORKER_WAITING)
			want(p, WORKER);
}

unsigned heal_running(const struct heal *heal)
{
	return runner_count(heal->runner);
}

cJSON *heal_list(const struct heal *heal)
{
	cJSON *list = cJSON_CreateArray();
	for (const struct patient *p = heal->patients; p; p = p->next) {
		char iso[BX_ISO_SIZE];
		cJSON *o = cJSON_CreateObject();
		bx_time_iso_local(iso, p->since_ms);
		bx_json_set_str(o, "portal", p->name);
		const char *state = p->state == BX_TOLD_NONE ? NULL : strchr(bx_told[p->state].name, '.');
		bx_json_set_str(o, "state", state ? state + 1 : "");
		bx_json_set_str(o, "since", iso);
		if (p->reason)
			bx_json_set_str(o, "reason", p->reason);
		if (p->timer)
			bx_json_set_int(o, "next_ms", pace_wait(&p->pace, bx_mono_ms()));
		cJSON_AddItemToArray(list, o);
	}
	return list;
}

struct heal *heal_new(struct serve *serve)
{
	struct heal *heal = bx_xcalloc(1, sizeof *heal);
	*heal = (struct heal){.serve = serve, .runner = runner_new(serve->loop, AT_ONCE),
		.bind = run_tool("bx-bind"), .auth = run_tool("bx-auth")};
	return heal;
}

void heal_free(struct heal *heal)
{
	if (!heal)
		return;
	runner_free(heal->runner);
	for (struct patient *p = heal->patients, *next; p; p = next) {
		next = p->next;
		bx_loop_cancel(heal->serve->loop, p->timer);
		free(p->name);
		free(p->reason);
		free(p);
	}
	free(heal->bind);
	free(heal->auth);
	free(heal);
}
