/* External lines (portal.md 11.7). */
#include <ctype.h>
#include <string.h>
#include "external_call.h"
#include "banned.h"

char *sb_trimmed(const char *text)
{
	text += strspn(text, " \t\r\n\v");
	size_t len = strlen(text);
	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	return bx_xstrndup(text, len);
}

/* Lines of webhook calls belong to no app, which is app 0. */
cJSON *sb_line(struct sandbox *sb, int64_t app, const char *number)
{
	for (struct sb_row *r = sb->tables[SB_LINES].first; r; r = r->next) {
		int64_t owner = 0;
		bx_json_int(r->data, "app", &owner);
		if (owner == app && bx_streq(bx_json_str(r->data, "NUMBER"), number))
			return r->data;
	}
	return NULL;
}

cJSON *sb_line_add(struct sandbox *sb, int64_t app, const char *number, const char *name, bool create)
{
	cJSON *row = cJSON_CreateObject();
	bx_json_set_int(row, "app", app);
	bx_json_set_str(row, "NUMBER", number);
	bx_json_set_str(row, "NAME", name);
	bx_json_set_str(row, "CRM_AUTO_CREATE", create ? "Y" : "N");
	sb_trim(&sb->tables[SB_LINES], SB_LINES_KEPT);
	return sb_add(&sb->tables[SB_LINES], row);
}

static bool want_owner(struct sb_call *call)
{
	return call->sb->opts.variants & SB_WEBHOOK_CALLS || sb_want_app(call);
}

/* Every value but Y switches the creation off; missing, it is on. */
static bool creates(const struct sb_call *call)
{
	auto_free char *flag = sb_param_text(call, "CRM_AUTO_CREATE");
	return !sb_param(call, "CRM_AUTO_CREATE") || !strcmp(flag, "Y");
}

static char *number_of(const struct sb_call *call)
{
	auto_free char *given = sb_param_text(call, "NUMBER");
	return sb_trimmed(given);
}

static bool add(struct sb_call *call)
{
	auto_free char *number = number_of(call), *name = sb_param_text(call, "NAME");
	if (!want_owner(call))
		return false;
	if (!*number)
		return sb_core(call, "NUMBER should not be empty");
	if (sb_line(call->sb, call->app_id, number))
		return sb_core(call, "Line already exists");
	cJSON *row = sb_line_add(call->sb, call->app_id, number, name, creates(call));
	cJSON *answer = cJSON_CreateObject();
	bx_json_set(answer, "ID", cJSON_Duplicate(bx_json_get(row, "ID"), true));
	return sb_ok(call, answer);
}

static cJSON *wanted_line(struct sb_call *call)
{
	auto_free char *number = number_of(call);
	cJSON *row = *number ? sb_line(call->sb, call->app_id, number) : NULL;
	if (!*number)
		sb_core(call, "NUMBER should not be empty");
	else if (!row)
		sb_core(call, "Could not find line with number %s", number);
	return row;
}

static bool update(struct sb_call *call)
{
	const cJSON *name = sb_param(call, "NAME"), *create = sb_param(call, "CRM_AUTO_CREATE");
	if (!want_owner(call))
		return false;
	if (!name && !create)
		return sb_core(call, "There are no fields to update");
	cJSON *row = wanted_line(call);
	if (!row)
		return false;
	auto_free char *text = sb_php_text(name), *id = sb_php_text(bx_json_get(row, "ID"));
	if (name)
		bx_json_set_str(row, "NAME", text);
	if (create)
		bx_json_set_str(row, "CRM_AUTO_CREATE", creates(call) ? "Y" : "N");
	cJSON *answer = cJSON_CreateObject();
	bx_json_set_str(answer, "ID", id);
	return sb_ok(call, answer);
}

static bool get(struct sb_call *call)
{
	if (!want_owner(call))
		return false;
	cJSON *list = cJSON_CreateArray();
	for (struct sb_row *r = call->sb->tables[SB_LINES].first; r; r = r->next) {
		int64_t owner = 0;
		bx_json_int(r->data, "app", &owner);
		if (owner != call->app_id)
			continue;
		cJSON *line = cJSON_CreateObject();
		bx_json_set_str(line, "NUMBER", bx_json_str(r->data, "NUMBER"));
		bx_json_set_str(line, "NAME", bx_json_str(r->data, "NAME"));
		bx_json_set_str(line, "CRM_AUTO_CREATE", bx_json_str(r->data, "CRM_AUTO_CREATE"));
		cJSON_AddItemToArray(list, line);
	}
	return sb_ok(call, list);
}

static bool delete(struct sb_call *call)
{
	cJSON *row = want_owner(call) ? wanted_line(call) : NULL;
	if (!row)
		return false;
	sb_remove(&call->sb->tables[SB_LINES], row);
	return sb_ok(call, cJSON_CreateArray());
}

const struct sb_method sb_line_methods[] = {{"line add", add}, {"line set", update}, {"line ls", get},
	{"line rm", delete}, {0}};
