/* Access to what the command line gave, and its free parameters. */
#include "cli_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include "form.h"
#include "log.h"
#include "banned.h"

#define FILE_MAX_BYTES (16 * 1024 * 1024)

const char *bx_opt(const struct bx_cli *cli, const char *name)
{
	for (size_t i = cli->given_count; i--;) {
		if (!strcmp(cli->given[i].name, name))
			return cli->given[i].value;
	}
	return NULL;
}

bool bx_opt_on(const struct bx_cli *cli, const char *name, bool fallback)
{
	for (size_t i = cli->given_count; i--;) {
		if (!strcmp(cli->given[i].name, name))
			return cli->given[i].value != NULL;
	}
	return fallback;
}

size_t bx_opt_all(const struct bx_cli *cli, const char *name, const char *const **values)
{
	struct bx_cli *own = (struct bx_cli *)cli;
	size_t count = 0;
	own->values = bx_xrealloc(own->values, (cli->given_count + 1) * sizeof *own->values);
	for (size_t i = 0; i < cli->given_count; i++) {
		if (cli->given[i].value && !strcmp(cli->given[i].name, name))
			own->values[count++] = cli->given[i].value;
	}
	*values = own->values;
	return count;
}

bool bx_opt_int(const struct bx_cli *cli, const char *name, int64_t least, int64_t most, int64_t *out,
	struct bx_err *err)
{
	const char *text = bx_opt(cli, name);
	if (!text)
		return true;
	cJSON probe = {.type = cJSON_String, .valuestring = (char *)text};
	int64_t value;
	if (!bx_json_as_int(&probe, &value) || value < least || value > most)
		return bx_fail(err, BX_USAGE, "", "--%s '%s' is not a whole number from %lld to %lld", name,
			text, (long long)least, (long long)most);
	*out = value;
	return true;
}

bool bx_opt_timeout(const struct bx_cli *cli, int64_t *ms, struct bx_err *err)
{
	const char *text = bx_opt(cli, "timeout");
	if (!text)
		return true;
	char *end;
	errno = 0;
	double seconds = strtod(text, &end);
	if (errno || end == text || *end || !isfinite(seconds) || seconds < 0 || seconds > 1e7)
		return bx_fail(err, BX_USAGE, "", "--timeout '%s' is not a number of seconds from 0 to 10000000",
			text);
	*ms = (int64_t)(seconds * 1000 + 0.5);
	return true;
}

const struct bx_verb *bx_cli_verb(const struct bx_cli *cli)
{
	return cli->verb;
}

size_t bx_cli_argc(const struct bx_cli *cli)
{
	return cli->arg_count;
}

const char *bx_cli_arg(const struct bx_cli *cli, size_t i)
{
	return i < cli->arg_count ? cli->args[i] : NULL;
}

bool bx_cli_want_args(const struct bx_cli *cli, size_t least, size_t most, struct bx_err *err)
{
	if (cli->arg_count < least)
		return bx_fail(err, BX_USAGE, "", "arguments are missing; usage: %s %s %s", cli->tool->name,
			cli->verb->name, cli->verb->args);
	if (cli->arg_count > most)
		return bx_fail(err, BX_USAGE, "", "unexpected argument '%s'; usage: %s %s %s",
			cli->args[most], cli->tool->name, cli->verb->name, cli->verb->args);
	return true;
}

static bool read_all(int fd, const char *what, struct bx_str *out, struct bx_err *err)
{
	for (;;) {
		char chunk[65536];
		ssize_t got = read(fd, chunk, sizeof chunk);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return bx_fail_errno(err, "reading %s", what);
		if (!got)
			return true;
		if (!bx_str_add(out, chunk, (size_t)got))
			return bx_fail(err, BX_USAGE, "", "%s is larger than %zu bytes", what, out->max);
	}
}

bool bx_cli_read(const char *path, struct bx_str *out, struct bx_err *err)
{
	bool in = !strcmp(path, "-");
	auto_fd int fd = in ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	struct bx_err why = {0};
	if (fd < 0)
		return bx_fail(err, BX_USAGE, "", "%s: %s", path, strerror(errno));
	if (!read_all(fd, in ? "standard input" : path, out, &why))
		return bx_fail(err, BX_USAGE, "", "%s", why.text);
	return !memchr(out->buf, 0, out->len) ||
		bx_fail(err, BX_USAGE, "", "%s: the file is binary", in ? "standard input" : path);
}

