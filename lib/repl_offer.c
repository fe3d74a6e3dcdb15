/* The tab key: what may stand at the cursor is put there as far as it is one, else listed. */
#include "repl_impl.h"

#include <string.h>
#include "log.h"
#include "repl_lib.h"
#include "banned.h"

#define OFFERS_MAX 100
#define WIDTH_MAX  48
#define LINE_BYTES 4096

struct offers {
	const char *word; /* as typed so far */
	char *words[OFFERS_MAX], *helps[OFFERS_MAX];
	size_t count, more;
	size_t common; /* bytes that all begin with */
};

static size_t same_start(const char *a, const char *b)
{
	size_t len = 0;
	while (a[len] && a[len] == b[len])
		len++;
	/* A letter of several bytes is common as a whole or not at all. */
	while (len && ((unsigned char)a[len] & 0xc0) == 0x80)
		len--;
	return len;
}

static void offer(void *arg, const char *word, const char *help)
{
	struct offers *o = arg;
	if (!bx_starts(word, o->word))
		return;
	size_t len = same_start(o->count ? o->words[0] : word, word);
	o->common = o->count && o->common < len ? o->common : len;
	if (o->count == OFFERS_MAX) {
		o->more++;
		return;
	}
	o->words[o->count] = bx_xstrdup(word);
	o->helps[o->count++] = bx_xstrdup(help ? help : "");
}

static void show(const struct offers *o)
{
	size_t width = 0;
	for (size_t i = 0; i < o->count; i++)
		width = strlen(o->words[i]) > width ? strlen(o->words[i]) : width;
	width = width < WIDTH_MAX ? width : WIDTH_MAX;
	fputc('\n', stderr);
	for (size_t i = 0; i < o->count; i++) {
		auto_str struct bx_str line = BX_STR_INIT(LINE_BYTES);
		bx_escape(&line, o->words[i]);
		if (*o->helps[i]) {
			bx_str_printf(&line, "%*s", line.len < width ? (int)(width - line.len) + 2 : 2, "");
			bx_escape(&line, o->helps[i]);
		}
		fprintf(stderr, "%s\n", line.buf);
	}
	if (o->more)
		fprintf(stderr, "... and %zu more\n", o->more);
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static unsigned char put(EditLine *edit, const struct offers *o)
{
	size_t have = strlen(o->word);
	if (!o->count)
		return CC_ERROR;
	auto_free char *rest = bx_xstrndup(o->words[0] + have, o->common - have);
	if (*rest)
		bx_edit()->el_insertstr(edit, rest);
	if (o->count == 1 && o->common && is_word(o->words[0][o->common - 1]))
		bx_edit()->el_insertstr(edit, " ");
	if (o->count == 1 || *rest)
		return CC_REFRESH;
	show(o);
	return CC_REDISPLAY;
}

unsigned char bx_repl_tab(EditLine *edit, int key)
{
	struct bx_repl *r;
	struct offers o = {0};
	(void)key;
	bx_edit()->el_get(edit, EL_CLIENTDATA, &r);
	if (!r->ops->complete)
		return CC_ERROR;
	const LineInfo *line = bx_edit()->el_line(edit);
	const char *breaks = r->ops->breaks ? r->ops->breaks : " \t\n";
	auto_free char *typed = bx_xstrndup(line->buffer, (size_t)(line->cursor - line->buffer));
	auto_free char *text = bx_xprintf("%s%s", r->entry.buf, typed);
	o.word = text + strlen(text);
	while (o.word > text && !strchr(breaks, o.word[-1]))
		o.word--;
	r->ops->complete(r->arg, text, o.word, offer, &o);
	unsigned char done = put(edit, &o);
	for (size_t i = 0; i < o.count; i++) {
		free(o.words[i]);
		free(o.helps[i]);
	}
	return done;
}
