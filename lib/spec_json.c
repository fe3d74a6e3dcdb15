/* The vocabulary for the pages' JavaScript. */
#include "spec.h"
#include "banned.h"

static void add_text(cJSON *map, const char *key, const char *text)
{
	cJSON_AddItemToObject(map, key, cJSON_CreateString(text));
}

/* Wire names of one kind by verb. */
static cJSON *names(enum bx_kind kind)
{
	cJSON *map = cJSON_CreateObject();
	for (const struct bx_op *const *table = bx_op_tables; *table; table++) {
		for (const struct bx_op *op = *table; op->wire; op++) {
			if (op->kind == kind)
				add_text(map, op->verb, op->wire);
		}
	}
	return map;
}

static cJSON *command(const struct bx_op *op)
{
	cJSON *map = cJSON_CreateObject();
	const struct bx_field *f = op->fields;
	add_text(map, "wire", op->wire);
	if (f->key)
		add_text(map, "key", f->key);
	if (f->key && f[1].key)
		add_text(map, "flag", f[1].key);
	if (op->flags & BX_NOREPLY)
		cJSON_AddTrueToObject(map, "silent");
	return map;
}

static cJSON *commands(void)
{
	cJSON *map = cJSON_CreateObject();
	for (const struct bx_op *op = bx_ops_card; op->wire; op++) {
		if (op->kind == BX_CARD_COMMAND)
			cJSON_AddItemToObject(map, op->verb, command(op));
	}
	return map;
}

static cJSON *buttons(void)
{
	cJSON *map = cJSON_CreateObject();
	for (const struct bx_button *b = bx_buttons; b->name; b++) {
		cJSON *one = cJSON_AddObjectToObject(map, b->name);
		cJSON_AddItemToObject(
			one, "event", b->event ? cJSON_CreateString(b->event) : cJSON_CreateNull());
		add_text(one, "title", b->help);
	}
	return map;
}

enum layout { PLAIN, CAMPAIGN, START };

static cJSON *button_names(unsigned state, enum layout layout)
{
	cJSON *list = cJSON_CreateArray();
	for (const struct bx_button *b = bx_buttons; b->name; b++) {
		bool has = layout == START      ? b->start
			   : layout == CAMPAIGN ? b->campaign & state
						: b->states & state;
		if (has)
			cJSON_AddItemToArray(list, cJSON_CreateString(b->name));
	}
	return list;
}

static cJSON *state(unsigned i)
{
	static const char *const rules[] = {[BX_TIMER_STOPS] = "stops",
		[BX_TIMER_STARTS] = "starts",
		[BX_TIMER_KEEPS] = "keeps"};
	cJSON *map = cJSON_CreateObject();
	add_text(map, "name", bx_states[i].name);
	add_text(map, "timer", rules[bx_states[i].timer]);
	cJSON_AddItemToObject(map, "buttons", button_names(1u << i, PLAIN));
	cJSON_AddItemToObject(map, "campaign", button_names(1u << i, CAMPAIGN));
	return map;
}

static cJSON *states(void)
{
	cJSON *list = cJSON_CreateArray();
	for (unsigned i = 0; bx_states[i].name; i++)
		cJSON_AddItemToArray(list, state(i));
	return list;
}

/* {"commands":{VERB:{"wire":NAME,"key":KEY?,"flag":KEY?,"silent":true?}},
 *  "events":{VERB:WIRE}, "calls":{VERB:WIRE},
 *  "states":[{"name":NAME,"timer":"stops"|"starts"|"keeps","buttons":[BUTTON…],
 *             "campaign":[BUTTON…]}…],           in the portal's order
 *  "start":[BUTTON…],                            the card before its first state
 *  "buttons":{BUTTON:{"event":VERB|null,"title":TEXT}}}
 * key is the one parameter a command takes, flag a second, optional boolean; silent: success has
 * no reply; campaign: the buttons in a call campaign. */
cJSON *bx_spec_json(void)
{
	cJSON *map = cJSON_CreateObject();
	cJSON_AddItemToObject(map, "commands", commands());
	cJSON_AddItemToObject(map, "events", names(BX_CARD_EVENT));
	cJSON_AddItemToObject(map, "calls", names(BX_FRAME_CALL));
	cJSON_AddItemToObject(map, "states", states());
	cJSON_AddItemToObject(map, "start", button_names(0, START));
	cJSON_AddItemToObject(map, "buttons", buttons());
	return map;
}

static cJSON *short_commands(void)
{
	cJSON *map = cJSON_CreateObject();
	for (const struct bx_op *op = bx_ops_card; op->wire; op++) {
		if (op->kind != BX_CARD_COMMAND)
			continue;
		cJSON *list = cJSON_AddArrayToObject(map, op->verb);
		cJSON_AddItemToArray(list, cJSON_CreateString(op->wire));
		cJSON_AddItemToArray(
			list, cJSON_CreateString(op->fields->key ? op->fields->key : ""));
		if (op->flags & BX_NOREPLY)
			cJSON_AddItemToArray(list, cJSON_CreateNumber(1));
	}
	return map;
}

/* {"commands":{VERB:[WIRE,KEY or "",1 when success is silent]}, "prefix":TEXT,
 *  "events":[VERB…]}; an event's wire name is prefix + verb. "calls" has the few frame calls a
 * hidden frame has a use for, verb -> wire. */
cJSON *bx_spec_json_frame(void)
{
	cJSON *map = cJSON_CreateObject();
	cJSON_AddItemToObject(map, "commands", short_commands());
	add_text(map, "prefix", BX_CARD_EVENT_PREFIX);
	cJSON *events = cJSON_AddArrayToObject(map, "events");
	for (const struct bx_op *op = bx_ops_card; op->wire; op++) {
		if (op->kind == BX_CARD_EVENT)
			cJSON_AddItemToArray(events, cJSON_CreateString(op->verb));
	}
	cJSON *calls = cJSON_AddObjectToObject(map, "calls");
	for (const struct bx_op *op = bx_ops_placement; op->wire; op++) {
		if (op->kind == BX_FRAME_CALL && op->flags & BX_WORKER)
			add_text(calls, op->verb, op->wire);
	}
	return map;
}
