/* Locks between processes: one OFD write lock per file, gone with the process. Layer 0. */
#ifndef BX_LOCK_H
#define BX_LOCK_H

#include <stdbool.h>
#include <stdint.h>
#include "err.h"

/* Opens (mode 0660 under the umask) and locks path, waiting at most timeout_ms; 0 only tries,
 * -1 waits for ever. Returns the descriptor that holds the lock, to be closed by the caller, or
 * -1 with BX_AGAIN (held by another) or BX_LOCAL. */
int bx_lock(const char *path, int timeout_ms, struct bx_err *err);
/* The same for one of the many things a file stands for, by its number (0 or more). */
int bx_lock_one(const char *path, int64_t number, int timeout_ms, struct bx_err *err);

#endif
