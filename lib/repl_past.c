/* The history of a prompt: a file of the state directory, an entry a line, the newest last. It is
 * only ever added to, so that two shells at once lose nothing; a long one is cut when it is read. */
#include "repl_impl.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include "secret.h"
#include "store.h"
#include "banned.h"

#define PAST_KEEP  1000
#define PAST_BYTES (4 * 1024 * 1024)

/* Several users may share the directory, and none shall read another's. */
static bool path_of(const char *key, struct bx_str *path)
{
	auto_free char *name = bx_xprintf("history-%s-%u", key, (unsigned)geteuid());
	return bx_store_path(path, name, NULL);
}

static FILE *open_past(const char *path, int flags, const char *mode)
{
	int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat st;
	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && !fchmod(fd, 0600))
		return fdopen(fd, mode);
	close(fd);
	return NULL;
}

/* Leaves only the newest, by a new file in the old one's place. */
static void cut(const char *path, const char *kept)
{
	auto_free char *fresh = bx_xprintf("%s.new", path);
	FILE *f = open_past(fresh, O_WRONLY | O_CREAT | O_TRUNC, "w");
	if (!f)
		return;
	bool good = fputs(kept, f) >= 0;
	if (fclose(f) || !good || rename(fresh, path))
		unlink(fresh);
}

static char *read_past(const char *path)
{
	auto_file FILE *f = open_past(path, O_RDONLY, "r");
	if (!f)
		return NULL;
	/* Of a file that somebody let grow, the end counts. */
	if (!fseek(f, 0, SEEK_END) && ftell(f) > PAST_BYTES)
		fseek(f, -PAST_BYTES, SEEK_END);
	else
		rewind(f);
	char *text = bx_xcalloc(1, PAST_BYTES + 1);
	text[fread(text, 1, PAST_BYTES, f)] = 0;
	return text;
}

void bx_past_load(const char *key, void (*each)(void *arg, const char *entry), void *arg)
{
	auto_str struct bx_str path = BX_STR_INIT(BX_PATH_MAX);
	auto_free char *text = path_of(key, &path) ? read_past(path.buf) : NULL;
	size_t count = 0;
	for (const char *p = text; p && (p = strchr(p, '\n')); p++)
		count++;
	char *p = text;
	for (size_t skip = count > PAST_KEEP ? count - PAST_KEEP : 0; skip; skip--)
		p = strchr(p, '\n') + 1;
	if (count > 2 * PAST_KEEP)
		cut(path.buf, p);
	for (char *end; p && (end = strchr(p, '\n')); p = end + 1) {
		*end = 0;
		if (*p)
			each(arg, p);
	}
}

void bx_past_add(const char *key, const char *entry)
{
	auto_str struct bx_str path = BX_STR_INIT(BX_PATH_MAX);
	auto_free char *line = bx_xprintf("%s\n", entry);
	auto_file FILE *f = path_of(key, &path) ? open_past(path.buf, O_WRONLY | O_CREAT | O_APPEND, "a")
						: NULL;
	if (f)
		fputs(line, f);
}

/* Whether name is that of key's history, of whichever user. */
static bool is_past(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);
	return bx_starts(name, prefix) && name[len] && !name[len + strspn(name + len, "0123456789")];
}

void bx_repl_forget(const char *key)
{
	auto_str struct bx_str dir = BX_STR_INIT(BX_PATH_MAX);
	auto_free char *prefix = bx_xprintf("history-%s-", key);
	DIR *d = bx_store_dir(&dir, NULL) ? opendir(dir.buf) : NULL;
	for (struct dirent *e; d && (e = readdir(d));) {
		if (is_past(e->d_name, prefix))
			unlinkat(dirfd(d), e->d_name, 0);
	}
	if (d)
		closedir(d);
}

/* Cautious: an entry that only speaks of a token is not kept either. */
bool bx_repl_is_private(const char *entry)
{
	static const char *const words[] = {"token", "secret", "password", "passwd", "auth=", "auth\"",
		"refresh_id", "auth_id", "/rest/"};
	auto_str struct bx_str text = BX_STR_INIT(SIZE_MAX / 4);
	for (size_t i = 0; i < BX_COUNT(words); i++) {
		if (strcasestr(entry, words[i]))
			return true;
	}
	bx_str_puts(&text, entry);
	bx_redact(&text);
	return strcmp(text.buf, entry) != 0;
}
