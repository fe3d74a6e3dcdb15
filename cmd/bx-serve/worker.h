/* POST /worker: the document every page of the portal loads into a hidden frame. */
#ifndef BX_SERVE_WORKER_H
#define BX_SERVE_WORKER_H

#include "serve.h"

/* POST /mic: the portal shows the page for the microphone in a visible frame. */
void worker_mic(struct serve *serve, struct bx_request *req);
void worker_request(struct serve *serve, struct bx_request *req);

#endif
