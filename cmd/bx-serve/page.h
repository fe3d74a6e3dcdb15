/* The documents frames get: one each, self-contained, no second request. */
#ifndef BX_SERVE_PAGE_H
#define BX_SERVE_PAGE_H

#include "serve.h"
#include "token.h"

struct pages *pages_new(int64_t slow_ms, bool presence); /* presence: the page tells that it is open */
void pages_free(struct pages *pages);

struct page {
	const char *origin; /* of the proved portal */
	const char *token;  /* of the frame; NULL for the installer's page */
	const char *sid;
	const char *group;   /* frames of one group in a document: only the first speaks */
	const char *session; /* what its user is remembered under; "" : not */
	int64_t ms;	     /* how long it took us to answer */
};
/* Answers with the worker's document. */
void page_worker(struct serve *serve, struct bx_request *req, const struct page *page);
/* Answers with a visible text; finish: it also tells the portal that the installation is done. */
void page_install(struct serve *serve, struct bx_request *req, const struct page *page, const char *text,
	bool finish);
/* A visible page that asks for the microphone. origin: of the portal that frames it; NULL: none may. */
void page_mic(struct serve *serve, struct bx_request *req, const char *origin);
/* A plain page outside any frame. */
void page_plain(struct bx_request *req, int status, const char *text);

#endif
