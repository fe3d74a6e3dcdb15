/* libcurl brings GnuTLS along for protocols that are never spoken here, and GnuTLS starts itself when it is
 * loaded, which is a thirtieth of a call. With this in a program it starts when it is asked to, as a
 * libcurl that speaks TLS by it does. For the tools that do not use it themselves (Makefile). */
#include <gnutls/gnutls.h>
#include "banned.h"

GNUTLS_SKIP_GLOBAL_INIT
