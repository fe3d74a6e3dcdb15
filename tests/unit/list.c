/* Lists: every row once, and an end, whatever the portal says of where it is. */
#include "batch.h"
#include "scene.h"

#define BY_ID	"voximplant.statistic.get"
#define BY_PAGE "user.get"

struct seen {
	int rows, texts;
};

static bool count_row(void *arg, const cJSON *row, struct bx_err *err)
{
	struct seen *seen = arg;
	(void)err;
	seen->rows++;
	seen->texts += cJSON_IsRaw(row);
	return true;
}

/* A page of count rows whose IDs begin at first and go by step; next: -1 for none. The caller frees. */
static char *page(int first, int step, int count, int next)
{
	struct bx_str out = BX_STR_INIT(1 << 20);
	bx_str_puts(&out, "{\"result\":[");
	for (int i = 0; i < count; i++)
		bx_str_printf(&out, "%s{\"ID\":\"%d\"}", i ? "," : "", first + i * step);
	bx_str_puts(&out, "]");
	if (next >= 0)
		bx_str_printf(&out, ",\"total\":1000,\"next\":%d", next);
	bx_str_puts(&out, "}");
	return bx_str_take(&out);
}

/* How the list ends: rows got, requests made, and the status. */
static void goes_as(bx_rest_read_fn *flat, const char *method, char *one, char *two, int rows_wanted,
	int asked_wanted, enum bx_exit wanted, const char *what)
{
	struct scene s;
	struct seen seen = {0};
	const struct peer_step steps[] = {{.status = 200, .body = one}, {.status = 200, .body = two}};
	scene_open(&s, steps, 2);
	s.rest.profile.limit_burst = s.rest.profile.limit_rate = 1000000;
	s.rest.read = flat;
	bool good = bx_list(&s.rest, method, NULL, 0, count_row, &seen, &s.err);
	int asked = scene_close(&s);
	if (!CHECK(good == (wanted == BX_OK) && s.err.exit == wanted && seen.rows == rows_wanted && asked == asked_wanted, what))
		printf("# %d rows, %d requests, status %d: %s\n", seen.rows, asked, s.err.exit, s.err.text);
	CHECK(seen.texts == (flat ? rows_wanted : 0), "rows are text where they may be");
}

/* The same whether rows are trees or text. */
static void goes(const char *method, char *one, char *two, int rows_wanted, int asked_wanted, enum bx_exit wanted,
	const char *what)
{
	goes_as(NULL, method, one, two, rows_wanted, asked_wanted, wanted, what);
	goes_as(bx_list_flat, method, one, two, rows_wanted, asked_wanted, wanted, what);
	free(one);
	free(two);
}

static void wrapped(bx_rest_read_fn *flat)
{
	struct scene s;
	struct seen seen = {0};
	scene_open(&s, STEPS({.status = 200, .body = "{\"result\":{\"tasks\":[{\"ID\":1},{\"ID\":2}]},\"total\":2}"}));
	s.rest.read = flat;
	CHECK(bx_list(&s.rest, BY_PAGE, NULL, 0, count_row, &seen, &s.err) && seen.rows == 2, "rows within a map");
	scene_close(&s);
}

static void notes_time(const char *told, const char *wanted)
{
	struct scene s;
	struct seen seen = {0};
	auto_free char *body = bx_xprintf("{\"result\":[{\"ID\":\"1\"}],"
		"\"time\":{\"operating\":0.5, \"operating_reset_at\":%s}}", told);
	scene_open(&s, STEPS({.status = 200, .body = body}));
	s.rest.read = bx_list_flat;
	CHECK(bx_list(&s.rest, BY_PAGE, NULL, 0, count_row, &seen, &s.err) && seen.texts == 1, "a list of text");
	auto_free char *noted = bx_value_get(s.store, "operating p " BY_PAGE, NULL);
	CHECK_STR(noted, wanted, told);
	scene_close(&s);
}

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	goes(BY_ID, page(1, 1, 50, -1), page(51, 1, 7, -1), 57, 2, BX_OK, "pages by the last ID");
	goes(BY_ID, page(1, 1, 50, -1), page(1, 1, 50, -1), 50, 2, BX_REFUSED, "the same page again");
	goes(BY_ID, page(1, 1, 50, -1), page(20, 1, 50, -1), 50, 2, BX_REFUSED, "a page that overlaps");
	goes(BY_ID, page(90, -1, 50, -1), page(40, -1, 7, -1), 1, 1, BX_REFUSED, "IDs that fall");
	goes(BY_ID, page(1, 1, 50, -1), bx_xstrdup("{\"result\":{\"a\":1}}"), 50, 2, BX_REFUSED, "what is no list");
	goes(BY_ID, bx_xstrdup("{\"result\":[{\"NAME\":1}]}"), NULL, 0, 1, BX_REFUSED, "rows without an ID");
	goes(BY_PAGE, page(1, 1, 50, 50), page(51, 1, 7, -1), 57, 2, BX_OK, "pages by number");
	goes(BY_PAGE, page(1, 1, 50, 50), page(51, 1, 50, 50), 100, 2, BX_REFUSED, "a next page that is this one");
	goes(BY_PAGE, page(1, 1, 50, 50), page(51, 1, 50, 0), 100, 2, BX_REFUSED, "or the first one");
	goes(BY_PAGE, bx_xstrdup("{\"result\":true}"), NULL, 0, 1, BX_USAGE, "what is no list at all");
	goes(BY_ID, bx_xstrdup("{\"result\":[{\"A\":{\"ID\":9},\"\\u0049D\":8,\"ID\": 7 }]}"), NULL, 1, 1, BX_OK, "an ID among others");
	goes(BY_PAGE, bx_xstrdup("{\"result\":{\"4\":{\"ID\":1},\"9\":{\"ID\":2}},\"total\":2}"), NULL, 2, 1, BX_OK, "rows in a map");
	wrapped(NULL);
	wrapped(bx_list_flat);
	notes_time("4000000000", "4000000000");
	notes_time("4e9", "4000000000");
	notes_time("4000000000.5", NULL);
	notes_time("99999999999999999999", NULL);
	notes_time("9223372036854775807", NULL);
	notes_time("-1", NULL);
	return scene_end();
}
