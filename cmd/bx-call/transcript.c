/* transcript (portal.md 11.5): JSON as the portal takes it, or captions with speakers. */
#include "call.h"

#include <strings.h>
#include "captions.h"
#include "file.h"
#include "banned.h"

#define TEXT_MAX (16 * 1024 * 1024)

const struct bx_opt call_transcript_opts[] = {
	{"speaker", 0, "NAME=SIDE", BX_OPT_MANY, NULL, "who a speaker of the captions is: user or client"},
	CALL_OPT_SPOOL,
	{0},
};

static bool read_text(const char *path, struct bx_str *text, struct bx_err *err)
{
	return bx_file_read(text, path, err) &&
	       (!memchr(text->buf, 0, text->len) || bx_fail(err, BX_USAGE, "", "%s is not a text", path));
}

/* The words of the row, and what people usually call the two. */
static const char *side_named(const char *name, size_t len)
{
	static const char *const others[][2] = {{"agent", "user"}, {"operator", "user"},
		{"employee", "user"}, {"manager", "user"}, {"customer", "client"}, {"caller", "client"}};
	const struct bx_field *rows = bx_field_by_key(call_op("transcript")->fields, "MESSAGES", false)->rows;
	const struct bx_word *word = bx_field_by_key(rows, "SIDE", false)->words;
	for (size_t i = 0; i < BX_COUNT(others); i++) {
		if (strlen(others[i][0]) == len && !strncasecmp(others[i][0], name, len)) {
			name = others[i][1];
			len = strlen(name);
		}
	}
	for (; word->word; word++) {
		if (strlen(word->word) == len && !strncasecmp(word->word, name, len))
			return word->wire;
	}
	return NULL;
}

static const char *side_of(void *arg, const char *name)
{
	struct bx_cli *cli = arg;
	const char *const *given;
	size_t count = bx_opt_all(cli, "speaker", &given), len = strlen(name);
	while (count--) {
		const char *equal = strrchr(given[count], '=');
		if (equal && (size_t)(equal - given[count]) == len && !strncasecmp(given[count], name, len))
			return side_named(equal + 1, strlen(equal + 1));
	}
	return side_named(name, len);
}

static bool check_speakers(struct bx_cli *cli, struct bx_err *err)
{
	const char *const *given;
	size_t count = bx_opt_all(cli, "speaker", &given);
	while (count--) {
		const char *equal = strrchr(given[count], '=');
		if (!equal || !side_named(equal + 1, strlen(equal + 1)))
			return bx_fail(err, BX_USAGE, "", "--speaker '%s' is not NAME=user or NAME=client",
				given[count]);
	}
	return true;
}

/* A list of messages, or an object that holds them beside other parameters. */
static bool put_json(const struct bx_str *text, cJSON *params, struct bx_err *err)
{
	auto_json cJSON *given = bx_json_parse(text->buf, text->len, err);
	if (!given)
		return false;
	if (cJSON_IsArray(given)) {
		bx_json_set(params, "MESSAGES", cJSON_Duplicate(given, true));
		return true;
	}
	const cJSON *e;
	cJSON_ArrayForEach(e, given) {
		if (e->string && strcmp(e->string, "CALL_ID") != 0)
			bx_json_set(params, e->string, cJSON_Duplicate(e, true));
	}
	return true;
}

static bool put_messages(struct bx_cli *cli, const char *path, cJSON *params, struct bx_err *err)
{
	auto_str struct bx_str text = BX_STR_INIT(TEXT_MAX);
	if (!check_speakers(cli, err) || !read_text(path, &text, err))
		return false;
	char *begin = text.buf + (bx_starts(text.buf, "\xef\xbb\xbf") ? 3 : 0);
	begin += strspn(begin, " \t\r\n");
	if (*begin == '[' || *begin == '{') {
		bx_str_cut(&text, (size_t)(begin - text.buf));
		return put_json(&text, params, err) &&
			(bx_json_truthy(bx_json_get(params, "MESSAGES")) ||
				bx_fail(err, BX_USAGE, "", "%s has no messages", path));
	}
	cJSON *messages = captions_parse(begin, side_of, cli, err);
	bx_json_set(params, "MESSAGES", messages);
	return messages != NULL;
}

bool call_transcript(struct bx_cli *cli, struct bx_err *err)
{
	auto_portal struct bx_portal portal = {0};
	const struct bx_op *op = call_op("transcript");
	const char *path = bx_cli_arg(cli, 0);
	if (!bx_cli_want_args(cli, 1, SIZE_MAX, err))
		return false;
	if (!strcmp(path, "-") && bx_streq(bx_opt(cli, "call"), "-"))
		return bx_fail(err, BX_USAGE, "", "standard input cannot be the call and the transcript both");
	if (!call_open(cli, &portal, err))
		return false;
	auto_json cJSON *params = call_params(cli, op, &portal.ref, 1, err);
	if (!params || !put_messages(cli, path, params, err) || !bx_cli_check(op, params, err))
		return false;
	if (call_spooling(cli))
		return call_spool(cli, &portal, "transcript", params, NULL, err);
	auto_json cJSON *result = bx_portal_op(cli, &portal, op, params, err);
	if (!result)
		return bx_portal_was_dry(cli, err);
	auto_json cJSON *line = call_attached(params, result);
	return bx_cli_out(cli, line, err);
}
