/* What completes a word that the rows do not know: portals, calls, users, frames. Layer 5.
 * Reads the store and asks a running bx-serve; makes no file and never goes to the network. */
#ifndef BX_COMPLETE_H
#define BX_COMPLETE_H

#include "cli.h"

bx_complete_fn bx_complete;

#endif
