/* The whole exchanges of tests/wire: lengths are exact, and what they carry fits the rows. */
#include "spec.h"
#include "check.h"

#include <glob.h>
#include <sodium.h>
#include "form.h"
#include "banned.h"

struct exchange {
	char name[64], to[16];
	bool crlf;
	char *head; /* of the request, without its last line feed */
	struct bx_str body;
	bool has_body, good; /* good: answered with a result */
};

static char *slurp(const char *path)
{
	auto_file FILE *f = fopen(path, "rb");
	auto_str struct bx_str text = BX_STR_INIT(1 << 20);
	char chunk[4096];
	for (size_t got; f && (got = fread(chunk, 1, sizeof chunk, f)) > 0;)
		bx_str_add(&text, chunk, got);
	return bx_str_take(&text);
}

/* Puts the bytes of {{base64 TEXT}} in its place. */
static void add_line(struct exchange *x, const char *line, size_t len)
{
	static const char mark[] = "{{base64 ";
	unsigned char bytes[1024];
	size_t count = 0;
	if (!bx_starts(line, mark)) {
		bx_str_add(&x->body, line, len);
		return;
	}
	const char *text = line + sizeof mark - 1;
	if (sodium_base642bin(bytes, sizeof bytes, text, strcspn(text, "}"), NULL, &count, NULL,
		    sodium_base64_VARIANT_ORIGINAL))
		CHECK(false, "base64");
	bx_str_add(&x->body, (const char *)bytes, count);
}

static void take_body(struct exchange *x, const char *text, size_t len)
{
	const char *end = text + len;
	x->has_body = true;
	while (text < end) {
		size_t run = strcspn(text, "\n");
		add_line(x, text, run);
		text += run + 1;
		if (x->crlf)
			bx_str_puts(&x->body, "\r\n");
		else if (text < end)
			bx_str_putc(&x->body, '\n');
	}
}

static long content_length(const char *head)
{
	const char *p = strstr(head, "\nContent-Length: ");
	return p ? strtol(p + strlen("\nContent-Length: "), NULL, 10) : -1;
}

/* text begins after "=== " and ends before the next exchange. */
static void parse(struct exchange *x, char *text)
{
	char *request = strstr(text, "\n>>>\n"), *answer = strstr(text, "\n<<< ");
	*x = (struct exchange){.body = BX_STR_INIT(1 << 16)};
	if (!CHECK(request && answer && request < answer, "an exchange has >>> and <<<"))
		return;
	*request = *answer = 0;
	const char *to = strstr(text, "\nto: ");
	snprintf(x->name, sizeof x->name, "%.*s", (int)strcspn(text, "\n"), text);
	snprintf(
		x->to, sizeof x->to, "%.*s", to ? (int)strcspn(to + 5, "\n") : 0, to ? to + 5 : "");
	x->crlf = strstr(text, "\ncrlf: yes") != NULL;
	x->good = strstr(answer + 1, "{\"result\"") != NULL;
	x->head = request + 5;
	char *body = strstr(x->head, "\n\n");
	if (!body)
		return;
	*body = 0;
	take_body(x, body + 2, strlen(body + 2));
}

static cJSON *payload(const struct exchange *x)
{
	if (strstr(x->head, "\nContent-Type: application/json"))
		return bx_json_parse(x->body.buf, x->body.len, NULL);
	if (strstr(x->head, "\nContent-Type: application/x-www-form-urlencoded"))
		return bx_form_decode(x->body.buf, x->body.len, NULL);
	return cJSON_CreateObject();
}

/* The method in POST /rest/METHOD HTTP/1.1; a webhook has two more steps before it. */
static char *method_of(const char *head)
{
	const char *path = strchr(head, ' ') + 1;
	size_t len = strcspn(path, " ?");
	while (len && path[len - 1] == '/')
		len--;
	size_t from = len;
	while (from && path[from - 1] != '/')
		from--;
	char *name = bx_xstrndup(path + from, len - from);
	char *format = strrchr(name, '.');
	if (format && !strcmp(format, ".json"))
		*format = 0;
	return name;
}

static void check_call(const struct exchange *x)
{
	auto_free char *name = method_of(x->head);
	auto_free char *what = bx_xprintf("%s calls %s", x->name, name);
	auto_json cJSON *params = payload(x);
	const struct bx_op *op = bx_op_by_wire(BX_METHOD, name);
	if (!CHECK(op && params, what))
		return;
	struct bx_err err = {0};
	const char *token = strstr(x->head, "token=");
	if (token)
		bx_json_set_str(params, "token", token);
	if (x->good && !CHECK(bx_op_check(op, params, &err), "what the portal took the row takes"))
		printf("# %s\n", err.text);
}

static void check_event(const struct exchange *x)
{
	auto_json cJSON *form = payload(x);
	const char *name = bx_json_str(form, "event");
	if (!name)
		return;
	struct bx_err err = {0};
	const struct bx_op *op = bx_op_by_wire(BX_PORTAL_EVENT, name);
	if (!CHECK(op && bx_op_check(op, bx_json_get(form, "data"), &err), name))
		printf("# %s\n", err.text);
	bool tokenless = !bx_json_get(bx_json_get(form, "auth"), "access_token");
	CHECK(op && tokenless == !!(op->flags & BX_TOKENLESS), "tokens as the row says");
}

