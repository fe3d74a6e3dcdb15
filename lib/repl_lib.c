#include "repl_lib.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>
#include "log.h"
#include "banned.h"

#define LIBRARY "libedit.so.2"

static const struct {
	const char *name;
	size_t place;
} calls[] = {
#define CALL(name) {#name, offsetof(struct bx_edit, name)},
	BX_EDIT_CALLS(CALL)
#undef CALL
};

static bool load(struct bx_edit *edit)
{
	void *library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL), *call = library;
	for (size_t i = 0; call && i < sizeof calls / sizeof *calls; i++) {
		call = dlsym(library, calls[i].name);
		memcpy((char *)edit + calls[i].place, &call, sizeof call);
	}
	if (!call)
		bx_log(BX_LOG_TRACE, "lines are not edited: %s", dlerror());
	return call;
}

const struct bx_edit *bx_edit(void)
{
	static struct bx_edit edit;
	static bool tried, loaded;
	if (!tried)
		loaded = load(&edit);
	tried = true;
	return loaded ? &edit : NULL;
}
