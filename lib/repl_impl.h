/* What the repl*.c files share. Layer 5, private to them. */
#ifndef BX_REPL_IMPL_H
#define BX_REPL_IMPL_H

#include <signal.h>
#include "repl.h"

/* Lines read as they come: no terminal, or one that cannot be drawn on. */
struct bx_plain {
	struct bx_str buf;
	size_t taken; /* bytes of buf that were given away */
	bool eof;
};

struct bx_repl {
	const struct bx_repl_ops *ops;
	void *arg;
	bool typed;
	int watched;
	struct editline *edit; /* NULL: plain */
	struct history *past;
	struct bx_plain plain;
	char *key; /* of the history; NULL: not chosen yet */
	const char *prompt;
	struct bx_str entry; /* its lines so far */
	sigset_t open_mask;  /* while a key is waited for */
};

/* One line: *line, which the caller frees; its end; cut short by Ctrl-C; or err. */
enum bx_line { BX_LINE_GOT, BX_LINE_END, BX_LINE_CUT, BX_LINE_ERROR };
enum bx_line bx_plain_line(struct bx_repl *repl, char **line, struct bx_err *err);
enum bx_line bx_edit_line(struct bx_repl *repl, char **line);

/* Takes the terminal for editing; where that fails, lines are plain. */
void bx_edit_init(struct bx_repl *repl, const char *tool);
void bx_edit_release(struct bx_repl *repl);
void bx_edit_forget(struct bx_repl *repl); /* the history in memory */
void bx_edit_remember(void *repl, const char *entry);

/* The tab key. */
unsigned char bx_repl_tab(struct editline *edit, int key);

/* Entries as they were, oldest first; line ends within one became spaces. */
void bx_past_load(const char *key, void (*each)(void *arg, const char *entry), void *arg);
void bx_past_add(const char *key, const char *entry);

#endif
