/* Verbs, options, help, completion and exit of every tool. Includes layers 0-2 only. Layer 5. */
#ifndef BX_CLI_H
#define BX_CLI_H

#include "spec.h"

enum bx_opt_flag {
	BX_OPT_MANY = 1 << 0, /* may be repeated */
	BX_OPT_NO = 1 << 1,   /* --no-NAME exists too */
};

/* An option documents itself: parsing, --help, completion and manual read this row. */
struct bx_opt {
	const char *name; /* long, without dashes */
	char letter;	  /* or 0 */
	const char *arg;  /* placeholder in help; NULL: a switch */
	unsigned flags;
	const char *kind; /* what completes it: "portal", "call", "file", "dir", "user", or NULL */
	const char *help;
};

struct bx_cli;

/* True: exit 0. False: err is printed (unless its text is empty) and its status is the exit. */
typedef bool bx_verb_fn(struct bx_cli *cli, struct bx_err *err);

struct bx_verb {
	const char *name; /* may have two words: "event ls" */
	const char *args; /* in help, e.g. "PLACEMENT HANDLER [PARAM...]"; "" */
	const struct bx_op *op; /* its fields become options; NULL: none */
	const struct bx_opt *opts; /* its own; ends with name NULL; NULL: none */
	bx_verb_fn *run;
	const char *help;
};

/* Offers everything of that kind ("portal", "call", "user" …); what does not begin with partial
 * is dropped by add. portal is what -p says, or NULL. help may be NULL. */
typedef void bx_candidate_fn(void *arg, const char *word, const char *help);
typedef void bx_complete_fn(const char *kind, const char *partial, const char *portal, bx_candidate_fn *add,
	void *arg);

struct bx_tool {
	const char *name;
	const char *summary;
	const struct bx_opt *opts; /* for every verb, beside the common ones; or NULL */
	const struct bx_verb *verbs; /* ends with name NULL */
	const char *default_verb; /* run when the first argument is no verb; or NULL */
	bool argfile; /* an argument @FILE stands for the words of that file (daemons) */
	bx_complete_fn *complete; /* what completes a word that the rows do not know; or NULL */
};

/* The arguments of a row as a usage line shows them: "NAME", "[NAME]", "on|off". Lasts as long as
 * the program. */
const char *bx_cli_args_of(const struct bx_op *op);

/* The whole life of a tool: parse, run, report. Returns the exit status for main. */
int bx_cli_main(const struct bx_tool *tool, int argc, char **argv);
/* For main to return: ends the process at once. Libraries that tidy up before would take longer
 * than some answers do. */
int bx_cli_leave(int status);

/* The words of a text: split at white space; '...', "..." and \ quote; # begins a comment at a
 * word's start. */
struct bx_words {
	char **v; /* ends with NULL */
	int count;
	char **owned;
	int owned_count;
};
/* Adds them; BX_USAGE for a quote that is not closed. words begins as zeroes. */
bool bx_cli_split(struct bx_words *words, const char *text, struct bx_err *err);
void bx_cli_words_release(struct bx_words *words);

/* Runs a line of a script or a prompt inside the verb that runs: its words, without the tool's
 * name, are a command line of tool, which may have verbs of its own. What the outer command line
 * gave holds for it too, unless it says otherwise; its output is the outer one's. context is what
 * bx_cli_context then returns. An information option (--help) is true as well. */
bool bx_cli_line(struct bx_cli *outer, const struct bx_tool *tool, const struct bx_words *words,
	void *context, struct bx_err *err);
void *bx_cli_context(const struct bx_cli *cli); /* NULL outside of a line */
const struct bx_tool *bx_cli_tool(const struct bx_cli *cli);
/* What may stand in the place of the last of the words of a command line, without the tool's name.
 * The two below stand for the names of files. */
#define BX_CANDIDATE_FILE ":file"
#define BX_CANDIDATE_DIR  ":dir"
void bx_cli_candidates(const struct bx_tool *tool, int argc, char **words, bx_candidate_fn *add,
	void *arg);
/* As if the option had been given; value lasts as long as cli. */
void bx_cli_give(struct bx_cli *cli, const char *name, const char *value);

