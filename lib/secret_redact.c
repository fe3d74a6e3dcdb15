/* Secrets are masked wherever text leaves the process, in whatever way they are written there. */
#include "secret.h"

#include <string.h>
#include "banned.h"

#define SHORTEST      6
#define SHORTEST_DATA 16
#define CORES	      6
#define WINDOW	      4 /* bytes by which the start of a secret is noticed; not more than SHORTEST */
/* Of so many windows in a row one begins where only each STRIDE-th is looked at. */
#define STRIDE	      (SHORTEST_DATA - WINDOW + 1)

struct remembered {
	char *text;
	char *cores[CORES]; /* what base64 makes of it, wherever it stands */
};

/* Longest first, so that no part of one hides the rest of another; equally long ones in order. */
static struct remembered *remembered;
static size_t remembered_count;
static uint8_t starts[8192]; /* a bit for each start of a text or core, by its hash */
static uint8_t within[8192]; /* the same for the first STRIDE windows of those that data may not show */
static bool with_blank;	     /* one has a blank, which a form writes as a plus */

static unsigned hash(const char *p)
{
	uint32_t word;
	memcpy(&word, p, WINDOW);
	return word * 2654435761u >> 16;
}

static void note_window(uint8_t *windows, const char *p)
{
	unsigned bit = hash(p);
	windows[bit / 8] |= (uint8_t)(1 << bit % 8);
}

static void note_start(const char *text)
{
	note_window(starts, text);
	for (size_t i = 0; i < STRIDE && strlen(text) >= SHORTEST_DATA; i++)
		note_window(within, text + i);
}

/* The digits of base64 that do not depend on what stands before and behind the secret, when it
 * begins `before` bytes after a multiple of three. The caller frees. */
static char *base64_core(const char *secret, size_t before, const char *last_two)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	size_t bits = strlen(secret) * 8;
	char *text = bx_xcalloc(1, bits / 6 + 1), *end = text;
	for (size_t bit = before * 4 % 6; bit + 6 <= bits; bit += 6) {
		const uint8_t *at = (const uint8_t *)secret + bit / 8;
		unsigned digit = (unsigned)(at[0] << 8 | at[1]) >> (10 - bit % 8) & 63;
		*end++ = digit < 62 ? digits[digit] : last_two[digit - 62];
	}
	return text;
}

static void take(struct remembered *r, const char *secret)
{
	static const char *const variants[] = {"+/", "-_"};
	r->text = bx_xstrdup(secret);
	for (size_t i = 0; i < CORES; i++) {
		r->cores[i] = base64_core(secret, i % 3, variants[i / 3]);
		if (strlen(r->cores[i]) < SHORTEST)
			*r->cores[i] = 0;
	}
}

static void leave(struct remembered *r)
{
	bx_secret_wipe(r->text, strlen(r->text));
	free(r->text);
	for (size_t i = 0; i < CORES; i++)
		free(r->cores[i]);
}

/* Where secret stands, or would stand: many portals' secrets come and go in one process. */
static size_t place_of(const char *secret, bool *there)
{
	size_t from = 0, to = remembered_count, len = strlen(secret);
	for (*there = false; from < to && !*there;) {
		size_t at = from + (to - from) / 2, have = strlen(remembered[at].text);
		int order = have == len ? strcmp(remembered[at].text, secret) : have > len ? -1 : 1;
		*there = !order;
		if (order < 0)
			from = at + 1;
		else
			to = at;
	}
	return *there ? to : from;
}

void bx_secret_remember(const char *secret)
{
	bool there;
	if (!secret || strlen(secret) < SHORTEST)
		return;
	size_t at = place_of(secret, &there);
	if (there)
		return;
	remembered = bx_xrealloc(remembered, (remembered_count + 1) * sizeof *remembered);
	memmove(remembered + at + 1, remembered + at, (remembered_count - at) * sizeof *remembered);
	remembered_count++;
	take(remembered + at, secret);
	with_blank = with_blank || strchr(secret, ' ');
	note_start(secret);
	for (size_t i = 0; i < CORES; i++) {
		if (*remembered[at].cores[i])
			note_start(remembered[at].cores[i]);
	}
}

void bx_secret_forget(const char *secret)
{
	bool there;
	size_t at = place_of(secret, &there);
	if (!there)
		return;
	leave(remembered + at);
	memmove(remembered + at, remembered + at + 1, (--remembered_count - at) * sizeof *remembered);
}

/* The length of p's beginning that says secret, however each byte of it is written; 0: it does not. */
typedef size_t match_fn(const char *p, const char *secret);

static void replace_all(struct bx_str *text, const char *secret, match_fn *match, const char *by)
{
	/* What any way of writing it begins with: whatever lies before cannot match. */
	const char begins[] = {*secret, '%', '\\', *secret == ' ' ? '+' : '%', 0};
	struct bx_str out = BX_STR_INIT(text->max);
	const char *copied = text->buf;
	for (const char *p = text->buf; *(p += strcspn(p, begins));) {
		size_t len = match(p, secret);
		if (len) {
			bx_str_add(&out, copied, (size_t)(p - copied));
			bx_str_puts(&out, by);
			copied = p + len;
		}
		p += len ? len : 1;
	}
	if (copied == text->buf)
		return;
	bx_str_puts(&out, copied);
	bx_str_release(text);
	*text = out;
}

