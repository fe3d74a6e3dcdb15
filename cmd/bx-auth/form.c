/* The portal's form of a local application: what to type where, for whoever sits at a terminal. */
#include "auth.h"

#include <string.h>
#include "control.h"
#include "banned.h"

#define ASK_MS 5000

static cJSON *serve_urls(void)
{
	auto_str struct bx_str dir = BX_STR_INIT(BX_PATH_MAX);
	struct bx_client *client = bx_store_dir(&dir, NULL) ? bx_client_connect(dir.buf, NULL) : NULL;
	cJSON *urls = client ? bx_client_call(client, "urls", NULL, ASK_MS, NULL) : NULL;
	bx_client_free(client);
	return urls;
}

void auth_form_show(void)
{
	auto_json cJSON *urls = serve_urls();
	const char *worker = bx_json_str(urls, "worker"), *install = bx_json_str(urls, "install");
	fprintf(stderr,
		"In the portal, as an administrator: Developer resources > Other > Local application.\n"
		"  Type                       Server; tick that the script uses the API only\n"
		"  Handler path               %s\n"
		"  Initial installation path  %s\n"
		"  Permissions                Telephony, Embedding, Users\n"
		"Save it: the form then shows client_id and client_secret.\n",
		worker ? worker : "the --public-url that bx-serve will have, then /worker",
		install ? install : "the same, then /install");
}

static bool ask_client_id(struct bx_profile *p, struct bx_err *err)
{
	char line[512] = "";
	fputs("client_id of the app: ", stderr);
	if (!fgets(line, sizeof line, stdin))
		line[0] = 0;
	line[strcspn(line, " \t\r\n")] = 0;
	bx_set_str(&p->client_id, line);
	return *line || bx_fail(err, BX_USAGE, "", "--app needs --client-id");
}

bool auth_form(struct bx_profile *p, struct bx_err *err)
{
	if (!isatty(STDIN_FILENO))
		return *p->client_id || bx_fail(err, BX_USAGE, "", "--app needs --domain and --client-id");
	auth_form_show();
	return *p->client_id || ask_client_id(p, err);
}
