#include "urls.h"

#include <string.h>
#include "control.h"
#include "http.h"
#include "banned.h"

#define ASK_MS 5000

bool urls_open(struct urls_source *source, const char *public_url, struct bx_err *err)
{
	auto_url struct bx_url url = {0};
	auto_str struct bx_str dir = BX_STR_INIT(BX_PATH_MAX);
	*source = (struct urls_source){.public_url = public_url};
	if (public_url && (!bx_url_parse(public_url, &url, NULL) || strpbrk(public_url, "?#")))
		return bx_fail(err, BX_USAGE, "", "--public-url '%s' is not an http or https URL", public_url);
	if (public_url)
		return true;
	if (!bx_store_dir(&dir, err))
		return false;
	source->client = bx_client_connect(dir.buf, err);
	if (!source->client && err->exit == BX_ABSENT)
		bx_fail(err, BX_ABSENT, "", "bx-serve is not running here, so its address is not known; start it,"
			" or give --public-url");
	return source->client;
}

void urls_close(struct urls_source *source)
{
	bx_client_free(source->client);
	*source = (struct urls_source){0};
}

static bool ask(struct bx_client *client, const char *name, struct urls *urls, struct bx_err *err)
{
	cJSON *fields = cJSON_CreateObject();
	bx_json_set_str(fields, "portal", name);
	auto_json cJSON *answer = bx_client_call(client, "urls", fields, ASK_MS, err);
	if (!answer)
		return false;
	bx_set_str(&urls->worker, bx_json_str(answer, "worker"));
	bx_set_str(&urls->error, bx_json_str(answer, "error_handler"));
	bx_set_str(&urls->event, bx_json_str(answer, "event"));
	return (urls->worker && urls->error && urls->event) ||
		bx_fail(err, BX_LOCAL, "", "bx-serve does not tell its addresses");
}

bool urls_of(struct urls_source *source, const struct bx_profile *profile, struct urls *urls,
	struct bx_err *err)
{
	*urls = (struct urls){0};
	if (!source->public_url)
		return ask(source->client, profile->name, urls, err);
	const char *base = source->public_url;
	size_t len = strlen(base);
	while (len && base[len - 1] == '/')
		len--;
	urls->worker = bx_xprintf("%.*s/worker", (int)len, base);
	urls->error = bx_xprintf("%.*s/error/%s", (int)len, base, profile->error_secret);
	urls->event = bx_xprintf("%.*s/event", (int)len, base);
	return true;
}

void urls_release(struct urls *urls)
{
	free(urls->worker);
	free(urls->error);
	free(urls->event);
	*urls = (struct urls){0};
}
