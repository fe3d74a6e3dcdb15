/* Request rate and operation time (portal.md 3). */
#ifndef BX_SANDBOX_LIMITS_H
#define BX_SANDBOX_LIMITS_H

#include "sandbox.h"

struct sb_limits *sb_limits_new(void);
void sb_limits_free(struct sb_limits *limits);
void sb_limits_reset(struct sb_limits *limits);

/* Counts one request from that address; false: it is one too many. */
bool sb_rate(struct sandbox *sb, const char *address);

struct sb_operating {
	int64_t ms;	  /* accumulated in the last ten minutes */
	int64_t reset_at; /* Unix seconds */
};
/* What this account (app or webhook) has used of the method, after adding ms. */
struct sb_operating sb_operating(struct sandbox *sb, const char *account, const char *method,
	int64_t ms);

#endif
