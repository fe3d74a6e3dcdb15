/* A form of the text of a JSON map. */
#include "form.h"

#include <string.h>
#include "json_flat.h"
#include "banned.h"

struct passing {
	struct bx_str *out, *name; /* name: of the level, encoded */
	const char *p;
};

/* The length of a number that stands in a form as it does here; 0: it is another one. */
static size_t whole_number(const char *p)
{
	const char *first = p + (*p == '-'), *end = first;
	while (*end >= '0' && *end <= '9')
		end++;
	bool plain = end > first && (*first != '0' || (end == first + 1 && first == p));
	return plain && strchr(",}] \t\r\n", *end) && end - p <= BX_JSON_NUMBER_MAX ? (size_t)(end - p) : 0;
}

static bool pass_scalar(struct passing *f)
{
	const char *from = f->p, *text = from;
	size_t len = whole_number(from);
	bool word = *from == 't' || *from == 'f';
	if (len)
		f->p += len;
	else if (*from == '"' ? !bx_json_bare(&f->p, &text, &len) : !(word || *from == 'n') || !bx_json_pass(NULL, &f->p))
		return false;
	if (word)
		bx_form_field(f->out, f->name->buf, *from == 't' ? "1" : "0", 1);
	else if (*from != 'n')
		bx_form_field(f->out, f->name->buf, text, len);
	return true;
}

static bool pass_level(struct passing *f, int depth);

static void add_key(struct bx_str *name, const char *key, size_t len)
{
	size_t around = name->len ? 3 : 0;
	const struct bx_piece pieces[] = {{"%5B", around}, {key, len}, {"%5D", around}};
	if (bx_form_plain(key, len)) {
		bx_str_pieces(name, pieces, BX_COUNT(pieces));
		return;
	}
	bx_str_add(name, "%5B", around);
	bx_form_escape(name, key, len);
	bx_str_add(name, "%5D", around);
}

static bool pass_member(struct passing *f, bool map, long at, int depth)
{
	char number[24];
	const char *key = number;
	size_t before = f->name->len, len;
	if (!map)
		len = (size_t)snprintf(number, sizeof number, "%ld", at);
	else if (!bx_json_bare(&f->p, &key, &len) || !bx_json_colon(&f->p))
		return false;
	add_key(f->name, key, len);
	bool ok = *f->p == '{' || *f->p == '[' ? depth && pass_level(f, depth - 1) : pass_scalar(f);
	bx_str_end_at(f->name, before);
	return ok && !f->name->over;
}

static bool pass_level(struct passing *f, int depth)
{
	bool map = *f->p++ == '{';
	char close = map ? '}' : ']';
	long at = 0;
	int got;
	for (; (got = bx_json_next(&f->p, close, !at)) == 1; at++) {
		if (!pass_member(f, map, at, depth))
			return false;
	}
	return !got;
}

bool bx_form_pass(struct bx_str *out, struct bx_str *name, const char **json)
{
	struct passing f = {.out = out, .name = name, .p = *json};
	bx_str_reset(name);
	bool ok = *f.p == '{' && pass_level(&f, BX_FORM_DEPTH_MAX);
	*json = f.p;
	return ok && !out->over;
}
