/* Lines of a JSON text, for messages about what is in it. The text has been parsed: it is whole. */
#ifndef BX_BIND_WHERE_H
#define BX_BIND_WHERE_H

#include <stddef.h>

/* An item of a list of the outermost object. */
struct where {
	const char *text, *list;
	int index; /* from 0; -1: the list itself */
};

/* From 1: the line of the item's key with which about begins (a message names its key first), or
 * where there is none, the item's first. */
size_t where_line(const struct where *where, const char *about);
size_t where_line_at(const char *text, size_t byte);

#endif
