/* -c CALL: which call is meant. Layer 5. */
#ifndef BX_PORTAL_CALL_H
#define BX_PORTAL_CALL_H

#include "cli.h"

#define BX_OPT_CALL                                                                                \
	{                                                                                          \
		"call", 'c', "CALL", 0, "call",                                                    \
			"the call: its CALL_ID, ext:ID of your own, or - for the first JSON "      \
			"line on standard input that carries CALL_ID"                              \
	}

/* The CALL_ID that -c stands for; the caller frees. NULL: err (BX_USAGE without -c, BX_ABSENT
 * when nothing carries one). ext: is the newest known call with that EXTERNAL_CALL_ID, of the
 * portal given by -p or BX_PORTAL, else of any. Standard input is touched for "-" alone. */
char *bx_call_option(const struct bx_cli *cli, struct bx_err *err);
/* The same for a text that is not the option's. */
char *bx_call_named(const struct bx_cli *cli, const char *given, struct bx_err *err);

/* The portal asked for by -p or BX_PORTAL; NULL: none was. */
const char *bx_portal_asked(const struct bx_cli *cli);

#endif
