#include "words.h"

#include <string.h>
#include "str.h"
#include "banned.h"

#define BLANK " \t\n"

/* One word from *p on, which is left behind it; NULL: a quote is not closed. */
static char *take_word(const char **p)
{
	struct bx_str word = BX_STR_INIT(65536);
	char quote = 0;
	for (; **p && (quote || !strchr(BLANK, **p)); ++*p) {
		char c = **p;
		if (c == '\\' && quote != '\'' && (*p)[1])
			bx_str_putc(&word, *++*p);
		else if (c == quote)
			quote = 0;
		else if (!quote && (c == '\'' || c == '"'))
			quote = c;
		else
			bx_str_putc(&word, c);
	}
	if (!quote)
		return bx_str_take(&word);
	bx_str_release(&word);
	return NULL;
}

char **bx_words_split(const char *text, struct bx_err *err)
{
	char **words = bx_xcalloc(1, sizeof *words);
	size_t count = 0;
	for (const char *p = text + strspn(text, BLANK); *p; p += strspn(p, BLANK)) {
		char *word = take_word(&p);
		if (!word) {
			bx_words_free(words);
			bx_fail(err, BX_USAGE, "", "a quote is not closed in: %s", text);
			return NULL;
		}
		words = bx_xrealloc(words, (count + 2) * sizeof *words);
		words[count++] = word;
		words[count] = NULL;
	}
	if (count)
		return words;
	bx_words_free(words);
	bx_fail(err, BX_USAGE, "", "an empty command");
	return NULL;
}

void bx_words_free(char **words)
{
	for (size_t i = 0; words && words[i]; i++)
		free(words[i]);
	free(words);
}
