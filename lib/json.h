/* Typed getters and JSON Lines on cJSON. Keys are compared exactly. Layer 1.
 *
 * Numbers of more than 15 significant digits are kept as their text (a cJSON_Raw item), so that
 * 64-bit ids are printed as they came and bx_json_int reads them exactly. */
#ifndef BX_JSON_H
#define BX_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>
#include "err.h"
#include "str.h"

static inline void bx_auto_json(cJSON **item)
{
	cJSON_Delete(*item);
}
#define auto_json BX_CLEANUP(bx_auto_json)

/* One JSON text and white space around it. NULL and BX_USAGE (with the byte offset) when it is
 * not. Nesting is limited to 1000 by cJSON. The caller deletes. */
cJSON *bx_json_parse(const char *text, size_t len, struct bx_err *err);

/* The same; where it is not, *at is the byte of the fault, from 0. */
cJSON *bx_json_parse_at(const char *text, size_t len, size_t *at);

/* NULL (or the fallback) when o is not a map, the key is missing, or the type differs. */
cJSON *bx_json_get(const cJSON *o, const char *key);
const char *bx_json_str(const cJSON *o, const char *key);
/* Takes numbers without a fraction and decimal strings, as the portal sends ids both ways. */
bool bx_json_int(const cJSON *o, const char *key, int64_t *out);
bool bx_json_as_int(const cJSON *item, int64_t *out);
bool bx_json_bool(const cJSON *o, const char *key, bool fallback);
/* A string, number or boolean as text ("" for null, NULL for maps and lists); caller frees. */
char *bx_json_as_text(const cJSON *item);
/* PHP truthiness (portal.md 2.2): "", "0", 0, false, null, [] and {} are false. NULL is false. */
bool bx_json_truthy(const cJSON *item);

/* The value of item, which is null from now on, without a copy. The caller deletes. */
cJSON *bx_json_take(cJSON *item);

/* o[key] = item; an old value is replaced in its place. Takes item; NULL removes the key. */
void bx_json_set(cJSON *o, const char *key, cJSON *item);
void bx_json_set_str(cJSON *o, const char *key, const char *text); /* NULL text: JSON null */
void bx_json_set_int(cJSON *o, const char *key, int64_t value);    /* exact */
void bx_json_set_bool(cJSON *o, const char *key, bool value);
cJSON *bx_json_int_item(int64_t value);

/* Compact, UTF-8, no final newline; the caller frees. */
char *bx_json_print(const cJSON *item);
char *bx_json_pretty(const cJSON *item);
/* Appends text as a string is printed. */
bool bx_json_quote(struct bx_str *out, const char *text);

/* JSON Lines from a descriptor. A line longer than max, or one that is not JSON, is an error;
 * empty lines are skipped. */
struct bx_lines {
	int fd;
	struct bx_str buf;
	size_t taken;
	unsigned long number; /* of the last line returned, from 1 */
	bool eof;
	/* Called before each read, which may take long; false ends it with err. NULL: nothing is. */
	bool (*before)(void *arg, int fd, struct bx_err *err);
	void *arg;
};
void bx_lines_init(struct bx_lines *in, int fd, size_t max);
void bx_lines_release(struct bx_lines *in); /* leaves fd open */
/* 1: *line is a line without its end, valid until the next call; 0: end of file; -1: err. */
int bx_lines_text(struct bx_lines *in, char **line, struct bx_err *err);
/* The line returned last, parsed; the caller deletes. NULL: err names it. */
cJSON *bx_lines_parse(const struct bx_lines *in, const char *line, struct bx_err *err);
/* 1: *item is the next line parsed, the caller deletes; 0: end of file; -1: err. */
int bx_lines_next(struct bx_lines *in, cJSON **item, struct bx_err *err);

/* Writes item as one whole line with one write where the kernel allows; false on a closed pipe
 * or full disk (BX_LOCAL). */
bool bx_json_emit(int fd, const cJSON *item, struct bx_err *err);

#endif
