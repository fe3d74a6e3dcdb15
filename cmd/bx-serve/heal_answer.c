#include "heal_answer.h"

#include <string.h>
#include "err.h"
#include "json.h"
#include "log.h"
#include "banned.h"

/* "bound" or "rebound" of any line outweighs a "kept". */
static void take_action(struct heal_answer *answer, const char *action)
{
	if (action && (!answer->action || !strcmp(answer->action, "kept")))
		bx_set_str(&answer->action, action);
}

static void take_line(struct heal_answer *answer, const char *line, size_t len)
{
	auto_json cJSON *o = bx_json_parse(line, len, NULL);
	const char *reason = bx_json_str(o, "error_description");
	take_action(answer, bx_json_str(o, "action"));
	if (reason)
		bx_set_str(&answer->reason, reason);
	if (!cJSON_IsObject(o) && len)
		bx_log(BX_LOG_WARN, "%.*s", (int)len, line);
}

void heal_answer_read(struct heal_answer *answer, const struct run_end *end)
{
	*answer = (struct heal_answer){.status = end->status};
	for (const char *at = end->out; *at;) {
		size_t len = strcspn(at, "\n");
		take_line(answer, at, len);
		at += len + (at[len] == '\n');
	}
	if (end->timed_out)
		bx_set_str(&answer->reason, "it took too long");
	else if (end->status && !answer->reason)
		answer->reason = bx_xprintf("the tool ended with status %d", end->status);
}

void heal_answer_release(struct heal_answer *answer)
{
	free(answer->action);
	free(answer->reason);
}

bool heal_answer_later(const struct heal_answer *answer)
{
	switch (answer->status) {
	case BX_OK:
	case BX_REFUSED:
	case BX_USAGE:
	case BX_NOAUTH:
	case BX_ABSENT:
		return false;
	default:
		return true;
	}
}
