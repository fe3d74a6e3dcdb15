/* Whether a Content-Security-Policy lets a page be framed. */
#ifndef BX_BIND_ANCESTORS_H
#define BX_BIND_ANCESTORS_H

#include <stdbool.h>

/* policy: every such header of the answer, separated by commas, each of which has to allow it.
 * domain: HOST[:PORT] of a page that was loaded over https. */
bool ancestors_allow(const char *policy, const char *domain);

#endif
