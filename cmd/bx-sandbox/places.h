/* The places of the portal an application may fill. */
#ifndef BX_SANDBOX_PLACES_H
#define BX_SANDBOX_PLACES_H

#include <stdbool.h>

struct sb_place {
	const char *code, *scope; /* scope "": global */
	const char *option;	  /* the one option it keeps and wants; NULL: none */
	bool personal;		  /* takes a USER_ID */
	int most;		  /* registrations; 0: any number */
};
extern const struct sb_place sb_places[]; /* ends with code NULL */

const struct sb_place *sb_place(const char *code); /* NULL: unknown */
const struct sb_place *sb_worker_place(void);

#endif
