/* Registrations of two kinds, placements and handlers of events, told apart by their rows. What is
 * wanted are the parameters of the method that adds one, in the row's spelling; what is there are
 * the rows the portal lists. */
#ifndef BX_BIND_KINDS_H
#define BX_BIND_KINDS_H

#include "spec.h"

struct bind_kind {
	const char *list;	   /* its key in a file */
	const char *ls, *add, *rm; /* verbs of the rows */
	/* Brings what is wanted into the portal's form: letters, numbers, an address of its own. */
	void (*normal)(cJSON *want);
	/* What the portal would list, as far as it names the registration. The caller deletes. */
	cJSON *(*row)(const cJSON *want);
	/* The same keys of a row of the portal's. The caller deletes. */
	cJSON *(*name)(const cJSON *row);
	/* The row stands in the place of what is wanted: both cannot be there. */
	bool (*takes)(const cJSON *want, const cJSON *row);
	/* It is what is wanted. */
	bool (*right)(const cJSON *want, const cJSON *row);
	/* Parameters that remove this row and no other. The caller deletes. */
	cJSON *(*removal)(const cJSON *row);
};
extern const struct bind_kind bind_places, bind_handlers;

/* The portal's code of the background worker. Lasts as long as the program. */
const char *bind_worker_code(void);
bool bind_is_worker(const char *code); /* NULL allowed */

extern const char *const bind_text_keys[]; /* of a placement; ends with NULL */

/* A text of o, "" when it is missing. */
const char *bind_text(const cJSON *o, const char *key);
int64_t bind_number(const cJSON *o, const char *key); /* 0 when it is missing */

#endif
