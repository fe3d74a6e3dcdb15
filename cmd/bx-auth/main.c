/* bx-auth: portals and their credentials. */
#include "auth.h"

#include "clock.h"
#include "complete.h"
#include "banned.h"

#define FILE_OPT                                                                                   \
	{                                                                                          \
		"file", 0, "FILE", 0, "file",                                                      \
			"read the secret from the first line of FILE; - is standard input"           \
	}
#define SERVER_OPT                                                                                 \
	{                                                                                          \
		"auth-server", 0, "URL", 0, NULL, "authorization server; default: the known ones"      \
	}
#define HTTP_OPT                                                                                   \
	{                                                                                          \
		"insecure-http", 0, NULL, BX_OPT_NO, NULL,                                         \
			"credentials may go to this portal without TLS"                              \
	}
#define LIMIT_OPT                                                                                  \
	{                                                                                          \
		"limit", 0, "BURST:RATE", 0, NULL,                                                 \
			"the portal's request limit and how much of it comes back each second"       \
			" (default 50:2)"                                                            \
	}
#define DOMAIN_OPT                                                                                 \
	{                                                                                          \
		"domain", 0, "HOST", 0, NULL, "address of the portal, with :PORT or as a URL"          \
	}
#define CLIENT_OPT                                                                                 \
	{                                                                                          \
		"client-id", 0, "ID", 0, NULL, "client_id of the app"                                  \
	}

static const struct bx_opt add_opts[] = {
	{"webhook", 0, NULL, 0, NULL, "an inbound webhook; its URL is the secret that is asked for"},
	{"app", 0, NULL, 0, NULL, "an app; its client_secret is the secret that is asked for"},
	DOMAIN_OPT,
	CLIENT_OPT,
	SERVER_OPT,
	HTTP_OPT,
	LIMIT_OPT,
	FILE_OPT,
	{0},
};

static const struct bx_opt set_opts[] = {
	DOMAIN_OPT,
	CLIENT_OPT,
	SERVER_OPT,
	HTTP_OPT,
	LIMIT_OPT,
	{"secret", 0, NULL, 0, NULL, "ask for a new client_secret"},
	{"webhook", 0, NULL, 0, NULL, "ask for a new webhook URL"},
	FILE_OPT,
	{0},
};

static const struct bx_opt show_opts[] = {
	{"reveal", 0, NULL, 0, NULL, "with the secrets; on a terminal only"},
	{0},
};

static const struct bx_verb verbs[] = {
	{"add", "NAME", NULL, add_opts, auth_add, "add a portal (secret from a prompt, standard input or a file)"},
	{"ls", "", NULL, NULL, auth_ls, "list the portals known here"},
	{"show", "[NAME]", NULL, show_opts, auth_show, "show one, secrets masked"},
	{"use", "NAME", NULL, NULL, auth_use, "make it the one meant without -p"},
	{"set", "[NAME]", NULL, set_opts, auth_set, "change a portal's settings"},
	{"refresh", "[NAME]", NULL, NULL, auth_refresh, "get a new pair of tokens now"},
	{"rm", "NAME", NULL, NULL, auth_rm, "forget a portal and its tokens"},
	{"login", "[NAME]", NULL, NULL, auth_login, "authorise the app in a browser"},
	{"check", "[NAME]", NULL, NULL, auth_check, "see whether all is well, and say what to do where it is not"},
	{"code", "NAME -", NULL, NULL, auth_code, "take the code of an authorisation from standard input"},
	{"install", "-", NULL, NULL, auth_install, "prove and take an installation (JSON on standard input)"},
	{"alive", "[NAME]", NULL, NULL, auth_alive,
		"ask the portal whether the app is still there, and mark the profile when it is not"},
	{"verify", "-", NULL, NULL, auth_verify, "prove an access token (JSON on standard input)"},
	{0},
};

bool auth_deadline(struct bx_cli *cli, int64_t *deadline, struct bx_err *err)
{
	int64_t ms = 60000;
	if (!bx_opt_timeout(cli, &ms, err))
		return false;
	*deadline = bx_mono_ms() + ms;
	return true;
}

bool auth_for_real(struct bx_cli *cli, struct bx_err *err)
{
	return !bx_cli_dry(cli) ||
		bx_fail(err, BX_USAGE, "", "%s only asks, and without asking it knows nothing: no --dry-run",
			bx_cli_verb(cli)->name);
}

int main(int argc, char **argv)
{
	static const struct bx_tool tool = {
		.name = "bx-auth",
		.summary = "keeps portals and their credentials",
		.complete = bx_complete,
		.verbs = verbs,
	};
	return bx_cli_leave(bx_cli_main(&tool, argc, argv));
}
