/* Lines, statistics and the telephony of employees (portal.md 11.7-11.9). */
#include "spec.h"
#include "banned.h"

#define TELEPHONY .scope = "telephony"

static const struct bx_word directions[] = {
	{"asc", "ASC", "ascending"},
	{"desc", "DESC", "descending"},
	{0},
};

#define COLUMN(name)                                                                               \
	{                                                                                          \
		name, name, NULL                                                                   \
	}
#define STATISTIC_COLUMNS                                                                          \
	COLUMN("ID"), COLUMN("CALL_ID"), COLUMN("EXTERNAL_CALL_ID"), COLUMN("CALL_CATEGORY"),      \
		COLUMN("PORTAL_USER_ID"), COLUMN("PORTAL_NUMBER"), COLUMN("PHONE_NUMBER"),         \
		COLUMN("CALL_DURATION"), COLUMN("CALL_START_DATE"), COLUMN("CALL_LOG"),            \
		COLUMN("CALL_RECORD_URL"), COLUMN("CALL_VOTE"), COLUMN("COST"),                    \
		COLUMN("COST_CURRENCY"), COLUMN("CALL_FAILED_CODE"), COLUMN("CALL_FAILED_REASON"), \
		COLUMN("CRM_ENTITY_TYPE"), COLUMN("CRM_ENTITY_ID"), COLUMN("CRM_ACTIVITY_ID"),     \
		COLUMN("REST_APP_ID"), COLUMN("REST_APP_NAME"), COLUMN("TRANSCRIPT_ID"),           \
		COLUMN("TRANSCRIPT_PENDING"), COLUMN("SESSION_ID"), COLUMN("REDIAL_ATTEMPT"),      \
		COLUMN("COMMENT"), COLUMN("RECORD_DURATION")

static const struct bx_word statistic_sort[] = {STATISTIC_COLUMNS, {0}};
static const struct bx_word statistic_filter[] = {STATISTIC_COLUMNS, COLUMN("CALL_TYPE"), {0}};

static const struct bx_field none[] = {{0}};

#define LINE_NUMBER                                                                                \
	{                                                                                          \
		.key = "NUMBER", .type = BX_STR, .flags = BX_REQUIRED | BX_ARG,                    \
		.help = "Number of the line"                                                       \
	}

static const struct bx_field line_add_fields[] = {
	LINE_NUMBER,
	{.key = "NAME", .option = "name", .type = BX_STR, .help = "Name of the line"},
	{.key = "CRM_AUTO_CREATE",
		.option = "crm-create",
		.type = BX_YN,
		.help = "Calls of this line create CRM objects (default)"},
	{0},
};

static const struct bx_field line_set_fields[] = {
	LINE_NUMBER,
	{.key = "NAME",
		.option = "name",
		.type = BX_STR,
		.flags = BX_GROUP1,
		.help = "Name of the line"},
	{.key = "CRM_AUTO_CREATE",
		.option = "crm-create",
		.type = BX_YN,
		.flags = BX_GROUP1,
		.help = "Calls of this line create CRM objects"},
	{0},
};

static const struct bx_field line_rm_fields[] = {LINE_NUMBER, {0}};

static const struct bx_field statistic_fields[] = {
	{.key = "FILTER",
		.type = BX_MAP,
		.words = statistic_filter,
		.help = "Conditions: an operator (= ! > >= < <= >< !>< ? % !%) and a column"},
	{.key = "SORT",
		.option = "sort",
		.type = BX_WORD,
		.words = statistic_sort,
		.when = "with ORDER",
		.help = "Column to sort by"},
	{.key = "ORDER",
		.option = "order",
		.type = BX_WORD,
		.words = directions,
		.when = "with SORT",
		.help = "Direction"},
	{.key = "start",
		.type = BX_INT,
		.flags = BX_HIDDEN,
		.help = "First row; -1: without counting",
		.least = -1,
		.most = INT32_MAX},
	{0},
};

static const struct bx_field phone_user_fields[] = {
	{.key = "USER_ID",
		.type = BX_INT,
		.flags = BX_REQUIRED | BX_MANY | BX_ARG,
		.help = "Employee or several"},
	{0},
};

const struct bx_op bx_ops_line[] = {
	{.verb = "line add",
		.wire = "telephony.externalLine.add",
		.kind = BX_METHOD,
		.fields = line_add_fields,
		.help = "Add an external line",
		.flags = BX_APP_ONLY | BX_VERIFY,
		TELEPHONY,
		.section = "11.7"},
	{.verb = "line set",
		.wire = "telephony.externalLine.update",
		.kind = BX_METHOD,
		.fields = line_set_fields,
		.help = "Change an external line",
		.flags = BX_APP_ONLY | BX_SAFE,
		TELEPHONY,
		.section = "11.7"},
	{.verb = "line ls",
		.wire = "telephony.externalLine.get",
		.kind = BX_METHOD,
		.fields = none,
		.help = "List the external lines",
		.flags = BX_APP_ONLY | BX_SAFE,
		TELEPHONY,
		.section = "11.7"},
	{.verb = "line rm",
		.wire = "telephony.externalLine.delete",
		.kind = BX_METHOD,
		.fields = line_rm_fields,
		.help = "Delete an external line",
		.flags = BX_APP_ONLY | BX_VERIFY,
		TELEPHONY,
		.section = "11.7"},
	{.verb = "history",
		.wire = "voximplant.statistic.get",
		.kind = BX_METHOD,
		.fields = statistic_fields,
		.help = "List finished calls",
		.flags = BX_SAFE | BX_PAGED | BX_ANYCASE,
		TELEPHONY,
		.section = "11.8"},
	{.verb = "check",
		.wire = "voximplant.user.get",
		.kind = BX_METHOD,
		.fields = phone_user_fields,
		.help = "Telephony settings of employees",
		.flags = BX_SAFE,
		TELEPHONY,
		.section = "11.9"},
	{0},
};