static cJSON *file_value(const char *key, const char *path, struct bx_err *err)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	auto_str struct bx_str text = BX_STR_INIT(FILE_MAX_BYTES);
	if (fd < 0) {
		bx_fail(err, BX_USAGE, "", "%s@%s: %s", key, path, strerror(errno));
		return NULL;
	}
	struct bx_err why = {0};
	if (!read_all(fd, path, &text, &why)) {
		bx_fail(err, BX_USAGE, "", "%s@%s: %s", key, path, why.text);
		return NULL;
	}
	if (memchr(text.buf, 0, text.len)) {
		bx_fail(err, BX_USAGE, "", "%s@%s: the file is binary; a parameter is text", key, path);
		return NULL;
	}
	return cJSON_CreateString(text.buf);
}

static cJSON *json_value(const char *key, const char *text, struct bx_err *err)
{
	struct bx_err why = {0};
	cJSON *value = bx_json_parse(text, strlen(text), &why);
	if (!value)
		bx_fail(err, BX_USAGE, "", "%s:=%s: %s", key, text, why.text);
	return value;
}

/* The end of the key: the first = or := or @ outside brackets, for a filter's key may hold them. */
static size_t key_end(const char *arg)
{
	int depth = 0;
	for (const char *p = arg; *p; p++) {
		depth += *p == '[';
		depth -= *p == ']' && depth > 0;
		if (!depth && (*p == '=' || *p == '@' || (*p == ':' && p[1] == '=')))
			return (size_t)(p - arg);
	}
	return 0;
}

/* JSON is UTF-8, and a portal makes nothing of anything else. */
static bool check_letters(const char *key, const char *text, struct bx_err *err)
{
	return bx_is_utf8(text) ||
		bx_fail(err, BX_USAGE, "", "%s: the text is not UTF-8; iconv(1) turns another encoding into it", key);
}

static bool put_param(cJSON *params, const char *arg, struct bx_err *err)
{
	size_t len = key_end(arg);
	if (!len)
		return bx_fail(err, BX_USAGE, "", "'%s' is not a parameter: use KEY=TEXT, KEY:=JSON or KEY@FILE",
			arg);
	auto_free char *key = bx_xstrndup(arg, len);
	const char *value = arg + len + 1;
	cJSON *item = arg[len] == '@'	? file_value(key, value, err)
		      : arg[len] == ':' ? json_value(key, value + 1, err)
					: cJSON_CreateString(value);
	const char *text = cJSON_GetStringValue(item);
	if (!item || !check_letters(key, text ? text : "", err)) {
		cJSON_Delete(item);
		return false;
	}
	if (!bx_form_put(params, key, item))
		return bx_fail(err, BX_USAGE, "", "'%s' is nested deeper than %d levels", key, BX_FORM_DEPTH_MAX);
	return true;
}

static void put_all(cJSON *params, cJSON *object)
{
	while (object->child) {
		cJSON *e = cJSON_DetachItemViaPointer(object, object->child);
		bx_json_set(params, e->string, cJSON_Duplicate(e, true));
		cJSON_Delete(e);
	}
}

static bool put_map(cJSON *params, const char *text, struct bx_err *err)
{
	auto_json cJSON *object = bx_json_parse(text, strlen(text), err);
	if (object)
		put_all(params, object);
	return object != NULL;
}

static void make_lists(cJSON *params)
{
	for (cJSON *e = params->child; e; e = e->next) {
		if (cJSON_IsObject(e) && e->child)
			bx_form_lists(e);
	}
}

static bool put_stdin(cJSON *params, struct bx_err *err)
{
	auto_str struct bx_str text = BX_STR_INIT(FILE_MAX_BYTES);
	if (!read_all(STDIN_FILENO, "standard input", &text, err))
		return false;
	struct bx_err why = {0};
	auto_json cJSON *object = bx_json_parse(text.buf, text.len, &why);
	if (!cJSON_IsObject(object))
		return bx_fail(err, BX_USAGE, "", "standard input is not one JSON object%s%s",
			why.text[0] ? ": " : "", why.text);
	put_all(params, object);
	return true;
}

static bool put_field(cJSON *params, const struct bx_field *f, const char *text, struct bx_err *err)
{
	cJSON *value = check_letters(f->key, text, err) ? bx_field_value(f, text, err) : NULL;
	if (!value)
		return false;
	cJSON *old = bx_json_get(params, f->key);
	if (!(f->flags & BX_MANY) || !old) {
		bx_json_set(params, f->key, value);
		return true;
	}
	if (!cJSON_IsArray(old)) {
		cJSON *list = cJSON_CreateArray();
		cJSON_AddItemToArray(list, cJSON_Duplicate(old, true));
		bx_json_set(params, f->key, list);
		old = list;
	}
	cJSON_AddItemToArray(old, value);
	return true;
}

