/* Reads the parameters of a request from their sources (portal.md 2.2). */
#ifndef BX_SANDBOX_INPUT_H
#define BX_SANDBOX_INPUT_H

#include "call.h"

#define SB_FIELDS_MAX 5000 /* top-level parameters of a JSON body */

/* Query and body merged to one map, the body's value replacing the query's. What cannot be read
 * counts as not there. file (NULL allowed) gets the first file of a multipart body. The caller
 * deletes. */
cJSON *sb_input_read(const struct bx_request *req, struct sb_file *file);

/* The fields of a multipart body go into root; its first file to file. */
void sb_multipart_read(const char *type, const char *body, size_t len, cJSON *root,
	struct sb_file *file);

/* Value of name in the parameters of a header like a Content-Type; NULL; the caller frees. */
char *sb_header_param(const char *header, const char *name);

/* True when the media type of a Content-Type is this one, whatever parameters follow. */
bool sb_is_type(const char *header, const char *type);

#endif
