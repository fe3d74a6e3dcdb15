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

/* A notice to the online handlers of the queue, at most one in their least interval. */
static void signal_queue(struct sandbox *sb, const cJSON *handler, const struct sb_cause *cause)
{
	const struct bx_op *op = bx_op_by_verb(BX_PORTAL_EVENT, "ONOFFLINEEVENT");
	int64_t now = sandbox_now_ms(sb);
	for (struct sb_row *r = sb->tables[SB_HANDLERS].first; r; r = r->next) {
		int64_t last = 0, interval = 1;
		bx_json_int(r->data, "noticed_ms", &last);
		bx_json_int(bx_json_get(r->data, "options"), "minTimeout", &interval);
		if (!bx_streq(bx_json_str(r->data, "event"), op->wire) || now - last < interval * 1000 ||
			!cJSON_Compare(bx_json_get(r->data, "app"), bx_json_get(handler, "app"), true))
			continue;
		bx_json_set_int(r->data, "noticed_ms", now);
		sb_deliver(sb, r->data, op, cause, NULL);
	}
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
	signal_queue(sb, handler, cause);
}
