/* Children: the tools beside our own executable, and hooks. Functions belong to the loop's thread. */
#ifndef BX_SERVE_RUN_H
#define BX_SERVE_RUN_H

#include "loop.h"
#include "str.h"

struct runner;
struct runner *runner_new(struct bx_loop *loop, unsigned at_once); /* more wait for their turn */
void runner_free(struct runner *runner); /* ends the running ones; no callbacks; NULL allowed */
unsigned runner_count(const struct runner *runner); /* running and waiting */

struct run {
	const char *const *argv;    /* ends with NULL; a name without slash is looked up in PATH */
	const char *const *env;	    /* "NAME=VALUE" beside or instead of our own; ends with NULL; NULL: none */
	const char *input;	    /* for its standard input; NULL: empty */
	int timeout_ms;
	bool collect;		    /* its standard output is the answer, else it goes to stderr */
	bool errors;		    /* its standard error is part of the answer too */
};
struct run_end {
	int status;	  /* exit status; 128 + signal */
	bool timed_out;
	const char *out;  /* what it printed, at most 64 KiB, with a NUL; "" */
	size_t out_len;
};
/* Called once; not at all after runner_free. A command that cannot be started ends with 127. */
typedef void run_fn(void *arg, const struct run_end *end);
/* Texts are copied. */
void runner_start(struct runner *runner, const struct run *run, run_fn *fn, void *arg);

/* The path of a tool of the suite; the caller frees. */
char *run_tool(const char *name);

#endif
