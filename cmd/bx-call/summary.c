/* history --summary: the statistics by day and user. */
#include "summary.h"

#include "banned.h"

#define BAR_MAX 30
#define MISSED	"304"

/* By day, then by user. */
static int compare(const struct summary_row *row, const char *day, int64_t user)
{
	int order = strcmp(row->day, day);
	return order ? order : (row->user > user) - (row->user < user);
}

/* The row, put in where it belongs when there is none yet. */
static struct summary_row *row_of(struct summary *s, const char *day, int64_t user)
{
	size_t from = 0, to = s->count;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (compare(&s->rows[middle], day, user) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	if (from < s->count && !compare(&s->rows[from], day, user))
		return &s->rows[from];
	if (s->count == s->room) {
		s->room = s->room ? s->room * 2 : 64;
		s->rows = bx_xrealloc(s->rows, s->room * sizeof *s->rows);
	}
	memmove(&s->rows[from + 1], &s->rows[from], (s->count++ - from) * sizeof *s->rows);
	s->rows[from] = (struct summary_row){.user = user};
	snprintf(s->rows[from].day, sizeof s->rows[from].day, "%s", day);
	return &s->rows[from];
}

static bool is_incoming(const cJSON *row)
{
	auto_free char *type = bx_json_as_text(bx_json_get(row, "CALL_TYPE"));
	for (const struct bx_word *w = bx_call_types; w->word; w++) {
		if (bx_streq(w->wire, type))
			return !strcmp(w->word, "in") || !strcmp(w->word, "redirect");
	}
	return false;
}

bool summary_add(void *arg, const cJSON *row, struct bx_err *err)
{
	const char *start = bx_json_str(row, "CALL_START_DATE");
	auto_free char *code = bx_json_as_text(bx_json_get(row, "CALL_FAILED_CODE"));
	auto_free char *day = bx_xstrndup(start ? start : "", strlen("2026-11-25"));
	int64_t user = 0, duration = 0;
	(void)err;
	bx_json_int(row, "PORTAL_USER_ID", &user);
	bx_json_int(row, "CALL_DURATION", &duration);
	struct summary_row *sum = row_of(arg, day, user);
	sum->calls++;
	sum->talked += duration > 0;
	sum->missed += bx_streq(code, MISSED) && is_incoming(row);
	sum->duration += duration;
	return true;
}

/* What was missed is a dot at the end of the bar. */
static char *bar(const struct summary_row *row, int64_t most)
{
	auto_str struct bx_str text = BX_STR_INIT(BAR_MAX + 1);
	int64_t all = most > BAR_MAX ? (row->calls * BAR_MAX + most - 1) / most : row->calls;
	int64_t missed = (row->missed * all + row->calls - 1) / row->calls;
	for (int64_t i = 0; i < all; i++)
		bx_str_putc(&text, i < all - missed ? '#' : '.');
	return bx_str_take(&text);
}

static cJSON *line_of(const struct summary_row *row)
{
	cJSON *line = cJSON_CreateObject();
	bx_json_set_str(line, "day", row->day);
	bx_json_set_int(line, "user", row->user);
	bx_json_set_int(line, "calls", row->calls);
	bx_json_set_int(line, "talked", row->talked);
	bx_json_set_int(line, "missed", row->missed);
	bx_json_set_int(line, "duration", row->duration);
	return line;
}

/* For a person: the time as a clock shows it, and the bar. */
static void draw(cJSON *line, const struct summary_row *row, int64_t most)
{
	long long seconds = row->duration;
	auto_free char *chart = bar(row, most);
	auto_free char *time = bx_xprintf("%lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60, seconds % 60);
	bx_json_set_str(line, "duration", time);
	bx_json_set_str(line, "chart", chart);
}

bool summary_print(struct bx_cli *cli, const struct summary *s, struct bx_err *err)
{
	bool drawn = bx_cli_for_eyes(cli);
	int64_t most = 0;
	bx_cli_columns(cli, drawn ? "day user calls talked missed duration chart"
				  : "day user calls talked missed duration");
	for (size_t i = 0; i < s->count; i++)
		most = s->rows[i].calls > most ? s->rows[i].calls : most;
	for (size_t i = 0; i < s->count; i++) {
		auto_json cJSON *line = line_of(&s->rows[i]);
		if (drawn)
			draw(line, &s->rows[i], most);
		if (!bx_cli_out(cli, line, err))
			return false;
	}
	return true;
}

void summary_release(struct summary *s)
{
	free(s->rows);
	*s = (struct summary){0};
}
