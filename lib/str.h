/* A growable string with a ceiling. Layer 0.
 *
 * Invariants: buf is never NULL and always ends in a NUL that len does not count; len <= max.
 * An addition that would pass max changes nothing, sets over, and returns false; over stays set
 * until bx_str_reset, so a run of additions needs one check at its end. Out of memory ends the
 * process with one line. */
#ifndef BX_STR_H
#define BX_STR_H

#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include "auto.h"

struct bx_str {
	char *buf;
	size_t len, cap, max;
	bool over;
};

extern char bx_str_empty[1];
#define BX_STR_INIT(ceiling) {.buf = bx_str_empty, .max = (ceiling)}
/* In memory of the caller's, where it stays: it is never released. No text before something was added. */
#define BX_STR_IN(memory, size) {.buf = (memory), .cap = (size), .max = (size) - 1}

void bx_str_init(struct bx_str *s, size_t max);
void bx_str_release(struct bx_str *s); /* frees; s is as after init */
void bx_str_reset(struct bx_str *s);   /* empties, keeps the memory */
char *bx_str_take(struct bx_str *s);   /* the caller frees the text; s is as after init */

bool bx_str_add(struct bx_str *s, const void *data, size_t len);
static inline bool bx_str_puts(struct bx_str *s, const char *text)
{
	return bx_str_add(s, text, __builtin_strlen(text));
}
bool bx_str_putc(struct bx_str *s, char c);
bool bx_str_number(struct bx_str *s, int64_t number); /* in digits */
bool bx_str_printf(struct bx_str *s, const char *fmt, ...) BX_PRINTF(2, 3);
bool bx_str_vprintf(struct bx_str *s, const char *fmt, va_list ap) BX_PRINTF(2, 0);
/* Pieces one behind the other, in one step. */
struct bx_piece {
	const char *text;
	size_t len;
};
#define BX_PIECE(literal) {(literal), sizeof(literal) - 1}
bool bx_str_pieces(struct bx_str *s, const struct bx_piece *pieces, size_t count);
void bx_str_end_at(struct bx_str *s, size_t len); /* drops what is behind the first len bytes */
/* Lengthens it by bytes that the caller fills at once, from where this points; NULL: over. */
char *bx_str_grow(struct bx_str *s, size_t len);
/* Memory for that many more bytes at once, as far as the ceiling allows. */
void bx_str_room(struct bx_str *s, size_t more);
void bx_str_cut(struct bx_str *s, size_t from_front); /* drops that many leading bytes */

#define auto_str BX_CLEANUP(bx_str_release)

void *bx_xcalloc(size_t count, size_t size);
void *bx_xrealloc(void *p, size_t size);
char *bx_xstrdup(const char *text); /* NULL gives NULL */
char *bx_xstrndup(const char *text, size_t len); /* at most len bytes, up to its NUL */
char *bx_xmemdup(const void *data, size_t len); /* exactly len bytes, and a NUL behind them */
char *bx_xprintf(const char *fmt, ...) BX_PRINTF(1, 2);

/* Replaces *slot, which is freed, by a copy of text (NULL allowed). */
void bx_set_str(char **slot, const char *text);
bool bx_streq(const char *a, const char *b); /* NULL equals only NULL */
bool bx_starts(const char *text, const char *prefix);

#endif
