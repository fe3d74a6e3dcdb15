/* Finding rows. */
#include "spec.h"

#include <string.h>
#include <strings.h>
#include "banned.h"

const struct bx_op *const bx_op_tables[] = {
	bx_ops_telephony,
	bx_ops_line,
	bx_ops_card,
	bx_ops_placement,
	bx_ops_event,
	bx_ops_common,
	NULL,
};

int bx_state_index(const char *name)
{
	for (int i = 0; name && bx_states[i].name; i++) {
		if (!strcmp(bx_states[i].name, name))
			return i;
	}
	return -1;
}

const struct bx_op *bx_op_by_verb(enum bx_kind kind, const char *verb)
{
	for (const struct bx_op *const *table = bx_op_tables; verb && *table; table++) {
		for (const struct bx_op *op = *table; op->wire; op++) {
			if (op->kind == kind && !strcmp(op->verb, verb))
				return op;
		}
	}
	return NULL;
}

const struct bx_op *bx_op_by_wire(enum bx_kind kind, const char *wire)
{
	bool anycase = kind == BX_METHOD || kind == BX_PORTAL_EVENT;
	for (const struct bx_op *const *table = bx_op_tables; wire && *table; table++) {
		for (const struct bx_op *op = *table; op->wire; op++) {
			/* Most differ in their first letter. */
			if (op->kind == kind && !((*op->wire ^ *wire) & ~32) &&
				!(anycase ? strcasecmp(op->wire, wire) : strcmp(op->wire, wire)))
				return op;
		}
	}
	return NULL;
}

const struct bx_field *bx_field_by_key(const struct bx_field *fields, const char *key, bool anycase)
{
	for (; key && fields && fields->key; fields++) {
		if (!(anycase ? strcasecmp(fields->key, key) : strcmp(fields->key, key)))
			return fields;
	}
	return NULL;
}
