/* Results on stdout, errors and notes on stderr. */
#include "cli_impl.h"

#include <errno.h>
#include <string.h>
#include "log.h"
#include "secret.h"
#include "banned.h"

#define LINE_MAX_BYTES (64 * 1024 * 1024)
#define CELL_MAX       60
#define HELD_MAX       (1024 * 1024)

static const struct {
	const char *word;
	enum bx_output output;
} outputs[] = {{"json", BX_OUT_JSON}, {"pretty", BX_OUT_PRETTY}, {"table", BX_OUT_TABLE}};

bool bx_cli_setup_output(struct bx_cli *cli, struct bx_err *err)
{
	const char *given = bx_opt(cli, "output"), *env = getenv("BX_OUTPUT");
	const char *word = given ? given : env && *env ? env : isatty(STDOUT_FILENO) ? "pretty" : "json";
	for (size_t i = 0; i < BX_COUNT(outputs); i++) {
		if (!strcmp(outputs[i].word, word)) {
			cli->output = outputs[i].output;
			return true;
		}
	}
	return bx_fail(err, BX_USAGE, "", "%s '%s' is not json, pretty or table",
		given ? "--output" : "BX_OUTPUT", word);
}

bool bx_cli_quiet(const struct bx_cli *cli)
{
	return bx_opt(cli, "quiet") != NULL;
}

bool bx_cli_dry(const struct bx_cli *cli)
{
	return bx_opt(cli, "dry-run") != NULL;
}

void bx_cli_columns(struct bx_cli *cli, const char *keys)
{
	cli->columns = keys;
}

bool bx_cli_for_eyes(struct bx_cli *cli)
{
	const char *env = getenv("BX_OUTPUT");
	bool asked = bx_opt(cli, "output") || (env && *env), terminal = isatty(STDOUT_FILENO);
	if (terminal && !asked)
		cli->output = BX_OUT_TABLE;
	return terminal && cli->output == BX_OUT_TABLE;
}

/* A reader that has had enough, as head(1), is no news for anybody. */
static bool cannot_write(struct bx_err *err)
{
	if (errno == EPIPE)
		return bx_fail(err, BX_LOCAL, "", "%s", "");
	return bx_fail_errno(err, "writing to standard output");
}

static bool write_all(const char *text, size_t len, struct bx_err *err)
{
	for (size_t done = 0; done < len;) {
		ssize_t put = write(STDOUT_FILENO, text + done, len - done);
		if (put < 0 && errno != EINTR)
			return cannot_write(err);
		done += put > 0 ? (size_t)put : 0;
	}
	return true;
}

/* Whole lines, and each write as many of them as are known. */
static bool end_line(struct bx_cli *cli, bool more, struct bx_err *err)
{
	bx_str_putc(&cli->held, '\n');
	if (more && cli->held.len < HELD_MAX)
		return true;
	bool ok = !fflush(stdout) ? write_all(cli->held.buf, cli->held.len, err) : cannot_write(err);
	bx_str_reset(&cli->held);
	return ok;
}

/* A list is so many rows; what is no map gets a column of its own. */
static void collect_rows(cJSON *rows, const cJSON *item)
{
	if (cJSON_IsArray(item)) {
		for (const cJSON *e = item->child; e; e = e->next)
			collect_rows(rows, e);
		return;
	}
	cJSON *row = cJSON_IsObject(item) ? cJSON_Duplicate(item, true) : cJSON_CreateObject();
	if (!cJSON_IsObject(item))
		bx_json_set(row, "value", cJSON_Duplicate(item, true));
	cJSON_AddItemToArray(rows, row);
}

bool bx_cli_out(struct bx_cli *cli, const cJSON *item, struct bx_err *err)
{
	if (cli->output == BX_OUT_TABLE) {
		if (!cli->rows)
			cli->rows = cJSON_CreateArray();
		collect_rows(cli->rows, item);
		return true;
	}
	auto_free char *text = bx_redact_data(cli->output == BX_OUT_PRETTY ? bx_json_pretty(item)
									  : bx_json_print(item));
	if (cli->output == BX_OUT_PRETTY && cli->paint)
		bx_cli_paint_json(&cli->held, text);
	else
		bx_str_puts(&cli->held, text);
	return end_line(cli, false, err);
}

bool bx_cli_is_lines(const struct bx_cli *cli)
{
	return cli->output == BX_OUT_JSON;
}

struct bx_str *bx_cli_out_text(struct bx_cli *cli)
{
	cli->line = cli->held.len;
	return &cli->held;
}

bool bx_cli_out_end(struct bx_cli *cli, bool more, struct bx_err *err)
{
	bx_redact_end(&cli->held, cli->line);
	return end_line(cli, more, err);
}

/* The column names: as asked, else the keys of the first row. */
static size_t columns_of(const struct bx_cli *cli, char *names[64])
{
	size_t count = 0;
	if (cli->columns) {
		for (const char *p = cli->columns; *p && count < 64; p += strspn(p, " ")) {
			size_t len = strcspn(p, " ");
			names[count++] = bx_xstrndup(p, len);
			p += len;
		}
		return count;
	}
	for (const cJSON *e = cli->rows->child->child; e && e->string && count < 64; e = e->next)
		names[count++] = bx_xstrdup(e->string);
	return count;
}

