/* Where the control socket lies; shared by its two ends only. Layer 3. */
#ifndef BX_CONTROL_ADDR_H
#define BX_CONTROL_ADDR_H

#include <sys/un.h>
#include "err.h"

/* A socket address holds 107 bytes, a state directory may be longer: the address goes through
 * the returned descriptor of the directory, which stays open as long as addr is used and is
 * closed by the caller. -1: BX_LOCAL, or BX_ABSENT when there is no such directory. */
int bx_control_address(const char *dir, struct sockaddr_un *addr, struct bx_err *err);

#endif
