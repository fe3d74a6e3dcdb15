#include "told.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "spec.h"
#include "banned.h"

#define ROW(name, text, help) {text, help},
const struct bx_told_row bx_told[] = {BX_TOLD(ROW){0}};

enum bx_told bx_told_by_name(const char *name)
{
	int i = 0;
	while (bx_told[i].name && !bx_streq(bx_told[i].name, name))
		i++;
	return (enum bx_told)i;
}

/* Of those a portal has, the rows are only a part. */
static char *portal_event(const char *word)
{
	size_t len = strlen(word);
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)word[i]) && !strchr("_.:", word[i]))
			return NULL;
	}
	if (len < 3 || strncasecmp(word, "on", 2) != 0)
		return NULL;
	char *name = bx_xstrdup(word);
	for (char *p = name; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return name;
}

static const char *known(const char *word)
{
	const struct bx_op *op = bx_op_by_verb(BX_CARD_EVENT, word);
	op = op ? op : bx_op_by_wire(BX_CARD_EVENT, word);
	op = op ? op : bx_op_by_wire(BX_PORTAL_EVENT, word);
	if (op)
		return op->verb;
	for (const struct bx_button *b = bx_buttons; b->name; b++) {
		if (b->event && !strcmp(b->name, word))
			return b->event;
	}
	bool client = strlen(word) > strlen(BX_CLIENT_EVENTS) && bx_starts(word, BX_CLIENT_EVENTS);
	return client || bx_told_by_name(word) != BX_TOLD_NONE ? word : NULL;
}

char *bx_event_named(const char *word, struct bx_err *err)
{
	const char *name = known(word);
	char *named = name ? bx_xstrdup(name) : portal_event(word);
	if (!named)
		bx_fail(err, BX_USAGE, "", "'%s' is neither an event nor a button", word);
	return named;
}
