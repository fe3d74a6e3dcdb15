/* The REST entrance of the portal (portal.md 2). */
#ifndef BX_SANDBOX_ENTRANCE_H
#define BX_SANDBOX_ENTRANCE_H

#include "call.h"

/* path begins with "/rest". Answers req. */
void sb_rest(struct sandbox *sb, struct bx_request *req, const char *path);

/* Forgets the calls whose answers are still to come; after the server is gone. */
void sb_rest_abandon(struct sandbox *sb);

/* A path with its runs of slashes made one and the last one taken away. The caller frees. */
char *sb_clean_path(const char *path);

/* ---- answer.c ---- */

/* Answers the call's request with its result or error. */
void sb_answer(struct sb_call *call);
/* The time map of a call that ends now. */
cJSON *sb_time(const struct sb_call *call);
/* Books the time of an executed call (3.2). */
void sb_book_time(const struct sb_call *call);
/* What identifies the caller to that account. */
const char *sb_account(const struct sb_call *call);
/* JSON as the portal prints it, slashes escaped; or NULL when it cannot be printed (not UTF-8). */
char *sb_print(const cJSON *tree, size_t *len);
/* Answers with such JSON and the headers of 2.4. */
void sb_reply_json(struct bx_request *req, int status, const cJSON *tree);
/* What PHP makes of an array: a map whose keys are 0..n-1 in order becomes a list, this level
 * alone. Returns item. */
cJSON *sb_php_array(cJSON *item);

/* ---- xml.c ---- */
void sb_xml(struct bx_str *out, const cJSON *tree);

#endif
