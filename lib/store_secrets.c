/* What is secret of a profile. */
#include "store_portal.h"

#include <string.h>
#include "secret.h"
#include "banned.h"

#define SECRETS 7

/* Those of a profile. The code of a webhook is the last part of
 * …/rest/USER/CODE/; *code holds it, and the caller frees. */
static void secrets_of(const struct bx_profile *p, const char *secrets[SECRETS], char **code)
{
	size_t len = strlen(p->webhook_url);
	auto_free char *url = bx_xstrndup(p->webhook_url, len ? len - 1 : 0);
	const char *slash = strrchr(url, '/');
	*code = bx_xstrdup(slash ? slash + 1 : "");
	const char *all[SECRETS] = {*code, p->access_token, p->refresh_token, p->application_token,
		p->old_application_token, p->error_secret, p->client_secret};
	memcpy(secrets, all, sizeof all);
}

void bx_profile_remember(const struct bx_profile *p)
{
	const char *secrets[SECRETS];
	auto_free char *code = NULL;
	secrets_of(p, secrets, &code);
	for (size_t i = 0; i < SECRETS; i++)
		bx_secret_remember(secrets[i]);
}

void bx_profile_forget(const struct bx_profile *p)
{
	const char *secrets[SECRETS];
	auto_free char *code = NULL;
	secrets_of(p, secrets, &code);
	for (size_t i = 0; i < SECRETS; i++)
		bx_secret_forget(secrets[i]);
}

void bx_profile_redact(const struct bx_profile *p, struct bx_str *text)
{
	const char *secrets[SECRETS];
	auto_free char *code = NULL;
	secrets_of(p, secrets, &code);
	for (size_t i = 0; i < SECRETS; i++)
		bx_redact_one(text, secrets[i]);
}
