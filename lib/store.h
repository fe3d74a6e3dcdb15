/* The state directory and the small face of its database files. Layer 3.
 *
 * Statements are written in the store_*.c files and nowhere else. A struct bx_store belongs to
 * one thread; several processes and threads may have the same file open. Every commit is on disk
 * when it returns, unless bx_store_relax says otherwise. Errors are BX_LOCAL. */
#ifndef BX_STORE_H
#define BX_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "err.h"
#include "str.h"

#define BX_PATH_MAX 4000

/* Appends the state directory: BX_STATE, else /var/lib/bx where it may be used, else
 * $XDG_STATE_HOME/bx, else ~/.local/state/bx. Created 0700 when missing; BX_LOCAL when others
 * than its owner and group have access. */
bool bx_store_dir(struct bx_str *dir, struct bx_err *err);
/* Whether the state directory has that file ("": whether there is one), without making anything;
 * its path is appended to path unless that is NULL. */
bool bx_store_has(const char *name, struct bx_str *path);
/* Appends the state directory, a slash and name. */
bool bx_store_path(struct bx_str *path, const char *name, struct bx_err *err);
/* Makes sure of a file there: made as private as its directory whatever the umask, refused when
 * others have access. */
bool bx_store_make(const char *path, struct bx_err *err);

struct bx_store;

/* Opens (or creates, with the directory's mode) a file of the state directory. migrations is a
 * list of scripts ending with NULL; script n takes a file of version n to n+1, and a file of a
 * later version is refused. NULL: err. */
struct bx_store *bx_store_open(const char *name, const char *const *migrations, struct bx_err *err);
void bx_store_close(struct bx_store *store); /* NULL allowed */
/* Does what the process's end, which follows, does not do by itself: the store stays open until then. */
void bx_store_leave(struct bx_store *store); /* NULL allowed */

static inline void bx_auto_store(struct bx_store **store)
{
	bx_store_close(*store);
}
#define auto_store BX_CLEANUP(bx_auto_store)

/* What is begun from now on survives a crash of the program but maybe not of the machine (true), or
 * both (false). */
void bx_store_relax(struct bx_store *store, bool relaxed);

/* A transaction that may write. Whatever fails after begin is undone by undo, which is harmless
 * when there is none. */
bool bx_store_begin(struct bx_store *store, struct bx_err *err);
bool bx_store_commit(struct bx_store *store, struct bx_err *err);
void bx_store_undo(struct bx_store *store);

/* Runs one statement that gives no rows. types has a letter for each parameter:
 * s const char * (NULL: null), i int64_t, d double, b const void * and size_t. */
bool bx_store_run(struct bx_store *store, struct bx_err *err, const char *sql, const char *types, ...);
int64_t bx_store_last_id(const struct bx_store *store);
int64_t bx_store_changes(const struct bx_store *store); /* rows touched by the last statement */
/* A number that is another one once somebody else has changed the file; cheap. -1 on failure. */
int64_t bx_store_data_version(struct bx_store *store);

struct bx_stmt;
/* A statement that gives rows, or is run many times. NULL: err. */
struct bx_stmt *bx_stmt_new(struct bx_store *store, const char *sql, struct bx_err *err);
void bx_stmt_free(struct bx_stmt *stmt); /* NULL allowed */
/* Gives it new parameters, as bx_store_run does, and sets it to the start. */
bool bx_stmt_bind(struct bx_stmt *stmt, struct bx_err *err, const char *types, ...);
/* Both at once. NULL: err. */
struct bx_stmt *bx_store_query(struct bx_store *store, struct bx_err *err, const char *sql,
	const char *types, ...);
/* 1: a row; 0: no more; -1: err. */
int bx_stmt_step(struct bx_stmt *stmt, struct bx_err *err);
/* Valid until the next step; NULL for null. Columns count from 0. */
const char *bx_stmt_text(struct bx_stmt *stmt, int column);
int64_t bx_stmt_int(struct bx_stmt *stmt, int column);
double bx_stmt_num(struct bx_stmt *stmt, int column);
const void *bx_stmt_blob(struct bx_stmt *stmt, int column, size_t *size);

static inline void bx_auto_stmt(struct bx_stmt **stmt)
{
	bx_stmt_free(*stmt);
}
#define auto_stmt BX_CLEANUP(bx_auto_stmt)

#endif
