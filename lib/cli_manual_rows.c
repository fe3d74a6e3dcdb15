/* The vocabulary as lists in the manual: states of a card, events and what they carry. */
#include "cli_manual.h"

#include <string.h>
#include "banned.h"

static void print_buttons(unsigned state)
{
	bool any = false;
	for (const struct bx_button *b = bx_buttons; b->name; b++) {
		if (!(b->states & 1u << state))
			continue;
		printf("%s.Cm %s", any ? " ,\n" : "Buttons:\n", b->name);
		any = true;
	}
	printf("%s", any ? " .\n" : "");
}

void bx_manual_states(void)
{
	static const char *const timers[] = {[BX_TIMER_STOPS] = "The timer stops.",
		[BX_TIMER_STARTS] = "The timer starts.", [BX_TIMER_KEEPS] = "The timer goes on as it was."};
	puts(".Bl -tag -width Ds");
	for (unsigned i = 0; bx_states[i].name; i++) {
		printf(".It Cm %s\n", bx_states[i].name);
		bx_manual_text(bx_states[i].help);
		puts(timers[bx_states[i].timer]);
		print_buttons(i);
	}
	puts(".El");
}

static const char *type_of(const struct bx_field *field)
{
	static const char *const names[] = {[BX_STR] = "text", [BX_INT] = "number", [BX_NUM] = "number",
		[BX_BOOL] = "true or false", [BX_FLAG] = "0 or 1", [BX_YN] = "Y or N", [BX_WORD] = "text",
		[BX_DATE] = "time", [BX_MAP] = "object", [BX_LIST] = "list", [BX_ROWS] = "list of objects",
		[BX_ANY] = "anything", [BX_ARRAY] = "list or object"};
	return names[field->type];
}

static void print_fields(const struct bx_field *fields)
{
	if (!fields->key)
		return;
	puts(".Bl -tag -width Ds -compact");
	for (const struct bx_field *f = fields; f->key; f++) {
		if (f->flags & BX_BARE)
			printf(".It %s\n", type_of(f));
		else
			printf(".It Li %s Pq %s\n", f->key, type_of(f));
		bx_manual_text_when(f->help, f->when);
		bx_manual_words(f);
		if (f->rows)
			print_fields(f->rows);
	}
	puts(".El");
}

static void print_events(enum bx_kind kind)
{
	puts(".Bl -tag -width Ds");
	for (const struct bx_op *const *table = bx_op_tables; *table; table++) {
		for (const struct bx_op *op = *table; op->wire; op++) {
			if (op->kind != kind)
				continue;
			printf(".It Cm %s\n", op->verb);
			bx_manual_text(op->help);
			print_fields(op->fields);
		}
	}
	puts(".El");
}

void bx_manual_card_events(void)
{
	print_events(BX_CARD_EVENT);
}

void bx_manual_portal_events(void)
{
	print_events(BX_PORTAL_EVENT);
}
