/* A form of the text of a JSON map. */
#include "form.h"

#include <string.h>
#include "json_flat.h"
#include "banned.h"

struct passing {
	struct bx_str *out, *name; /* name: of the level, encoded */
	const char *p;
};

static bool is_whole(const char *p, size_t len)
{
	const char *end = p + len;
	bool minus = *p == '-';
	if (minus && p[1] == '0')
		return false;
	for (p += minus; p < end && *p >= '0' && *p <= '9';)
		p++;
	return p == end;
}

static bool pass_scalar(struct passing *f)
{
	const char *from = f->p, *text = from;
	size_t len;
	if (*from == '"') {
		if (!bx_json_bare(&f->p, &text, &len))
			return false;
	} else {
		if (!bx_json_pass(NULL, &f->p))
			return false;
		len = (size_t)(f->p - from);
		bool word = *from == 't' || *from == 'f';
		if (!word && *from != 'n' && !is_whole(from, len))
			return false;
		text = *from == 't' ? "1" : *from == 'f' ? "0" : from;
		len = word ? 1 : len;
	}
	if (*from != 'n')
		bx_form_field(f->out, f->name->buf, text, len);
	return true;
}

static bool pass_level(struct passing *f, int depth);

static bool pass_key(struct passing *f, bool map, long at)
{
	const char *key;
	size_t len;
	if (!map) {
		auto_free char *number = bx_xprintf("%ld", at);
		return bx_str_puts(f->name, number);
	}
	if (!bx_json_bare(&f->p, &key, &len) || !bx_json_colon(&f->p))
		return false;
	bx_form_escape(f->name, key, len);
	return true;
}

static bool pass_member(struct passing *f, bool map, long at, int depth)
{
	size_t len = f->name->len;
	if (len)
		bx_str_add(f->name, "%5B", 3);
	if (!pass_key(f, map, at))
		return false;
	if (len)
		bx_str_add(f->name, "%5D", 3);
	bool ok = *f->p == '{' || *f->p == '[' ? depth && pass_level(f, depth - 1) : pass_scalar(f);
	bx_str_end_at(f->name, len);
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
