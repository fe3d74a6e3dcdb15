/* What may stand in a word's place, by kind: events, methods, states, files and so on. */
#include "cli_complete.h"

#include <ctype.h>
#include <string.h>
#include "told.h"
#include "banned.h"

#define KIND_MAX 32

void bx_candidate(const struct bx_place *at, const char *dashes, const char *word, const char *help)
{
	auto_free char *whole = bx_xprintf("%s%s", dashes, word);
	if (!bx_starts(whole, at->partial))
		return;
	auto_free char *text = bx_xprintf("%s%s", at->prefix, whole);
	at->add(at->arg, text, help);
}

static void offered(void *arg, const char *word, const char *help)
{
	bx_candidate(arg, "", word, help);
}

static void candidates_of_words(const struct bx_place *at, const struct bx_word *words)
{
	for (const struct bx_word *w = words; w && w->word; w++)
		bx_candidate(at, "", w->word, w->help);
}

void bx_candidates_of_field(const struct bx_place *at, const struct bx_field *field)
{
	candidates_of_words(at, field->words);
	if (field->type == BX_BOOL || field->type == BX_FLAG) {
		bx_candidate(at, "", "on", NULL);
		bx_candidate(at, "", "off", NULL);
	}
}

static void candidates_of_ops(const struct bx_place *at, enum bx_kind kind)
{
	for (const struct bx_op *const *table = bx_op_tables; *table; table++) {
		for (const struct bx_op *op = *table; op->wire; op++) {
			if (op->kind == kind)
				bx_candidate(at, "", kind == BX_CARD_EVENT ? op->verb : op->wire, op->help);
		}
	}
}

/* What the rows do not know: what a portal has told of, and calls, portals and so on. */
static void told(const struct bx_place *at, const char *kind)
{
	if (at->tool->complete)
		at->tool->complete(kind, at->partial, at->portal, offered, (void *)at);
}

static void methods(const struct bx_place *at)
{
	candidates_of_ops(at, BX_METHOD);
	told(at, "method");
}

static bool first_of_its_scope(const struct bx_op *const *of, const struct bx_op *op)
{
	for (const struct bx_op *const *table = bx_op_tables; table <= of; table++) {
		for (const struct bx_op *o = *table; o->wire && o != op; o++) {
			if (bx_streq(o->scope, op->scope))
				return false;
		}
	}
	return true;
}

static void scopes(const struct bx_place *at)
{
	for (const struct bx_op *const *table = bx_op_tables; *table; table++) {
		for (const struct bx_op *op = *table; op->wire; op++) {
			if (op->scope && *op->scope && first_of_its_scope(table, op))
				bx_candidate(at, "", op->scope, NULL);
		}
	}
	told(at, "scope");
}

static void buttons(const struct bx_place *at)
{
	for (const struct bx_button *b = bx_buttons; b->name; b++)
		bx_candidate(at, "", b->name, b->help);
}

/* A wait takes a button for its event; what is bound in a portal are the portal's own. */
static void events(const struct bx_place *at)
{
	if (at->verb && bx_starts(at->verb->name, "event ")) {
		candidates_of_ops(at, BX_PORTAL_EVENT);
		told(at, "event");
		return;
	}
	candidates_of_ops(at, BX_CARD_EVENT);
	for (const struct bx_button *b = bx_buttons; b->name; b++) {
		if (b->event)
			bx_candidate(at, "", b->name, b->event);
	}
	candidates_of_ops(at, BX_PORTAL_EVENT);
	for (const struct bx_told_row *row = bx_told; row->name; row++)
		bx_candidate(at, "", row->name, row->help);
}

static void states(const struct bx_place *at)
{
	for (const struct bx_state *s = bx_states; s->name; s++)
		bx_candidate(at, "", s->name, s->help);
}

static void outputs(const struct bx_place *at)
{
	bx_candidate(at, "", "json", "one object a line");
	bx_candidate(at, "", "pretty", "indented");
	bx_candidate(at, "", "table", "columns");
}

static void files(const struct bx_place *at)
{
	at->add(at->arg, BX_CANDIDATE_FILE, NULL);
}

static void folders(const struct bx_place *at)
{
	at->add(at->arg, BX_CANDIDATE_DIR, NULL);
}

static void call_types(const struct bx_place *at)
{
	candidates_of_words(at, bx_call_types);
}

static void call_status(const struct bx_place *at)
{
	candidates_of_words(at, bx_call_status);
}

static void placements(const struct bx_place *at)
{
	candidates_of_words(at, bx_placements);
	told(at, "placement");
}

static const struct {
	const char *kind;
	void (*print)(const struct bx_place *at);
} kinds[] = {
	{"output", outputs}, {"event", events}, {"method", methods}, {"state", states},
	{"button", buttons}, {"file", files}, {"dir", folders}, {"calltype", call_types}, {"callstatus", call_status},
	{"placement", placements}, {"scope", scopes},
};

void bx_candidates_of_kind(const struct bx_place *at, const char *kind)
{
	for (size_t i = 0; kind && i < BX_COUNT(kinds); i++) {
		if (!strcmp(kinds[i].kind, kind)) {
			kinds[i].print(at);
			return;
		}
	}
	if (kind)
		told(at, kind);
}

/* The letters of a placeholder up to the first other: "EVENT..." and "[EVENT=COMMAND]" are "event". */
void bx_candidates_of_placeholder(const struct bx_place *at, const char *placeholder)
{
	char kind[KIND_MAX] = "";
	placeholder += strspn(placeholder, "[");
	for (size_t i = 0; i < sizeof kind - 1 && isalpha((unsigned char)placeholder[i]); i++)
		kind[i] = (char)tolower((unsigned char)placeholder[i]);
	bx_candidates_of_kind(at, kind);
}
