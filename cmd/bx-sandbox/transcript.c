/* telephony.call.attachTranscription (portal.md 11.5). */
#include <string.h>
#include "external_call.h"
#include "record.h"
#include "banned.h"

static bool is_side(const cJSON *message)
{
	const char *side = bx_json_str(message, "SIDE");
	return bx_streq(side, "Client") || bx_streq(side, "User");
}

static bool check_message(struct sb_call *call, const cJSON *message, int k)
{
	auto_free char *text = sb_php_text(bx_json_get(message, "MESSAGE"));
	if (!is_side(message))
		return sb_core(call, "MESSAGES[%d][SIDE] should be either Client or User", k);
	if (sb_php_int(bx_json_get(message, "START_TIME")) < 0)
		return sb_core(call, "MESSAGES[%d][START_TIME] should be greater or equal to zero", k);
	if (sb_php_int(bx_json_get(message, "STOP_TIME")) <= 0)
		return sb_core(call, "MESSAGES[%d][STOP_TIME] should be greater than zero", k);
	return *text || sb_core(call, "MESSAGES[%d][MESSAGE] is empty", k);
}

static bool check_messages(struct sb_call *call, const cJSON *messages)
{
	const cJSON *e;
	int k = 0;
	if (!cJSON_IsArray(messages) && !cJSON_IsObject(messages))
		return sb_core(call, "MESSAGES should be an array");
	cJSON_ArrayForEach(e, messages)
	{
		if (!check_message(call, e, k++))
			return false;
	}
	return true;
}

bool sb_transcript(struct sb_call *call)
{
	auto_free char *id = sb_param_text(call, "CALL_ID");
	const cJSON *messages = sb_param(call, "MESSAGES");
	if (!*id)
		return sb_core(call, "CALL_ID should be set");
	if (!check_messages(call, messages))
		return false;
	cJSON *finished = sb_finished(call->sb, id);
	if (!finished)
		return sb_core(call, "Call %s is not found. Is it finished?", id);
	cJSON *row = cJSON_CreateObject(), *answer = cJSON_CreateObject();
	bx_json_set_str(row, "call", id);
	bx_json_set(row, "messages", cJSON_Duplicate(messages, true));
	sb_add(&call->sb->tables[SB_TRANSCRIPTS], row);
	auto_free char *number = sb_php_text(bx_json_get(row, "ID"));
	bx_json_set_str(finished, "TRANSCRIPT_ID", number);
	bx_json_set(answer, "TRANSCRIPT_ID", cJSON_Duplicate(bx_json_get(row, "ID"), true));
	return sb_ok(call, answer);
}
