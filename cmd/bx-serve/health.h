/* How each portal is, for the status page: nothing secret, nothing that has to be asked. */
#ifndef BX_SERVE_HEALTH_H
#define BX_SERVE_HEALTH_H

#include "serve.h"

struct health *health_new(void);
void health_free(struct health *health); /* NULL allowed */
/* A page of the portal has asked for the worker, so it is bound. */
void health_page(struct health *health, const char *portal);
/* [{"portal","domain","webhook","app","token_expires"?,"page"?,"healing"?,"slow"?}…], the first
 * HEALTH_MAX profiles; app is "installed", "waiting" or "removed". The caller deletes. */
#define HEALTH_MAX 200
cJSON *health_list(struct serve *serve);

#endif
