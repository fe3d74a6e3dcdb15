#include "where.h"

#include <string.h>
#include "str.h"
#include "banned.h"

static const char *blank(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

/* Behind the string that begins at p. */
static const char *past_string(const char *p)
{
	for (p++; *p && *p != '"'; p++)
		p += *p == '\\' && p[1];
	return p + (*p != 0);
}

/* Behind the value that begins at p. */
static const char *past_value(const char *p)
{
	size_t depth = 0;
	do {
		if (*p == '"') {
			p = past_string(p);
			continue;
		}
		depth += *p == '{' || *p == '[';
		depth -= (*p == '}' || *p == ']') && depth;
		p++;
	} while (*p && (depth || !strchr(",]} \t\r\n", *p)));
	return p;
}

/* The key in the object that begins at p, or NULL; a key is taken as it is written. */
static const char *find_key(const char *p, const char *key, size_t len)
{
	p = *p == '{' ? blank(p + 1) : "";
	while (*p == '"') {
		const char *name = p, *value = blank(past_string(p));
		if (!strncmp(name + 1, key, len) && name[1 + len] == '"')
			return name;
		p = blank(past_value(blank(value + (*value == ':'))));
		p = *p == ',' ? blank(p + 1) : "";
	}
	return NULL;
}

static const char *find_item(const char *p, int index)
{
	p = *p == '[' ? blank(p + 1) : p;
	for (; index > 0 && *p && *p != ']'; index--) {
		p = blank(past_value(p));
		p = *p == ',' ? blank(p + 1) : p;
	}
	return p;
}

size_t where_line_at(const char *text, size_t byte)
{
	size_t line = 1;
	for (size_t i = 0; i < byte && text[i]; i++)
		line += text[i] == '\n';
	return line;
}

size_t where_line(const struct where *w, const char *about)
{
	const char *list = find_key(blank(w->text), w->list, strlen(w->list));
	size_t len = strcspn(about, " :[");
	if (!list || w->index < 0)
		return where_line_at(w->text, (size_t)((list ? list : w->text) - w->text));
	const char *value = blank(past_string(list));
	const char *item = find_item(blank(value + (*value == ':')), w->index);
	const char *key = find_key(item, about, len);
	return where_line_at(w->text, (size_t)((key ? key : item) - w->text));
}
