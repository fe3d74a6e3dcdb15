/* The verbs of bx-rest and what they share. */
#ifndef REST_VERBS_H
#define REST_VERBS_H

#include "complete.h"
#include "portal.h"

bx_verb_fn rest_batch, rest_methods, rest_shell;

/* Opens the portal and takes --safe and --[no-]bulk. */
bool rest_open(struct bx_cli *cli, struct bx_portal *portal, bool bulk, struct bx_err *err);
/* BX_USAGE unless it can be the name of a method. */
bool rest_method_ok(const char *method, struct bx_err *err);

/* The portal's own list of methods: asked for and kept for completion. The caller deletes. */
cJSON *rest_fetch_methods(struct bx_portal *portal, const cJSON *params, struct bx_err *err);

/* Splits an entry of the shell: white space, '...', "..." and \ as in a shell, but what begins with
 * { or [ (as a whole word, or after :=) is JSON and needs no quotes. */
enum rest_scan { REST_WHOLE, REST_OPEN };
enum rest_scan rest_split(const char *text, struct bx_words *words);

/* What completes the shell's entries: methods of the portal name, parameters from the rows. */
void rest_offer(struct bx_store *store, const char *portal, const char *text, const char *word,
	bx_candidate_fn *add, void *to);
extern const char *const rest_colons[]; /* the shell's own commands and their help, in pairs */

#endif
