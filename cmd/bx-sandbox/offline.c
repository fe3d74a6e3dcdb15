#include "offline.h"

#include "clock.h"
#include "secret.h"
#include "banned.h"

#define RECORDS_KEPT 10000

static bool is_same(const cJSON *record, const cJSON *handler, const cJSON *data)
{
	return cJSON_Compare(bx_json_get(record, "app"), bx_json_get(handler, "app"), true) &&
	       cJSON_Compare(bx_json_get(record, "EVENT_NAME"), bx_json_get(handler, "event"), true) &&
	       cJSON_Compare(bx_json_get(record, "connector"), bx_json_get(handler, "connector"), true) &&
	       cJSON_Compare(bx_json_get(record, "EVENT_DATA"), data, true);
}

void sb_offline_add(struct sandbox *sb, const cJSON *handler, const struct bx_op *op,
	const struct sb_cause *cause, const cJSON *data)
{
	struct sb_table *t = &sb->tables[SB_OFFLINE];
	char message[33], stamp[BX_ISO_SIZE];
	for (struct sb_row *r = t->first, *next; r; r = next) {
		next = r->next;
		if (is_same(r->data, handler, data))
			sb_remove(t, r->data);
	}
	sb_trim(t, RECORDS_KEPT);
	bx_random_hex(message, 16);
	bx_time_iso(stamp, sandbox_now_ms(sb), sb->opts.zone_minutes);
	cJSON *row = cJSON_CreateObject();
	bx_json_set(row, "app", cJSON_Duplicate(bx_json_get(handler, "app"), true));
	bx_json_set_str(row, "connector", bx_json_str(handler, "connector"));
	bx_json_set_str(row, "TIMESTAMP_X", stamp);
	bx_json_set_str(row, "EVENT_NAME", op->wire);
	bx_json_set(row, "EVENT_DATA", cJSON_Duplicate(data, true));
	bx_json_set_int(row, "USER_ID", cause->user);
	bx_json_set_str(row, "MESSAGE_ID", message);
	bx_json_set_str(row, "PROCESS_ID", "");
	bx_json_set_str(row, "ERROR", "0");
	sb_add(t, row);
}
