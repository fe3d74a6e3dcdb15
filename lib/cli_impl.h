/* What the cli_*.c files share. Layer 5, private to them. */
#ifndef BX_CLI_IMPL_H
#define BX_CLI_IMPL_H

#include "cli.h"

enum bx_output { BX_OUT_JSON, BX_OUT_PRETTY, BX_OUT_TABLE };

struct bx_given {
	const char *name;
	const char *value; /* NULL: --no-NAME */
};

struct bx_cli {
	const struct bx_tool *tool;
	const struct bx_verb *verb;
	struct bx_given *given;
	size_t given_count;
	const char **values; /* scratch of bx_opt_all */
	char **args;
	size_t arg_count;
	enum bx_output output;
	bool paint;
	const char *columns;
	cJSON *rows; /* of the table, collected */
	struct bx_str held; /* whole lines that others follow at once */
	size_t line;	    /* where in it the last one begins */
	void *context;
};

extern const struct bx_opt bx_cli_common[]; /* ends with name NULL */

/* Every option of the verb (NULL: only common and the tool's): calls fn for each until it
 * returns false. Options of row fields are made up on the fly from the field. */
typedef bool bx_cli_opt_fn(void *arg, const struct bx_opt *opt, const struct bx_field *field);
void bx_cli_each_opt(const struct bx_tool *tool, const struct bx_verb *verb, bx_cli_opt_fn *fn,
	void *arg);

struct bx_opt bx_cli_field_opt(const struct bx_field *field); /* the option a field stands for */

/* argv with the words of its @FILE arguments in their place. */
bool bx_cli_argfiles(struct bx_words *w, int argc, char **argv, struct bx_err *err);

bool bx_cli_setup_output(struct bx_cli *cli, struct bx_err *err);
void bx_cli_paint_json(struct bx_str *out, const char *pretty);
void bx_cli_report(const struct bx_tool *tool, const struct bx_verb *verb, const struct bx_err *err);

/* The page man/TOOL.1.in on standard input with its @SYNOPSIS@, @VERBS@, @OPTIONS@ and @EXIT@ lines
 * replaced by what the rows say. */
bool bx_cli_manual(const struct bx_tool *tool, struct bx_err *err);
/* Candidates for the last of the words of a command line (without the tool's name). */
void bx_cli_complete(const struct bx_tool *tool, int argc, char **words);

char *bx_cli_arg_name(const struct bx_field *field); /* as usage shows it; the caller frees */
void bx_cli_help(const struct bx_tool *tool, const struct bx_verb *verb);
const struct bx_verb *bx_cli_find_verb(const struct bx_tool *tool, char **argv, int *words);

#endif
