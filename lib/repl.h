/* A prompt: editing, history, completion, entries of several lines. Layer 5.
 *
 * Lines are edited where standard input and error are a terminal that can; in a dumb terminal and
 * from a pipe they are read as they come. Prompts and lists go to stderr: stdout is for results.
 * While a repl exists and a person types, Ctrl-C ends what is under way (cancel.h) or drops the
 * entry being typed, never the program. */
#ifndef BX_REPL_H
#define BX_REPL_H

#include "cli.h"

#define BX_REPL_ENTRY_MAX (1024 * 1024) /* bytes of one entry */

struct bx_repl;

struct bx_repl_ops {
	/* Offers what may stand in the place of word, which is the end of text: the entry from its
	 * first line up to the cursor. A candidate that ends in a letter or digit is followed by a
	 * space once it is the only one. NULL: nothing is offered. */
	void (*complete)(void *arg, const char *text, const char *word, bx_candidate_fn *add, void *to);
	/* Whether the entry goes on in another line; NULL: it never does. */
	bool (*open)(void *arg, const char *text);
	/* There is something to read from the watched descriptor. What it prints stands above the
	 * prompt. */
	void (*ready)(void *arg, int fd);
	const char *breaks; /* characters before a word; NULL: white space */
};

/* ops is borrowed. */
struct bx_repl *bx_repl_new(const char *tool, const struct bx_repl_ops *ops, void *arg);
void bx_repl_free(struct bx_repl *repl); /* NULL allowed */

static inline void bx_auto_repl(struct bx_repl **repl)
{
	bx_repl_free(*repl);
}
#define auto_repl BX_CLEANUP(bx_auto_repl)

/* A person types, as opposed to a pipe. */
bool bx_repl_typed(const struct bx_repl *repl);

/* The history is that of key (letters, digits, '.', '_', '-') from now on. It is kept in the state
 * directory, for each user of the machine apart; entries that hold a secret or begin with a space
 * are not kept. Without a file that can be written it lasts as long as the program. */
void bx_repl_history(struct bx_repl *repl, const char *key);

#define BX_HISTORY_REST "rest-" /* and the profile: that of bx-rest shell */
/* Removes the history of key, every user's that may be removed. */
void bx_repl_forget(const char *key);

/* ops->ready is called while an entry is waited for; -1: none. Until it is -1 the end of the
 * descriptor counts as something to read. */
void bx_repl_watch(struct bx_repl *repl, int fd);

/* The next entry that is not empty, its lines joined by a line end and without the last one. 1:
 * *entry, to be freed by the caller; 0: no more; -1: err. One that is too long is told and dropped
 * where a person types, else it is BX_USAGE. */
int bx_repl_next(struct bx_repl *repl, const char *prompt, char **entry, struct bx_err *err);

/* Entries never kept: one that shows a remembered secret or names one ("token", "secret" …). */
bool bx_repl_is_private(const char *entry);

#endif