/* Last value given, "" for a switch that is on, NULL when absent (or --no-NAME). Covers common,
 * tool and verb options and those of the row's fields. */
const char *bx_opt(const struct bx_cli *cli, const char *name);
bool bx_opt_on(const struct bx_cli *cli, const char *name, bool fallback);
/* All values in order; the count is returned. */
size_t bx_opt_all(const struct bx_cli *cli, const char *name, const char *const **values);
/* A whole number within least..most; false and BX_USAGE naming option, value and range.
 * *out is untouched when the option was not given. */
bool bx_opt_int(const struct bx_cli *cli, const char *name, int64_t least, int64_t most, int64_t *out,
	struct bx_err *err);
/* -t in milliseconds, or fallback. */
bool bx_opt_timeout(const struct bx_cli *cli, int64_t *ms, struct bx_err *err);

const struct bx_verb *bx_cli_verb(const struct bx_cli *cli); /* the one that runs */
size_t bx_cli_argc(const struct bx_cli *cli); /* arguments after the verb */
const char *bx_cli_arg(const struct bx_cli *cli, size_t i); /* NULL past the end */
/* BX_USAGE unless the number of arguments lies in the range. */
bool bx_cli_want_args(const struct bx_cli *cli, size_t least, size_t most, struct bx_err *err);

/* The parameters of one call: the options of op's fields (NULL: none), then the arguments from
 * index `from` on as KEY=TEXT, KEY:=JSON, KEY@FILE or - (one JSON object on stdin). The row is
 * checked. NULL and BX_USAGE naming value and rule. The caller deletes. */
cJSON *bx_cli_params(struct bx_cli *cli, const struct bx_op *op, size_t from, struct bx_err *err);
/* The same without the check, for callers that still add to it and then check. */
cJSON *bx_cli_collect(struct bx_cli *cli, const struct bx_op *op, size_t from, struct bx_err *err);
/* The same of words that were typed elsewhere than on the command line: parameters, and maps as
 * JSON, whose keys are parameters. Nothing is read from standard input. */
cJSON *bx_cli_collect_words(char *const *words, size_t count, struct bx_err *err);
/* bx_op_check in the command line's words: the option stands before the key. */
bool bx_cli_check(const struct bx_op *op, const cJSON *params, struct bx_err *err);

/* Appends the file of that path, standard input for "-", as text. BX_USAGE when it cannot be read,
 * is binary, or larger than out may be. */
bool bx_cli_read(const char *path, struct bx_str *out, struct bx_err *err);

bool bx_cli_quiet(const struct bx_cli *cli);
bool bx_cli_dry(const struct bx_cli *cli);
/* One result on stdout as -o says (json: one line, flushed; pretty; table: collected until the
 * verb ends). Does not take item. False: stdout is closed or full. */
bool bx_cli_out(struct bx_cli *cli, const cJSON *item, struct bx_err *err);
/* Whether a result is one line of JSON, so that one which is text already, as bx_json_print prints it,
 * may be appended to what bx_cli_out_text gives. more: others follow at once, and one write takes all. */
bool bx_cli_is_lines(const struct bx_cli *cli);
struct bx_str *bx_cli_out_text(struct bx_cli *cli);
bool bx_cli_out_end(struct bx_cli *cli, bool more, struct bx_err *err);
/* Reports a failure after which the verb goes on, as its last one is reported. */
void bx_cli_failed(const struct bx_cli *cli, const struct bx_err *err);
/* Columns of the table, "KEY KEY …", for verbs that list. */
void bx_cli_columns(struct bx_cli *cli, const char *keys);
/* A table where a terminal gets one unless another form was asked for. True: a person reads it. */
bool bx_cli_for_eyes(struct bx_cli *cli);
/* From now on pretty results are coloured, where the terminal can and NO_COLOR is not set. */
void bx_cli_paint(struct bx_cli *cli);
/* Prints what table collected so far, as the end of a verb does. */
bool bx_cli_flush(struct bx_cli *cli, struct bx_err *err);
/* A note on stderr, escaped and redacted, unless -q. */
void bx_cli_note(const struct bx_cli *cli, const char *fmt, ...) BX_PRINTF(2, 3);

#endif
