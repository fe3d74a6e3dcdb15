/* Calls, lines, their people and their traces in the CRM (portal.md 11). */
#ifndef BX_SANDBOX_EXTERNAL_CALL_H
#define BX_SANDBOX_EXTERNAL_CALL_H

#include "call.h"

#define SB_LINE_CHARS 50
#define SB_CALLS_KEPT 5000
#define SB_LINES_KEPT 5000
#define SB_CLIENTS_MOST 20000

/* The number as the portal keeps it: digits and # * + , ; alone. The caller frees. */
char *sb_phone(const char *text);

/* USER_ID, else the active employee with USER_PHONE_INNER; 0: neither. */
int64_t sb_call_user(const struct sb_call *call);
bool sb_is_inner(struct sandbox *sb, const char *number);

/* The app's row of that line, NULL when there is none. */
cJSON *sb_line(struct sandbox *sb, int64_t app, const char *number);
cJSON *sb_line_add(struct sandbox *sb, int64_t app, const char *number, const char *name, bool create);
/* NUMBER and LINE_NUMBER as the portal takes them: trimmed. The caller frees. */
char *sb_trimmed(const char *text);

/* The first CRM object with that number, NULL when there is none. */
const cJSON *sb_crm_find(struct sandbox *sb, const char *number);
/* NULL: the CRM is full. */
cJSON *sb_crm_create_lead(struct sandbox *sb, const char *number, int64_t user);
const cJSON *sb_crm_object(struct sandbox *sb, const char *type, int64_t id);

/* Everything known of a call about to begin. */
struct sb_new_call {
	int64_t app, user, type, start_ms;
	const char *number, *line, *external_id; /* line "", external_id NULL: none */
	const char *crm_type;
	int64_t crm_id; /* 0: look for the number */
	bool crm_create, add_to_chat;
	int64_t list_id;
	int depth;
};
/* The live call of that new one, after its events; *lead is set when one was created, to -1
 * when that failed. */
cJSON *sb_call_begin(struct sandbox *sb, const struct sb_new_call *n, int64_t *lead);
cJSON *sb_call_duplicate(struct sandbox *sb, const struct sb_new_call *n);
char *sb_new_call_id(struct sandbox *sb);

/* A callback form was filled in. BX_ABSENT: no application takes it. */
bool sb_callback(struct sandbox *sb, const char *number, const char *text, struct bx_err *err);

/* Shows the card of a live call to these employees (13.1); hides it. */
void sb_card_show(struct sandbox *sb, const cJSON *live, const int64_t *users, size_t count);
/* What the card of a live call shown to that many employees is drawn from. The caller deletes. */
cJSON *sb_card_of(struct sandbox *sb, const cJSON *live, size_t users);
void sb_card_hide(struct sandbox *sb, const cJSON *live, int64_t user);

sb_method_fn sb_register, sb_finish, sb_search;

/* The finished call, or NULL. */
cJSON *sb_finished(struct sandbox *sb, const char *call_id);

#endif
