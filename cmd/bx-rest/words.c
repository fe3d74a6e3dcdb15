/* Entries of the shell, split into words. */
#include "rest.h"

#include <string.h>
#include "banned.h"

#define WORD_MAX (1024 * 1024)
#define SPACE	 " \t\r\n"

/* From a bracket to its partner, strings and all; false: it is still open. */
static bool take_json(const char **p, struct bx_str *word)
{
	int depth = 0;
	bool string = false;
	for (; **p; ++*p) {
		char c = **p;
		bx_str_putc(word, c);
		if (string && c == '\\' && (*p)[1])
			bx_str_putc(word, *++*p);
		else if (c == '"')
			string = !string;
		else if (!string)
			depth += (c == '{' || c == '[') - (c == '}' || c == ']');
		if (!depth) {
			++*p;
			return true;
		}
	}
	return false;
}

static bool json_begins(const char *p, const struct bx_str *word)
{
	bool place = !word->len || (word->len > 2 && !strcmp(word->buf + word->len - 2, ":="));
	return place && (*p == '{' || *p == '[');
}

static bool take_word(const char **p, struct bx_str *word)
{
	char quote = 0;
	while (**p && (quote || !strchr(SPACE, **p))) {
		char c = **p;
		if (!quote && json_begins(*p, word)) {
			if (!take_json(p, word))
				return false;
			continue;
		}
		++*p;
		if (quote ? c == quote : c == '\'' || c == '"')
			quote = quote ? 0 : c;
		else if (c == '\\' && quote != '\'' && **p)
			bx_str_putc(word, *(*p)++);
		else
			bx_str_putc(word, c);
	}
	return !quote;
}

enum rest_scan rest_split(const char *text, struct bx_words *w)
{
	for (const char *p = text + strspn(text, SPACE); *p; p += strspn(p, SPACE)) {
		struct bx_str word = BX_STR_INIT(WORD_MAX);
		bool whole = take_word(&p, &word);
		w->owned = bx_xrealloc(w->owned, (size_t)(w->owned_count + 1) * sizeof *w->owned);
		w->v = bx_xrealloc(w->v, (size_t)(w->count + 2) * sizeof *w->v);
		w->v[w->count++] = w->owned[w->owned_count++] = bx_str_take(&word);
		w->v[w->count] = NULL;
		if (!whole)
			return REST_OPEN;
	}
	return REST_WHOLE;
}
