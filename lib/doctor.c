#include "doctor.h"

#include "clock.h"
#include "control.h"
#include "banned.h"

#define CLOCK_MS 30000
#define SLOW_MS	 5000 /* portal.md 8.4 */
#define ASK_MS	 5000
#define PAGE_MAX (1024 * 1024)

void bx_doctor_release(struct bx_doctor *d)
{
	cJSON_Delete(d->urls);
	d->urls = NULL;
}

void bx_doctor_say(struct bx_doctor *d, const char *check, enum bx_verdict verdict, const char *todo,
	const char *fmt, ...)
{
	auto_json cJSON *line = cJSON_CreateObject();
	auto_str struct bx_str text = BX_STR_INIT(4096);
	va_list ap;
	va_start(ap, fmt);
	bx_str_vprintf(&text, fmt, ap);
	va_end(ap);
	if (d->rest)
		bx_json_set_str(line, "portal", d->rest->profile.name);
	if (d->user)
		bx_json_set_int(line, "user", d->user);
	bx_json_set_str(line, "check", check);
	bx_json_set(line, "ok", verdict == BX_BY_HAND ? cJSON_CreateNull() : cJSON_CreateBool(verdict == BX_WELL));
	bx_json_set_str(line, "finding", text.buf);
	if (todo)
		bx_json_set_str(line, "todo", todo);
	d->findings += verdict == BX_ILL;
	bx_cli_out(d->cli, line, NULL);
}

bool bx_doctor_may(const struct bx_cli *cli, struct bx_err *err)
{
	return !bx_cli_dry(cli) ||
		bx_fail(err, BX_USAGE, "", "check only asks, and without asking it knows nothing: no --dry-run");
}

void bx_doctor_failed(struct bx_doctor *d, const char *check, const struct bx_err *err)
{
	const char *todo = !strcmp(err->code, "insufficient_scope")
		? "add the permission to the app in the portal, then install it again"
		: err->exit == BX_NOAUTH ? "authorise the app again, as an administrator: bx-auth login"
		: err->exit == BX_AGAIN ? "see whether the portal opens in a browser from this machine, then try again"
					: "it is the portal that refuses: look there for the reason";
	bx_doctor_say(d, check, BX_ILL, todo, "%s", err->text);
}

bool bx_doctor_end(const struct bx_doctor *d, struct bx_err *err)
{
	return !d->findings ||
		bx_fail(err, BX_DRIFT, "", d->findings > 1 ? "%d findings" : "%d finding", d->findings);
}

cJSON *bx_doctor_ask(struct bx_doctor *d, const char *verb, struct bx_err *err)
{
	return bx_rest_op(d->rest, bx_op_by_verb(BX_METHOD, verb), NULL, err);
}

/* The first call: is the portal there, does it know us, do the clocks agree? */
bool bx_doctor_portal(struct bx_doctor *d)
{
	struct bx_err err = {0};
	int64_t before = bx_now_ms(), there;
	auto_json cJSON *time = bx_doctor_ask(d, "server.time", &err);
	if (!time) {
		bx_doctor_failed(d, "portal", &err);
		return false;
	}
	bx_doctor_say(d, "portal", BX_WELL, NULL, "%s answers", d->rest->profile.domain);
	int64_t here = (before + bx_now_ms()) / 2;
	if (!cJSON_IsString(time) || !bx_time_parse(time->valuestring, &there, NULL))
		return true;
	int64_t off = there > here ? there - here : here - there;
	if (off > CLOCK_MS)
		bx_doctor_say(d, "clock", BX_ILL, "set this machine's clock (timedatectl set-ntp true)",
			"the clocks differ by %lld seconds", (long long)off / 1000);
	else
		bx_doctor_say(d, "clock", BX_WELL, NULL, "the clocks agree");
	return true;
}

void bx_doctor_app(struct bx_doctor *d)
{
	struct bx_err err = {0};
	auto_json cJSON *info = bx_doctor_ask(d, "app.info", &err);
	const char *payment = bx_json_str(info, "PAYMENT_EXPIRED");
	if (!info)
		bx_doctor_failed(d, "app", &err);
	else if (!bx_json_bool(info, "INSTALLED", true))
		bx_doctor_say(d, "app", BX_ILL, "open the app in the portal as an administrator and finish its installation",
			"the app is not installed: nobody is shown its placements");
	else if (payment && !strcmp(payment, "Y"))
		bx_doctor_say(d, "app", BX_ILL, "renew the subscription in the portal", "the app's paid period is over");
	else
		bx_doctor_say(d, "app", BX_WELL, NULL, "the app is installed");
}

