/* Requests of HTTP/1.1 taken apart, strictly (RFC 9112); no I/O. What two readers on one way might
 * understand differently is no request here: bare line feeds, folded or nameless headers, two
 * hosts, two lengths, a length beside chunks, another encoding than chunks. Layer 3. */
#ifndef BX_HTTP1_H
#define BX_HTTP1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bx_str;

enum bx_http1 { BX_HTTP1_MORE, BX_HTTP1_DONE, BX_HTTP1_BAD };

/* Looks for the end of the head that data begins with. *line, at first 0, is the caller's to keep
 * between calls for one head. DONE: *size is its length with the empty line. */
enum bx_http1 bx_head_end(const char *data, size_t len, size_t *line, size_t *size);

struct bx_head {
	const char *method, *target;
	const char *fields, *fields_end; /* name NUL value NUL ... */
	uint64_t length;		  /* of the body, when it is not chunked */
	bool http11, chunked;
	bool keep;  /* the connection may serve another request */
	bool go_on; /* the client waits for a 100 before it sends the body */
};

/* text is a whole head as bx_head_end measured it; it is changed, and must last as long as head.
 * False: it is no request. */
bool bx_head_read(struct bx_head *head, char *text, size_t len);
/* In any case of letters; the first of several; NULL when absent. */
const char *bx_head_get(const struct bx_head *head, const char *name);
/* Its values, of all headers of that name, are a comma-separated list with that word, in any case. */
bool bx_head_lists(const struct bx_head *head, const char *name, const char *word);

/* A chunked body; zeroes at its beginning. */
struct bx_chunks {
	enum { BX_CHUNK_SIZE, BX_CHUNK_DATA, BX_CHUNK_END, BX_CHUNK_TRAILER } at;
	uint64_t left;
	size_t trailer; /* bytes so far */
};

/* Adds to body what data holds of it; *used bytes of data are done with. BAD also when body has no
 * room, which its field over then tells. */
enum bx_http1 bx_chunks_read(struct bx_chunks *chunks, const char *data, size_t len, size_t *used,
	struct bx_str *body);

/* "OK" for 200; a word that says little for a status without a name. */
const char *bx_http1_reason(int status);

#endif
