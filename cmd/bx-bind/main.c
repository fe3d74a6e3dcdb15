/* bx-bind: placements, the background worker among them, and handlers of events. */
#include "bind.h"

#include <string.h>
#include "complete.h"
#include "kinds.h"
#include "banned.h"

#define USER_OPT                                                                                   \
	{                                                                                          \
		"user", 0, "ID", BX_OPT_MANY, "user", "for this employee alone, at an address of its own" \
	}
#define PUBLIC_URL_OPT                                                                             \
	{                                                                                          \
		"public-url", 0, "URL", 0, NULL,                                                   \
			"where bx-serve is reached; default: asked from the running one"           \
	}

#define ALL_OPTS                                                                                   \
	{"all", 0, NULL, 0, NULL, "in every portal that is known here"},                           \
	{                                                                                          \
		"jobs", 'j', "N", 0, NULL, "how many portals at once (default: 32)"                \
	}

static const struct bx_opt add_opts[] = {
	{"error-handler", 0, "URL", 0, NULL, "told when the portal removes the handler (the worker needs it)"},
	{0},
};
static const struct bx_opt rm_opts[] = {
	{"user", 0, "ID", 0, "user", "only the registration of this employee, 0: the general one"},
	{0},
};
static const struct bx_opt worker_opts[] = {
	ALL_OPTS,
	PUBLIC_URL_OPT,
	USER_OPT,
	{"title", 0, "TEXT", BX_OPT_MANY, NULL, "its title; LANGUAGE=TEXT, as en=Phone, for each of several"},
	{"description", 0, "TEXT", BX_OPT_MANY, NULL, "its description, likewise"},
	{"group", 0, "TEXT", BX_OPT_MANY, NULL, "its group, likewise"},
	{0},
};
static const struct bx_opt event_rm_opts[] = {
	{"user", 0, "ID", 0, "user", "only the handler with this employee's rights, 0: with nobody's"},
	{"type", 0, "TYPE", 0, NULL, "only online or offline ones"},
	{"connector", 0, "TEXT", 0, NULL, "only of this source of the offline queue"},
	{0},
};
static const struct bx_opt pull_opts[] = {
	{"follow", 'f', NULL, 0, NULL, "go on asking for what will happen"},
	{"every", 0, "SECONDS", 0, NULL, "how often, with -f (default: 5)"},
	{"exec", 0, "COMMAND", 0, NULL, "hand each event to this command, on its standard input"},
	{"limit", 0, "N", 0, NULL, "how many are taken at once (default: 50)"},
	{"connector", 0, "TEXT", 0, NULL, "of this source of the queue"},
	{"failed", 0, NULL, 0, NULL, "those that failed before"},
	{0},
};
static const struct bx_opt apply_opts[] = {
	ALL_OPTS,
	{"prune", 0, NULL, 0, NULL, "remove what the app has registered and the file does not name"},
	PUBLIC_URL_OPT,
	{0},
};

static struct bx_verb verbs[] = {
	{"ls", "", NULL, NULL, bind_ls, "list the registrations"},
	{"available", "", NULL, NULL, bind_available, "list the placements there are"},
	{"add", "PLACEMENT HANDLER [PARAM...]", NULL, add_opts, bind_add, "register a handler"},
	{"rm", "PLACEMENT [HANDLER]", NULL, rm_opts, bind_rm, "remove registrations, each by its name"},
	{"worker", "", NULL, worker_opts, bind_worker,
		"register bx-serve's page as the background worker; changes nothing that is right"},
	{"apply", "FILE", NULL, apply_opts, bind_apply, "register what a file names, and keep what is right"},
	{"diff", "FILE", NULL, apply_opts, bind_diff, "tell what apply would do"},
	{"probe", "URL", NULL, NULL, bind_probe, "ask a handler as a portal's page does, and judge the answer"},
	{"event ls", "", NULL, NULL, bind_event_ls, "list the handlers of events"},
	{"event available", "", NULL, NULL, bind_available, "list the events there are"},
	{"event add", "EVENT [HANDLER] [PARAM...]", NULL, NULL, bind_event_add, "bind a handler to an event"},
	{"event rm", "EVENT [HANDLER]", NULL, event_rm_opts, bind_event_rm, "remove handlers, each by its name"},
	{"event pull", "[EVENT...]", NULL, pull_opts, bind_event_pull,
		"fetch events from the portal's queue, and clear there what is done"},
	{0},
};

static void set_op(const char *name, const char *row)
{
	for (struct bx_verb *v = verbs; v->name; v++) {
		if (!strcmp(v->name, name))
			v->op = bind_op(row);
	}
}

int main(int argc, char **argv)
{
	set_op("available", "placement available");
	set_op("add", bind_places.add);
	set_op("event available", "event available");
	set_op("event add", bind_handlers.add);
	static const struct bx_tool tool = {
		.name = "bx-bind",
		.summary = "registers placements and handlers of events, and keeps them registered",
		.complete = bx_complete,
		.verbs = verbs,
	};
	return bx_cli_leave(bx_cli_main(&tool, argc, argv));
}
