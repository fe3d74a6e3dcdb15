/* The rows of the vocabulary: KIND, VERB and WIRE NAME of each, a line each. */
#include <stdio.h>
#include "spec.h"

int main(void)
{
	static const char *const kinds[] = {[BX_METHOD] = "method", [BX_PORTAL_EVENT] = "portal_event",
		[BX_FRAME_CALL] = "frame_call", [BX_CARD_COMMAND] = "card_command", [BX_CARD_EVENT] = "card_event"};
	for (const struct bx_op *const *table = bx_op_tables; *table; table++) {
		for (const struct bx_op *op = *table; op->wire; op++)
			printf("%s\t%s\t%s\n", kinds[op->kind], op->verb, op->wire);
	}
	return 0;
}
