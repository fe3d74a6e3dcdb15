/* The card state machine, fed by recorded traces. */
#include "cards_all.h"
#include "cards_trace.h"

static int is_trace(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);
	return len > 6 && !strcmp(entry->d_name + len - 6, ".jsonl");
}

static void replay_all(const char *dir)
{
	struct dirent **names;
	int count = scandir(dir, &names, is_trace, alphasort);
	CHECK(count > 0, "there are traces");
	for (int i = 0; i < count; i++) {
		auto_free char *path = bx_xprintf("%s/%s", dir, names[i]->d_name);
		auto_str struct bx_str why = BX_STR_INIT(65536);
		CHECK(trace_replay(path, &why), names[i]->d_name);
		if (why.len)
			printf("# %s\n", why.buf);
		free(names[i]);
	}
	if (count > 0)
		free(names);
}

int main(int argc, char **argv)
{
	setenv("TZ", "UTC", 1);
	replay_all(argc > 1 ? argv[1] : "tests/traces");
	return check_end();
}