void bx_doctor_serve(struct bx_doctor *d)
{
	auto_str struct bx_str dir = BX_STR_INIT(BX_PATH_MAX);
	struct bx_client *client = bx_store_dir(&dir, NULL) ? bx_client_connect(dir.buf, NULL) : NULL;
	if (!client) {
		bx_doctor_say(d, "serve", BX_ILL, "start it: bx-serve --public-url https://…", "bx-serve does not run here");
		return;
	}
	cJSON *fields = cJSON_CreateObject();
	struct bx_err err = {0};
	bx_json_set_str(fields, "portal", d->rest->profile.name);
	d->urls = bx_client_call(client, "urls", fields, ASK_MS, &err);
	bx_client_free(client);
	if (d->urls)
		bx_doctor_say(d, "serve", BX_WELL, NULL, "bx-serve runs");
	else
		bx_doctor_say(d, "serve", BX_ILL, "restart bx-serve", "bx-serve does not answer: %s", err.text);
}

/* The registration for everybody, else the one for that user alone. */
static const cJSON *worker_for(const cJSON *rows, int64_t user)
{
	const struct bx_field *place = bx_field_by_key(bx_op_by_verb(BX_METHOD, "placement add")->fields,
		"PLACEMENT", false);
	auto_json cJSON *code = bx_field_value(place, "worker", NULL);
	const cJSON *row, *personal = NULL;
	cJSON_ArrayForEach(row, rows) {
		int64_t whose = 0;
		bx_json_int(row, "userId", &whose);
		if (!code || !bx_streq(bx_json_str(row, "placement"), code->valuestring))
			continue;
		if (!whose)
			return row;
		if (whose == user)
			personal = row;
	}
	return personal;
}

static void check_registration(struct bx_doctor *d, const cJSON *row)
{
	const cJSON *options = bx_json_get(row, "options");
	const char *worker = bx_json_str(d->urls, "worker"), *error = bx_json_str(d->urls, "error_handler");
	const char *handler = bx_json_str(row, "handler"), *told = bx_json_str(options, "errorHandlerUrl");
	int64_t slow = 0;
	if (d->urls && !bx_streq(worker, handler))
		bx_doctor_say(d, "worker", BX_ILL, "bx-bind worker", "the worker is registered at %s, but bx-serve is %s",
			handler ? handler : "no address", worker);
	else if (d->urls && !bx_streq(error, told))
		bx_doctor_say(d, "worker", BX_ILL, "bx-bind worker", "the worker's error handler is not bx-serve's");
	else
		bx_doctor_say(d, "worker", BX_WELL, NULL, "the worker is registered");
	if (bx_json_int(options, "maxTimeCount", &slow) && slow > 0)
		bx_doctor_say(d, "slow-loads", BX_ILL, "see bx-serve's load times: the portal removes the worker after ten a day",
			"the portal has counted %lld slow loads of the worker", (long long)slow);
}

void bx_doctor_worker(struct bx_doctor *d)
{
	struct bx_err err = {0};
	auto_json cJSON *rows = bx_doctor_ask(d, "placement ls", &err);
	const cJSON *row = worker_for(rows, d->user);
	int64_t whose = 0;
	bx_json_int(row, "userId", &whose);
	if (!rows)
		bx_doctor_failed(d, "worker", &err);
	else if (!row)
		bx_doctor_say(d, "worker", BX_ILL, "bx-bind worker", "the worker is not registered");
	else if (whose) /* by hand, and at an address of its own */
		bx_doctor_say(d, "worker", BX_WELL, NULL, "the worker is registered for this employee alone");
	else
		check_registration(d, row);
}

void bx_doctor_page(struct bx_doctor *d)
{
	struct bx_err err = {0};
	auto_reply struct bx_http_reply reply;
	bx_http_reply_init(&reply);
	struct bx_http_request request = {.url = bx_json_str(d->urls, "worker"), .timeout_ms = 2 * SLOW_MS,
		.reply_max = PAGE_MAX};
	int64_t began = bx_mono_ms();
	if (!request.url)
		return;
	if (!bx_http_do(d->rest->http, &request, &reply, &err) || reply.status != 200)
		bx_doctor_say(d, "page", BX_ILL, "see the proxy before bx-serve, its certificate and DNS",
			"the worker's page is not reached at its public address: %s (HTTP %d)", err.text, reply.status);
	else if (bx_mono_ms() - began > SLOW_MS)
		bx_doctor_say(d, "page", BX_ILL, "see what is slow before bx-serve",
			"the worker's page took %lld ms; beyond %d the portal removes it",
			(long long)(bx_mono_ms() - began), SLOW_MS);
	else
		bx_doctor_say(d, "page", BX_WELL, NULL, "the worker's page is reached at its public address");
}