static char *cell(const cJSON *row, const char *key)
{
	const cJSON *item = bx_json_get(row, key);
	auto_free char *text = bx_json_as_text(item);
	if (!text)
		text = item ? bx_json_print(item) : bx_xstrdup("");
	auto_str struct bx_str out = BX_STR_INIT(CELL_MAX * 4);
	text = bx_redact_data(text);
	bx_escape(&out, text);
	return bx_str_take(&out);
}

/* Code points, which is what a terminal shows of most texts. */
static int width(const char *text)
{
	int n = 0;
	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static void print_cells(char *const cells[64], const int widths[64], size_t count, struct bx_str *out)
{
	for (size_t i = 0; i < count; i++) {
		bx_str_puts(out, cells[i]);
		int pad = i + 1 < count ? widths[i] - width(cells[i]) + 2 : 0;
		bx_str_printf(out, "%*s", pad, "");
	}
	bx_str_putc(out, '\n');
}

static void table_row(const cJSON *row, char *const names[64], size_t count, char *cells[64])
{
	for (size_t i = 0; i < count; i++)
		cells[i] = cell(row, names[i]);
}

static void free_cells(char *cells[64], size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(cells[i]);
}

bool bx_cli_flush(struct bx_cli *cli, struct bx_err *err)
{
	if (!cli->rows || !cli->rows->child)
		return true;
	char *names[64], *cells[64];
	int widths[64];
	size_t count = columns_of(cli, names);
	for (size_t i = 0; i < count; i++)
		widths[i] = width(names[i]);
	for (const cJSON *row = cli->rows->child; row; row = row->next) {
		table_row(row, names, count, cells);
		for (size_t i = 0; i < count; i++)
			widths[i] = width(cells[i]) > widths[i] ? width(cells[i]) : widths[i];
		free_cells(cells, count);
	}
	auto_str struct bx_str out = BX_STR_INIT(LINE_MAX_BYTES);
	print_cells(names, widths, count, &out);
	for (const cJSON *row = cli->rows->child; row; row = row->next) {
		table_row(row, names, count, cells);
		print_cells(cells, widths, count, &out);
		free_cells(cells, count);
	}
	free_cells(names, count);
	cJSON_Delete(cli->rows);
	cli->rows = NULL;
	if (fwrite(out.buf, 1, out.len, stdout) != out.len || fflush(stdout))
		return cannot_write(err);
	return true;
}

void bx_cli_note(const struct bx_cli *cli, const char *fmt, ...)
{
	if (bx_cli_quiet(cli))
		return;
	auto_str struct bx_str text = BX_STR_INIT(16384), line = BX_STR_INIT(65536);
	va_list ap;
	va_start(ap, fmt);
	bx_str_vprintf(&text, fmt, ap);
	va_end(ap);
	bx_redact(&text);
	bx_str_printf(&line, "%s: ", cli->tool->name);
	bx_escape(&line, text.buf);
	fprintf(stderr, "%s\n", line.buf);
}

void bx_cli_failed(const struct bx_cli *cli, const struct bx_err *err)
{
	bx_cli_report(cli->tool, cli->verb, err);
}

static void report_json(const struct bx_tool *tool, const struct bx_verb *verb, const struct bx_err *err,
	const char *code, const char *text)
{
	auto_json cJSON *o = cJSON_CreateObject();
	bx_json_set_str(o, "tool", tool->name);
	bx_json_set_str(o, "verb", verb ? verb->name : "");
	bx_json_set_str(o, "error", code);
	bx_json_set_str(o, "error_description", text);
	bx_json_set_int(o, "http", err->http);
	bx_json_set_int(o, "exit", err->exit);
	auto_free char *line = bx_json_print(o);
	fprintf(stderr, "%s\n", line);
}

void bx_cli_report(const struct bx_tool *tool, const struct bx_verb *verb, const struct bx_err *err)
{
	auto_str struct bx_str text = BX_STR_INIT(sizeof err->text * 6), line = BX_STR_INIT(65536);
	auto_str struct bx_str code = BX_STR_INIT(sizeof err->code * 6);
	bx_str_puts(&text, err->text);
	bx_redact(&text);
	bx_str_puts(&code, err->code);
	bx_redact(&code);
	if (bx_streq(getenv("BX_ERRORS"), "json")) {
		report_json(tool, verb, err, code.buf, text.buf);
		return;
	}
	bool named = verb && tool->verbs[1].name;
	bx_str_printf(&line, "%s: %s%s", tool->name, named ? verb->name : "", named ? ": " : "");
	bx_escape(&line, code.buf);
	bx_str_puts(&line, code.len ? ": " : "");
	bx_escape(&line, text.buf);
	if (err->http)
		bx_str_printf(&line, " (HTTP %d)", err->http);
	fprintf(stderr, "%s\n", line.buf);
}
