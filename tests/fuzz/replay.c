/* A fuzzer without its engine: takes each file named, or each in a folder named, once.
 *   NAME FILE|FOLDER... */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "fuzz.h"

static long inputs;

static void take_file(const char *path)
{
	auto_file FILE *file = fopen(path, "r");
	auto_str struct bx_str text = BX_STR_INIT(16 * 1024 * 1024);
	char chunk[65536];
	size_t got;
	if (!file) {
		perror(path);
		exit(2);
	}
	while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
		bx_str_add(&text, chunk, got);
	/* A copy of its exact size, so that a sanitizer sees every step beyond it. */
	auto_free uint8_t *exact = malloc(text.len ? text.len : 1);
	if (!exact)
		exit(2);
	memcpy(exact, text.buf, text.len);
	LLVMFuzzerTestOneInput(exact, text.len);
	inputs++;
}

static int is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void take(const char *path)
{
	struct dirent **names;
	int count = scandir(path, &names, is_file, alphasort);
	if (count < 0) {
		take_file(path);
		return;
	}
	for (int i = 0; i < count; i++) {
		auto_free char *inside = bx_xprintf("%s/%s", path, names[i]->d_name);
		take_file(inside);
		free(names[i]);
	}
	free(names);
}

int main(int argc, char **argv)
{
	/* Some speak on standard output; what is counted goes elsewhere. */
	int out = dup(STDOUT_FILENO), null = open("/dev/null", O_RDWR);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	for (int i = 1; i < argc; i++)
		take(argv[i]);
	dprintf(out, "%ld inputs\n", inputs);
	return inputs ? 0 : 1;
}
