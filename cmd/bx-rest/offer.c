/* What completes an entry of the shell. */
#include "rest.h"

#include <string.h>
#include "banned.h"

#define KEY_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_[]"

struct offering {
	bx_candidate_fn *add;
	void *to;
	const char *word;
	bool json, quoted; /* within braces; after a quote there */
};

static void offer_colons(const struct offering *o)
{
	for (const char *const *c = rest_colons; *c; c += 2)
		o->add(o->to, c[0], c[1]);
}

static void offer_portals(struct bx_store *store, const struct offering *o)
{
	struct bx_profile *list;
	size_t count;
	if (!bx_profiles_load(store, &list, &count, NULL))
		return;
	for (size_t i = 0; i < count; i++)
		o->add(o->to, list[i].name, list[i].domain);
	bx_profiles_free(list, count);
}

static bool takes_json(const struct bx_field *f)
{
	return f->type == BX_LIST || f->type == BX_ROWS || f->type == BX_ARRAY || f->type == BX_BOOL ||
		f->type == BX_ANY || (f->type == BX_MAP && !f->words);
}

static void offer_values(const struct offering *o, const struct bx_field *f)
{
	size_t len = strlen(f->key);
	if (strncmp(o->word, f->key, len) != 0 || o->word[len] != '=')
		return;
	for (const struct bx_word *w = f->words; w && w->word; w++) {
		auto_free char *whole = bx_xprintf("%s=%s", f->key, w->wire);
		o->add(o->to, whole, w->help ? w->help : w->word);
	}
}

static void offer_field(const struct offering *o, const struct bx_field *f)
{
	auto_free char *key = o->quoted ? bx_xprintf("%s\": ", f->key)
			      : o->json ? bx_xprintf("\"%s\": ", f->key)
					: bx_xprintf("%s%s", f->key, takes_json(f) ? ":=" : f->type == BX_MAP ? "[" : "=");
	o->add(o->to, key, f->help);
	if (o->json || f->type != BX_MAP) {
		offer_values(o, f);
		return;
	}
	for (const struct bx_word *w = f->words; w && w->word && bx_starts(o->word, f->key); w++) {
		auto_free char *inner = bx_xprintf("%s[%s]=", f->key, w->wire);
		o->add(o->to, inner, w->help);
	}
}

/* How deep in braces the end of text is. */
static int depth_of(const char *text)
{
	int depth = 0;
	for (; *text; text++)
		depth += (*text == '{') - (*text == '}');
	return depth;
}

static void offer_params(struct offering *o, const char *method, const char *text)
{
	const struct bx_op *op = bx_op_by_wire(BX_METHOD, method);
	int depth = depth_of(text);
	o->json = depth == 1;
	o->quoted = o->json && o->word > text && o->word[-1] == '"';
	if (!op || depth > 1 || strspn(o->word, KEY_CHARS "=") != strlen(o->word))
		return;
	for (const struct bx_field *f = op->fields; f->key; f++)
		offer_field(o, f);
}

void rest_offer(struct bx_store *store, const char *portal, const char *text, const char *word,
	bx_candidate_fn *add, void *to)
{
	struct offering o = {.add = add, .to = to, .word = word};
	const char *first = text + strspn(text, " \t\n");
	if (*first == ':' && first != word) {
		bool with_method = bx_starts(first, ":list ") || bx_starts(first, ":help ");
		if (bx_starts(first, ":p "))
			offer_portals(store, &o);
		if (!with_method)
			return;
		first += strcspn(first, " ");
		first += strspn(first, " ");
	}
	if (first == word && *text == ':') {
		if (first != text)
			bx_methods_offer(store, portal, add, to);
		else
			offer_colons(&o);
	} else if (first == word) {
		bx_methods_offer(store, portal, add, to);
	} else {
		auto_free char *method = bx_xstrndup(first, strcspn(first, " \t\n"));
		offer_params(&o, method, text);
	}
}
