/* The words of a text, and @FILE: a long option line kept in a file. */
#include "cli_impl.h"

#include <ctype.h>
#include <string.h>
#include "banned.h"

#define ARGFILE_MAX (256 * 1024)
#define WORDS_MAX   4096

static bool add_word(struct bx_words *w, char *word, struct bx_err *err)
{
	if (w->count == WORDS_MAX)
		return bx_fail(err, BX_USAGE, "", "more than %d arguments", WORDS_MAX);
	w->v = bx_xrealloc(w->v, (size_t)(w->count + 2) * sizeof *w->v);
	w->v[w->count++] = word;
	w->v[w->count] = NULL;
	return true;
}

/* One word from *p on; false: a quote is not closed. */
static bool take_word(const char **p, struct bx_str *word)
{
	char quote = 0;
	for (; **p && (quote || !isspace((unsigned char)**p)); ++*p) {
		char c = **p;
		if (quote ? c == quote : c == '\'' || c == '"') {
			quote = quote ? 0 : c;
		} else {
			if (c == '\\' && quote != '\'' && (*p)[1])
				c = *++*p;
			bx_str_putc(word, c);
		}
	}
	return !quote;
}

bool bx_cli_split(struct bx_words *w, const char *text, struct bx_err *err)
{
	for (const char *p = text;;) {
		p += strspn(p, " \t\r\n\v\f");
		if (*p == '#') {
			p += strcspn(p, "\n");
			continue;
		}
		if (!*p)
			return true;
		struct bx_str word = BX_STR_INIT(ARGFILE_MAX);
		if (!take_word(&p, &word)) {
			bx_str_release(&word);
			return bx_fail(err, BX_USAGE, "", "a quote is not closed");
		}
		char *done = bx_str_take(&word);
		w->owned = bx_xrealloc(w->owned, (size_t)(w->owned_count + 1) * sizeof *w->owned);
		w->owned[w->owned_count++] = done;
		if (!add_word(w, done, err))
			return false;
	}
}

static bool add_file(struct bx_words *w, const char *path, struct bx_err *err)
{
	auto_file FILE *f = fopen(path, "re");
	if (!f)
		return bx_fail_errno(err, "@%s", path);
	auto_free char *text = bx_xcalloc(1, ARGFILE_MAX + 1);
	size_t len = fread(text, 1, ARGFILE_MAX + 1, f);
	if (len > ARGFILE_MAX)
		return bx_fail(err, BX_USAGE, "", "@%s is larger than %d bytes", path, ARGFILE_MAX);
	text[len] = 0;
	struct bx_err why = {0};
	return bx_cli_split(w, text, &why) || bx_fail(err, why.exit, "", "@%s: %s", path, why.text);
}

bool bx_cli_argfiles(struct bx_words *w, int argc, char **argv, struct bx_err *err)
{
	for (int i = 0; i < argc; i++) {
		bool file = i && argv[i][0] == '@' && argv[i][1];
		if (!(file ? add_file(w, argv[i] + 1, err) : add_word(w, argv[i], err)))
			return false;
	}
	return true;
}

void bx_cli_words_release(struct bx_words *w)
{
	for (int i = 0; i < w->owned_count; i++)
		free(w->owned[i]);
	free(w->owned);
	free(w->v);
}
