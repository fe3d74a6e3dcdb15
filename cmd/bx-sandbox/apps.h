/* The life of applications in the portal (portal.md 7). */
#ifndef BX_SANDBOX_APPS_H
#define BX_SANDBOX_APPS_H

#include "sandbox.h"

/* Adds the app to the portal: a new application token, installed at once and told by a post to
 * its installation address (7.2), unless it has an installer page (with_ui), which must finish
 * the installation from the browser. The addresses may be NULL to keep what there is. */
struct sb_install {
	const char *install_url, *event_url, *redirect_url;
	bool with_ui;
	int64_t user; /* the administrator who installs */
};
bool sb_install(struct sandbox *sb, cJSON *app, const struct sb_install *how, struct bx_err *err);
void sb_update(struct sandbox *sb, cJSON *app); /* next version, new application token */
void sb_uninstall(struct sandbox *sb, cJSON *app, bool clean);

/* An administrator decided on a method for that token (11.9): the app hears of it. */
void sb_confirmed(struct sandbox *sb, const cJSON *token, bool yes);

/* The app of that client_id or name; NULL: the first one. */
cJSON *sb_app_named(struct sandbox *sb, const char *name);
cJSON *sb_app_new(struct sandbox *sb, const char *name, const char *const *scopes);

#endif
