/* Who is asking: an application token that is the stored one, else a question to the portal with
 * the access token of the request, by `bx-auth verify -`, remembered per token. */
#ifndef BX_SERVE_PROOF_H
#define BX_SERVE_PROOF_H

#include "portals.h"
#include "run.h"

struct proof;
struct proof *proof_new(struct portals *portals, struct runner *runner);
void proof_free(struct proof *proof); /* NULL allowed */

/* Texts may be NULL. */
struct proof_claim {
	const char *member_id, *application_token, *access_token, *domain;
	bool adopt; /* the application token may be a new one to be stored */
};
enum proof_answer {
	PROOF_GOOD,
	PROOF_STRANGER, /* no profile has this member_id */
	PROOF_REFUSED,
	PROOF_BUSY, /* nobody could say: the portal is away, or too many questions are open */
};
/* The profile is borrowed for the call; NULL unless good. */
typedef void proof_fn(void *arg, enum proof_answer answer, const struct bx_profile *profile);
/* Calls fn once, at once or later. */
void proof_ask(struct proof *proof, const struct proof_claim *claim, proof_fn *fn, void *arg);

#endif
