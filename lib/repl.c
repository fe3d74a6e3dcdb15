#include "repl_impl.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include "cancel.h"
#include "banned.h"

#define MORE "... "

/* Letters are UTF-8 whatever the terminal's owner has set. */
static void set_letters(void)
{
	setlocale(LC_CTYPE, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
}

static bool can_draw(void)
{
	const char *term = getenv("TERM");
	return isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

struct bx_repl *bx_repl_new(const char *tool, const struct bx_repl_ops *ops, void *arg)
{
	struct bx_repl *r = bx_xcalloc(1, sizeof *r);
	*r = (struct bx_repl){.ops = ops, .arg = arg, .watched = -1, .typed = isatty(STDIN_FILENO),
		.plain.buf = BX_STR_INIT(BX_REPL_ENTRY_MAX), .entry = BX_STR_INIT(BX_REPL_ENTRY_MAX)};
	if (!r->typed)
		return r;
	bx_cancel_watch(true);
	set_letters();
	if (can_draw())
		bx_edit_init(r, tool);
	return r;
}

void bx_repl_free(struct bx_repl *r)
{
	if (!r)
		return;
	bx_edit_release(r);
	bx_cancel_watch(false);
	bx_str_release(&r->plain.buf);
	bx_str_release(&r->entry);
	free(r->key);
	free(r);
}

bool bx_repl_typed(const struct bx_repl *r)
{
	return r->typed;
}

void bx_repl_watch(struct bx_repl *r, int fd)
{
	r->watched = fd;
}

void bx_repl_history(struct bx_repl *r, const char *key)
{
	bx_set_str(&r->key, key);
	bx_edit_forget(r);
	if (r->edit)
		bx_past_load(key, bx_edit_remember, r);
}

static void keep(struct bx_repl *r, const char *entry)
{
	if (!r->edit || *entry == ' ' || bx_repl_is_private(entry))
		return;
	auto_free char *line = bx_xstrdup(entry);
	for (char *p = line; (p = strchr(p, '\n'));)
		*p = ' ';
	bx_edit_remember(r, line);
	if (r->key)
		bx_past_add(r->key, line);
}

static bool is_blank(const char *text)
{
	return !text[strspn(text, " \t\r\n")];
}

/* Adds a line to the entry and tells whether that was its last one. */
static bool add_line(struct bx_repl *r, const char *line)
{
	bx_str_puts(&r->entry, line);
	if (r->ops->open && !r->entry.over && r->ops->open(r->arg, r->entry.buf)) {
		bx_str_putc(&r->entry, '\n');
		return false;
	}
	return r->entry.over || !is_blank(r->entry.buf);
}

/* Reads lines until an entry is whole. What the end of input left open is an entry too: whoever
 * takes it says what is missing. */
static enum bx_line read_entry(struct bx_repl *r, const char *prompt, struct bx_err *err)
{
	bx_str_reset(&r->entry);
	for (;;) {
		auto_free char *line = NULL;
		r->prompt = r->entry.len ? MORE : prompt;
		enum bx_line got = r->edit ? bx_edit_line(r, &line) : bx_plain_line(r, &line, err);
		if (got == BX_LINE_END && !is_blank(r->entry.buf))
			return BX_LINE_GOT;
		if (got != BX_LINE_GOT)
			return got;
		if (add_line(r, line))
			return BX_LINE_GOT;
		if (is_blank(r->entry.buf))
			bx_str_reset(&r->entry);
	}
}

/* At a prompt an entry that is too long is told, and costs no more than itself. */
static bool too_long(struct bx_repl *r)
{
	if (r->typed && r->entry.over)
		fprintf(stderr, "an entry is longer than %d bytes: it was dropped\n", BX_REPL_ENTRY_MAX);
	return r->typed && r->entry.over;
}

int bx_repl_next(struct bx_repl *r, const char *prompt, char **entry, struct bx_err *err)
{
	enum bx_line got;
	do {
		bx_cancel_clear();
		got = read_entry(r, prompt, err);
		if (r->typed && got != BX_LINE_GOT)
			fputc('\n', stderr);
	} while (got == BX_LINE_CUT || (got == BX_LINE_GOT && too_long(r)));
	bx_cancel_clear();
	if (got != BX_LINE_GOT)
		return got == BX_LINE_END ? 0 : -1;
	if (r->entry.over) {
		bx_fail(err, BX_USAGE, "", "an entry is longer than %d bytes", BX_REPL_ENTRY_MAX);
		return -1;
	}
	keep(r, r->entry.buf);
	*entry = bx_xstrdup(r->entry.buf);
	return 1;
}
