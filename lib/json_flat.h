/* JSON that is only passed on: checked and printed without becoming a tree. Layer 1.
 *
 * It knows the plain cases alone and is sure of them; whatever else comes is left to
 * bx_json_parse, whose verdict and whose print are the measure. */
#ifndef BX_JSON_FLAT_H
#define BX_JSON_FLAT_H

#include <string.h>
#include "json.h"

#define BX_JSON_NUMBER_MAX 63 /* characters of a number: cJSON's own limit */

/* Appends the value that begins at *text as bx_json_print prints what bx_json_parse makes of it,
 * and moves *text behind it. There is a NUL at the end of the text. out NULL: it is only passed
 * over. False where only these two can tell, or out is full; a part may have been appended. */
bool bx_json_pass(struct bx_str *out, const char **text);

static inline void bx_json_blank(const char **text)
{
	if ((unsigned char)**text <= ' ')
		*text += strspn(*text, " \t\r\n");
}

/* Passes over a string. True: there are no escapes in it, and *inside, len bytes, is what it says. */
bool bx_json_bare(const char **text, const char **inside, size_t *len);

/* Where in a map, as bx_json_print prints it, the value of key begins; NULL: it is not there, or behind
 * a key with escapes. */
const char *bx_json_find(const char *map, const char *key);

/* The same as a whole number, as bx_json_int (json.h) reads it. */
bool bx_json_find_int(const char *map, const char *key, int64_t *out);

/* Moves *text from behind a key to its value; false: there is no colon. */
static inline bool bx_json_colon(const char **text)
{
	bx_json_blank(text);
	if (**text != ':')
		return false;
	++*text;
	bx_json_blank(text);
	return true;
}

/* Moves *text to the next value of a list (close is ']') or the next key of a map ('}'), from behind
 * the bracket that opens it (first) or behind the value before. 1; 0: moved behind close; -1:
 * neither is there. The end of the text is not passed; at it, first gives 1 all the same. */
static inline int bx_json_next(const char **text, char close, bool first)
{
	bx_json_blank(text);
	if (**text == close) {
		++*text;
		return 0;
	}
	if (!first && **text != ',')
		return -1;
	*text += !first;
	bx_json_blank(text);
	return 1;
}

/* As bx_json_parse, but flat where that can be: values that many levels below the top, from 1, stay text
 * (cJSON_Raw, as bx_json_print prints them). text[len] is a NUL. An item so deep may be a tree all the
 * same. */
cJSON *bx_json_parse_flat(const char *text, size_t len, int depth);

/* item itself, or what its text says if it is one of those; *tree, which begins as NULL, owns that. */
const cJSON *bx_json_whole(const cJSON *item, cJSON **tree);

#endif