static size_t match_plain(const char *p, const char *secret)
{
	size_t len = strlen(secret);
	return strncmp(p, secret, len) ? 0 : len;
}

static int hex_value(const char *p, int digits)
{
	int value = 0;
	for (int i = 0; i < digits; i++) {
		const char *all = "0123456789abcdef", *at = p[i] ? strchr(all, p[i] | 32) : NULL;
		if (!at)
			return -1;
		value = value << 4 | (int)(at - all);
	}
	return value;
}

/* The code point that begins at p, and how many bytes it has; a stray byte stands for itself. */
static int code_point(const unsigned char *p, size_t *len)
{
	*len = *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : *p >= 0xc0 ? 2 : 1;
	int point = *len == 1 ? *p : *p & (0x7f >> *len);
	for (size_t i = 1; i < *len; i++) {
		if ((p[i] & 0xc0) != 0x80) {
			*len = 1;
			return *p;
		}
		point = point << 6 | (p[i] & 0x3f);
	}
	return point;
}

/* One code point as JSON escapes it: the length of the escape, or 0. */
static size_t match_json(const char *p, int point)
{
	static const char letters[] = "\"\\/\b\f\n\r\t", escapes[] = "\"\\/bfnrt";
	if (*p != '\\' || !p[1])
		return 0;
	const char *at = point < 0x80 && point ? strchr(letters, point) : NULL;
	if (at && p[1] == escapes[at - letters])
		return 2;
	int unit = p[1] == 'u' ? hex_value(p + 2, 4) : -1;
	if (unit == point)
		return 6;
	if (unit < 0xd800 || unit > 0xdbff || p[6] != '\\' || p[7] != 'u')
		return 0;
	return 0x10000 + ((unit - 0xd800) << 10) + hex_value(p + 8, 4) - 0xdc00 == point ? 12 : 0;
}

static size_t match_byte(const char *p, char byte)
{
	if (*p == '%' && hex_value(p + 1, 2) == (unsigned char)byte)
		return 3;
	return *p && (*p == byte || (*p == '+' && byte == ' '));
}

/* Percent-encoded, JSON-escaped, or a mixture of both. */
static size_t match_written(const char *p, const char *secret)
{
	const char *from = p;
	while (*secret) {
		size_t wide, len;
		int point = code_point((const unsigned char *)secret, &wide);
		if ((len = match_json(p, point))) {
			secret += wide;
			p += len;
		} else if ((len = match_byte(p, *secret))) {
			secret++;
			p += len;
		} else {
			return 0;
		}
	}
	return (size_t)(p - from);
}

/* One pass over the text instead of one for each way of writing each secret: most texts have none. */
static bool may_tell(const char *text, size_t len, const uint8_t *windows, size_t stride)
{
	if (memchr(text, '%', len) || memchr(text, '\\', len) || (with_blank && memchr(text, '+', len)))
		return true;
	for (size_t i = 0; i + WINDOW <= len; i += stride) {
		unsigned bit = hash(text + i);
		if (windows[bit / 8] & 1 << bit % 8)
			return true;
	}
	return false;
}

static void mask_one(struct bx_str *text, const struct remembered *r)
{
	auto_str struct bx_str mask = BX_STR_INIT(64);
	bx_mask(&mask, r->text);
	if (strstr(text->buf, r->text))
		replace_all(text, r->text, match_plain, mask.buf);
	if (strpbrk(text->buf, strchr(r->text, ' ') ? "%\\+" : "%\\"))
		replace_all(text, r->text, match_written, mask.buf);
	for (size_t i = 0; i < CORES; i++) {
		if (*r->cores[i] && strstr(text->buf, r->cores[i]))
			replace_all(text, r->cores[i], match_plain, mask.buf);
	}
}

static void redact(struct bx_str *text, size_t shortest)
{
	for (size_t i = 0; i < remembered_count && strlen(remembered[i].text) >= shortest; i++)
		mask_one(text, remembered + i);
}

void bx_redact_one(struct bx_str *text, const char *secret)
{
	struct remembered r = {0};
	if (strlen(secret) < SHORTEST)
		return;
	take(&r, secret);
	mask_one(text, &r);
	leave(&r);
}

void bx_redact(struct bx_str *text)
{
	if (may_tell(text->buf, text->len, starts, 1))
		redact(text, SHORTEST);
}

char *bx_redact_data(char *text)
{
	size_t len = strlen(text);
	if (!remembered_count || !may_tell(text, len, within, STRIDE))
		return text;
	struct bx_str copy = BX_STR_INIT(SIZE_MAX / 4);
	bx_str_add(&copy, text, len);
	free(text);
	redact(&copy, SHORTEST_DATA);
	return bx_str_take(&copy);
}

void bx_redact_end(struct bx_str *text, size_t from)
{
	if (!remembered_count || !may_tell(text->buf + from, text->len - from, within, STRIDE))
		return;
	struct bx_str end = BX_STR_INIT(text->max);
	bx_str_puts(&end, text->buf + from);
	redact(&end, SHORTEST_DATA);
	bx_str_end_at(text, from);
	bx_str_add(text, end.buf, end.len);
	bx_str_release(&end);
}
