/* bx-bind: placements, the background worker among them. */
#include "bind.h"

#include "complete.h"
#include "banned.h"

static const struct bx_opt add_opts[] = {
	{"error-handler", 0, "URL", 0, NULL, "told when the portal removes the handler (the worker needs it)"},
	{0},
};
static const struct bx_opt rm_opts[] = {
	{"user", 0, "ID", 0, "user", "only the registration of this employee, 0: the general one"},
	{0},
};
static const struct bx_opt worker_opts[] = {
	{"public-url", 0, "URL", 0, NULL, "where bx-serve is reached; default: asked from the running one"},
	{"user", 0, "ID", 0, "user", "a registration for this employee alone"},
	{"title", 0, "TEXT", 0, NULL, "title of the registration"},
	{0},
};

static struct bx_verb verbs[] = {
	{"ls", "", NULL, NULL, bind_ls, "list the registrations"},
	{"add", "PLACEMENT HANDLER [PARAM...]", NULL, add_opts, bind_add, "register a handler"},
	{"rm", "PLACEMENT [HANDLER]", NULL, rm_opts, bind_rm, "remove registrations, each by its name"},
	{"worker", "", NULL, worker_opts, bind_worker,
		"register bx-serve's page as the background worker; changes nothing that is right"},
	{0},
};

int main(int argc, char **argv)
{
	verbs[1].op = bx_op_by_verb(BX_METHOD, "placement add");
	static const struct bx_tool tool = {
		.name = "bx-bind",
		.summary = "registers placements and keeps them registered",
		.complete = bx_complete,
		.verbs = verbs,
	};
	return bx_cli_main(&tool, argc, argv);
}
