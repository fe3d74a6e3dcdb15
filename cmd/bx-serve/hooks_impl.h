/* For the hooks*.c files alone. */
#ifndef BX_SERVE_HOOKS_IMPL_H
#define BX_SERVE_HOOKS_IMPL_H

#include "hooks.h"
#include "store_hooks.h"

struct hook {
	char *name;  /* EVENT=COMMAND, or hooks/EVENT */
	char *event; /* or "*" */
	char **argv;
};

/* A run that was started, until its end is on disk. */
struct hook_child {
	struct hook_child *next;
	struct hooks *hooks;
	struct bx_hook_run run; /* hook: owned, in name */
	char *name, *event, *portal, *call;
	int64_t user;
	bool over;
};

/* What a look at the journal found; filled on the reader's thread. */
struct hook_found {
	struct hook_found *next;
	struct bx_hook_run run;
	char *name;
	struct bx_event event;
};

struct hooks {
	struct serve *serve;
	struct runner *runner;
	struct hook *list; /* of --on first, then those of the folder */
	size_t count, on_count;
	char *names; /* of all, as a JSON list, while the journal is told */
	struct hook_child *children;
	struct hook_found *found, **found_tail;
	int64_t found_max, next_due_ms; /* 0: nothing is due later */
	bool looking, again, tell_again;
	struct bx_timer *timer;
};

const struct hook *hook_by_name(const struct hooks *hooks, const char *name);
/* Tells the journal which hooks there are. */
void hooks_tell_names(struct hooks *hooks);
void hooks_release_work(struct hooks *hooks);

#endif