/* 1.25:USD is the values of two fields. */
static bool put_option(cJSON *params, const struct bx_op *op, const struct bx_field *f, const char *text,
	struct bx_err *err)
{
	const char *colon = f->pair ? strchr(text, ':') : NULL;
	if (!colon || !colon[1])
		return put_field(params, f, text, err);
	auto_free char *own = bx_xstrndup(text, (size_t)(colon - text));
	return put_field(params, f, own, err) &&
		put_field(params, bx_field_by_key(op->fields, f->pair, false), colon + 1, err);
}

static bool put_options(const struct bx_cli *cli, const struct bx_op *op, cJSON *params, struct bx_err *err)
{
	for (const struct bx_field *f = op->fields; f->key; f++) {
		if (!f->option || f->flags & (BX_ARG | BX_HIDDEN))
			continue;
		bool is_switch = f->type == BX_FLAG || f->type == BX_YN || f->type == BX_BOOL;
		for (size_t i = 0; i < cli->given_count; i++) {
			const struct bx_given *g = &cli->given[i];
			const char *text = is_switch ? (g->value ? "on" : "off") : g->value;
			if (!strcmp(g->name, f->option) && !put_option(params, op, f, text, err))
				return false;
		}
	}
	return true;
}

static bool put_args(const struct bx_cli *cli, const struct bx_op *op, size_t *next, cJSON *params,
	struct bx_err *err)
{
	for (const struct bx_field *f = op->fields; f->key; f++) {
		if (!(f->flags & BX_ARG))
			continue;
		const char *text = bx_cli_arg(cli, *next);
		if (!text && f->flags & BX_REQUIRED)
			return bx_fail(err, BX_USAGE, "", "%s is missing; usage: %s %s %s",
				f->option ? f->option : f->key, cli->tool->name, cli->verb->name,
				cli->verb->args);
		if (text && !put_field(params, f, text, err))
			return false;
		*next += text != NULL;
	}
	return true;
}

cJSON *bx_cli_collect(struct bx_cli *cli, const struct bx_op *op, size_t from, struct bx_err *err)
{
	auto_json cJSON *params = cJSON_CreateObject();
	if (op && (!put_options(cli, op, params, err) || !put_args(cli, op, &from, params, err)))
		return NULL;
	for (; from < cli->arg_count; from++) {
		const char *arg = cli->args[from];
		if (!(strcmp(arg, "-") ? put_param(params, arg, err) : put_stdin(params, err)))
			return NULL;
	}
	make_lists(params);
	cJSON *result = params;
	params = NULL;
	return result;
}

cJSON *bx_cli_collect_words(char *const *words, size_t count, struct bx_err *err)
{
	auto_json cJSON *params = cJSON_CreateObject();
	for (size_t i = 0; i < count; i++) {
		if (!(*words[i] == '{' ? put_map(params, words[i], err) : put_param(params, words[i], err)))
			return NULL;
	}
	make_lists(params);
	cJSON *result = params;
	params = NULL;
	return result;
}

/* The row speaks of its keys; whoever typed options is told the option as well. */
static void name_option(const struct bx_op *op, struct bx_err *err)
{
	size_t len = strcspn(err->text, " [");
	for (const struct bx_field *f = op->fields; f->key; f++) {
		if (!f->option || f->flags & (BX_ARG | BX_HIDDEN) || strlen(f->key) != len ||
			strncmp(f->key, err->text, len) != 0)
			continue;
		struct bx_err why = *err;
		bx_fail(err, why.exit, why.code, "--%s: %.900s", f->option, why.text);
		return;
	}
}

bool bx_cli_check(const struct bx_op *op, const cJSON *params, struct bx_err *err)
{
	if (bx_op_check(op, params, err))
		return true;
	if (err)
		name_option(op, err);
	return false;
}

cJSON *bx_cli_params(struct bx_cli *cli, const struct bx_op *op, size_t from, struct bx_err *err)
{
	cJSON *params = bx_cli_collect(cli, op, from, err);
	if (!params || !op || bx_cli_check(op, params, err))
		return params;
	cJSON_Delete(params);
	return NULL;
}
