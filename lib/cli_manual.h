/* What the cli_manual*.c files share: rows as mdoc. Layer 5, private to them. */
#ifndef BX_CLI_MANUAL_H
#define BX_CLI_MANUAL_H

#include "cli_impl.h"

/* A help text as a sentence in lines of bearable length. NULL and "" print nothing. */
void bx_manual_text(const char *text);
/* "One of a, b." or "Known are …", when the field has words. */
void bx_manual_words(const struct bx_field *field);
/* A text and the condition under which it holds, in parentheses; when may be NULL. */
void bx_manual_text_when(const char *text, const char *when);

/* Lists of the vocabulary. */
void bx_manual_states(void);
void bx_manual_card_events(void);
void bx_manual_portal_events(void);

#endif
