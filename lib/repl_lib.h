/* libedit, which is loaded when a person types and not before: it and what it needs would make
 * every start of a tool longer by a tenth. Layer 5, private to repl*.c. */
#ifndef BX_REPL_LIB_H
#define BX_REPL_LIB_H

#include <histedit.h>
#include <stdbool.h>
#include <stdio.h>

#define BX_EDIT_CALLS(X)                                                                            \
	X(el_init) X(el_end) X(el_get) X(el_set) X(el_wset) X(el_gets) X(el_insertstr) X(el_line)   \
	X(el_resize) X(el_source) X(history) X(history_init) X(history_end)

#define BX_EDIT_CALL(name) __typeof__(name) *name;
struct bx_edit {
	BX_EDIT_CALLS(BX_EDIT_CALL)
};
#undef BX_EDIT_CALL

/* Its calls, by their own names; NULL: it is not there. */
const struct bx_edit *bx_edit(void);

#endif
