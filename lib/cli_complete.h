/* What completion's two files share: the place to complete, and candidates for it. */
#ifndef BX_CLI_COMPLETE_H
#define BX_CLI_COMPLETE_H

#include "cli_impl.h"

/* What stands before the word to complete. */
struct bx_place {
	const struct bx_tool *tool;
	const struct bx_verb *verb;
	const char *partial;
	const char *portal;  /* that -p named; or NULL */
	const char *prefix;  /* of the whole word before partial: "--option=" */
	const char *group;   /* first word of a two-word verb, still to be completed */
	size_t position;     /* arguments after the verb before partial */
	struct bx_opt value_of; /* partial is the value of this option; name NULL: none */
	const struct bx_field *field;
	bool lost; /* a word before is no verb */
	bx_candidate_fn *add;
	void *arg;
};

/* Offers word, dashes before it, where it begins like what is typed. */
void bx_candidate(const struct bx_place *at, const char *dashes, const char *word, const char *help);
/* The words of a field; on and off of a switch. */
void bx_candidates_of_field(const struct bx_place *at, const struct bx_field *field);
/* "event", "file" and so on; those that the rows do not know are the tool's. */
void bx_candidates_of_kind(const struct bx_place *at, const char *kind);
/* "EVENT..." and "[EVENT=COMMAND]" are of the kind "event". */
void bx_candidates_of_placeholder(const struct bx_place *at, const char *placeholder);

#endif
