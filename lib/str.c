#include "str.h"

#include <stdint.h>
#include <string.h>
#include "banned.h"

char bx_str_empty[1];

static _Noreturn void out_of_memory(void)
{
	static const char line[] = "bx: out of memory\n";
	if (write(2, line, sizeof line - 1) < 0)
		_exit(9);
	_exit(9);
}

void *bx_xcalloc(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);
	if (!p)
		out_of_memory();
	return p;
}

void *bx_xrealloc(void *p, size_t size)
{
	void *q = realloc(p, size ? size : 1);
	if (!q)
		out_of_memory();
	return q;
}

char *bx_xmemdup(const void *data, size_t len)
{
	char *copy = bx_xrealloc(NULL, len + 1);
	memcpy(copy, data, len);
	copy[len] = 0;
	return copy;
}

char *bx_xstrndup(const char *text, size_t len)
{
	return bx_xmemdup(text, strnlen(text, len));
}

char *bx_xstrdup(const char *text)
{
	return text ? bx_xstrndup(text, strlen(text)) : NULL;
}

char *bx_xprintf(const char *fmt, ...)
{
	struct bx_str s = BX_STR_INIT(SIZE_MAX / 2);
	va_list ap;
	va_start(ap, fmt);
	bx_str_vprintf(&s, fmt, ap);
	va_end(ap);
	return bx_str_take(&s);
}

void bx_set_str(char **slot, const char *text)
{
	char *copy = bx_xstrdup(text);
	free(*slot);
	*slot = copy;
}

bool bx_streq(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool bx_starts(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

void bx_str_init(struct bx_str *s, size_t max)
{
	*s = (struct bx_str)BX_STR_INIT(max);
}

void bx_str_release(struct bx_str *s)
{
	if (s->cap)
		free(s->buf);
	bx_str_init(s, s->max);
}

void bx_str_reset(struct bx_str *s)
{
	s->len = 0;
	s->over = false;
	if (s->cap)
		s->buf[0] = 0;
}

char *bx_str_take(struct bx_str *s)
{
	char *text = s->cap ? s->buf : bx_xstrndup("", 0);
	bx_str_init(s, s->max);
	return text;
}

/* Past the ceiling, or to the next size; both are seldom. */
static __attribute__((noinline)) bool enlarge(struct bx_str *s, size_t more)
{
	if (s->over || more > s->max - s->len) {
		s->over = true;
		return false;
	}
	size_t need = s->len + more + 1, cap = 2 * s->cap + 128;
	if (cap < need)
		cap = need;
	s->buf = bx_xrealloc(s->cap ? s->buf : NULL, cap);
	s->cap = cap;
	return true;
}

static inline bool reserve(struct bx_str *s, size_t more)
{
	bool fits = more < s->cap - s->len && more <= s->max - s->len && !s->over;
	return fits || enlarge(s, more);
}

static inline char *grow(struct bx_str *s, size_t len)
{
	if (!reserve(s, len))
		return NULL;
	char *from = s->buf + s->len;
	s->len += len;
	s->buf[s->len] = 0;
	return from;
}

char *bx_str_grow(struct bx_str *s, size_t len)
{
	return grow(s, len);
}

bool bx_str_add(struct bx_str *s, const void *data, size_t len)
{
	char *to = grow(s, len);
	if (to && len)
		memcpy(to, data, len);
	return to != NULL;
}

bool bx_str_putc(struct bx_str *s, char c)
{
	char *to = grow(s, 1);
	if (to)
		*to = c;
	return to != NULL;
}

bool bx_str_pieces(struct bx_str *s, const struct bx_piece *pieces, size_t count)
{
	size_t len = 0;
	for (size_t i = 0; i < count; i++)
		len += pieces[i].len;
	char *to = grow(s, len);
	for (size_t i = 0; to && i < count; i++)
		to = mempcpy(to, pieces[i].text, pieces[i].len);
	return to != NULL;
}

bool bx_str_number(struct bx_str *s, int64_t number)
{
	char digits[24], *p = digits + sizeof digits;
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
	do {
		*--p = (char)('0' + left % 10);
	} while (left /= 10);
	if (number < 0)
		*--p = '-';
	return bx_str_add(s, p, (size_t)(digits + sizeof digits - p));
}

void bx_str_room(struct bx_str *s, size_t more)
{
	if (more <= s->max - s->len)
		reserve(s, more);
}

bool bx_str_vprintf(struct bx_str *s, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	/* Mostly there is room already. */
	size_t room = s->cap && !s->over ? s->cap - s->len : 0;
	int len = vsnprintf(room ? s->buf + s->len : NULL, room, fmt, again);
	va_end(again);
	bool fits = len >= 0 && (size_t)len < room && (size_t)len <= s->max - s->len;
	if (!fits) {
		if (room)
			s->buf[s->len] = 0;
		if (len < 0 || !reserve(s, (size_t)len))
			return false;
		vsnprintf(s->buf + s->len, (size_t)len + 1, fmt, ap);
	}
	s->len += (size_t)len;
	return true;
}

bool bx_str_printf(struct bx_str *s, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	bool ok = bx_str_vprintf(s, fmt, ap);
	va_end(ap);
	return ok;
}

void bx_str_end_at(struct bx_str *s, size_t len)
{
	if (len >= s->len)
		return;
	s->len = len;
	s->buf[len] = 0;
}

void bx_str_cut(struct bx_str *s, size_t from_front)
{
	if (!from_front)
		return;
	if (from_front > s->len)
		from_front = s->len;
	memmove(s->buf, s->buf + from_front, s->len - from_front);
	s->len -= from_front;
	s->buf[s->len] = 0;
}
