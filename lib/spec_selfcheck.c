/* What makes the rows well formed. */
#include "spec.h"

#include <string.h>
#include <strings.h>
#include "banned.h"

static bool bad(struct bx_err *err, const char *where, const char *what)
{
	return bx_fail(err, BX_LOCAL, "", "%s: %s", where, what);
}

static bool is_text(const char *text)
{
	return text && *text && text[strlen(text) - 1] != '.';
}

static bool words_good(const struct bx_field *f, const char *where, struct bx_err *err)
{
	bool may =
		f->type == BX_WORD || f->type == BX_INT || f->type == BX_STR || f->type == BX_MAP;
	if (f->type == BX_WORD && !f->words)
		return bad(err, where, "a word without words");
	if (f->words && !may)
		return bad(err, where, "words on a type that has none");
	for (const struct bx_word *w = f->words; w && w->word; w++) {
		if (!*w->word || !w->wire || !*w->wire)
			return bad(err, where, "an empty word");
		for (const struct bx_word *v = f->words; v != w; v++) {
			if (!strcmp(v->word, w->word) || !strcmp(v->wire, w->wire))
				return bad(err, where, "a word twice");
		}
	}
	return true;
}

static bool range_good(const struct bx_field *f)
{
	bool may = f->type == BX_INT || f->type == BX_NUM;
	return (!f->least && !f->most) || (may && !f->words && f->least <= f->most);
}

static bool fields_good(const struct bx_field *fields, const char *where, struct bx_err *err);

static bool field_good(const struct bx_field *f, const char *where, struct bx_err *err)
{
	if (!is_text(f->help))
		return bad(err, where, "help is missing or ends with a full stop");
	if (!words_good(f, where, err))
		return false;
	if (!range_good(f))
		return bad(err, where, "the range is wrong or on a type that has none");
	if (f->type == BX_ROWS && !f->rows)
		return bad(err, where, "rows are missing");
	if (f->rows && f->type != BX_ROWS && f->type != BX_MAP)
		return bad(err, where, "rows on a type that has none");
	if (f->flags & BX_HIDDEN && f->flags & BX_ARG)
		return bad(err, where, "both hidden and an argument");
	return !f->rows || fields_good(f->rows, where, err);
}

static bool unique(const struct bx_field *fields, const struct bx_field *f)
{
	for (const struct bx_field *g = fields; g != f; g++) {
		bool option = g->option && f->option && !((g->flags | f->flags) & BX_ARG);
		if (!strcasecmp(g->key, f->key) || (option && !strcmp(g->option, f->option)))
			return false;
	}
	return true;
}

static bool groups_good(const struct bx_field *fields)
{
	for (unsigned bit = BX_GROUP1; bit <= BX_GROUP2; bit <<= 1) {
		int count = 0;
		for (const struct bx_field *f = fields; f->key; f++)
			count += (f->flags & bit) != 0;
		if (count == 1)
			return false;
	}
	return true;
}

static bool fields_good(const struct bx_field *fields, const char *where, struct bx_err *err)
{
	for (const struct bx_field *f = fields; f->key; f++) {
		auto_free char *path = bx_xprintf("%s[%s]", where, f->key);
		if (!unique(fields, f))
			return bad(err, path, "the key or the option stands twice");
		if (f->flags & BX_BARE && (f != fields || f[1].key))
			return bad(err, path, "a bare value beside others");
		if (f->pair && (!f->option || !bx_field_by_key(fields, f->pair, false)))
			return bad(err, path, "the pair is no field beside it, or there is no option");
		if (!field_good(f, path, err))
			return false;
	}
	return groups_good(fields) || bad(err, where, "a group of one");
}

static bool flags_good(const struct bx_op *op)
{
	unsigned repeat = op->flags & (BX_SAFE | BX_SAFE_EXT | BX_VERIFY);
	unsigned method =
		BX_APP_ONLY | BX_SAFE_EXT | BX_VERIFY | BX_PAGED | BX_NO_BATCH | BX_ANYCASE | BX_ALONE;
	return !(repeat & (repeat - 1)) && (op->kind == BX_METHOD || !(op->flags & method)) &&
	       (op->kind == BX_PORTAL_EVENT || !(op->flags & BX_TOKENLESS)) &&
	       (op->kind == BX_FRAME_CALL || !(op->flags & BX_WORKER));
}

static bool op_good(const struct bx_op *op, struct bx_err *err)
{
	if (!op->verb || !is_text(op->help) || !op->fields || !op->section)
		return bad(err, op->wire, "verb, help, fields or section is missing");
	if (!flags_good(op))
		return bad(err, op->wire, "flags that do not go together");
	if ((op->kind == BX_METHOD || op->kind == BX_PORTAL_EVENT) != (op->scope != NULL))
		return bad(err, op->wire, "a scope is missing or out of place");
	if (op->states && op->kind != BX_CARD_EVENT)
		return bad(err, op->wire, "states on what is no card event");
	if (bx_op_by_verb(op->kind, op->verb) != op || bx_op_by_wire(op->kind, op->wire) != op)
		return bad(err, op->wire, "the verb or the name stands twice");
	return fields_good(op->fields, op->wire, err);
}

/* The states of an event are those in which a button that sends it may be pressed. */
static bool buttons_agree(const struct bx_op *op, struct bx_err *err)
{
	unsigned states = 0;
	for (const struct bx_button *b = bx_buttons; b->name; b++) {
		if (b->event && !strcmp(b->event, op->verb))
			states |= b->states | b->campaign;
	}
	return states == op->states || bad(err, op->wire, "states and buttons disagree");
}

static bool card_good(struct bx_err *err)
{
	int commands = 0, events = 0, states = 0;
	for (const struct bx_op *op = bx_ops_card; op->wire; op++) {
		commands += op->kind == BX_CARD_COMMAND;
		events += op->kind == BX_CARD_EVENT;
		if (op->kind == BX_CARD_EVENT && !buttons_agree(op, err))
			return false;
	}
	while (bx_states[states].name)
		states++;
	for (const struct bx_button *b = bx_buttons; b->name; b++) {
		if (!is_text(b->help) || (b->event && !bx_op_by_verb(BX_CARD_EVENT, b->event)))
			return bad(err, b->name, "a button without help or with an unknown event");
	}
	return (commands == 9 && events == 17 && states == 12) ||
	       bad(err, "card", "there are 9 commands, 17 events and 12 states");
}

bool bx_spec_selfcheck(struct bx_err *err)
{
	for (const struct bx_op *const *table = bx_op_tables; *table; table++) {
		for (const struct bx_op *op = *table; op->wire; op++) {
			if (!op_good(op, err))
				return false;
		}
	}
	return card_good(err);
}
