/* What bx-bind and bx-auth had to say: lines of results, and the last error. */
#ifndef BX_SERVE_HEAL_ANSWER_H
#define BX_SERVE_HEAL_ANSWER_H

#include "run.h"

struct heal_answer {
	int status;
	char *action; /* NULL: none was told */
	char *reason; /* of a failure; NULL: none was told */
};
void heal_answer_read(struct heal_answer *answer, const struct run_end *end);
void heal_answer_release(struct heal_answer *answer);
/* It failed in a way that time may mend. */
bool heal_answer_later(const struct heal_answer *answer);

#endif