static void check_exchange(const struct exchange *x)
{
	long want = content_length(x->head);
	auto_free char *what = bx_xprintf("%s: Content-Length is %zu", x->name, x->body.len);
	CHECK(x->has_body ? want == (long)x->body.len : want < 0, what);
	bool rest = !strcmp(x->to, "portal") && strstr(x->head, " /rest/");
	if (rest)
		check_call(x);
	else if (!strcmp(x->to, "app"))
		check_event(x);
	else
		CHECK(!strcmp(x->to, "auth") || strstr(x->head, " /oauth/authorize/"), x->to);
}

static void check_http(const char *path)
{
	auto_free char *text = slurp(path);
	char *at = strstr(text, "\n=== ");
	CHECK(at, path);
	while (at) {
		struct exchange x;
		char *next = strstr(at + 1, "\n=== ");
		if (next)
			*next = 0;
		parse(&x, at + 5);
		if (x.head)
			check_exchange(&x);
		bx_str_release(&x.body);
		at = next;
		if (at)
			*at = '\n';
	}
}

/* The events the frame subscribed to, by callback. */
static cJSON *bound;

static const struct bx_op *frame_op(const char *name)
{
	const struct bx_op *op = bx_op_by_wire(BX_CARD_COMMAND, name);
	return op ? op : bx_op_by_wire(BX_FRAME_CALL, name);
}

static void check_request(const char *name, const char *callback, const cJSON *params, bool unknown)
{
	const struct bx_op *op = frame_op(name);
	struct bx_err err = {0};
	CHECK(unknown ? !op : op != NULL, name);
	const char *state = bx_json_str(params, "uiState");
	bool want = !state || bx_state_index(state) >= 0;
	if (op && !CHECK(bx_op_check(op, params, &err) == want, "its parameters"))
		printf("# %s\n", err.text);
	const char *event = op == bx_op_by_verb(BX_FRAME_CALL, "placementBindEvent")
				    ? bx_json_str(params, "event")
				    : NULL;
	if (event && CHECK(bx_op_by_wire(BX_CARD_EVENT, event), event))
		bx_json_set_str(bound, callback, event);
}

/* COMMAND ":" [JSON] ":" [CALLBACK] ":" SID; the JSON may have colons. */
static void check_up(char *line, bool unknown)
{
	auto_json cJSON *object = *line == '{' ? bx_json_parse(line, strlen(line), NULL) : NULL;
	if (object) {
		check_request(bx_json_str(object, "method"), bx_json_str(object, "callback"),
			bx_json_get(object, "params"), unknown);
		return;
	}
	char *sid = strrchr(line, ':');
	*sid = 0;
	char *callback = strrchr(line, ':');
	*callback = 0;
	CHECK(!strcmp(sid + 1, "SID"), "a message ends with the APP_SID");
	char *json = strchr(line, ':');
	if (json)
		*json++ = 0;
	auto_json cJSON *params = json && *json ? bx_json_parse(json, strlen(json), NULL) : NULL;
	CHECK(params || !json || !*json, "parameters are JSON");
	check_request(line, callback + 1, params, unknown);
}

static void check_down(char *line)
{
	char *json = strchr(line, ':');
	*json++ = 0;
	auto_json cJSON *value = *json ? bx_json_parse(json, strlen(json), NULL) : NULL;
	CHECK(value || !*json, "what the page sends is JSON or nothing");
	const char *event = bx_json_str(bound, line);
	struct bx_err err = {0};
	if (event && !CHECK(bx_op_check(bx_op_by_wire(BX_CARD_EVENT, event), value, &err), event))
		printf("# %s\n", err.text);
}

static void check_click(const char *line)
{
	auto_free char *name = bx_xstrndup(line, strcspn(line, " "));
	const struct bx_button *b = bx_buttons;
	while (b->name && strcmp(b->name, name) != 0)
		b++;
	CHECK(b->name, line);
}

static void check_frame(const char *path)
{
	auto_free char *text = slurp(path);
	CHECK(strstr(text, "\n> "), path);
	for (char *line = text, *next; *line; line = next) {
		size_t len = strcspn(line, "\n");
		next = line + len + (line[len] == '\n');
		bool unknown = bx_starts(next, "! unknown");
		line[len] = 0;
		if (bx_starts(line, "> "))
			check_up(line + 2, unknown);
		else if (bx_starts(line, "< "))
			check_down(line + 2);
		else if (bx_starts(line, "@ "))
			check_click(line + 2);
		else
			CHECK(*line == '#' || *line == '!', line);
	}
}

static void each(const char *folder, const char *pattern, void (*fn)(const char *path))
{
	auto_free char *full = bx_xprintf("%s/%s", folder, pattern);
	glob_t files;
	if (!CHECK(!glob(full, 0, NULL, &files), full))
		return;
	for (size_t i = 0; i < files.gl_pathc; i++)
		fn(files.gl_pathv[i]);
	globfree(&files);
}

int main(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : getenv("BX_WIRE");
	folder = folder ? folder : "tests/wire";
	bound = cJSON_CreateObject();
	each(folder, "http/*.http", check_http);
	each(folder, "frame/*.txt", check_frame);
	cJSON_Delete(bound);
	return check_end();
}
