/* PHP's bracket forms, both ways: a[b][]=v. Layer 1 (portal.md 2.2 and 10.5). */
#ifndef BX_FORM_H
#define BX_FORM_H

#include "json.h"

#define BX_FORM_FIELDS_MAX 5000
#define BX_FORM_DEPTH_MAX  64
#define BX_FORM_NAME_MAX   65536 /* bytes of an encoded name */

/* Decodes an urlencoded text to a map; every value is a string; levels whose keys are 0..n-1 in
 * order become lists. BX_USAGE when it has more fields than BX_FORM_FIELDS_MAX. A field nested
 * deeper than BX_FORM_DEPTH_MAX is dropped with all of its name, as PHP does. The caller deletes. */
cJSON *bx_form_decode(const char *text, size_t len, struct bx_err *err);

/* root[name] = value where name (decoded) may have brackets. Takes value. Used field by field, so
 * lists stay maps with keys 0.. until bx_form_lists. A name without a name is dropped, as PHP does.
 * False (value deleted): deeper than allowed. */
bool bx_form_put(cJSON *root, const char *name, cJSON *value);
/* Turns every map below item whose keys are exactly 0..n-1 in order, and every empty map, into a
 * list, as PHP's encoder does; item itself is replaced when it is such a map. */
cJSON *bx_form_lists(cJSON *item);

/* Appends tree (a map) as PHP's http_build_query does: true is 1, false 0, null and empty lists
 * vanish. False when out's ceiling was passed. */
bool bx_form_encode(struct bx_str *out, const cJSON *tree);

/* Appends one field, with & before it where another is before it; name is encoded already. */
void bx_form_field(struct bx_str *out, const char *name, const char *text, size_t len);
/* The same as bx_form_encode of the JSON map that begins at *json, which is no tree yet, and moves
 * *json behind it; there is a NUL at the end of the text. False where only a tree can tell: some
 * may have been appended. name is scratch that may hold BX_FORM_NAME_MAX, for one form after the other. */
bool bx_form_pass(struct bx_str *out, struct bx_str *name, const char **json);

/* A field somebody wants of an urlencoded text; a row without a name ends a list of them. */
struct bx_pick {
	const char *name;
	size_t len; /* of the name */
	const char *value;
};
#define BX_PICK(text) {.name = (text), .len = sizeof(text) - 1}

/* Sets the values of the picks, for a reader who wants a few fields fast: no nesting, brackets are
 * part of a name, the last of a name counts, NULL where that is missing or empty. A value ends at its
 * first NUL. text has a NUL behind its len bytes; room has len + 1 and lasts as long as the values.
 * BX_USAGE as bx_form_decode. */
bool bx_form_pick(struct bx_pick *picks, char *room, const char *text, size_t len, struct bx_err *err);

void bx_form_escape(struct bx_str *out, const char *data, size_t len);
/* Whether that leaves it as it is. */
bool bx_form_plain(const char *data, size_t len);
/* Decodes %HH and + in place and returns the new length; the text is NUL-terminated. */
size_t bx_form_unescape(char *text, size_t len);

#endif
